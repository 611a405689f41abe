"""One model that is led through β without starting anew: up to where it forgets, and down to where it learns again.

Where the optimum jumps, both branches differ between the β at which "nothing" becomes unstable, ρ_m², and the collapse:
the model that still knows something keeps it, the one that knows nothing stays there (hysteresis; both β are in
`vibcore.exact.collapse`). Where the optimum bends, as of two classes, both branches are one.

A model that keeps nothing forgets even how to begin: its weights fade, layer by layer, and the longer it was there the
longer it would stay, whatever β is. That is a trap of training, not of the objective. So a model that keeps nothing is
given fresh small weights at the next stop: it knows as little as before, and the next steps show if that is stable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch

from vibcore import data as datasets
from vibcore import populations, training
from vibcore.config import Config, Dataset
from vibcore.evaluation import evaluate
from vibcore.problem import Problem, Split, make_problem
from vibcore.training import TrainState
from vibcore.types import Array, ConfigError, Point

DRAWN = 50_000  # inputs to train on, where the density is known: a small sample has chance correlations of its own
NOTHING = 0.01  # nats: where a rate is lower, nothing is kept
SETTLED = 4  # times the steps of a stop that the first one has
SILENT = 0.1  # of the highest rate of a walk: what is below has fallen


@dataclass(frozen=True)
class Walk:
    """Both branches by ascending β: the model on its way up, and then on its way down. Nats.

    Points rest on the population where its density is known, else on the test inputs.
    """

    up: tuple[Point, ...]
    down: tuple[Point, ...]

    @property
    def falls(self) -> float:
        """β at which the branch up has fallen, the middle of two stops; infinite where it never does."""
        return _edge(self.up, self._least)

    @property
    def returns(self) -> float:
        """β below which the branch down has come back, the middle of two stops; infinite where it was never gone."""
        return _edge(self.down, self._least)

    @property
    def _least(self) -> float:
        return SILENT * max(point.rate.value for point in (*self.up, *self.down))


def walk(config: Config, betas: Sequence[float], steps: int, dataset: Dataset | None = None) -> Walk:
    """Lead one model of a config through β and back, training `steps` at each stop. See `walked`."""
    found = list(walked(config, betas, steps, dataset))
    return Walk(tuple(found[: len(betas)]), tuple(reversed(found[len(betas) :])))


def walked(
    config: Config,
    betas: Sequence[float],
    steps: int,
    dataset: Dataset | None = None,
    advance: Callable[[TrainState, Split, int], None] = training.advance,
) -> Iterator[Point]:
    """The point at each stop as it is left: all β ascending, then all descending, the last of them twice.

    The β of the config are not used. Where the density is known, training is on fresh inputs with their p(y|x) for
    labels, so that neither a sample nor its labels add noise of their own. ConfigError for fewer than two β, or such
    that do not ascend. `advance`: who trains, where others want their turn, too.
    """
    stops = _checked(betas)
    config = replace(config, betas=(stops[0],))
    found = datasets.load(config.dataset) if dataset is None else dataset
    problem, state = make_problem(config, found), training.init(config, found)
    train, fresh = _splits(problem)
    for place, beta in enumerate((*stops, *reversed(stops))):
        state.betas, state.scratch = torch.full_like(state.betas, beta), None
        advance(state, train, steps if place else SETTLED * steps)
        point = replace(evaluate(training.weights(state), problem, fresh)[0], beta=beta)
        if point.rate.value < NOTHING:
            _begin_anew(state, found, place)
        yield point


def _checked(betas: Sequence[float]) -> tuple[float, ...]:
    if len(betas) < 2 or not all(0 <= low < high for low, high in pairwise(betas)):
        raise ConfigError("betas", tuple(betas), "at least two of 0 or more, ascending", "Sort them.")
    return tuple(map(float, betas))


def _splits(problem: Problem) -> tuple[Split, Split]:
    """What is trained on, and what is looked at: draws of the density, where it is known."""
    spec = problem.dataset.spec
    drawn, fresh = (populations.population(spec, n) for n in (DRAWN, populations.INPUTS))
    if drawn is None or fresh is None:
        return problem.train, problem.test
    return populations.split_of_population(drawn, problem), populations.split_of_population(fresh, problem)


def _begin_anew(state: TrainState, dataset: Dataset, place: int) -> None:
    """Fresh weights, of the stop's own: small, and without a past."""
    fresh = training.init(replace(state.config, seed=_seed(state.config.seed, place)), dataset)
    for name in ("parameters", "average", "moment1", "moment2"):
        getattr(state, name).copy_(getattr(fresh, name))


def _seed(seed: int, place: int) -> int:
    """A seed of its own for each stop."""
    return int(np.random.SeedSequence(seed, spawn_key=(place,)).generate_state(1)[0])


def _edge(branch: Sequence[Point], least: float) -> float:
    """The middle between the last stop of a branch that keeps something and the next."""
    betas: Array = np.array([point.beta for point in branch])
    keeps = np.flatnonzero([point.rate.value > least for point in branch])
    if len(keeps) == 0:
        return float("-inf")
    return float("inf") if keeps[-1] == len(betas) - 1 else float(betas[keeps[-1] : keeps[-1] + 2].mean())
