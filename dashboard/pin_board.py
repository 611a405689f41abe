"""One visitor's pins: pressed, taken away, kept on from tick to tick, and as a page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dashboard import pinning, session
from dashboard import scene as scenes
from dashboard.page import Page
from dashboard.pins import Pin, Pinned
from dashboard.state import Session
from vibcore.types import ConfigError

if TYPE_CHECKING:
    from dashboard.pin_runs import Work
    from dashboard.run import Run


def pin(mine: Session, page: Page, seeds: int = 1) -> None:
    """Pin what is on screen, at its step; of several seeds, the others follow behind the page."""
    run = mine.runs.get(page.runs[0].key)
    if run is None:
        mine.notice = "Not pinned: nothing has been trained yet. Try again in a moment."
        return
    from dashboard import pin_runs

    held = pin_runs.held(run)
    before = mine.choices
    mine.choices, mine.notice = pinning.added(before, held.step, seeds)
    if mine.choices != before and seeds == 1:
        last = mine.choices.pins[-1]
        mine.works[last] = work_of(mine, page, last, held)


def unpin(mine: Session, pin: Pin) -> None:
    """Take a pin away; what is still being trained for it ends."""
    mine.choices = replace(mine.choices, pins=tuple(each for each in mine.choices.pins if each != pin))


def work_of(mine: Session, page: Page, pin: Pin, held: Run | None = None) -> Work:
    """What is to be found out of a pin. ConfigError where its problem is not here."""
    from dashboard.pin_runs import Work

    configs = tuple(page.runs[0].config(each) for each in pinning.seeds(pin, mine.choices))
    return Work(configs, session.window(mine, configs[0].dataset), pin.step, pin.is_own, held)


def keep_on(mine: Session, page: Page, runs: Sequence[Run]) -> None:
    """One tick: pins that are gone end, new ones begin, the page's own runs first."""
    from dashboard import pin_runs

    for gone in mine.works.keys() - set(mine.choices.pins):
        pin_runs.leave(mine.works.pop(gone))
    if page.has_pins:
        for each in mine.choices.pins:
            begin(mine, page, each)
        gives_way = mine.player.playing and any(run.step < mine.choices.steps for run in runs)
        values = mine.choices.show == "value"
        pin_runs.keep_on(list(mine.works.values()), gives_way, values, mine.slowdown)


def begin(mine: Session, page: Page, pin: Pin) -> None:
    """Find out about a pin, where nobody does; without its table it is given up."""
    if pin not in mine.works:
        try:
            mine.works[pin] = work_of(mine, page, pin)
        except ConfigError as error:
            mine.notice = f"Unpinned a run: {error}"
            unpin(mine, pin)


def is_pending(mine: Session, page: Page) -> bool:
    """Whether something is still being found out."""
    return page.has_pins and not all(work.is_known for work in mine.works.values())


def progress(mine: Session, page: Page) -> list[str]:
    """How far each has come, where there is nothing to show of it yet."""
    if not page.has_pins:
        return []
    named = zip(mine.choices.pins, pinning.names(mine.choices), strict=True)
    return [mine.works[each].progress(name) for each, name in named if each in mine.works]


def pinned(mine: Session, page: Page) -> tuple[Pinned, ...]:
    """What the page shows of the pins; nothing before PyTorch is there."""
    if not page.has_pins or not mine.choices.pins:
        return ()
    named = zip(mine.choices.pins, pinning.names(mine.choices), strict=True)
    return tuple(_pinned(mine.works[each], each, name) for each, name in named if each in mine.works)


def _pinned(work: Work, pin: Pin, name: str) -> Pinned:
    looks = work.looks if work.is_whole else ()
    return Pinned(pin, name, looks, scenes.scene(work.configs[0], work.window, (), looks[0].dims if looks else ()))
