"""What server and browser tell each other: every message, every array that the browser reads by name, every event.

A *message* is a document (JSON, or empty), a header (JSON) and arrays. Several travel as one: moments between two
frames, whose headers say only what is their own, then a frame, whose header holds for them too. A message names the
document that it needs by its version. Messages may be lost or overtaken: a browser that has not got the document asks
for it by the action `document` and shows what it had until it comes. *Events* are a state, `chosen`, and a trigger,
`transport`: numbered presses, which the browser sends until a header's `heard` counts them, and the server does once
each.

`python -m dashboard.stage.typescript` writes all this as types for the browser's scripts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NotRequired, TypedDict

from vibcore.types import Array

Dtype = Literal["f2", "f4", "u1", "i4"]
Sent = Literal["always", "once"]
Arrays = Mapping[str, tuple[Array, list[int] | None]]  # an array, and the models of its leading axis; None: shared


@dataclass(frozen=True)
class ArraySpec:
    """What an array holds. A panel declares those that its traces are bound to; the browser's own are in `ARRAYS`.

    `shape` names every axis behind that of the models, a number where its length is fixed: "input 2" is (inputs, 2).
    Axes of one name have one length within a message, but for those called “any”. What is sent once comes with a
    document, and is kept as long as that is shown.
    """

    dtype: Dtype
    shape: str
    of: Literal["model", "shared"] = "model"
    sent: Sent = "always"


# Those that the browser reads by name; `vib_` may stand before a name where two runs are shown, `*` is a number.
ARRAYS: dict[str, ArraySpec] = {
    "point_class": ArraySpec("u1", "input", "shared", "once"),
    "point_x": ArraySpec("f2", "input 2", "shared", "once"),  # place in the plane of the data; for whoever binds it
    "point_image": ArraySpec("u1", "input height width", "shared", "once"),  # 0 … 255
    "point_mu": ArraySpec("f2", "input 2"),  # in the shown dimensions
    "point_sigma": ArraySpec("f2", "input 2"),
    "point_rho": ArraySpec("f2", "input"),  # correlation of both, where they are not independent given x
    "point_bits": ArraySpec("f2", "input"),  # spent on it, in the page's unit
    "point_odds": ArraySpec("u1", "input class"),  # 255 · q(y|x)
    "decoder_*_weight": ArraySpec("f2", "any any"),
    "decoder_*_bias": ArraySpec("f2", "any"),
}


class ArrayHeader(TypedDict):
    """Where an array lies behind the header, and what it is."""

    dtype: Dtype
    shape: list[int]
    offset: int
    models: list[int] | None
    once: bool


class Guess(TypedDict):
    """A place that a visitor is to guess on a chart, in its units: theirs and the answer, once they are known."""

    panel: str
    place: list[float] | None
    answer: list[float] | None
    help: str
    words: str  # {x} and {y} are the place
    said: str


class Header(TypedDict):
    """What moves, but for the arrays: with every message."""

    version: str  # the document that this needs
    page: str  # the stage's key
    call: int  # 1: answer “ready” when the first picture is seen; 2: when the controls are laid out; 0: nothing
    after: NotRequired[int]  # ms until the answer “ready” to 1: many pages that open at once take turns
    heard: tuple[str, int]  # whose presses were counted last, and how many
    link: str
    chosen: int
    playing: bool
    speed: str
    texts: dict[str, Any]  # a text, or one for each model: a string, or a list of strings along a trace
    span: int  # ms over which the pictures of one message are to be shown: about as long as till the next
    guess: NotRequired[Guess]
    marks: NotRequired[list[str]]  # of `texts`, those called `mark_*` that are drawn: panels, kinds, points
    settled: NotRequired[bool]  # nothing changes until something is pressed
    run: NotRequired[str]  # what is trained
    step: NotRequired[int]  # that is shown
    moments: NotRequired[list[int]]  # steps that can be looked back at
    film: NotRequired[bool]  # a moment of the past, of one model, to be kept and not shown unasked
    moment: NotRequired[bool]  # between two frames: its arrays are added to those of the frame before
    arrays: dict[str, ArrayHeader]


class Panel(TypedDict):
    """A card, or a tab of one. A trace's `meta.bind` names the arrays and texts that it shows, by path."""

    id: str
    title: str
    tab: str
    figure: dict[str, Any]  # Plotly's data and layout
    subtitle: str
    subtitle_name: NotRequired[str]  # a text that takes its place
    alt: str
    low: bool  # may stand in a second row
    about: list[list[str]]  # marks, and what they mean


class KeyNumber(TypedDict):
    """A key number: the name of its text, a caption and a sentence."""

    name: str
    caption: str
    help: str


class Tick(TypedDict):
    """A label under the slider."""

    index: float
    label: str


class Mark(TypedDict):
    """A line across the slider."""

    index: float
    label: str
    help: str


class Slider(TypedDict):
    """The stops of β."""

    name: str
    labels: list[str]
    meanings: list[str]
    ticks: list[Tick]
    marks: list[Mark]
    help: str


class Classes(TypedDict):
    """Names and colours, and the unit of the page."""

    names: list[str]
    colours: list[str]
    unit: str


class Decoder(TypedDict):
    """How the browser decodes a place of the latent plane, by weights and biases with ReLU between them."""

    layers: int
    likelihood: Literal["categorical", "bernoulli", "gaussian"]
    latent_dim: int
    dims: list[int]
    features: list[str]
    image: list[int] | None


class Card(TypedDict):
    """Words of the card over the latent plane."""

    spent: str
    labelled: str
    odds: str  # {} is a class
    told: str
    decoded: str
    input: str
    mean: str


class Document(TypedDict):
    """What stands still, sent when it changes."""

    title: str
    sentence: str
    dataset: str
    present: bool
    panels: list[Panel]
    numbers: list[KeyNumber]
    slider: Slider
    speeds: list[str]
    classes: Classes
    decoder: Decoder | None
    card: Card


class Look(TypedDict):
    """A step to look back at; while it is dragged there, with the moments that the browser lacks."""

    step: int
    chosen: int
    lacks: list[int] | None


# Actions of a press, with what their `value` is.
ACTIONS: dict[str, object] = dict.fromkeys(("play", "pause", "step", "reset", "seed", "document")) | {
    "speed": str,
    "ready": int,
    "present": bool,
    "link": str,
    "look": Look,
    "guess": list[float],
}


class Press(TypedDict):
    """One of `ACTIONS`, numbered from 1."""

    n: int
    action: str
    value: NotRequired[Any]
    stage: str  # the key of the one that it was pressed on


# The trigger `transport`: whose presses, and those that were not counted yet, in order.
Presses = TypedDict("Presses", {"from": str, "actions": list[Press]})


class States(TypedDict):
    """Component states: the stop of the slider."""

    chosen: int


@cache
def pattern(name: str) -> str:
    """An array's name as it is declared: `*` in the place of a number, and the same for both of two runs."""
    return re.sub(r"\d+", "*", name.removeprefix("vib_"))


def spec(name: str) -> ArraySpec | None:
    """What the browser takes an array of this name for; None when it only shows it where a trace is bound to it."""
    return ARRAYS.get(pattern(name))


def declare(names: str, dtype: Dtype, shape: str, of: Literal["model", "shared"] = "model") -> dict[str, ArraySpec]:
    """The same declaration of several arrays."""
    return dict.fromkeys(names.split(), ArraySpec(dtype, shape, of))
