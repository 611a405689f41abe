"""One visitor's run: a stack in training, what was seen of it, and the arrays of its next picture."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch

from dashboard import cache
from dashboard.turns import Turns
from vibcore import budgets, information, snapshot, training
from vibcore.config import Config, Dataset
from vibcore.evaluation import evaluate
from vibcore.populations import MIXTURE, Population, split_of_population
from vibcore.problem import Problem, make_problem
from vibcore.types import Array, Point, Snapshot
from vibcore.window import Window

if TYPE_CHECKING:
    from dashboard.figures.vae import RateDistortionFacts

TURNS = Turns()  # all visitors compute one after another: two at once only slow each other down
# one thread a turn: on a shared machine more threads wait for each other and for the browser
torch.set_num_threads(1)
# training lets go of the interpreter at every product and must not wait 5 ms each time a page is being written
sys.setswitchinterval(0.0005)
SLICE = 0.012  # seconds of training in one turn: the longest that a picture waits for its own
GAP = 0.1  # seconds between two pictures of a training
SHARE = 2  # times what a picture took are for training before the next
PATIENCE = 1.5  # seconds without a word from the page, after which it counts as closed
LONGEST_HISTORY = 150
NEAR = 0.03  # nats, and share of the rate: what a rate may have moved since a value was computed beside it


@dataclass(frozen=True)
class Estimates:
    """Where one model's nats went at a step, of the training sample (None if too large) and of the population."""

    step: int
    mixture: int
    train: information.InformationBudget | None
    test: information.InformationBudget


@dataclass
class Run:
    """The state of one training run and its history. Its own: no two sessions share one."""

    config: Config
    dataset: Dataset
    state: training.TrainState = field(init=False)
    problem: Problem = field(init=False)
    latest: Snapshot | None = None
    seconds: float = 0.0  # spent training
    trained: int = 0  # steps in those seconds
    estimates: dict[int, Estimates] = field(default_factory=dict)  # of each model that has them
    fresh: dict[int, tuple[int, Point]] = field(default_factory=dict)  # step and point on the population, by model
    estimated_at: float = 0.0
    drawn: RateDistortionFacts | None = None  # what a VAE's plane spans
    history: list[tuple[int, Array]] = field(default_factory=list)  # step, (6, M): see `informations`
    goal: int = 0  # step at which training in the background stops
    heard: float = 0.0  # when the page last asked for it
    worker: threading.Thread | None = None
    watched: tuple[list[int], tuple[int, ...]] = ([0], ())  # models and latent dimensions of those pictures
    due: float = 0.0  # from when the points of all may be looked at again
    pictures: deque[Snapshot] = field(default_factory=lambda: deque(maxlen=6))  # taken and not shown yet

    def __post_init__(self) -> None:
        self.state = training.init(self.config, self.dataset)
        self.problem = make_problem(self.config, self.dataset)

    @property
    def population(self) -> Population | None:
        """Fresh inputs of the problem, where its density is known and they are drawn already."""
        return cache.population(self.config.dataset).result()

    @property
    def window(self) -> Window:
        return self.problem.window

    @property
    def likelihood(self) -> str:
        return self.state.sizes.likelihood

    def train_on(self, goal: int, models: list[int], dims: tuple[int, ...]) -> None:
        """Train in the background up to step `goal`, until `rest` or until the page has not asked for a while.

        Pictures of `models` are taken on the way; `since` hands them over.
        """
        self.goal, self.heard, self.watched = goal, time.monotonic(), (models, dims)
        if self.worker is None or not self.worker.is_alive():
            self.worker = threading.Thread(target=self._work, daemon=False)  # torch must not be torn down under it
            self.worker.start()

    def rest(self) -> None:
        """Stop training in the background; returns when the last step is done."""
        self.goal = 0
        if self.worker is not None:
            self.worker.join()

    def _work(self) -> None:
        due = time.monotonic() + GAP
        while self.state.step < self.goal and time.monotonic() - self.heard < PATIENCE:
            self.advance(self.goal, self.goal, SLICE)
            if (begin := time.monotonic()) > due and self.latest is not None:
                models, dims = self.watched
                with TURNS.turn(ahead=True):
                    self.pictures.append(self._take(models, dims, self.latest))
                due = begin + max(GAP, SHARE * (time.monotonic() - begin))

    def since(self, models: list[int], dims: tuple[int, ...]) -> list[Snapshot]:
        """The pictures of `models` since the last call, and one of now with the points of all."""
        taken = [self.pictures.popleft() for _ in range(len(self.pictures))]
        known = taken or ([self.latest] if self.latest is not None else [])
        fitting = [picture for picture in known if picture.models == tuple(models) and dims in ((), picture.dims)]
        if fitting and self.goal and time.monotonic() < self.due:
            return fitting
        begin = time.monotonic()
        now = self.look(models, dims)
        self.due = time.monotonic() + SHARE * (time.monotonic() - begin)
        return [*(fitting if taken else []), now]

    def advance(self, steps: int, stop_at: int, budget: float = np.inf) -> None:
        """Train `steps`, or fewer when `budget` seconds are over, never past `stop_at`."""
        with TURNS.turn():
            begin = time.perf_counter()
            left = min(steps, stop_at - self.state.step)
            while left > 0 and time.perf_counter() - begin < budget:
                part = min(left, 5)
                training.advance(self.state, self.problem.train, part)
                left -= part
                self.trained += part
            self.seconds += time.perf_counter() - begin

    def look(self, models: list[int] | None, dims: tuple[int, ...] = ()) -> Snapshot:
        """A snapshot of now, with the pictures of `models` (None: the whole family)."""
        if models is None and self._is_family(dims) and self.latest is not None:
            return self.latest  # at rest the picture stays: β is chosen in the browser
        with TURNS.turn(ahead=True):
            self.latest = now = self._take(models, dims)
        if not self.history or self.history[-1][0] != now.step:
            self.history.append((now.step, informations(now.train, now.test)))
            if len(self.history) > LONGEST_HISTORY:  # keep the whole past at half the detail
                self.history = self.history[::2]
        return now

    def _take(self, models: list[int] | None, dims: tuple[int, ...], points_of: Snapshot | None = None) -> Snapshot:
        return snapshot.take_snapshot(training.moment(self.state), self.problem, models, dims or None, points_of)

    def _is_family(self, dims: tuple[int, ...]) -> bool:
        """Whether the latest snapshot shows every model as it is now."""
        known = self.latest
        if known is None or known.step != self.state.step or dims not in ((), known.dims):
            return False
        return len(known.models) == len(known.betas)

    def draws(self, models: list[int], count: int) -> Array:
        """Draws from the models themselves, (m, count, O)."""
        with TURNS.turn(ahead=True):
            return snapshot.samples(training.moment(self.state), self.problem, models, count)

    def estimate(self, models: list[int], mixture: int = MIXTURE) -> None:
        """Compute the informations of some models, as they are now; at rest with a large mixture."""
        for i in models:
            with TURNS.turn(ahead=True):
                train, test = budgets.model_budgets(
                    training.moment(self.state), self.problem, i, self.population, mixture
                )
                self.estimates[i] = Estimates(self.state.step, mixture, train, test)
        self.estimated_at = time.monotonic()

    def look_at_population(self, models: list[int]) -> None:
        """Points of some models on a large fresh sample, where the density is known."""
        if self.population is None or not models:
            return
        fresh, samples = split_of_population(self.population, self.problem), snapshot.draws(self.problem)
        with TURNS.turn(ahead=True):
            points = evaluate(training.weights(self.state), self.problem, fresh, samples, models)
            self.fresh |= {i: (self.state.step, point) for i, point in zip(models, points, strict=True)}

    def estimate_is_near(self, index: int, snapshot: Snapshot) -> bool:
        """Whether the values of a model may stand beside its bounds: computed when its rate was as it is now."""
        if index not in self.estimates:
            return False
        if self.estimates[index].step == snapshot.step:
            return True
        then, now = self.estimates[index].test.rate, snapshot.test[index].rate
        return abs(then.value - now.value) <= NEAR * (1 + now.value) + 2 * (then.stderr + now.stderr)

    def without_estimate(self, mixture: int = MIXTURE) -> list[int]:
        """Models whose values are of an earlier step or a smaller mixture, the longest waiting first."""
        known = {i: (v.step, v.mixture) for i, v in self.estimates.items()}
        ages = {i: known.get(i, (-1, 0)) for i in range(len(self.config.betas))}
        return sorted((i for i, age in ages.items() if age < (self.state.step, mixture)), key=ages.__getitem__)

    def without_population(self) -> list[int]:
        """Models whose points on the population are of an earlier step; none where the density is not known."""
        if self.population is None:
            return []
        return [i for i in range(len(self.config.betas)) if self.fresh.get(i, (-1,))[0] < self.state.step]

    def edit(self, config: Config) -> None:
        """Go on by a config that differs in what comes from here on."""
        with TURNS.turn(ahead=True):
            self.config = self.state.config = config


def informations(train: tuple[Point, ...], test: tuple[Point, ...]) -> Array:
    """(6, M): rate and I(Z;Y) bound on train, then on test, NaN where there is none; distortion on train and test."""
    rows = [[p.rate.value for p in points] for points in (train, test)]
    bounds = [[p.i_zy_bound.value if p.i_zy_bound else np.nan for p in points] for points in (train, test)]
    costs = [[p.distortion.value for p in points] for points in (train, test)]
    return np.array([rows[0], bounds[0], rows[1], bounds[1], *costs])
