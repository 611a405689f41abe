"""Fresh inputs of a problem whose density is known: on them a model's numbers are the population's, up to an error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from vibcore import data, densities, model
from vibcore.config import DatasetSpec
from vibcore.data.source import ClosedForm
from vibcore.mixtures import Posteriors, Reals, known_odds
from vibcore.problem import Problem, Split
from vibcore.streams import stream
from vibcore.types import Array

INPUTS = 20_000  # with p(y|x) for labels, the cross-entropy's error is a few thousandths of a nat
MIXTURE = 5000  # of them in p̂(z)
SEED = 20_160_412  # one population for every seed of a sample, so that samples can be compared


@dataclass(frozen=True)
class Population:
    """x (n, d) float32; target: the known p(y|x) of C classes, (n, C) float64, or real targets (n, d_y) float32.

    Real ones are drawn from N(mean, deviation²): mean (n, d_y), deviation (d_y,).
    """

    x: Array
    target: Array
    mean: Array | None = None
    deviation: Array | None = None


def population(spec: DatasetSpec, n: int = INPUTS) -> Population | None:
    """n inputs drawn from the density of a set, apart from its sample; None where the density is not known."""
    if not data.has_density(spec):
        return None
    x, y = densities.sample(spec, n, stream(SEED, "population"))
    density = data.source(spec.name).density
    if isinstance(density, ClosedForm) and density.channel is not None:
        mean, deviation = density.channel(spec, x)
        return Population(x.astype(np.float32), y.astype(np.float32), mean, deviation)
    return Population(x.astype(np.float32), densities.posterior(spec, x))


def split_of_population(population: Population, problem: Problem) -> Split:
    """The population as a split: what the decoder is asked for is p(y|x) or y, or the input itself."""
    target = population.x if problem.config.task == "reconstruct" else population.target
    return Split(torch.from_numpy(population.x).to(problem.betas), torch.from_numpy(target).to(problem.betas.device))


def population_posteriors(weights: model.Weights, problem: Problem, population: Population, count: int) -> Posteriors:
    """p(z|x) of the first `count` inputs by one model, and the known odds of their classes, or p(y|x) of real y."""
    like = next(iter(weights.values()))
    target = torch.from_numpy(population.target[:count])
    posterior = problem.parts.posterior
    mu, scale = model.encode(weights, torch.from_numpy(population.x[:count]).to(like), posterior)
    if population.mean is None or population.deviation is None:
        return Posteriors(mu[0], scale[0], known_odds(target.to(like.device)), posterior=posterior)
    mean, deviation = (torch.from_numpy(part).to(like) for part in (population.mean[:count], population.deviation))
    return Posteriors(mu[0], scale[0], reals=Reals(target.to(like), mean, deviation), posterior=posterior)
