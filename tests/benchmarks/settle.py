"""How soon the page's default curve reaches the frontier and stands still: python -m tests.benchmarks.settle

Distance: the largest gap between the frontier and (rate, H(Y) − CE) on 20,000 fresh inputs, over the stops with
0.05 ≤ β ≤ 0.7. Movement: how far those points still go until four times as many steps.
"""

import time

import numpy as np
import torch

from dashboard.controls import Choices, config
from vibcore import data as datasets
from vibcore import densities, populations, training
from vibcore.evaluation import evaluate
from vibcore.problem import Problem, Split, make_problem
from vibcore.types import Array

MARKS = (250, 500, 1000, 2000, 4000)


def curve(state: training.TrainState, problem: Problem, fresh: Split, stops: list[int]) -> Array:
    """(2, stops): rate and bound, nats."""
    points = evaluate(training.weights(state), problem, fresh, models=stops)
    return np.array([[p.rate.value, p.i_zy_bound.value] for p in points if p.i_zy_bound]).T


def settle() -> None:
    chosen = config(Choices())
    dataset, known = datasets.load(chosen.dataset), densities.reference(chosen.dataset)
    fresh = populations.population(chosen.dataset)
    assert known is not None and fresh is not None
    state, data = training.init(chosen, dataset), training.tensors(dataset, chosen)
    problem = make_problem(chosen, dataset)
    everyone = populations.split_of_population(fresh, problem)
    stops = [i for i, beta in enumerate(chosen.betas) if 0.05 <= beta <= 0.7]
    seen, spent = {}, {}
    seconds = 0.0
    for mark in sorted({*MARKS, *(4 * mark for mark in MARKS)}):
        begin = time.perf_counter()
        training.advance(state, data, mark - state.step)
        seconds += time.perf_counter() - begin
        seen[mark], spent[mark] = curve(state, problem, everyone, stops), seconds
    for mark in MARKS:
        rate, bound = seen[mark]
        below = np.interp(rate, known.frontier.i_x, known.frontier.i_y) - bound
        moved = np.abs(seen[mark] - seen[4 * mark]).max(1)
        print(
            f"{mark:6d} steps {spent[mark]:6.2f} s   at most {below.max():.3f} nats below the frontier   "
            f"until {4 * mark:6d}: R moves {moved[0]:.3f}, H(Y) − CE {moved[1]:.3f} nats"
        )


if __name__ == "__main__":
    torch.set_num_threads(1)
    settle()
