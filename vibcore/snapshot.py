"""Moment and problem → Snapshot: what a picture needs, as plain NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from vibcore import evaluation, model, objective
from vibcore.evaluation import SAMPLES, evaluate, stack_of
from vibcore.model import Weights
from vibcore.parts import Posterior
from vibcore.problem import Problem
from vibcore.training import Moment
from vibcore.types import Array, Point, Snapshot
from vibcore.window import centres, latent_axis, lattice

Points = tuple[tuple[Point, ...], tuple[Point, ...]]  # of every model, on train and on test
OF_MODELS = ("mu", "sigma", "kl", "output", "latent_grid", "input_grid", "input_kl")  # arrays (m, …) of a snapshot
OUTPUTS = 4 * 2**20  # decoder outputs of one model and split that a picture can wait for: images get fewer draws


@torch.no_grad()
def take_snapshot(
    moment: Moment,
    problem: Problem,
    models: Sequence[int] | None = None,
    dims: tuple[int, ...] | None = None,
    points: Points | None = None,
) -> Snapshot:
    """Points of every model, and the pictures of `models` (all of them by default): a function of its arguments alone.

    `points`: those that are known already, of this moment or, where only the picture moves on, of an earlier one; else
    they are `points_of` the moment.
    """
    parts = problem.parts
    models = tuple(range(len(problem.betas))) if models is None else tuple(models)
    weights = stack_of(moment.weights, list(models))
    train, test = points or points_of(moment, problem, models)
    x = torch.from_numpy(problem.window.x).to(problem.betas)
    mu, scale = model.encode(weights, x, parts.posterior)  # (m, n, K), (m, n, *)
    dims = dims or shown_dims(test, problem.config.latent_dim)
    samples = draws(problem)
    z = evaluation.sample(mu, scale, samples, problem.seed, parts.posterior)
    kl = objective.rate(parts, weights, mu, scale, z[:, : mu.shape[1]])
    input_grid, input_kl = _input_plane(weights, problem)
    return Snapshot(
        step=moment.step,
        betas=problem.betas.cpu().numpy(),
        diverged=moment.diverged.cpu().numpy(),
        train=train,
        test=test,
        models=models,
        dims=dims,
        mu=mu.cpu().numpy(),
        sigma=parts.posterior.deviations(scale).cpu().numpy(),
        kl=kl.cpu().numpy(),
        output=evaluation.mean_output(weights, z, samples, parts.likelihood).cpu().numpy(),
        latent_grid=_latent_plane(weights, problem, dims),
        input_grid=input_grid,
        input_kl=input_kl,
        decoder=_decoder(weights),
        correlation=_correlation(parts.posterior, scale, dims),
    )


def draws(problem: Problem) -> int:
    """Posterior samples an input: 12 of them, but for large images."""
    return max(1, min(SAMPLES, OUTPUTS // (len(problem.train.x) * problem.sizes.output)))


def points_of(moment: Moment, problem: Problem, models: Sequence[int]) -> Points:
    """Every model's point on train and on test.

    Those of `models` rest on `draws` posterior samples an input, the others on one, which leaves their averaged error
    unknown: a live picture has 100 ms.
    """
    found = []
    for split in (problem.train, problem.test):
        detailed = evaluate(moment.weights, problem, split, draws(problem), models)
        if len(models) < len(problem.betas):
            points = list(evaluate(moment.weights, problem, split, 1))
            for i, point in zip(models, detailed, strict=True):
                points[i] = point
            detailed = tuple(points)
        found.append(detailed)
    return found[0], found[1]


def with_points_of(points: Points, moment: Moment, problem: Problem, models: Sequence[int]) -> Points:
    """Points of all models, of `models` as they are at a moment."""
    train, test = map(list, points)
    for of, split in ((train, problem.train), (test, problem.test)):
        for i, point in zip(models, evaluate(moment.weights, problem, split, draws(problem), models), strict=True):
            of[i] = point
    return tuple(train), tuple(test)


def snapshot_of_models(snapshot: Snapshot, models: Sequence[int]) -> Snapshot:
    """The same with the pictures of some of its models alone."""
    at = [snapshot.models.index(i) for i in models]
    cut = {name: getattr(snapshot, name) for name in OF_MODELS}
    cut = {name: None if array is None else array[at] for name, array in cut.items()}
    decoder = tuple((weight[at], bias[at]) for weight, bias in snapshot.decoder)
    return replace(snapshot, models=tuple(models), decoder=decoder, **cut)


@torch.no_grad()
def samples(moment: Moment, problem: Problem, models: Sequence[int], count: int) -> Array:
    """Draws from the models themselves, z ~ r(z) and x ~ q(x|z), the same noise for all: (m, count, O).

    Of pixels the odds, not the coins that they stand for.
    """
    weights, parts, like = stack_of(moment.weights, list(models)), problem.parts, problem.betas
    eps = evaluation.noise((1, count, problem.config.latent_dim), problem.seed, like, "prior")
    z = parts.marginal.sample(weights, eps)
    mean = parts.likelihood.mean(model.decode(weights, z))
    eps = evaluation.noise((1, count, problem.sizes.output), problem.seed, like, "outputs")
    return parts.likelihood.sample(weights, mean, eps, problem.config.variance).cpu().numpy()


def shown_dims(points: Sequence[Point], latent_dim: int) -> tuple[int, ...]:
    """The latent dimensions to draw: both of two, the one of one, else the two of highest KL over the stack."""
    if latent_dim <= 2 or not points[0].kl_per_dim:
        return tuple(range(min(2, latent_dim)))
    total = np.sum([p.kl_per_dim for p in points], axis=0)
    return tuple(int(d) for d in np.argsort(-total, kind="stable")[:2])


def _latent_plane(weights: Weights, problem: Problem, dims: tuple[int, ...]) -> Array:
    """Decoder over the plane of the shown dimensions, the others at zero: (m, G, G, O)."""
    axis = latent_axis(problem.decodes_images)
    plane = torch.from_numpy(lattice(axis)).to(problem.betas)
    z = plane.new_zeros(len(plane), problem.config.latent_dim)
    z[:, list(dims)] = plane[:, : len(dims)]
    m = next(iter(weights.values())).shape[0]
    output = problem.parts.likelihood.mean(model.decode(weights, z.expand(m, -1, -1)))  # (m, G², O)
    return output.reshape(m, len(axis), len(axis), -1).cpu().numpy()


def _input_plane(weights: Weights, problem: Problem, samples: int = 8) -> tuple[Array | None, Array | None]:
    """Posterior-averaged decisions over the input plane and the nats that each place costs."""
    if problem.window.input_range is None:
        return None, None
    parts, axis = problem.parts, centres(*problem.window.input_range)
    mu, scale = model.encode(weights, torch.from_numpy(lattice(axis)).to(problem.betas), parts.posterior)
    m, g2, k = mu.shape
    # the same eps at every place: boundaries stay smooth where independent draws would speckle them
    eps = evaluation.noise((samples, 1, k), problem.seed, mu)
    z = parts.posterior.sample(mu[:, None], scale[:, None], eps).reshape(m, samples * g2, k)
    output = evaluation.mean_output(weights, z, samples, parts.likelihood)
    kl = objective.rate(parts, weights, mu, scale, z[:, :g2])
    square = m, len(axis), len(axis)
    return output.reshape(*square, -1).cpu().numpy(), kl.reshape(square).cpu().numpy()


def _correlation(posterior: Posterior, scale: Tensor, dims: tuple[int, ...]) -> Array | None:
    """Of both shown dimensions given x, (m, n); None where they are independent, or one is shown alone."""
    if posterior.correlation is None or len(dims) < 2:
        return None
    return posterior.correlation(scale, *dims).cpu().numpy()


def _decoder(weights: Weights) -> tuple[tuple[Array, Array], ...]:
    """Weights (m, in, out) and biases (m, out) of the decoder, for whoever decodes a place by himself."""
    names = [f"decoder.{i}" for i in range(model.depth(weights, "decoder"))]
    return tuple(
        (weights[f"{n}.weight"].cpu().numpy().copy(), weights[f"{n}.bias"].cpu().numpy().copy()) for n in names
    )
