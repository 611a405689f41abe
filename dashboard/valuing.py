"""Numbers of a training's moments that take a while: informations, and points on a large fresh sample.

Made once for all who look at the same moment.
"""

from __future__ import annotations

import time

from dashboard.trainings import Training
from dashboard.turns import PICTURES
from dashboard.values import Estimates
from vibcore import budgets, snapshot
from vibcore.evaluation import evaluate
from vibcore.populations import Population, split_of_population
from vibcore.training import Moment


def estimate(training: Training, moment: Moment, model: int, population: Population | None, mixture: int) -> None:
    """Compute one model's informations, by a mixture of so many inputs or a larger one."""
    values, problem = training.values, training.trajectory.problem
    with PICTURES.turn(ahead=True):
        known = values.estimate(model, moment.step)
        if known is not None and known.step == moment.step and known.mixture >= mixture:
            return  # somebody else has asked for the same
        train, test = budgets.model_budgets(moment, problem, model, population, mixture)
        values.note_estimates(model, Estimates(moment.step, mixture, train, test))
        values.estimated_at = time.monotonic()


def look_at_population(training: Training, moment: Moment, models: list[int], population: Population) -> None:
    """Compute the points of some models on a large fresh sample."""
    problem = training.trajectory.problem
    fresh, samples = split_of_population(population, problem), snapshot.draws(problem)
    with PICTURES.turn(ahead=True):
        known = training.values.fresh_at(moment.step)
        models = [i for i in models if i not in known]  # somebody else has asked for the same
        points = evaluate(moment.weights, problem, fresh, samples, models) if models else ()
        for i, point in zip(models, points, strict=True):
            training.values.note_fresh(i, moment.step, point)
