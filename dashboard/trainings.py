"""Trainings in progress. Visitors of equal configs ride one: it trains once, however many look at it.

Nobody can change what another sees: a training only ever goes on, by its config, and its past never changes. Who
pauses, looks back, edits or steps does so with a cursor of their own (`dashboard.run.Run`).
"""

from __future__ import annotations

import gc
import itertools
import logging
import math
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from dashboard import store
from dashboard.cache import Shared
from dashboard.crowd import CROWD
from dashboard.trainer import Trainer
from dashboard.turns import PICTURES, TRAINING
from dashboard.values import Values, informations
from dashboard.watch import Watch
from vibcore import snapshot
from vibcore.snapshot import Points
from vibcore.training import Moment
from vibcore.trajectory import Trajectory
from vibcore.types import Array, Point, Snapshot

SLICE = 0.04  # seconds of training in one turn: the longest that another training, or who asks where one is, waits
SHORTEST = 0.005  # … and the shortest, where a picture is due
GAP = 0.08  # seconds between two pictures of a training
POINTS_GAP = 0.4  # seconds between two evaluations of all models
MOST_PICTURES = 128  # that visitors behind the front, or of another β than before, share
FILM = 200  # moments of about 20 KB
MOST_FAILURES = 3
LONGEST_HISTORY = 150


def prepare() -> None:
    """Set up this process for many visitors."""
    # one thread a turn: on a shared machine more threads wait for each other and for the browser
    torch.set_num_threads(1)
    # training lets go of the interpreter at every product and must not wait 5 ms each time a page is being written
    sys.setswitchinterval(0.0005)
    # what is loaded by now stays: without it, what visitors leave is found soon, and at a tenth of the cost
    gc.collect()
    gc.freeze()
    TRAINER.start()


@dataclass(eq=False)
class Training:
    """One config's trajectory in progress, and what was computed of its moments."""

    trajectory: Trajectory
    seconds: float = 0.0  # spent training
    trained: int = 0  # steps in those seconds
    history: dict[int, Array] = field(default_factory=dict)  # by step, (6, M): see `informations`
    values: Values = field(default_factory=Values)
    latest: Points | None = None
    family: Snapshot | None = None  # the last of all models
    pictures: Shared[Snapshot] = field(default_factory=lambda: Shared(MOST_PICTURES))
    film: Shared[Any] = field(default_factory=lambda: Shared(FILM))  # its past as it is sent, see `film`
    due: float = 0.0  # from when points may be computed again in training
    watches: tuple[Watch, ...] = ()
    worker: threading.Thread | None = None
    failures: int = 0
    said: str = ""  # of the last failure, for the page
    is_shared: bool = False  # where it is finished, other servers may have it
    key: int = field(default_factory=itertools.count().__next__)  # for the trainer

    def __post_init__(self) -> None:
        self.trajectory.checkpoint()
        self._guard = threading.Lock()
        ALIVE.add(self)

    @property
    def step(self) -> int:
        return self.trajectory.step

    @property
    def bytes(self) -> int:
        """What it holds: checkpoints, and pictures and film that visitors share. Its pictures are about alike."""
        pictures, film = self.pictures.kept(), self.film.kept()
        arrays = [value for value in vars(pictures[-1]).values() if isinstance(value, np.ndarray)] if pictures else []
        each = sum(array.nbytes for array in arrays)
        return self.trajectory.bytes + each * len(pictures) + sum(len(moment.data) for moment in film)

    def ride(self, watch: Watch) -> None:
        """Train in the background while somebody rides along who wants more, and picture what they look at."""
        with self._guard:
            if watch not in self.watches:  # who closed their page takes no leave
                self.watches = (*self.riders(), watch)
            if watch.goal <= self.step or self.failures >= MOST_FAILURES:
                return
            if self.worker is None or not self.worker.is_alive():
                self.worker = threading.Thread(target=self._work, daemon=False)  # torch must not be torn down under it
                self.worker.start()

    def leave(self, watch: Watch) -> None:
        """Ride no longer. With nobody else on it, returns when the last step is done."""
        with self._guard:
            is_riding = watch in self.watches
            self.watches = tuple(other for other in self.watches if other is not watch)
            watch.pending_snapshots.clear()
            worker = self.worker
        if is_riding and worker is not None and not self.riders():
            worker.join()

    def riders(self) -> list[Watch]:
        """Who rides and has asked lately."""
        now = time.monotonic()
        return [watch for watch in self.watches if watch.is_live(now)]

    def advance(self, steps: int, stop_at: int, budget: float = np.inf) -> None:
        """Train `steps`, or fewer when `budget` seconds are over, never past `stop_at`."""
        with TRAINING.turn():
            left = min(steps, stop_at - self.step)
            if left > 0:
                trained, seconds = TRAINER.advance(self.key, self.trajectory, left, budget)
                self.trained += trained
                self.seconds += seconds

    def _work(self) -> None:
        """Train to the furthest goal. Now and then the painter makes pictures of a moment, while training goes on."""
        painting: Future[float] = Future()
        painting.set_result(time.monotonic() + GAP)
        try:
            while (goal := max((watch.goal for watch in self.riders()), default=0)) > self.step:
                rest = painting.result() - time.monotonic() if painting.done() else SLICE
                self.advance(goal, goal, min(SLICE, max(SHORTEST, rest)))  # a turn ends when a picture is due
                if painting.done() and time.monotonic() > painting.result():
                    with TRAINING.turn(ahead=True):
                        moment = self.trajectory.checkpoint()
                    painting = PAINTER.submit(self._picture, moment)
            if goal and self.is_shared:
                with TRAINING.turn(ahead=True):
                    store.share(self.trajectory)
        except Exception as error:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Back to the last moment that is known to be whole; the page says so, and the next tick goes on from there."""
        logging.getLogger(__name__).error("training failed", exc_info=error)
        failed, self.failures = self.step, self.failures + 1
        with TRAINING.turn():
            self.trajectory.rewind()
        self.said = f"Training failed at step {failed:,} ({type(error).__name__}). "
        if self.failures < MOST_FAILURES:
            self.said += f"It went on from step {self.step:,}."
        else:
            self.said += "It failed again and again and was given up: choose another setting, or reset."

    def _picture(self, moment: Moment) -> float:
        """One picture of a moment for all who ride, those of equal dimensions together; from when on the next is due.

        Now and then with new points of all models, else with the last ones: they cost more than the pictures.
        """
        with PICTURES.turn():  # what a visitor has asked for just now goes ahead
            begin = time.monotonic()
            looks = [(watch, watch.models, watch.dims) for watch in self.riders()]  # of now: they choose meanwhile
            if looks and (self.latest is None or begin > self.due):  # without riders the last has just left
                self.latest = self.points(moment, tuple(sorted({i for _, models, _ in looks for i in models})))
                self.due = begin + POINTS_GAP * math.sqrt(CROWD.slowdown())
            for dims in {dims for _, _, dims in looks}:
                watching = [(watch, models) for watch, models, of in looks if of == dims]
                every = sorted({i for _, models in watching for i in models})
                taken = snapshot.take_snapshot(moment, self.trajectory.problem, every, dims or None, self.latest)
                alone = {of: snapshot.snapshot_of_models(taken, of) for of in {m for _, m in watching} - {taken.models}}
                self._hand_over({watch: alone.get(models, taken) for watch, models in watching})
            # of one training pictures may take all the time of their lane, of many together half of it
            return begin + max(GAP, (time.monotonic() - begin) * (2 * in_progress() - 1))

    def _hand_over(self, pictures: dict[Watch, Snapshot]) -> None:
        """Each to whom it is for; who has left meanwhile wants none of a moment before."""
        with self._guard:
            for watch, picture in pictures.items():
                if watch in self.watches:
                    watch.pending_snapshots.append(picture)

    def picture(
        self, moment: Moment, models: tuple[int, ...], dims: tuple[int, ...], detailed: bool = False
    ) -> Snapshot:
        """A picture of some models at a checkpoint, with the points that were known then; `detailed`: of these models
        with those of the moment itself. Made once for all who look at the same."""
        kept, problem = self.trajectory.points, self.trajectory.problem
        known = max((step for step in list(kept) if step <= moment.step), default=moment.step)

        def make() -> Snapshot:
            with PICTURES.turn(ahead=True):
                points = kept.get(known) if known < moment.step else None
                if points is None:
                    points = self.points(moment, models)
                elif detailed:
                    points = snapshot.with_points_of(points, moment, problem, models)
                return snapshot.take_snapshot(moment, problem, models, dims or None, points)

        return self.pictures.get((moment.step, models, dims, known, detailed), make)

    def points(self, moment: Moment, models: tuple[int, ...]) -> Points:
        """The points of a moment, those of `models` in detail; kept beside its checkpoint."""
        problem = self.trajectory.problem
        found = known = self.trajectory.points.get(moment.step)
        if found is None:
            found = snapshot.points_of(moment, problem, models)
        elif any(p.error_mc is None and p.error_1 is not None for p in _of(found, models)):
            found = snapshot.with_points_of(found, moment, problem, models)
        if found is not known:
            self.trajectory.note_points(moment.step, found)
        is_finer = known is not None and found is not known  # a trail ends at its dot
        if is_finer or moment.step not in self.history:
            history = sorted({**self.history, moment.step: informations(*found)}.items())
            # a new dict, as pages may be reading the old one; the whole past is kept, at half the detail
            self.history = dict(history[::2] if len(history) > LONGEST_HISTORY else history)
        return found


def in_progress() -> int:
    """How many trainings go on now, at least one: their pictures share the time."""
    return max(1, sum(each.worker is not None and each.worker.is_alive() for each in list(ALIVE)))


def _of(points: Points, models: tuple[int, ...]) -> Iterator[Point]:
    return (split[i] for split in points for i in models)


ALIVE: weakref.WeakSet[Training] = weakref.WeakSet()  # all that anybody has
PAINTER = ThreadPoolExecutor(1, "painter")  # pictures in training, those of each training in turn
TRAINER = Trainer()
