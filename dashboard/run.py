"""One visitor's run: a cursor on a training, which others may ride too, and what is seen from there."""

from __future__ import annotations

import bisect
import time
from dataclasses import dataclass, field

import numpy as np

from dashboard import cache, registry, trainings, valuing
from dashboard.crowd import CROWD
from dashboard.trainings import Training
from dashboard.turns import PICTURES, TRAINING
from dashboard.values import Estimates, is_near
from dashboard.watch import Watch, next_places
from vibcore import snapshot
from vibcore.config import Config, Dataset
from vibcore.populations import MIXTURE, Population
from vibcore.problem import Problem
from vibcore.training import Moment
from vibcore.types import Array, Point, Snapshot
from vibcore.window import Window


@dataclass
class Run:
    """What one visitor sees of a training. At its front the visitor rides along: training goes on while they play.

    Behind the front (another visitor went ahead, or this one looks back) playing replays the checkpoints, which are the
    same to the bit. Who pauses stays where they are, and who takes single steps behind the front, or edits, goes on by
    a branch: nobody's run is changed by another's.
    """

    config: Config
    dataset: Dataset
    is_private: bool = False
    training: Training = field(init=False)
    watch: Watch = field(default_factory=Watch)
    moment: Moment | None = None  # where the cursor is held; None: at the front
    latest: Snapshot | None = None
    reached: int = 0  # the furthest step that the cursor has been moved back from
    ahead: Training | None = None  # the same training, further on: it was left for single steps behind its front

    def __post_init__(self) -> None:
        self.training = registry.training_of(self.config, self.dataset, self.is_private)
        self.moment = self.training.trajectory.light[0]

    @property
    def step(self) -> int:
        return self.training.step if self.moment is None else self.moment.step

    @property
    def furthest(self) -> int:
        """The furthest step that the visitor has come to."""
        return max(self.reached, self.step)

    def looks_back(self, step: int) -> bool:
        """Whether what is shown of a step is the visitor's past; at the front a picture is always a little behind."""
        return self.moment is not None and step < self.furthest

    @property
    def problem(self) -> Problem:
        return self.training.trajectory.problem

    @property
    def window(self) -> Window:
        return self.problem.window

    @property
    def history(self) -> list[tuple[int, Array]]:
        """Step and informations (6, M) of what was looked at, up to the cursor."""
        return [(step, row) for step, row in list(self.training.history.items()) if step <= self.step]

    @property
    def estimates(self) -> dict[int, Estimates]:
        """Of each model that has them, those of the last step up to the cursor."""
        return self.training.values.estimates_at(self.step)

    @property
    def fresh(self) -> dict[int, tuple[int, Point]]:
        """Step and point on the population, of each model that was looked at there at the cursor."""
        return self.training.values.fresh_at(self.step)

    @property
    def population(self) -> Population | None:
        """Fresh inputs of the problem, where its density is known and they are drawn already."""
        return cache.population(self.config.dataset).result()

    def train_on(self, goal: int, models: list[int], dims: tuple[int, ...]) -> None:
        """Train in the background up to step `goal`, until `stop` or until the page has not asked for a while.

        Pictures of `models` are taken on the way; `drain_snapshots` hands them over.
        """
        watch = self.watch
        watch.goal, watch.last_poll, watch.models, watch.dims = goal, time.monotonic(), tuple(models), dims
        watch.slowdown = CROWD.slowdown(watch.slowdown)
        if self.moment is not None and self.moment.step == self.training.step:
            self.moment = None
        if self.moment is None:
            self.training.ride(watch)

    def stop(self) -> None:
        """Train no more in the background; the cursor stays where it is."""
        goal, self.watch.goal = self.watch.goal, 0
        self.training.leave(self.watch)
        self.moment = self._now(goal)

    def drain_snapshots(self, models: list[int], dims: tuple[int, ...]) -> list[Snapshot]:
        """The pictures of `models` since the last call; the last of them with the points of all."""
        if self.moment is not None:
            return self._replay(models, dims)
        taken = [picture for picture in self.watch.drain() if picture.step <= self.watch.goal]
        known = taken or ([] if self.latest is None else [self.latest])
        fitting = [picture for picture in known if picture.models == tuple(models) and dims in ((), picture.dims)]
        if not fitting:  # the first, or of a β that was chosen just now
            light = self.training.trajectory.light
            newest = light[max(step for step in list(light) if step <= self.watch.goal)]
            self.latest = self.training.picture(newest, tuple(models), dims, detailed=True)
            return [self.latest]
        self.latest = fitting[-1]
        return fitting

    def _replay(self, models: list[int], dims: tuple[int, ...]) -> list[Snapshot]:
        """Pictures of the next checkpoints; from the last one on the visitor rides at the front."""
        light = self.training.trajectory.light
        first = bisect.bisect_right(list(light), self.step)
        ahead = [light[step] for step in list(light)[first:] if step <= self.watch.goal]
        count, pictured = next_places(first, len(ahead), self.watch.slowdown, self.step < self.reached)
        found = [self.training.picture(ahead[place - first], tuple(models), dims) for place in pictured]
        now = ahead[count - 1] if ahead else self._now()
        if count < len(ahead):
            self.moment = now
        elif self.training.step <= self.watch.goal:
            self.moment = None
            self.training.ride(self.watch)
        elif self.step < self.watch.goal:  # another visitor went further
            with TRAINING.turn(ahead=True):
                self.moment = now = self.training.trajectory.at(self.watch.goal)
        self.latest = self.training.picture(now, tuple(models), dims, detailed=True)
        return [*found, self.latest]

    def advance(self, steps: int, stop_at: int, budget: float = np.inf) -> None:
        """Train `steps`, or fewer when `budget` seconds are over, never past `stop_at`."""
        if min(steps, stop_at - self.step) <= 0 or self.training.failures >= trainings.MOST_FAILURES:
            return
        if self.step < self.training.step:
            self.reached = self.furthest
            self.ahead = self.ahead or self.training
            with TRAINING.turn():
                self.go_by(registry.branch(self.training, self.step, self.config, is_private=True))
        self.moment = None
        try:
            self.training.advance(steps, stop_at, budget)
        except Exception as error:  # as in the background: the page says so
            self.training.fail(error)
        self.moment = self._now()

    def edit(self, config: Config) -> None:
        """Go on by a config that differs in what comes from here on."""
        self.stop()
        with TRAINING.turn(ahead=True):
            self.config, self.reached, self.ahead = config, 0, None
            self.go_by(registry.branch(self.training, self.step, config, self.is_private))

    def go_by(self, other: Training) -> None:
        """Ride another training from here on."""
        self.training.leave(self.watch)
        self.training = other

    def snapshot_now(self, models: list[int] | None, dims: tuple[int, ...] = ()) -> Snapshot:
        """A snapshot at the cursor, with the pictures of `models` (None: the whole family)."""
        moment = self._now()
        with PICTURES.turn(ahead=True):
            if models is None:  # at rest the picture is that of all who stay here: β is chosen in the browser
                for known in (self.latest, self.training.family):
                    if known is not None and self._is_family(known, dims):
                        self.latest = known
                        return known
            self.latest = now = self._take(moment, models, dims)
            if now.step == self.training.step:
                self.training.latest = now.train, now.test
            if models is None:
                self.training.family = now
        return now

    def _now(self, goal: int = 0) -> Moment:
        """The moment at the cursor; at the front, where training goes on, in a turn.

        There it is at most the goal, or what was seen beyond it: others who ride may want more.
        """
        if self.moment is not None:
            return self.moment
        goal, seen = goal or self.watch.goal, self.latest.step if self.latest is not None else 0
        with TRAINING.turn(ahead=True):
            trajectory, end = self.training.trajectory, max(goal, seen)
            return trajectory.at(end) if goal and end < trajectory.step else trajectory.checkpoint()

    def _take(self, moment: Moment, models: list[int] | None, dims: tuple[int, ...]) -> Snapshot:
        """A snapshot with its own points."""
        everyone = tuple(range(len(self.config.betas)))
        points = self.training.points(moment, everyone if models is None else tuple(models))
        return snapshot.take_snapshot(moment, self.problem, models, dims or None, points)

    def _is_family(self, known: Snapshot, dims: tuple[int, ...]) -> bool:
        """Whether a snapshot shows every model as it is now."""
        return known.step == self.step and dims in ((), known.dims) and len(known.models) == len(known.betas)

    def draws(self, models: list[int], count: int) -> Array:
        """Draws from the models themselves, (m, count, O)."""
        moment = self._now()
        with PICTURES.turn(ahead=True):
            return snapshot.samples(moment, self.problem, models, count)

    def estimate(self, models: list[int], mixture: int = MIXTURE) -> None:
        """Compute the informations of some models, as they are at the cursor; at rest with a large mixture."""
        for i in models:
            valuing.estimate(self.training, self._now(), i, self.population, mixture)

    def look_at_population(self, models: list[int]) -> None:
        """Points of some models on a large fresh sample, where the density is known."""
        if self.population is not None and models:
            valuing.look_at_population(self.training, self._now(), models, self.population)

    def estimate_is_near(self, index: int, snapshot: Snapshot) -> bool:
        """Whether the values of a model may stand beside its bounds: computed when its rate was as it is now."""
        values = self.training.values.estimate(index, self.step)
        return values is not None and is_near(values, index, snapshot)

    def without_estimate(self, mixture: int = MIXTURE) -> list[int]:
        """Models whose values are of an earlier step or a smaller mixture, the longest waiting first."""
        known = {i: (v.step, v.mixture) for i, v in self.estimates.items()}
        ages = {i: known.get(i, (-1, 0)) for i in range(len(self.config.betas))}
        return sorted((i for i, age in ages.items() if age < (self.step, mixture)), key=ages.__getitem__)

    def without_population(self) -> list[int]:
        """Models whose points on the population are of an earlier step; none where the density is not known."""
        if self.population is None:
            return []
        fresh = self.fresh
        return [i for i in range(len(self.config.betas)) if i not in fresh]
