"""Fresh inputs of a problem whose density is known: on them a model's numbers are the population's, up to an error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from vibcore import densities, evaluation, model, training
from vibcore.mixtures import Posteriors, Reals, known_odds
from vibcore.streams import stream
from vibcore.types import Array, DatasetSpec, Point

INPUTS = 20_000  # with p(y|x) for labels, the cross-entropy's error is a few thousandths of a nat
MIXTURE = 5000  # of them in p̂(z)
SEED = 20_160_412  # one population for every seed of a sample, so that samples can be compared


@dataclass(frozen=True)
class Population:
    """x (n, d) float32; target: the known p(y|x) of C classes, (n, C) float64, or real targets (n, d_y) float32.

    Real ones are drawn from N(ρ x, 1 − ρ²), with their rho (d_y,).
    """

    x: Array
    target: Array
    rho: Array | None = None


def population(spec: DatasetSpec, n: int = INPUTS) -> Population | None:
    """n inputs drawn from the density of a set, apart from its sample; None where the density is not known."""
    if not (densities.has_density(spec) or spec.name == "gaussian"):
        return None
    x, y = densities.sample(spec, n, stream(SEED, "population"))
    if spec.name == "gaussian":
        return Population(x.astype(np.float32), y.astype(np.float32), np.array(spec.rho))
    return Population(x.astype(np.float32), densities.posterior(spec, x))


def target_of(population: Population, state: training.TrainState) -> Array:
    """What the decoder is asked for: p(y|x) or y, or the input itself."""
    return population.x if state.config.task == "reconstruct" else population.target


@torch.no_grad()
def population_points(
    state: training.TrainState, population: Population, models: list[int], samples: int, seed: int
) -> tuple[Point, ...]:
    """A point of each of some models on the whole population: rate, bound and errors, nats."""
    chosen = {name: value[models] for name, value in training.weights(state).items()}
    x = torch.from_numpy(population.x).to(state.betas)
    target = torch.from_numpy(target_of(population, state)).to(x.device)
    betas = state.betas[models].cpu().numpy()
    ends = samples, state.sizes.likelihood, seed, state.config.variance, state.config.task
    return evaluation.evaluate(chosen, betas, x, target, *ends)


def population_posteriors(weights: model.Weights, population: Population, count: int) -> Posteriors:
    """p(z|x) of the first `count` inputs by one model, and the known odds of their classes, or p(y|x) of real y."""
    like = next(iter(weights.values()))
    x, target = torch.from_numpy(population.x[:count]).to(like), torch.from_numpy(population.target[:count])
    mu, sigma = model.encode(weights, x)
    if population.rho is None:
        return Posteriors(mu[0], sigma[0], known_odds(target.to(like.device)))
    rho = torch.from_numpy(population.rho).to(like)
    return Posteriors(mu[0], sigma[0], reals=Reals(target.to(like), rho * x, (1 - rho**2).sqrt()))
