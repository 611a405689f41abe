"""Training: `init` a stack, `advance` it. Splitting the calls never changes the result."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vibcore import model, objective
from vibcore.model import Sizes, Weights
from vibcore.types import Array, Config, ConfigError, Dataset


@dataclass
class TrainState:
    """The one mutable object: flat buffers, parameter-major, every block contiguous (M, ...)."""

    config: Config
    sizes: Sizes
    betas: Tensor  # (M,)
    parameters: Tensor
    average: Tensor  # Polyak average of the parameters
    moment1: Tensor
    moment2: Tensor
    lr: float
    diverged: Tensor  # (M,) step at which a model froze, or -1
    step: int = 0


@dataclass(frozen=True)
class Data:
    """The training split as tensors: x (N, d), target (N,) or (N, O)."""

    x: Tensor
    target: Tensor


def check(config: Config, dataset: Dataset) -> None:
    """Raise ConfigError for a run that cannot be had."""
    rules = [
        ("beta", config.betas, len(config.betas) > 0 and all(0 <= b < math.inf for b in config.betas),
         "at least one finite number ≥ 0", "Remove the negative ones."),
        ("widths", (config.encoder, config.decoder), all(w >= 1 for w in (*config.encoder, *config.decoder)),
         "layer widths of at least 1", "Leave a layer out instead of giving it width 0."),
        ("latent_dim", config.latent_dim, 1 <= config.latent_dim <= 64, "1 to 64", "Choose a number in that range."),
        ("batch", config.batch, 1 <= config.batch <= len(dataset.train),
         f"1 to {len(dataset.train)}, the size of the training split", "Use a smaller batch or more examples."),
        ("lr", config.lr, 0 < config.lr < math.inf, "a number above 0", "Try 0.005."),
        ("steps", config.steps, config.steps >= 1, "at least 1", "Raise it."),
        ("averaging", config.averaging, 0 <= config.averaging < 1, "0 ≤ decay < 1", "Try 0.999."),
        ("clip", config.clip, config.clip > 0, "a norm above 0", "Try 5."),
        ("variance", config.variance, config.variance is None or 0 < config.variance < math.inf,
         "a number above 0, or None to learn it", "Try 1."),
    ]  # fmt: skip
    for what, got, legal, expected, remedy in rules:
        if not legal:
            raise ConfigError(what, got, expected, remedy)
    if config.task == "classify" and dataset.y.ndim == 1 and len(np.unique(dataset.y[dataset.train])) < 2:
        raise ConfigError("classes", 1, "at least two in the training split", "Use data with more than one class.")


def target(dataset: Dataset, config: Config) -> Array:
    """What the decoder is asked for: the labels, or the input itself."""
    return dataset.x if config.task == "reconstruct" else dataset.y


def tensors(dataset: Dataset, config: Config, device: str = "cpu") -> Data:
    """The training split on a device."""
    rows = dataset.train
    x = torch.from_numpy(np.ascontiguousarray(dataset.x[rows]))
    return Data(x.to(device), torch.from_numpy(np.ascontiguousarray(target(dataset, config)[rows])).to(device))


def init(config: Config, dataset: Dataset, device: str = "cpu", dtype: torch.dtype = torch.float32) -> TrainState:
    """A stack before its first step. All models start from the same weights, of the config's seed."""
    check(config, dataset)
    sizes = model.sizes_of(dataset, config)
    m = len(config.betas)
    generator = torch.Generator().manual_seed(config.seed)
    blocks = [_initial(name, shape, config, generator) for name, shape in model.shapes(config, sizes).items()]
    parameters = torch.cat([block.to(dtype).expand(m, *block.shape).reshape(-1) for block in blocks]).to(device)
    zeros = torch.zeros_like(parameters)
    return TrainState(
        config=config,
        sizes=sizes,
        betas=torch.tensor(config.betas, dtype=dtype, device=device),
        parameters=parameters,
        average=parameters.clone(),
        moment1=zeros,
        moment2=zeros.clone(),
        lr=config.lr,
        diverged=torch.full((m,), -1, device=device),
    )


def _initial(name: str, shape: tuple[int, ...], config: Config, generator: torch.Generator) -> Tensor:
    """He uniform for hidden layers; biases zero, but rho starts where sigma = softplus(0) = 0.69."""
    if name.endswith("weight"):
        last = name.startswith(f"encoder.{len(config.encoder)}.") or name.startswith(f"decoder.{len(config.decoder)}.")
        reach = math.sqrt((3 if last else 6) / shape[0])
        return (2 * torch.rand(shape, generator=generator) - 1) * reach
    bias = torch.zeros(shape)
    if name == f"encoder.{len(config.encoder)}.bias":
        bias[config.latent_dim :] = model.SIGMA_SHIFT
    return bias


def views(flat: Tensor, state: TrainState) -> Weights:
    """The named parameters of a flat buffer, (M, ...) each, without a copy."""
    found, start, m = {}, 0, len(state.betas)
    for name, shape in model.shapes(state.config, state.sizes).items():
        size = m * math.prod(shape)
        found[name] = flat[start : start + size].view(m, *shape)
        start += size
    return found


def weights(state: TrainState, averaged: bool = True) -> Weights:
    """Named parameters (M, ...): the Polyak average that is evaluated, or those being trained."""
    return views(state.average if averaged else state.parameters, state)


def batch_rows(state: TrainState, n: int, step: int) -> Array:
    """Rows of a step's minibatch: consecutive pieces of a permutation per epoch, a function of (seed, step) alone."""
    per_epoch = n // state.config.batch
    epoch, place = divmod(step, per_epoch)
    order = np.random.default_rng([state.config.seed, epoch]).permutation(n)
    return order[place * state.config.batch : (place + 1) * state.config.batch]


def losses(weights: Weights, state: TrainState, x: Tensor, target: Tensor, eps: Tensor) -> Tensor:
    """D + βR of every model on one batch, (M,) nats (Alemi et al. 2016, eq. 17): eps (B, K) shared by all models."""
    mu, sigma = model.encode(weights, x)  # (M, B, K)
    output = model.decode(weights, torch.addcmul(mu, sigma, eps))  # (M, B, O)
    cost = objective.distortion(weights, output, target, state.sizes.likelihood, state.config.variance).mean(-1)
    return cost + state.betas * objective.rate_per_dim(mu, sigma).sum(-1).mean(-1)


def advance(state: TrainState, data: Data, steps: int) -> None:
    """Train every model `steps` further, in place."""
    for _ in range(steps):
        rows = torch.from_numpy(batch_rows(state, len(data.x), state.step)).to(data.x.device)
        generator = torch.Generator().manual_seed(hash((state.config.seed, state.step)) & 0x7FFFFFFF)
        eps = torch.randn(state.config.batch, state.config.latent_dim, generator=generator).to(state.parameters)
        flat = state.parameters.detach().requires_grad_(True)
        loss = losses(views(flat, state), state, data.x[rows], data.target[rows], eps)
        (gradient,) = torch.autograd.grad(loss.sum(), flat)
        update(state, gradient, loss.detach())


def update(state: TrainState, gradient: Tensor, loss: Tensor) -> None:
    """Clip each model's gradient, step Adam (Kingma & Ba 2015, alg. 1), average (decay of the paper, warmed up)."""
    grads = views(gradient, state)
    norm = torch.stack([g.flatten(1).square().sum(1) for g in grads.values()]).sum(0).sqrt()  # (M,)
    bad = ~(torch.isfinite(loss) & torch.isfinite(norm))
    state.diverged[bad & (state.diverged < 0)] = state.step
    alive = (state.diverged < 0).to(gradient)
    scale = alive * (state.config.clip / norm.clamp_min(state.config.clip))
    for g in grads.values():
        g.mul_(scale.view(-1, *[1] * (g.ndim - 1)))
    gradient.nan_to_num_(0.0, 0.0, 0.0)
    state.step += 1
    t, b1, b2 = state.step, 0.9, 0.999
    state.moment1.lerp_(gradient, 1 - b1)
    state.moment2.mul_(b2).addcmul_(gradient, gradient, value=1 - b2)
    change = state.moment1 / (state.moment2.sqrt() / math.sqrt(1 - b2**t) + 1e-8)
    for c in views(change, state).values():
        c.mul_(alive.view(-1, *[1] * (c.ndim - 1)))
    state.parameters.add_(change, alpha=-state.lr / (1 - b1**t))
    decay = min(state.config.averaging, (1 + t) / (10 + t))
    state.average.lerp_(state.parameters, 1 - decay)
