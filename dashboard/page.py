"""A page as data: its runs, panels, key numbers and slider, and what stands above its stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from dashboard import controls
from dashboard.controls import Choices
from dashboard.panel import Moment, Number, Panel, Still, Texts
from dashboard.scene import Scene
from vibcore.config import Config, Dataset, Task


@dataclass(frozen=True)
class PageRun:
    """A run of a page: the first is the page's own, others are beside it."""

    task: Task
    prefix: str = ""  # before the names of its arrays and texts: two runs of a page never share one
    name: str = ""  # in the line under the pictures
    changes: tuple[tuple[str, Any], ...] = ()  # fields of its config that are not the visitor's, as (("seed", 7),)

    @property
    def key(self) -> str:
        """Its place among a visitor's runs: pages whose runs are alike share them."""
        return " ".join([self.task, *(f"{name}={value}" for name, value in self.changes)])

    def config(self, choices: Choices) -> Config:
        """What it trains."""
        return replace(controls.config(choices, self.task), **dict(self.changes))


@dataclass(frozen=True)
class Slider:
    """What the β slider says: `meaning` with {one} unit and {beta}, marks, and the β at which no tick stands."""

    meaning: str
    help: str
    marks: Callable[[Still], list[dict[str, Any]]]
    named: tuple[float, ...] = ()


@dataclass(frozen=True)
class Offer:
    """A button above the stage: other choices, and what is said of them."""

    label: str
    said: str
    choices: Callable[[Choices], Choices]


@dataclass(frozen=True)
class Head:
    """One line above the stage: a control, a sentence, whether it warns, and an offer."""

    control: str
    has_control: Callable[[Scene], bool]
    sentence: Callable[[Scene], tuple[str, bool]]
    offer: Offer
    is_offered: Callable[[Scene], bool]


@dataclass(frozen=True)
class Page:
    """All that makes a page: the same view draws every one."""

    path: str  # in the address; of pages that share one, the first that applies is shown
    title: str
    sentence: str
    runs: tuple[PageRun, ...]
    panels: tuple[Panel, ...]
    numbers: tuple[Number, ...]
    slider: Slider
    facts: tuple[Literal["reference", "entropy"], ...] = ()  # what it waits for
    place: str = ""  # before the ids of its panels: charts of two paths never share a place
    card: bool = True  # whether the second chart is a latent plane whose inputs and places have a card
    remark: Callable[[Moment], str] = lambda moment: ""  # in the line under the pictures
    beside: Callable[[Moment], Texts] = lambda moment: {}  # what the stage writes into the words beside it
    applies: Callable[[Choices, Dataset], bool] = lambda choices, dataset: True
    without: tuple[str, ...] = ("variance",)  # controls that it has no use for
    head: Head | None = None
    has_stories: bool = False  # a row of them above its stage
    has_pins: bool = False  # whether its runs can be pinned
