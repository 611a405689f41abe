"""What plays a visitor's runs: when they train, what of them is looked at, and when the page may rest. No Streamlit.

A tick of the page draws first; behind the picture the player trains at the slow speeds, catches up, and computes what
numbers rest on. At full speed training goes on by itself between the ticks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard import cache, controls, film
from dashboard.controls import Choices
from dashboard.crowd import CROWD
from dashboard.film import Wish
from vibcore.types import Snapshot

if TYPE_CHECKING:
    from dashboard.run import Run

LIVE = 1500  # inputs of a mixture in training: a tenth of a second
FEW = 5  # models looked at on the population in one tick at rest
STEADY = 2.0  # seconds between two valuations of a model that hardly moves
ABREAST = 150  # steps that one of two runs may be ahead of the other
MOST_ONCE = 1000  # steps of presses that come together: nobody keeps the others waiting by pressing
CATCH_UP = 0.06  # seconds a tick for a run that is behind at rest


@dataclass(eq=False)
class Player:
    """Playing, pausing and stepping of the runs on one page."""

    playing: bool = True
    steps_once: int = 0  # steps of a pressed Step button
    is_waiting: bool = True  # something is computed in the background that will change the picture
    wish: Wish | None = None  # what a browser lacks that drags through the past: the picture is the browser's meanwhile
    wanted: int | None = None  # the step to look back at
    clock: Callable[[], float] = time.monotonic

    def step(self, speed: str) -> None:
        """Pause, and train as many steps as a tick has at this speed; several presses may come as one."""
        self.playing = False
        self.steps_once = min(MOST_ONCE, self.steps_once + (1 if speed == "max" else int(speed)))

    def look(self, step: int, wish: Wish | None) -> None:
        """Pause, and look back at a step; with a wish the cursor stays, as the browser drags and has its own."""
        self.playing, self.wish = False, wish
        self.wanted = step if wish is None else None

    def begin_tick(self, runs: Sequence[Run], choices: Choices, is_seen: bool) -> None:
        """At full speed training goes on between the ticks; none of several runs gets far ahead of the others.

        Before the page was seen nothing trains: who wants no motion says so as it opens.
        """
        CROWD.note(self)
        slowest = min(run.step for run in runs)
        goal = choices.steps if len(runs) == 1 else min(choices.steps, slowest + ABREAST)
        for run in runs:
            if self.playing and is_seen and choices.speed == "max":
                run.train_on(goal, [controls.chosen(choices)], choices.dims)
            else:
                run.stop()
            if self.wanted is not None:
                film.look(run, self.wanted)
        self.wanted = None

    def snapshots(self, run: Run, choices: Choices) -> list[Snapshot]:
        """What is to be seen of a run: the last moments of the chosen model in training, the whole family at rest."""
        if not self.playing:
            return [run.snapshot_now(None, choices.dims)]
        return run.drain_snapshots([controls.chosen(choices)], choices.dims)

    def end_tick(self, runs: Sequence[Run], choices: Choices, is_pending: bool) -> bool:
        """What a tick trains by itself; whether the page has to be laid out anew, its timer being another now."""
        furthest = max(run.step for run in runs)
        if self.steps_once:
            for run in runs:
                run.advance(self.steps_once, choices.steps)
            self.steps_once = 0
            return True
        if not self.playing:
            for run in runs:
                run.advance(furthest, furthest, CATCH_UP)
            is_pending = is_pending or any(run.step < furthest for run in runs)
            if is_pending == self.is_waiting:
                return False
            self.is_waiting = is_pending
            return True
        if choices.speed != "max":
            for run in runs:
                run.advance(int(choices.speed), choices.steps)
        if any(run.step < choices.steps for run in runs):
            return False
        self.playing = False
        return True

    def refresh_estimates(self, run: Run, choices: Choices) -> None:
        """Informations behind the bounds: of all models at rest and where the plane shows them, else of the chosen.

        In training they rest on a small mixture; the chosen model's are computed as soon as its rate has moved on, and
        now and then while it has not, as far as other visitors leave room. At rest all points are first looked at on a
        large fresh sample.
        """
        if not self.playing:
            if waiting := run.without_population():
                run.look_at_population(waiting[:FEW])
            elif cache.population(run.config.dataset).done.is_set():
                run.estimate(run.without_estimate()[:1])
            return
        waiting = run.without_estimate(LIVE)
        if choices.show == "bound":
            chosen = controls.chosen(choices)
            due = STEADY if run.latest and run.estimate_is_near(chosen, run.latest) else 0
            waiting = [chosen] if self.clock() - run.training.values.estimated_at > due and chosen in waiting else []
        if waiting:
            with CROWD.valuing() as is_free:
                if is_free:
                    run.estimate(waiting[:1], LIVE)

    def is_settled(self, runs: Sequence[Run], is_pending: bool) -> bool:
        """Whether the picture stays as it is until somebody presses something."""
        moving = self.playing or self.steps_once or self.is_waiting or is_pending
        return not (moving or len({run.step for run in runs}) > 1)


def is_unsettled(run: Run) -> bool:
    """Whether numbers are still being computed that would change a picture at rest."""
    drawn = cache.population(run.config.dataset).done.is_set()
    return bool(not drawn or run.without_population() or run.without_estimate())
