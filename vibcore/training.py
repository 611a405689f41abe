"""Training: `init` a stack, `advance` it. Splitting the calls never changes the result."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from vibcore import fused, kernels, model, objective, validation
from vibcore.config import Config, Dataset
from vibcore.model import Sizes, Weights
from vibcore.parts import Parts
from vibcore.problem import Split, split_of
from vibcore.streams import stream
from vibcore.types import Array

NOISE_BLOCK = 16  # steps whose noise is drawn at once
Path = Literal["auto", "fast", "readable"]


@dataclass
class TrainState:
    """The one mutable object: flat buffers, parameter-major, every block contiguous (M, ...)."""

    config: Config  # with the edits so far
    sizes: Sizes
    parts: Parts
    betas: Tensor  # (M,)
    parameters: Tensor
    average: Tensor  # Polyak average of the parameters
    moment1: Tensor
    moment2: Tensor
    diverged: Tensor  # (M,) step at which a model froze, or -1
    step: int = 0
    scratch: Scratch | None = None  # buffers and the epoch at hand; never part of a result


@dataclass
class Scratch:
    """What `advance` keeps between calls for speed alone."""

    gradient: Tensor  # flat, as the parameters
    grads: Weights  # its named views
    groups: tuple[fused.Group, ...]
    epoch: int = -1
    x: Tensor | None = None  # the training split in this epoch's order
    target: Tensor | None = None
    block: int = -1
    eps: Tensor | None = None  # (NOISE_BLOCK, B, K), a view of (NOISE_BLOCK, K, B)


@dataclass(frozen=True)
class Moment:
    """A stack as it is looked at, at one step: everything that a picture or a number is made from."""

    step: int
    weights: Weights  # the Polyak average, (M, ...) each
    diverged: Tensor  # (M,) step at which a model froze, or -1


def moment(state: TrainState) -> Moment:
    """The stack of now; its weights are views of buffers that training moves on."""
    return Moment(state.step, weights(state), state.diverged)


def tensors(dataset: Dataset, config: Config, device: str = "cpu") -> Split:
    """The training split on a device."""
    return split_of(dataset, config, dataset.train, device)


def init(config: Config, dataset: Dataset, device: str = "cpu", dtype: torch.dtype = torch.float32) -> TrainState:
    """A stack before its first step. All models start from the same weights, of the config's seed."""
    validation.check(config, dataset)
    sizes, parts = model.sizes_of(dataset, config), model.parts_of(dataset, config)
    m = len(config.betas)
    rng = stream(config.seed, "weights")
    blocks = {name: _initial(name, shape, config, parts, rng) for name, shape in model.shapes(config, sizes).items()}
    parameters = torch.empty(m * sum(block.numel() for block in blocks.values()), dtype=dtype, device=device)
    zeros = torch.zeros_like(parameters)
    state = TrainState(
        config=config,
        sizes=sizes,
        parts=parts,
        betas=torch.tensor(config.betas, dtype=dtype, device=device),
        parameters=parameters,
        average=zeros.clone(),
        moment1=zeros,
        moment2=zeros.clone(),
        diverged=torch.full((m,), -1, device=device),
    )
    for name, view in views(parameters, state).items():
        view.copy_(blocks[name])
    state.average.copy_(parameters)
    return state


def _initial(name: str, shape: tuple[int, ...], config: Config, parts: Parts, rng: np.random.Generator) -> Tensor:
    """He uniform for hidden layers; all else zero, but the encoder's head starts where its posterior wants it."""
    if name.endswith("weight"):
        last = name.startswith(f"encoder.{len(config.encoder)}.") or name.startswith(f"decoder.{len(config.decoder)}.")
        reach = math.sqrt((3 if last else 6) / shape[0])
        return torch.from_numpy((2 * rng.random(shape, dtype=np.float32) - 1) * np.float32(reach))
    if name == f"encoder.{len(config.encoder)}.bias":
        return parts.posterior.initial_bias(config.latent_dim)
    return torch.zeros(shape)


def views(flat: Tensor, state: TrainState) -> Weights:
    """The named parameters of a flat buffer, (M, ...) each, without a copy.

    Weights of the two heads lie in memory as (M, out, in): products with few rows are faster than with few columns.
    """
    config = state.config
    heads = f"encoder.{len(config.encoder)}.weight", f"decoder.{len(config.decoder)}.weight"
    found, start, m = {}, 0, len(state.betas)
    for name, shape in model.shapes(config, state.sizes).items():
        size = m * math.prod(shape)
        block = flat[start : start + size]
        found[name] = block.view(m, *reversed(shape)).mT if name in heads else block.view(m, *shape)
        start += size
    return found


def weights(state: TrainState, averaged: bool = True) -> Weights:
    """Named parameters (M, ...): the Polyak average that is evaluated, or those being trained."""
    return views(state.average if averaged else state.parameters, state)


def batch(state: TrainState, data: Split, scratch: Scratch) -> tuple[Tensor, Tensor, Tensor]:
    """x (B, d), target and eps (B, K) of the state's step: functions of (seed, step) alone, shared by all models.

    Batches are pieces of one order an epoch, noise is drawn in blocks of steps: both are made once, kept in
    `scratch`, and do not depend on how calls to `advance` are split.
    """
    size, n = state.config.batch, len(data.x)
    epoch, place = divmod(state.step, n // size)
    if epoch != scratch.epoch or scratch.x is None or scratch.target is None:
        rows = torch.from_numpy(epoch_rows(n, data.weights, state.config.seed, epoch)).to(data.x.device)
        scratch.x, scratch.target, scratch.epoch = data.x[rows].to(state.parameters.dtype), data.target[rows], epoch
        if scratch.target.is_floating_point():
            scratch.target = scratch.target.to(state.parameters.dtype)
    block, within = divmod(state.step, NOISE_BLOCK)
    if block != scratch.block or scratch.eps is None:
        shape = NOISE_BLOCK, state.config.latent_dim, size
        eps = torch.from_numpy(stream(state.config.seed, "noise", block).standard_normal(shape, dtype=np.float32))
        scratch.eps, scratch.block = eps.to(state.parameters).mT, block
    part = slice(place * size, (place + 1) * size)
    return scratch.x[part], scratch.target[part], scratch.eps[within]


def epoch_rows(n: int, weights: Array | None, seed: int, epoch: int) -> Array:
    """The order (n,) in which an epoch shows the rows: a permutation, or a sample with odds in proportion to weights.

    That sample is systematic: each row comes n·w/Σw times on average, rounded up or down, so that the loss is the
    weighted one on average over epochs, with as little chance as there can be.
    """
    rng = stream(seed, "batches", epoch)
    order: Array = rng.permutation(n)
    if weights is None:
        return order
    ticks = (np.arange(n) + rng.random()) / n
    edges = np.cumsum(weights) / np.sum(weights)
    rows: Array = np.searchsorted(edges, ticks, side="right").clip(max=np.flatnonzero(weights)[-1])  # edges are rounded
    return rows[order]


def which_path(state: TrainState) -> Literal["fast", "readable"]:
    """The path that `advance` takes by itself: the hand-written one is made for a CPU's caches, and for some parts."""
    return "fast" if state.parameters.device.type == "cpu" and state.parts.have_gradients else "readable"


def learning_rate(config: Config, step: int) -> float:
    """The rate of the update after `step` of them: the config's, or that of the last edit up to there."""
    return next((value for at, field, value in reversed(config.edits) if field == "lr" and at <= step), config.lr)


def advance(state: TrainState, data: Split, steps: int, path: Path = "auto") -> None:
    """Train every model `steps` further, in place: one batch, one gradient, one Adam step each.

    `path`: "fast" has its gradient written out by hand, "readable" asks autograd; they agree to rounding.
    "auto" is `which_path`.
    """
    scratch = state.scratch = state.scratch or _scratch(state)
    path = which_path(state) if path == "auto" else path
    for _ in range(steps):
        x, target, eps = batch(state, data, scratch)
        if path == "fast":
            for group in scratch.groups:
                fused.gradient(group, state.parts, x, target, eps, state.config.variance)
        else:
            flat = state.parameters.detach().requires_grad_(True)
            named, variance = views(flat, state), state.config.variance
            loss = objective.losses(state.parts, named, state.betas, x, target, eps, variance)
            loss = loss.sum()  # a sum: models stay apart
            scratch.gradient.copy_(torch.autograd.grad(loss, flat)[0])
        update(state, scratch)


def _scratch(state: TrainState) -> Scratch:
    gradient = torch.zeros_like(state.parameters)
    weights, grads = views(state.parameters, state), views(gradient, state)
    return Scratch(gradient, grads, fused.groups(weights, grads, state.betas, state.config.batch))


def update(state: TrainState, scratch: Scratch) -> None:
    """Clip each model's gradient, step Adam (Kingma & Ba 2015, alg. 1), and average the weights.

    The average's decay is the lesser of the paper's constant and (1 + t)/(10 + t) (as in TensorFlow's
    ExponentialMovingAverage with `num_updates`): it forgets the first weights in a tenth of the steps so far.
    """
    # where the whole stack's gradient is short, so is every model's; NaN is not
    if not float(scratch.gradient.dot(scratch.gradient)) <= state.config.clip**2:
        _clip(state, scratch)
    lr = learning_rate(state.config, state.step)
    state.step += 1
    kernels.adam(state.parameters, scratch.gradient, state.moment1, state.moment2, state.step, lr)
    decay = min(state.config.averaging, (1 + state.step) / (10 + state.step))
    state.average.lerp_(state.parameters, 1 - decay)


def _clip(state: TrainState, scratch: Scratch) -> None:
    """Scale down what is too long; freeze a model whose gradient is not finite, where its parameters still are.

    A frozen model has neither gradient nor momentum, so that Adam leaves it exactly where it is.
    """
    squares = torch.stack([grad.square().flatten(1).sum(1) for grad in scratch.grads.values()]).sum(0)  # (M,)
    bad = ~torch.isfinite(squares)
    state.diverged[bad & (state.diverged < 0)] = state.step
    frozen = state.diverged >= 0
    scale = (state.config.clip / squares.sqrt()).clamp_max(1.0)
    for grad in scratch.grads.values():
        grad.mul_(scale.view(-1, *[1] * (grad.ndim - 1)))
        grad[frozen] = 0
    if bool(bad.any()):
        for moments in (state.moment1, state.moment2):
            for block in views(moments, state).values():
                block[frozen] = 0
