"""How a value is written, which values are legal, and how that is said: in a link, a flag, a file or a call.

A form reads a text (ValueError for what it cannot read), writes it back, tells a value of its type (`fits`) and a legal
one (`is_legal`), and says in `expected` what it takes.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Protocol

import numpy as np

EMPTY = "linear"  # a layout without hidden layers


class Form(Protocol):
    @property
    def expected(self) -> str: ...
    @property
    def typed(self) -> str: ...
    def read(self, text: str) -> Any: ...
    def write(self, value: Any) -> str: ...
    def fits(self, value: Any) -> bool: ...
    def is_legal(self, value: Any) -> bool: ...


@dataclass(frozen=True)
class Whole:
    """A whole number from low to high."""

    low: int
    high: int

    @property
    def expected(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    @property
    def typed(self) -> str:
        return "a whole number"

    def read(self, text: str) -> int:
        return int(text)

    def write(self, value: int) -> str:
        return str(value)

    def fits(self, value: Any) -> bool:
        return isinstance(value, Integral) and not isinstance(value, bool)

    def is_legal(self, value: int) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Number:
    """A number from low to high, without its lower end where it is `above` it; NaN is none."""

    low: float
    high: float
    above: bool = False
    optional: bool = False  # None, too

    @property
    def expected(self) -> str:
        if self.high == math.inf:
            return f"a number above {self.low:g}" if self.above else f"a number of at least {self.low:g}"
        return f"a number from {self.low:g} to {self.high:g}"

    @property
    def typed(self) -> str:
        return "a number or null" if self.optional else "a number"

    def read(self, text: str) -> float:
        return float(text)

    def write(self, value: float) -> str:
        return f"{value:.6g}"

    def fits(self, value: Any) -> bool:
        return (self.optional and value is None) or is_number(value)

    def is_legal(self, value: float | None) -> bool:
        if value is None:
            return self.optional
        return (self.low < value if self.above else self.low <= value) and value <= self.high and value < math.inf


@dataclass(frozen=True)
class Choice:
    """One of several names."""

    names: tuple[str, ...]

    @property
    def expected(self) -> str:
        return f"one of {', '.join(name for name in self.names if name)}"

    @property
    def typed(self) -> str:
        return self.expected

    def read(self, text: str) -> str:
        return text

    def write(self, value: str) -> str:
        return value

    def fits(self, value: Any) -> bool:
        return isinstance(value, str)

    def is_legal(self, value: str) -> bool:
        return value in self.names


@dataclass(frozen=True)
class Widths:
    """Widths of hidden layers, 32-32 for (32, 32) and `linear` for none."""

    widest: int
    most: int

    @property
    def expected(self) -> str:
        return f"at most {self.most} layer widths from 1 to {self.widest} joined by '-', or '{EMPTY}'"

    @property
    def typed(self) -> str:
        return "several whole numbers, or none"

    def read(self, text: str) -> tuple[int, ...]:
        return () if text in (EMPTY, "") else tuple(int(part) for part in text.replace(",", "-").split("-"))

    def write(self, value: tuple[int, ...]) -> str:
        return "-".join(map(str, value)) or EMPTY

    def fits(self, value: Any) -> bool:
        return isinstance(value, tuple) and all(map(Whole(0, 0).fits, value))

    def is_legal(self, value: tuple[int, ...]) -> bool:
        return len(value) <= self.most and all(1 <= width <= self.widest for width in value)


@dataclass(frozen=True)
class Numbers:
    """Several numbers joined by ','."""

    expected: str
    legal: Callable[[tuple[float, ...]], bool]

    @property
    def typed(self) -> str:
        return "several numbers"

    def read(self, text: str) -> tuple[float, ...]:
        return tuple(float(part) for part in text.split(","))

    def write(self, value: tuple[float, ...]) -> str:
        return ",".join(str(part) for part in value)

    def fits(self, value: Any) -> bool:
        return isinstance(value, tuple) and all(map(is_number, value))

    def is_legal(self, value: tuple[float, ...]) -> bool:
        return self.legal(value)


@dataclass(frozen=True)
class Flag:
    """1 or 0."""

    expected: str = "1 or 0"

    @property
    def typed(self) -> str:
        return "true or false"

    def read(self, text: str) -> bool:
        if text.lower() not in ("1", "0", "true", "false"):
            raise ValueError(text)
        return text.lower() in ("1", "true")

    def write(self, value: bool) -> str:
        return str(int(value))

    def fits(self, value: Any) -> bool:
        return isinstance(value, bool)

    def is_legal(self, value: bool) -> bool:
        return True


@dataclass(frozen=True)
class Words:
    """Names joined by ','."""

    expected: str = "names joined by ','"

    @property
    def typed(self) -> str:
        return "several texts"

    def read(self, text: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())

    def write(self, value: tuple[str, ...]) -> str:
        return ",".join(value)

    def fits(self, value: Any) -> bool:
        return isinstance(value, tuple) and all(isinstance(part, str) for part in value)

    def is_legal(self, value: tuple[str, ...]) -> bool:
        return True


@dataclass(frozen=True)
class Digest:
    """The sha256 of one's own data, or nothing."""

    expected: str = "64 hexadecimal digits"

    @property
    def typed(self) -> str:
        return "a text"

    def read(self, text: str) -> str:
        if not self.is_legal(text):
            raise ValueError(text)
        return text

    def write(self, value: str) -> str:
        return value

    def fits(self, value: Any) -> bool:
        return isinstance(value, str)

    def is_legal(self, value: str) -> bool:
        return re.fullmatch("[0-9a-f]{64}", value) is not None


@dataclass(frozen=True)
class Dims:
    """Latent dimensions of a K-dimensional z by their names, z1,z3 for (0, 2); of older links 0,2, too."""

    largest: int
    expected: str = "two different latent dimensions joined by ',', such as z1,z3"
    typed: str = "several whole numbers, or none"

    def read(self, text: str) -> tuple[int, ...]:
        parts = text.split(",") if text else []
        if any(part.startswith("z") for part in parts):
            return tuple(int(part.removeprefix("z")) - 1 if part.startswith("z") else -1 for part in parts)
        return tuple(map(int, parts))

    def write(self, value: tuple[int, ...]) -> str:
        return ",".join(f"z{d + 1}" for d in value)

    def fits(self, value: Any) -> bool:
        return isinstance(value, tuple) and all(map(Whole(0, 0).fits, value))

    def is_legal(self, value: tuple[int, ...]) -> bool:
        return len(value) in (0, 2) and all(0 <= d < self.largest for d in value) and len(set(value)) == len(value)


@dataclass(frozen=True)
class Edits:
    """Changes in mid-run, 400:lr:0.003 for ((400, "lr", 0.003),): of some fields, steps ascending."""

    fields: tuple[str, ...]
    most: int

    @property
    def expected(self) -> str:
        return f"at most {self.most} changes as step:{'|'.join(self.fields)}:value, steps ascending, joined by ','"

    @property
    def typed(self) -> str:
        return "edits as (step, field, value)"

    def read(self, text: str) -> tuple[tuple[int, str, float], ...]:
        parts = [part.split(":") for part in text.split(",") if part]
        return tuple((int(step), field, float(value)) for step, field, value in parts)

    def write(self, value: tuple[tuple[int, str, float], ...]) -> str:
        return ",".join(f"{step}:{field}:{number:.6g}" for step, field, number in value)

    def fits(self, value: Any) -> bool:
        return isinstance(value, tuple) and all(map(_is_edit, value))

    def is_legal(self, value: tuple[tuple[int, str, float], ...]) -> bool:
        steps = [step for step, _, _ in value]
        can_be_had = all(step >= 0 and name in self.fields and 0 < number < math.inf for step, name, number in value)
        return can_be_had and steps == sorted(steps) and len(value) <= self.most


def _is_edit(value: Any) -> bool:
    if not (isinstance(value, tuple) and len(value) == 3):
        return False
    return Whole(0, 0).fits(value[0]) and isinstance(value[1], str) and is_number(value[2])


def is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool | np.bool)


def flag_type(form: Form) -> Callable[[str], Any]:
    """A type for argparse that says what it got and what it expected."""

    def read(text: str) -> Any:
        try:
            value = form.read(text)
        except ValueError:
            value = None
        if value is None or not form.is_legal(value):
            raise argparse.ArgumentTypeError(f"got {text!r}, expected {form.expected}")
        return value

    return read
