"""A panel, a key number, and what they are asked about: frozen values, so that no function is passed nine arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dashboard.controls import Choices
from dashboard.figures import frames
from dashboard.figures.about import Marks
from dashboard.pins import Pinned
from dashboard.protocol import ArraySpec
from dashboard.scene import Scene
from vibcore.types import Array, Reference, Snapshot

if TYPE_CHECKING:
    from dashboard.leads import Led
    from dashboard.run import Run

Arrays = dict[str, tuple[Array, list[int] | None]]  # an array, and the models of its leading axis
Texts = dict[str, Any]  # a text, or a list of them over the models


@dataclass(frozen=True)
class Facts:
    """What is known of a problem beyond its data; None until it is computed, and where it is not known. Nats."""

    reference: Reference | None = None
    entropy: float | None = None  # h(X)


@dataclass(frozen=True, eq=False)
class Still:
    """All that a figure may depend on: a run before its training, what is known of it, and what a visitor chose."""

    scene: Scene
    choices: Choices
    facts: Facts = Facts()
    beside: tuple[Still, ...] = ()  # the page's other runs
    pins: tuple[Pinned, ...] = ()
    led: Led | None = None  # a walk through β

    @property
    def unit(self) -> str:
        return self.choices.units

    @property
    def nats_per_unit(self) -> float:
        return frames.nats_per_unit(self.choices.units)

    def of(self, run: int) -> Still:
        """The same of one of the page's runs; 0 is its own."""
        return self.beside[run - 1] if run else self


@dataclass(frozen=True, eq=False)
class Moment:
    """All that moving arrays and texts may depend on: a run as it was seen at one step."""

    still: Still
    run: Run
    snapshot: Snapshot
    beside: tuple[Moment, ...] = ()  # the page's other runs, at about the same step

    @property
    def unit(self) -> str:
        return self.still.unit

    @property
    def nats_per_unit(self) -> float:
        return self.still.nats_per_unit

    @property
    def everyone(self) -> list[int]:
        """All M models of the stack."""
        return list(range(len(self.snapshot.betas)))

    @property
    def shown(self) -> list[int]:
        """The m models that the snapshot shows in detail."""
        return list(self.snapshot.models)

    @cached_property
    def past(self) -> tuple[Array, Array]:
        """Steps (T,), and what was seen at them in the page's unit (T, 6, M): rows as in `informations` of the run."""
        history = list(self.run.history)  # as it is now: training goes on
        values = np.stack([values for _, values in history]) / self.nats_per_unit
        return np.array([step for step, _ in history], dtype=float), values

    def of(self, run: int) -> Moment:
        """The same of one of the page's runs; 0 is its own."""
        return self.beside[run - 1] if run else self

    def with_estimates(self) -> Moment:
        """The same with what is known beyond the snapshot: points on the population, and values near it.

        Whether a value is near is asked here alone, by the split's point: whoever shows one finds it in the points, or
        not.
        """
        from vibcore.budgets import with_budget  # not above: it needs PyTorch, which pages open without

        run, snapshot, estimates = self.run, self.snapshot, self.run.estimates
        known = {i: point for i, (step, point) in run.fresh.items() if step == snapshot.step}
        test, train = [known.get(i, p) for i, p in enumerate(snapshot.test)], list(snapshot.train)
        for i in filter(lambda i: run.estimate_is_near(i, snapshot), estimates):
            values = estimates[i]
            test[i], train[i] = with_budget(test[i], values.test), with_budget(train[i], values.train)
        beside = tuple(each.with_estimates() for each in self.beside)
        return replace(self, snapshot=replace(snapshot, train=tuple(train), test=tuple(test)), beside=beside)


def together(still: Still, runs: Sequence[Run], seen: Sequence[Snapshot]) -> Moment:
    """The moment of a page's own run, with those of its others beside it."""
    own, *others = map(Moment, (still, *still.beside), runs, seen)
    return replace(own, beside=tuple(others))


def always(scene: Scene) -> bool:
    """Of every problem."""
    return True


def at_all(still: Still) -> bool:
    """Whatever a visitor chose."""
    return True


def labelled(scene: Scene) -> bool:
    """Of a problem with classes."""
    return scene.dataset.y.ndim == 1


def _nothing(asked: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Panel:
    """A card of a page, or a tab of one: its figure is made once, and moved by arrays and texts that it names.

    `arrays` come with every frame, `pictures` also with each of the moments between two frames: they are to be small.
    """

    id: str
    title: str
    summary: str  # the chart in a sentence for who cannot see it; `alt` adds the numbers of now
    about: Callable[[Still], Marks]  # what every mark is
    figure: Callable[[Still], go.Figure]
    pictures: Callable[[Moment], Arrays] = _nothing
    arrays: Callable[[Moment], Arrays] = _nothing
    texts: Callable[[Moment], Texts] = _nothing
    specs: Mapping[str, ArraySpec] = field(default_factory=dict, hash=False)  # what `arrays` and `pictures` hold
    alt: Callable[[Moment], list[str]] | None = None  # for every model
    applies: Callable[[Scene], bool] = always
    shows: Callable[[Still], bool] = at_all  # of a problem that it applies to
    subtitle: Callable[[Still], str] | str = ""
    note: str = ""  # name of the text that stands in the subtitle's place
    tab: str = ""  # the title unless said
    low: bool = False  # may stand in a second row
    run: int = 0  # which of the page's runs it is of


@dataclass(frozen=True)
class Number:
    """A key number: what it is called, what it means, and its text for every model."""

    name: str
    caption: str  # with {unit} in it
    help: str
    texts: Callable[[Moment], list[str]]
    detail: Callable[[Still], str] = lambda still: ""  # behind the caption
    applies: Callable[[Scene], bool] = always


def sent(values: Mapping[str, Array], models: Sequence[int] | None, dtype: npt.DTypeLike = np.float32) -> Arrays:
    """Arrays as they travel: with the models of their leading axis, None where all share it."""
    return {name: (array.astype(dtype), None if models is None else list(models)) for name, array in values.items()}
