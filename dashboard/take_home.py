"""What a visitor can take home: its kinds, the names of the files, and the making of one. Without PyTorch."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dashboard import controls, jobs, leads, pin_board
from dashboard.jobs import Job
from dashboard.leads import Led
from dashboard.page import Page
from dashboard.panel import always
from dashboard.pins import Pinned
from dashboard.scene import Scene
from dashboard.state import Session
from vibcore.config import Config

AT_ONCE = 0.5  # seconds that a press waits for what is made at once
NAMED = ("trajectory", "classifier", "figures", "replay")  # what an ending does not tell
NAME = re.compile(r"[^\w.-]+", re.ASCII)


def _has_classifier(scene: Scene) -> bool:
    config = scene.config
    return config.task == "classify" and config.posterior == "diagonal" and scene.dataset.y.ndim == 1


@dataclass(frozen=True)
class Item:
    """One kind of file."""

    key: str
    label: str
    about: str
    suffix: str
    mime: str
    applies: Callable[[Scene], bool] = always
    is_of_run: bool = False  # of one run, where a page has several
    is_of_beta: bool = False  # of one model
    run: int = 0  # which of the page's runs it is of


ITEMS = (
    Item(
        "python",
        "Python that makes this run",
        "Runs with the library alone.",
        "py",
        "text/x-python",
        is_of_run=True,
        is_of_beta=True,
    ),
    Item(
        "csv",
        "Curve as CSV",
        "A row for each β and split, in nats: as python -m vibcore sweep.",
        "csv",
        "text/csv",
        is_of_run=True,
    ),
    Item(
        "json",
        "Curve as JSON",
        "As python -m vibcore sweep writes it, in nats.",
        "json",
        "application/json",
        is_of_run=True,
    ),
    Item(
        "trajectory",
        "Trajectory with checkpoints",
        "All moments that are kept, exact: vibcore.load_trajectory.",
        "npz",
        "application/octet-stream",
        is_of_run=True,
    ),
    Item(
        "classifier",
        "Classifier of this β",
        "A fitted VIBClassifier: vibcore.load_classifier.",
        "npz",
        "application/octet-stream",
        _has_classifier,
        is_of_run=True,
        is_of_beta=True,
    ),
    Item(
        "figures",
        "Figures as HTML",
        "Every chart, to be zoomed, without a network.",
        "html",
        "text/html",
        is_of_beta=True,
    ),
    Item("replay", "Replay as HTML", "Plays, and is dragged, without server or network.", "html", "text/html"),
)


def items(page: Page, scenes: Sequence[Scene]) -> list[Item]:
    """What a page offers, of the scenes of its runs; what is of one run of several once for each, by its name."""
    if len(page.runs) == 1:
        return [item for item in ITEMS if item.applies(scenes[0])]
    every = [(item, i) for item in ITEMS for i in range(len(page.runs) if item.is_of_run else 1)]
    named = [replace(item, run=i, label=_of(page, item, i, "{}: ") + item.label) for item, i in every]
    return [item for item in named if item.applies(scenes[item.run])]


def _of(page: Page, item: Item, run: int, words: str) -> str:
    """Which run a file is of, where that is to be said."""
    return words.format(page.runs[run].name) if item.is_of_run and len(page.runs) > 1 else ""


@dataclass
class Making:
    """A file that a visitor has asked for."""

    item: Item
    name: str
    job: Job[bytes]


@dataclass(frozen=True)
class Compared:
    """What stands beside a page's runs: pinned ones that are known, and a walk through β that is over."""

    pins: tuple[Pinned, ...] = ()
    led: Led | None = None


ALONE = Compared()


def file_name(page: Page, config: Config, beta: float, step: int, item: Item, source: str = "") -> str:
    """What a file is called: its page, dataset, seed and step, and β where it is of one model."""
    stop = f"beta-{config.betas[controls.nearest(config.betas, beta)]:g}" if item.is_of_beta else ""
    dataset = f"own-{source.rpartition('.')[0] or source}"[:60] if source else config.dataset.name
    kind = item.key if item.key in NAMED else ""
    parts = [page.title + _of(page, item, item.run, " {}"), kind, dataset, f"seed-{config.seed}", stop, f"step-{step}"]
    return f"{NAME.sub('-', '-'.join(filter(None, parts)).lower())}.{item.suffix}"


def compared(mine: Session, page: Page) -> Compared:
    """What the page shows beside its runs, so far as it will not change any more."""
    led = leads.led(mine, page)
    pins = tuple(each for each in pin_board.pinned(mine, page) if each.looks)
    return Compared(pins, led if led is not None and led.is_over else None)


def start(mine: Session, page: Page, item: Item) -> None:
    """Make a file of what is on screen, behind the page's back; what is made at once is there at once.

    The one that was being made for this visitor ends. ConfigError where there is no room for another.
    """
    runs = [mine.runs[each.key] for each in page.runs if each.key in mine.runs]
    if len(runs) < len(page.runs):
        return
    if mine.making is not None:
        mine.making.job.cancel()
    jobs.check_room()
    from dashboard import making  # not above: it needs PyTorch, which pages open without

    choices, own = mine.choices, mine.own if mine.choices.dataset == controls.OWN else None
    held = tuple(map(making.frozen, runs))
    run = held[item.run]
    of = page.title + _of(page, item, item.run, ", {}")
    title = f"{of}: {choices.dataset}, seed {run.config.seed}, {run.step:,} steps"
    source, reading = (own.source, own.reading) if own is not None else ("", None)
    taken = making.Taken(page, choices, held, title, source, reading, compared(mine, page), item.run)
    name = file_name(page, run.config, choices.beta, run.step, item, source)
    mine.making = Making(item, name, Job(lambda report: making.make(taken, item.key, report)))
    mine.making.job.done.wait(AT_ONCE)
