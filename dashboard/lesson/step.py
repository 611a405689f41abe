"""A step of the lesson as data, and what its words and lines may depend on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dashboard.figures import words
from dashboard.page import Page
from dashboard.panel import Moment
from vibcore.derivation import Codes, Line
from vibcore.types import Point

Done = Literal["guess", "turn", "beta", "read"]


@dataclass(frozen=True)
class Told:
    """One model as the lines of a step see it: its point on fresh inputs, and what else is known of it."""

    point: Point
    beta: float
    codes: Codes | None  # of the point's own inputs
    h_x: float | None
    is_turned: bool  # whether the step's switch is on


@dataclass(frozen=True)
class Question:
    """A guess before the answer: what is asked, what may be chosen, which is right, and why."""

    asked: str
    choices: tuple[str, ...]
    right: int
    explained: str
    seen: Callable[[Moment], str] = lambda moment: ""  # what the run beside it shows
    aim: float | None = None  # β of the dot whose place may be clicked in the plane instead


@dataclass(frozen=True)
class Switch:
    """What replaces a bound's stand-in by the best there is, and adds lines."""

    label: str
    help: str
    mark: str  # the line that is drawn while it is on


@dataclass(frozen=True)
class Step:
    """A step: words, formula, the run and the panels beside them, lines with numbers, a question, when it is done."""

    id: str
    title: str
    text: str
    formula: str
    page: Page
    changes: Mapping[str, Any]  # of the choices, from those of a visitor who chose nothing
    done: Done
    sources: str
    lines: Callable[[Told], tuple[Line, ...]] = lambda told: ()
    switch: Switch | None = None
    question: Question | None = None
    facts: Callable[[Moment], str] = lambda moment: ""  # words with numbers of the run
    links: tuple[tuple[str, str, str], ...] = ()  # a label, a page's path, a link's text


@dataclass
class Walk:
    """What a visitor has done in the lesson, by the steps' numbers."""

    guesses: dict[int, int] = field(default_factory=dict)
    places: dict[int, tuple[float, float]] = field(default_factory=dict)  # clicked in the plane, in nats
    hands: dict[int, list[int]] = field(default_factory=dict)  # of a class, for each choice
    turned: dict[int, bool] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    is_on: bool = False  # whether the visitor is in the lesson now
    left_at: int = 1  # the step that they were at last
    begun_at: float = 0.0  # the β that the step began with


def nearest(moment: Moment, beta: float) -> Point:
    """The test point of the stop that is nearest to a β."""
    return min(moment.snapshot.test, key=lambda point: abs(point.beta - beta))


def place(moment: Moment, beta: float) -> str:
    """Where a stop stands on the plane, in words."""
    point, size, unit = nearest(moment, beta), moment.nats_per_unit, moment.unit
    known = words.number(point.i_zy_bound, size)
    x = words.number(point.rate, size)
    return f"β = {words.beta_label(point.beta)}: at most {x} {unit} about X, at least {known} {unit} about Y"
