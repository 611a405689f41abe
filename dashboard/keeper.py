"""A kept run that is on screen is kept up to date behind the page: what it has come to is on the disk within seconds.

It follows the very run, wherever that stops: one that was started anew or goes on by another learning rate is another.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dashboard import closing, kept, links
from dashboard.controls import Choices
from dashboard.jobs import in_words
from dashboard.watch import PATIENCE
from vibcore.config import Config

if TYPE_CHECKING:
    from dashboard.run import Run
    from dashboard.state import Session

EVERY = 5.0  # seconds between two savings
SHARE = 10  # times as long as a saving has taken the next one waits at least
LOOK = 0.25  # seconds between two looks at whether there is more
WRITING = threading.Lock()  # one saving at a time, whoever looks on


@dataclass(eq=False)
class Keeper:
    """What keeps one run of the list up to date, for one visitor who has it on screen."""

    id: int
    choices: Choices  # that its link says
    runs: Mapping[str, Run]  # by key of a page's run, its own first
    step: int  # up to which it is kept
    said: str = ""  # why it could not be kept last
    is_gone: bool = False  # off the list
    until: float = 0.0  # when nobody looks on any more
    due: float = 0.0  # from when it may be saved again
    thread: threading.Thread | None = None
    configs: Mapping[str, Config] = field(init=False)

    def __post_init__(self) -> None:
        self.configs = {key: _key(run.config) for key, run in self.runs.items()}

    @property
    def reached(self) -> int:
        """The furthest step of the page's own run."""
        return next(iter(self.runs.values())).furthest

    @property
    def is_at_work(self) -> bool:
        """Whether it waits for more, or saves it."""
        return self.thread is not None and self.thread.is_alive()

    def is_shown(self, runs: Mapping[str, Run]) -> bool:
        """Whether these are its runs, and train what they did."""
        return all(runs.get(key) is run and _key(run.config) == self.configs[key] for key, run in self.runs.items())


def keep_on(mine: Session) -> None:
    """One tick: a kept run goes on being kept while it is on screen."""
    keeper = mine.keeper
    if keeper is None:
        return
    if keeper.is_gone or not keeper.is_shown(mine.runs):
        mine.keeper = None  # what it has come to until now is still saved
        return
    keeper.until = time.monotonic() + 2 * PATIENCE * mine.slowdown
    keeper.choices = replace(keeper.choices, steps=mine.choices.steps)
    if keeper.reached > keeper.step and not keeper.is_at_work:
        keeper.thread = threading.Thread(target=_work, args=(keeper,), daemon=False)  # torch must not be torn down
        keeper.thread.start()


def _work(keeper: Keeper) -> None:
    """Save what is new now and then, and once more when nobody looks on."""
    keeper.due = time.monotonic() + EVERY
    while not keeper.is_gone:
        now = time.monotonic()
        is_live = now < keeper.until and not closing.word()
        if keeper.reached > keeper.step and (now > keeper.due or not is_live):
            if not _saved(keeper) and not is_live:
                return
            keeper.due = time.monotonic() + max(EVERY, SHARE * (time.monotonic() - now))
        elif not is_live:
            return
        time.sleep(LOOK)


def _saved(keeper: Keeper) -> bool:
    """Save it as it is now; whether that was done."""
    from dashboard import making
    from vibcore.trajectory import packed

    try:
        with WRITING:
            found = {key: making.whole_of(run) for key, run in keeper.runs.items()}
            if any(_key(whole.config) != keeper.configs[key] for key, (_, whole) in found.items()):
                return False
            step = next(iter(found.values()))[0]
            data = {key: packed(whole) for key, (_, whole) in found.items()}
            keeper.is_gone = not kept.update(keeper.id, links.text(keeper.choices), step, data)
    except Exception as error:  # the list says so, and what was kept stays
        keeper.said = f"Not kept beyond step {keeper.step:,}. {in_words(error)}"
        return False
    keeper.step, keeper.said = step, ""
    return True


def _key(config: Config) -> Config:
    """Where a run stops is no part of what it is."""
    return replace(config, steps=1)
