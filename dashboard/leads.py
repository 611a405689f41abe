"""One model led through β behind the page, up and down again: one visitor's, in fair turns (`vibcore.warm`)."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from dashboard import cache, session
from dashboard.jobs import Cancelled, in_words
from dashboard.watch import PATIENCE
from vibcore.config import Config, Dataset
from vibcore.types import Point, Reference

if TYPE_CHECKING:
    from dashboard.page import Page
    from dashboard.state import Session
    from vibcore.problem import Split
    from vibcore.training import TrainState

STOPS = 12  # on each way
STEPS = 600  # at each
BEYOND = (0.8, 1.1)  # of where nothing is unstable, and of the collapse: the ends of the way
PART = 20  # steps in one turn
SHARE = 4  # times as long as it has trained it waits, while the run on screen trains
LR, AVERAGING = 0.005, 0.99  # a walk is told apart from its noise
BATCH = 256
DECODER = (16,)  # where the run has a linear one, which may not tell what jumps


@dataclass(frozen=True)
class Led:
    """What is known of a walk: its stops, ascending, and points on its way up, then on its way down."""

    config: Config
    betas: tuple[float, ...]
    unstable: float
    collapse: float
    points: tuple[Point, ...] = field(default=(), compare=False)  # their count tells them
    count: int = 0

    @property
    def up(self) -> tuple[Point, ...]:
        return self.points[: len(self.betas)]

    @property
    def down(self) -> tuple[Point, ...]:
        """By descending β."""
        return self.points[len(self.betas) :]

    @property
    def is_over(self) -> bool:
        return len(self.points) == 2 * len(self.betas)

    @property
    def top(self) -> float:
        """The highest rate so far, in nats."""
        return max((point.rate.value for point in self.points), default=1.0)


@dataclass(eq=False)
class Lead:
    """A walk in the making."""

    asked: Config  # of the run on screen
    dataset: Dataset
    known: Led
    until: float = math.inf  # when nobody waits for it any more
    gives_way: bool = False  # the run on screen trains
    error: str = ""
    thread: threading.Thread | None = None

    @property
    def is_over(self) -> bool:
        return bool(self.error) or self.known.is_over

    def progress(self) -> str:
        """How far it has come, in words."""
        done, count = len(self.known.points), 2 * len(self.known.betas)
        if self.error:
            return f"Warm β cannot be had: {self.error}"
        return "" if done == count else f"Warm β, drawn in its tab: stop {done} of {count}"


def lead_of(config: Config, dataset: Dataset, reference: Reference) -> Lead:
    """A walk past both β between which a model may stay where it is."""
    low, high = BEYOND[0] * reference.unstable, BEYOND[1] * reference.collapse
    betas = tuple(float(f"{beta:.4g}") for beta in np.linspace(low, high, STOPS))
    calm = replace(
        config,
        edits=(),
        decoder=config.decoder or DECODER,
        batch=min(BATCH, len(dataset.train)),
        lr=LR,
        averaging=AVERAGING,
    )
    return Lead(replace(config, steps=1), dataset, Led(calm, betas, reference.unstable, reference.collapse))


def toggle(mine: Session, page: Page) -> None:
    """Begin a walk of the problem on screen, or end the one that is there."""
    mine.wants_lead = False
    if mine.lead is None:
        begin(mine, page)
    else:
        end(mine)


def end(mine: Session) -> None:
    """Nobody waits for it any more."""
    if mine.lead is not None:
        mine.lead.until, mine.lead = -math.inf, None


def begin(mine: Session, page: Page) -> None:
    """Begin a walk, where its problem's collapse is known."""
    config = page.runs[0].config(mine.choices)
    known = cache.reference(config.dataset)
    reference = None if known.error is not None else known.result()
    if reference is None or reference.collapse <= 0 or not mine.runs:
        mine.notice = "No warm β yet: the collapse of this problem is not known. Try again in a moment."
        return
    mine.lead = lead_of(config, session.window(mine, config.dataset).dataset, reference)


def keep_on(mine: Session, page: Page) -> None:
    """One tick: a walk goes on while its problem is on screen, and that of a link begins as soon as it can."""
    if not page.has_pins:
        return
    config = page.runs[0].config(mine.choices)
    if mine.lead is not None and replace(config, steps=1) != mine.lead.asked:
        end(mine)
    if mine.wants_lead and cache.reference(config.dataset).done.is_set():
        mine.wants_lead = False
        if mine.lead is None:
            begin(mine, page)
    lead = mine.lead
    if lead is None:
        return
    lead.until, lead.gives_way = time.monotonic() + PATIENCE * mine.slowdown, mine.player.playing
    if not lead.is_over and (lead.thread is None or not lead.thread.is_alive()):
        lead.known = replace(lead.known, points=(), count=0)  # a walk has no middle to begin from
        lead.thread = threading.Thread(target=_walk, args=(lead,), daemon=False)
        lead.thread.start()


def led(mine: Session, page: Page) -> Led | None:
    """What the page shows of it."""
    return mine.lead.known if mine.lead is not None and page.has_pins else None


def progress(mine: Session, page: Page) -> str:
    """How far it has come, in words."""
    return mine.lead.progress() if mine.lead is not None and page.has_pins else ""


def is_pending(mine: Session, page: Page) -> bool:
    """Whether it goes on."""
    return page.has_pins and (mine.wants_lead or (mine.lead is not None and not mine.lead.is_over))


def _walk(lead: Lead) -> None:
    from dashboard.turns import TRAINING
    from vibcore import training
    from vibcore.warm import walked

    def advance(state: TrainState, split: Split, steps: int) -> None:
        for done in range(0, steps, PART):
            if (begin := time.monotonic()) > lead.until:
                raise Cancelled
            with TRAINING.turn():
                training.advance(state, split, min(PART, steps - done))
            if lead.gives_way:
                time.sleep(SHARE * (time.monotonic() - begin))

    try:
        for point in walked(lead.known.config, lead.known.betas, STEPS, lead.dataset, advance):
            points = (*lead.known.points, point)
            lead.known = replace(lead.known, points=points, count=len(points))
    except Cancelled:
        pass
    except Exception as error:  # the page says so
        lead.error = in_words(error)
