"""Where one model's nats go: of its training sample, and of the population, known or behind the test sample."""

from __future__ import annotations

import torch
from torch import Tensor

from vibcore import information, model
from vibcore.evaluation import stack_of
from vibcore.information import EXACT_UP_TO, InformationBudget, LogQ
from vibcore.mixtures import Posteriors, labels_at_hand
from vibcore.model import Weights
from vibcore.populations import MIXTURE, Population, population_posteriors
from vibcore.problem import Problem
from vibcore.streams import torch_stream
from vibcore.training import Moment
from vibcore.types import Array, Scope


def model_budgets(
    moment: Moment, problem: Problem, index: int, population: Population | None = None, mixture: int = MIXTURE
) -> tuple[InformationBudget | None, InformationBudget]:
    """What a page shows of model `index`: the account of its training sample, and that of the population, nats."""
    train = training_budget(moment, problem, index)
    if population is None:
        return train, test_budget(moment, problem, index)
    return train, population_budget(moment, problem, index, population, mixture)


@torch.no_grad()
def training_budget(moment: Moment, problem: Problem, index: int) -> InformationBudget | None:
    """Of the training inputs as a world of their own; None for more than 5,000 of them."""
    if len(problem.train.x) > EXACT_UP_TO:
        return None
    weights = stack_of(moment.weights, [index])
    own = _posteriors(weights, problem, problem.train.x, problem.dataset.train)
    return _account(problem, weights, own, of="sample")


@torch.no_grad()
def test_budget(moment: Moment, problem: Problem, index: int) -> InformationBudget:
    """Of the population, from test inputs whose labels are all that is known: the training inputs decode them."""
    weights = stack_of(moment.weights, [index])
    own = _posteriors(weights, problem, problem.test.x, problem.dataset.test)
    return _account(problem, weights, own, _posteriors(weights, problem, problem.train.x, problem.dataset.train))


@torch.no_grad()
def population_budget(
    moment: Moment, problem: Problem, index: int, population: Population, mixture: int = MIXTURE
) -> InformationBudget:
    """Of the population, from `mixture` fresh inputs whose p(y|x) is known, of which two in five are scored."""
    weights = stack_of(moment.weights, [index])
    fresh, scored = population_posteriors(weights, problem, population, mixture), 2 * mixture // 5
    return _account(
        problem, weights, fresh, scored=scored, reals=None if fresh.reals is None else fresh.reals.y[:scored]
    )


def _account(
    problem: Problem,
    weights: Weights,
    own: Posteriors,
    others: Posteriors | None = None,
    scored: int | None = None,
    of: Scope = "population",
    reals: Tensor | None = None,
) -> InformationBudget:
    """The account by the parts of a problem."""
    noise = torch_stream(problem.seed, "values")
    log_q, marginal = _decoder(problem, weights, reals), problem.parts.marginal
    in_double = {name: value.double() for name, value in weights.items() if name.startswith("marginal.")}

    def log_r(z: Tensor) -> Tensor:
        return marginal.log_prob(in_double, z[None])[0]

    kl = marginal.kl_per_dim(in_double, own.mu[None].double(), own.sigma[None].double())
    rates = None if kl is None else kl[0].sum(-1)
    return information.information_budget(own, noise, others, log_q, 1, scored, of, log_r, rates)


def _posteriors(weights: Weights, problem: Problem, x: Tensor, rows: Array) -> Posteriors:
    """p(z|x) of up to 5,000 inputs with their labels; about the class also where the model was asked for the input."""
    mu, sigma = model.encode(weights, x[:EXACT_UP_TO], problem.parts.posterior)
    dataset = problem.dataset
    y = torch.from_numpy(dataset.y[rows[:EXACT_UP_TO]]).to(x.device)
    return Posteriors(mu[0], sigma[0], labels_at_hand(y, len(dataset.class_names)) if y.ndim == 1 else None)


def _decoder(problem: Problem, weights: Weights, reals: Tensor | None) -> LogQ | None:
    """ln q(y|z) of every class, or of one real y (n, O) an input; None where the model decodes something else."""
    if problem.config.task != "classify" or (problem.dataset.y.ndim > 1 and reals is None):
        return None
    likelihood, variance = problem.parts.likelihood, problem.config.variance

    def log_q(z: Tensor) -> Tensor:
        output = model.decode(weights, z[None].to(problem.betas))  # (1, S, O)
        if reals is not None:
            return -likelihood.distortion(weights, output, reals.to(output), variance)[0]
        targets = [torch.full((len(z),), c, device=z.device) for c in range(problem.sizes.output)]
        return -torch.stack([likelihood.distortion(weights, output, y, variance)[0] for y in targets], -1)  # (S, C)

    return log_q
