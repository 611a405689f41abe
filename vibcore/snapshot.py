"""TrainState → Snapshot: what a picture needs, as plain NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vibcore import evaluation, model, objective, training
from vibcore.types import Array, Dataset, Point, Snapshot
from vibcore.window import Window, centres, latent_axis, lattice, window

EVALUATION_SEED = 20_160_412  # noise of every evaluation, shared by all runs
SAMPLES = 12  # posterior draws per input for averages, as in Alemi et al. 2016
OUTPUTS = 4 * 2**20  # decoder outputs of one model and split that a picture can wait for: images get fewer draws


@dataclass(frozen=True)
class View:
    """What stays the same for all snapshots of a run: the splits as tensors, and the window on them."""

    window: Window
    seed: int
    x_train: Tensor
    target_train: Tensor
    x_test: Tensor
    target_test: Tensor

    @property
    def dataset(self) -> Dataset:
        return self.window.dataset


def view(state: training.TrainState, dataset: Dataset) -> View:
    """The fixed part of a run's snapshots."""
    target = training.target(dataset, state.config)

    def as_tensor(a: Array) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(a)).to(state.betas.device)

    return View(
        window=window(dataset),
        seed=EVALUATION_SEED,
        x_train=as_tensor(dataset.x[dataset.train]),
        target_train=as_tensor(target[dataset.train]),
        x_test=as_tensor(dataset.x[dataset.test]),
        target_test=as_tensor(target[dataset.test]),
    )


@torch.no_grad()
def take(
    state: training.TrainState,
    view: View,
    models: Sequence[int] | None = None,
    dims: tuple[int, ...] | None = None,
    rest: Snapshot | None = None,
) -> Snapshot:
    """Points of every model, and the pictures of `models` (all of them by default).

    The models in the picture are evaluated with `draws` posterior samples an input, the others with one, which
    leaves their averaged error unknown: a live picture has 100 ms. With `rest`, an earlier snapshot, all points stay
    where that saw them, and only the pictures move on.
    """
    weights = training.weights(state)
    likelihood = state.sizes.likelihood
    betas = state.betas.cpu().numpy()
    models = tuple(range(len(betas))) if models is None else tuple(models)
    chosen = {name: value[list(models)] for name, value in weights.items()}
    train, test = (rest.train, rest.test) if rest else _both(state, view, chosen, models)
    x = torch.from_numpy(view.window.x).to(state.betas)
    mu, sigma = model.encode(chosen, x)  # (m, n, K)
    dims = dims or shown_dims(test, state.config.latent_dim)
    samples = draws(state, view)
    z = evaluation.sample(mu, sigma, samples, view.seed)
    input_grid, input_kl = _input_plane(chosen, state, view)
    return Snapshot(
        step=state.step,
        betas=betas,
        diverged=state.diverged.cpu().numpy(),
        train=train,
        test=test,
        models=models,
        dims=dims,
        mu=mu.cpu().numpy(),
        sigma=sigma.cpu().numpy(),
        kl=objective.rate_per_dim(mu, sigma).sum(-1).cpu().numpy(),
        output=evaluation.mean_output(chosen, z, samples, likelihood).cpu().numpy(),
        latent_grid=_latent_plane(chosen, state, dims),
        input_grid=input_grid,
        input_kl=input_kl,
        decoder=_decoder(chosen),
    )


@torch.no_grad()
def points(state: training.TrainState, view: View, index: int) -> tuple[Point, Point]:
    """One model on train and on test, in detail whatever the size of its outputs."""
    weights = {name: value[index : index + 1] for name, value in training.weights(state).items()}
    betas = state.betas[index : index + 1].cpu().numpy()
    ends = SAMPLES, state.sizes.likelihood, view.seed, state.config.variance, state.config.task
    train = evaluation.evaluate(weights, betas, view.x_train, view.target_train, *ends)
    return train[0], evaluation.evaluate(weights, betas, view.x_test, view.target_test, *ends)[0]


def draws(state: training.TrainState, view: View) -> int:
    """Posterior samples an input: 12 of them, but for large images."""
    return max(1, min(SAMPLES, OUTPUTS // (len(view.x_train) * state.sizes.output)))


def _both(
    state: training.TrainState, view: View, chosen: evaluation.Weights, models: tuple[int, ...]
) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """Every model's point on train and on test: in detail for `models`, whose weights are `chosen`."""
    train = _points(state, view, view.x_train, view.target_train, chosen, models)
    return train, _points(state, view, view.x_test, view.target_test, chosen, models)


def _points(
    state: training.TrainState,
    view: View,
    x: Tensor,
    target: Tensor,
    chosen: evaluation.Weights,
    models: tuple[int, ...],
) -> tuple[Point, ...]:
    betas = state.betas.cpu().numpy()
    ends = state.sizes.likelihood, view.seed, state.config.variance, state.config.task
    detailed = evaluation.evaluate(chosen, betas[list(models)], x, target, draws(state, view), *ends)
    if len(models) == len(betas):
        return detailed
    points = list(evaluation.evaluate(training.weights(state), betas, x, target, 1, *ends))
    for i, point in zip(models, detailed, strict=True):
        points[i] = point
    return tuple(points)


@torch.no_grad()
def samples(state: training.TrainState, models: Sequence[int], count: int, seed: int = EVALUATION_SEED) -> Array:
    """Draws from the models themselves, z ~ r(z) and x ~ q(x|z), the same noise for all: (m, count, O).

    Of pixels the odds, not the coins that they stand for.
    """
    chosen = {name: value[list(models)] for name, value in training.weights(state).items()}
    z = evaluation.noise((1, count, state.config.latent_dim), seed, state.betas, "prior")
    output = evaluation.probabilities(model.decode(chosen, z), state.sizes.likelihood)
    if state.sizes.likelihood == "gaussian":
        eps = evaluation.noise((1, count, state.sizes.output), seed, state.betas, "outputs")
        variance = state.config.variance
        deviation = chosen["decoder.log_var"].mul(0.5).exp()[:, None] if variance is None else variance**0.5
        output = output + deviation * eps
    return output.cpu().numpy()


def shown_dims(points: Sequence[Point], latent_dim: int) -> tuple[int, ...]:
    """The latent dimensions to draw: both of two, the one of one, else the two of highest KL over the stack."""
    if latent_dim <= 2:
        return tuple(range(latent_dim))
    total = np.sum([p.kl_per_dim for p in points], axis=0)
    return tuple(int(d) for d in np.argsort(-total, kind="stable")[:2])


def _latent_plane(weights: evaluation.Weights, state: training.TrainState, dims: tuple[int, ...]) -> Array:
    """Decoder over the plane of the shown dimensions, the others at the prior's mean: (m, G, G, O)."""
    axis = latent_axis(state.sizes.likelihood)
    plane = torch.from_numpy(lattice(axis)).to(state.betas)
    z = plane.new_zeros(len(plane), state.config.latent_dim)
    z[:, list(dims)] = plane[:, : len(dims)]
    m = next(iter(weights.values())).shape[0]
    output = model.decode(weights, z.expand(m, -1, -1))  # (m, G², O)
    output = evaluation.probabilities(output, state.sizes.likelihood)
    return output.reshape(m, len(axis), len(axis), -1).cpu().numpy()


def _input_plane(
    weights: evaluation.Weights, state: training.TrainState, view: View, samples: int = 8
) -> tuple[Array | None, Array | None]:
    """Posterior-averaged decisions over the input plane and the nats that each place costs."""
    if view.window.input_range is None:
        return None, None
    axis = centres(*view.window.input_range)
    mu, sigma = model.encode(weights, torch.from_numpy(lattice(axis)).to(state.betas))
    m, g2, k = mu.shape
    # the same eps at every place: boundaries stay smooth where independent draws would speckle them
    eps = evaluation.noise((samples, 1, k), view.seed, mu)
    z = torch.addcmul(mu[:, None], sigma[:, None], eps).reshape(m, samples * g2, k)
    output = evaluation.mean_output(weights, z, samples, state.sizes.likelihood)
    kl = objective.rate_per_dim(mu, sigma).sum(-1)
    square = m, len(axis), len(axis)
    return output.reshape(*square, -1).cpu().numpy(), kl.reshape(square).cpu().numpy()


def _decoder(weights: evaluation.Weights) -> tuple[tuple[Array, Array], ...]:
    """Weights (m, in, out) and biases (m, out) of the decoder, for whoever decodes a place by himself."""
    names = [f"decoder.{i}" for i in range(model.depth(weights, "decoder"))]
    return tuple(
        (weights[f"{n}.weight"].cpu().numpy().copy(), weights[f"{n}.bias"].cpu().numpy().copy()) for n in names
    )
