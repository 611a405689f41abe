"""Where one model's nats go: of its training sample, and of the population, known or behind the test sample."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from vibcore import information, model
from vibcore.evaluation import stack_of
from vibcore.information import EXACT_UP_TO, InformationBudget, LogQ
from vibcore.mixtures import Posteriors, labels_at_hand
from vibcore.model import Weights
from vibcore.parts import total_correlation
from vibcore.populations import MIXTURE, Population, population_posteriors
from vibcore.problem import Problem
from vibcore.streams import torch_stream
from vibcore.training import Moment
from vibcore.types import Array, Point, Scope


def model_budgets(
    moment: Moment, problem: Problem, index: int, population: Population | None = None, mixture: int = MIXTURE
) -> tuple[InformationBudget | None, InformationBudget]:
    """What a page shows of model `index`: the budget of its training sample, and that of the population, nats."""
    train = training_budget(moment, problem, index)
    if population is None:
        return train, held_out_budget(moment, problem, index)
    return train, population_budget(moment, problem, index, population, mixture)


def with_budget(point: Point, budget: InformationBudget | None) -> Point:
    """The point with its informations and slacks as intervals: of the same model, on inputs of the same split."""
    if budget is None:
        return point
    return replace(
        point,
        i_xz=budget.i_xz,
        i_zy=budget.i_zy,
        marginal_slack=budget.marginal_slack,
        decoder_slack=budget.decoder_slack,
    )


@torch.no_grad()
def training_budget(moment: Moment, problem: Problem, index: int) -> InformationBudget | None:
    """Of the training inputs as a world of their own; None for more than 5,000 of them."""
    if len(problem.train.x) > EXACT_UP_TO:
        return None
    weights = stack_of(moment.weights, [index])
    own = _posteriors(weights, problem, problem.train.x, problem.dataset.train)
    return _budget(problem, weights, own, of="sample")


@torch.no_grad()
def held_out_budget(moment: Moment, problem: Problem, index: int) -> InformationBudget:
    """Of the population, from test inputs whose labels are all that is known: the training inputs decode them."""
    weights = stack_of(moment.weights, [index])
    own = _posteriors(weights, problem, problem.test.x, problem.dataset.test)
    return _budget(problem, weights, own, _posteriors(weights, problem, problem.train.x, problem.dataset.train))


@torch.no_grad()
def population_budget(
    moment: Moment, problem: Problem, index: int, population: Population, mixture: int = MIXTURE
) -> InformationBudget:
    """Of the population, from `mixture` fresh inputs whose p(y|x) is known, of which two in five are scored."""
    weights = stack_of(moment.weights, [index])
    fresh, scored = population_posteriors(weights, problem, population, mixture), 2 * mixture // 5
    return _budget(
        problem, weights, fresh, scored=scored, reals=None if fresh.reals is None else fresh.reals.y[:scored]
    )


def _budget(
    problem: Problem,
    weights: Weights,
    own: Posteriors,
    others: Posteriors | None = None,
    scored: int | None = None,
    of: Scope = "population",
    reals: Tensor | None = None,
) -> InformationBudget:
    """The budget by the parts of a problem."""
    noise = torch_stream(problem.seed, "values")
    log_q, marginal, posterior = _decoder(problem, weights, reals), problem.parts.marginal, problem.parts.posterior
    in_double = {name: value.double() for name, value in weights.items() if name.startswith("marginal.")}

    def log_r(z: Tensor) -> Tensor:
        return marginal.log_prob(in_double, z[None])[0]

    scale = own.scale[None].double()
    kl = marginal.kl_per_dim(in_double, own.mu[None].double(), posterior.deviations(scale))
    rates = None if kl is None else (kl.sum(-1) + total_correlation(posterior, scale))[0]
    return information.information_budget(own, noise, others, log_q, 1, scored, of, log_r, rates)


def _posteriors(weights: Weights, problem: Problem, x: Tensor, rows: Array) -> Posteriors:
    """p(z|x) of up to 5,000 inputs with their labels; about the class also where the model was asked for the input."""
    posterior = problem.parts.posterior
    mu, scale = model.encode(weights, x[:EXACT_UP_TO], posterior)
    dataset = problem.dataset
    y = torch.from_numpy(dataset.y[rows[:EXACT_UP_TO]]).to(x.device)
    labels = labels_at_hand(y, len(dataset.class_names)) if y.ndim == 1 else None
    return Posteriors(mu[0], scale[0], labels, posterior=posterior)


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
