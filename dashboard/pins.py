"""Pinned runs as values: a run at a step, or several seeds of it, as a link says them and as a page shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dashboard.scene import Scene
from vibcore.data import OWN
from vibcore.fields import Field
from vibcore.forms import is_tuple_of
from vibcore.types import Array, Point

MOST = 4
SEEDS = 8  # of a band
LONGEST = 1000  # characters of one in a link
LARGEST_STEP = 1_000_000
BETWEEN, WITHIN = "..", "~"


@dataclass(frozen=True)
class Pin:
    """A run at a step, which does not move; a band where it is of several seeds, from the run's own on.

    `run`: every control that makes it, by key; of a link, those that differ from the link's own run.
    """

    step: int
    run: tuple[tuple[str, Any], ...] = ()
    seeds: int = 1
    colour: int = 0  # its place among the colours: it keeps it when others go

    @property
    def is_own(self) -> bool:
        """Whether it is of a visitor's own table."""
        return ("dataset", OWN) in self.run


@dataclass(frozen=True, eq=False)
class Look:
    """What is known of one run at a step. Nats; pictures of its latent plane by name, of every stop."""

    betas: tuple[float, ...]
    dims: tuple[int, ...]
    test: tuple[Point, ...]  # on the inputs kept for testing
    fresh: tuple[Point, ...] | None = None  # on the population, where its density is known
    valued: tuple[Point, ...] | None = None  # with Monte-Carlo informations, where they were asked for
    pictures: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Pinned:
    """A pin as a page shows it: its name beside the run on screen, and what is known of each of its seeds so far."""

    pin: Pin
    name: str
    looks: tuple[Look, ...]  # empty until all are there
    scene: Scene = field(compare=False)


@dataclass(frozen=True)
class Pins:
    """Form of the pins in a link: 400~seed~1..4000~latent_dim~1 are two, each a step and controls that differ."""

    controls: Callable[[], Mapping[str, Field]]  # those that make a run
    expected: str = f"at most {MOST} pinned runs as step~control~value, joined by “{BETWEEN}”"
    typed: str = "several pinned runs, or none"

    def read(self, text: str) -> tuple[Pin, ...]:
        return tuple(self._read(i, part) for i, part in enumerate(text.split(BETWEEN))) if text else ()

    def _read(self, place: int, text: str) -> Pin:
        step, *rest = text.split(WITHIN)
        if len(text) > LONGEST or len(rest) % 2:
            raise ValueError(text)
        said = dict(zip(rest[::2], rest[1::2], strict=True))
        own = {name: int(said.pop(name, usual)) for name, usual in (("seeds", 1), ("colour", place))}
        known = self.controls()
        if not said.keys() <= known.keys():
            raise ValueError(text)
        run = tuple((key, known[key].form.read(said[key])) for key in known if key in said)
        return Pin(int(step), run, **own)

    def write(self, value: tuple[Pin, ...]) -> str:
        return BETWEEN.join(self._write(i, pin) for i, pin in enumerate(value))

    def _write(self, place: int, pin: Pin) -> str:
        run = [(key, self.controls()[key].form.write(value)) for key, value in pin.run]
        own = [("seeds", str(pin.seeds))] * (pin.seeds > 1) + [("colour", str(pin.colour))] * (pin.colour != place)
        return WITHIN.join([str(pin.step), *(part for pair in (*run, *own) for part in pair)])

    def fits(self, value: Any) -> bool:
        return is_tuple_of(lambda pin: isinstance(pin, Pin), value)

    def is_legal(self, value: tuple[Pin, ...]) -> bool:
        colours = [pin.colour for pin in value]
        return len(value) <= MOST and len(set(colours)) == len(value) and all(map(self._is_legal, value))

    def _is_legal(self, pin: Pin) -> bool:
        known = self.controls()
        is_one = 0 <= pin.step <= LARGEST_STEP and pin.seeds in (1, SEEDS) and 0 <= pin.colour < MOST
        return is_one and all(known[key].form.is_legal(value) for key, value in pin.run)


def with_pin(pins: tuple[Pin, ...], pin: Pin) -> tuple[Pin, ...]:
    """One more, in the first colour that is free; the same where it is there already, or where there is no room."""
    if len(pins) >= MOST or any(replace(pin, colour=each.colour) == each for each in pins):
        return pins
    taken = {each.colour for each in pins}
    return (*pins, replace(pin, colour=min(set(range(MOST)) - taken)))
