"""Runs that were pinned, trained and looked at behind the page: one visitor's, one after another.

What was looked at is shared by all who pin the same run at the same step, as its training is. While the run on screen
trains, a pinned one takes a fifth of the time at most; it ends with its chip, and with the page.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cache as remembered

import numpy as np

from dashboard import bounds, cache, trainings
from dashboard.figures import frames
from dashboard.jobs import Cancelled, in_words
from dashboard.pins import Look
from dashboard.run import Run
from dashboard.trainings import SLICE, Training
from dashboard.turns import PICTURES, TRAINING
from dashboard.watch import PATIENCE
from vibcore import budgets, snapshot
from vibcore.config import Config
from vibcore.evaluation import evaluate
from vibcore.populations import split_of_population
from vibcore.types import Array, Point, Snapshot
from vibcore.window import Window

LOOKS: cache.Shared[Look] = cache.Shared(96)  # of half a megabyte
SHARE = 4  # times as long as it has trained a pinned run waits, while the run on screen trains


@dataclass(eq=False)
class Work:
    """One pin in the making: what is known of it, how far it has come, or why it cannot be had."""

    configs: tuple[Config, ...]  # of every seed
    window: Window
    step: int
    is_private: bool = False
    run: Run | None = None  # the visitor's own, held where it was when it was pinned
    looks: tuple[Look, ...] = ()  # of the seeds so far
    at: int = 0
    error: str = ""
    until: float = math.inf  # when nobody waits for it any more
    gives_way: bool = False  # the run on screen trains
    wants_values: bool = False
    thread: threading.Thread | None = None

    @property
    def is_whole(self) -> bool:
        return len(self.looks) == len(self.configs)

    @property
    def is_known(self) -> bool:
        """Whether there is nothing left to do."""
        drawn = cache.population(self.configs[0].dataset)
        has_none = drawn.done.is_set() and drawn.result() is None
        is_fresh = has_none or all(look.fresh is not None for look in self.looks)
        is_valued = not self.wants_values or all(look.valued is not None for look in self.looks)
        return bool(self.error) or (self.is_whole and is_fresh and is_valued)

    def progress(self, name: str) -> str:
        """How far it has come, in words; nothing once there is something to show."""
        if self.error:
            return f"Pinned “{name}” cannot be had: {self.error}"
        if self.is_whole:
            return ""
        seeds = f"{len(self.looks)} of {len(self.configs)} seeds, " if len(self.configs) > 1 else ""
        return f"Pinned “{name}”: {seeds}step {self.at:,} of {self.step:,}"


def held(run: Run) -> Run:
    """A visitor's run with its cursor where it is now: nothing moves it any more."""
    found = copy(run)
    if found.moment is None:
        with TRAINING.turn(ahead=True):
            found.moment = run.training.trajectory.checkpoint()
    return found


def keep_on(works: Sequence[Work], gives_way: bool, wants_values: bool, slowdown: int = 1) -> None:
    """What a tick says of a visitor's pins: they are still wanted, and the next of them may begin."""
    until = time.monotonic() + PATIENCE * slowdown
    for work in works:
        work.until, work.gives_way, work.wants_values = until, gives_way, wants_values
    if not any(work.thread is not None and work.thread.is_alive() for work in works):
        waiting = next((work for work in works if not work.is_known), None)
        if waiting is not None:
            waiting.thread = threading.Thread(target=_work, args=(waiting,), daemon=False)  # as trainings do
            waiting.thread.start()


def leave(work: Work) -> None:
    """Nobody waits for it: it ends within a slice of training."""
    work.until = -math.inf


def _work(work: Work) -> None:
    """All seeds one after another, the first thing of each first."""
    try:
        for place, config in enumerate(work.configs):
            for look in _looks(work, config):
                work.looks = (*work.looks[:place], look, *work.looks[place + 1 :])
    except Cancelled:
        pass
    except Exception as error:  # the page says so
        work.error = in_words(error)


def _looks(work: Work, config: Config) -> Iterator[Look]:
    """One run, looked at ever better."""
    here = remembered(lambda: _reached(work, config))

    def known(what: str, make: Callable[[], Look]) -> Look:
        if work.is_private:
            return make()
        return LOOKS.get((replace(config, steps=Config.steps), work.step, what), make)

    found = known("test", lambda: _seen(here()))
    yield found
    drawn = cache.population(config.dataset)
    drawn.done.wait()
    if drawn.result() is not None:
        plain = found
        found = known("fresh", lambda: _with_fresh(work, here(), plain))
        yield found
    if work.wants_values:
        fresh = found
        yield known("valued", lambda: _with_values(work, here(), fresh))


def _reached(work: Work, config: Config) -> Run:
    """A run of a config, held at the step of the pin, trained there where nobody has been."""
    if work.run is not None:
        return work.run
    bounds.check(config, work.window.dataset)
    run = Run(config, work.window.dataset, work.is_private)
    run.training = _begun(run.training, work.step)
    while run.training.step < work.step:
        _train_on(work, run.training)
    run.moment = run.training.trajectory.light.get(work.step) or run.training.trajectory.checkpoint()
    return run


def _begun(known: Training, step: int) -> Training:
    """A training that has been at a step; else another, from the last state before it: who rides is not carried on."""
    trajectory = known.trajectory
    with TRAINING.turn():
        if trajectory.step == step:
            trajectory.checkpoint()
        if step in trajectory.light:
            return known
        before = max((at for at in trajectory.full if at <= step), default=0) if trajectory.step > step else known.step
        return Training(trajectory.branch(before, trajectory.config))


def _train_on(work: Work, training: Training) -> None:
    """A slice in a fair turn; then as much time again and more for the run on screen."""
    begin = _asked(work)
    try:
        training.advance(work.step, work.step, SLICE)
    except Exception as error:
        training.fail(error)
        if training.failures >= trainings.MOST_FAILURES:
            raise
    work.at = training.step
    if work.gives_way:
        time.sleep(SHARE * (time.monotonic() - begin))


def _asked(work: Work) -> float:
    """The time of now, while somebody waits."""
    now = time.monotonic()
    if now > work.until:
        raise Cancelled
    return now


def _seen(run: Run) -> Look:
    """Points on the inputs kept for testing, and the latent plane of every stop."""
    found = run.snapshot_now(None)
    return Look(run.config.betas, found.dims, found.test, pictures=_pictures(found, run))


def _pictures(of: Snapshot, run: Run) -> dict[str, Array]:
    """Means, median posteriors and, where there are classes, decisions, as they are sent."""
    found = {name: array.astype(np.float16) for name, array in frames.latent_arrays(of, run.window).items()}
    if (run.config.likelihood or run.dataset.likelihood(run.config.task)) == "categorical":
        found["latent_code"] = frames.decision_codes(of.latent_grid)
    return found


def _with_fresh(work: Work, run: Run, look: Look) -> Look:
    """The same with points on the population, a model in a turn."""
    population, moment = run.population, run.moment
    assert population is not None and moment is not None
    fresh, samples = split_of_population(population, run.problem), snapshot.draws(run.problem)
    found: list[Point] = []
    for i in range(len(look.betas)):
        _asked(work)
        with PICTURES.turn():
            found += evaluate(moment.weights, run.problem, fresh, samples, [i])
    return replace(look, fresh=tuple(found))


def _with_values(work: Work, run: Run, look: Look) -> Look:
    """The same with Monte-Carlo informations, a model in a turn."""
    assert run.moment is not None
    found = []
    for i, point in enumerate(look.fresh or look.test):
        _asked(work)
        with PICTURES.turn():
            if run.population is None:
                budget = budgets.held_out_budget(run.moment, run.problem, i)
            else:
                budget = budgets.population_budget(run.moment, run.problem, i, run.population)
        found.append(budgets.with_budget(point, budget))
    return replace(look, valued=tuple(found))
