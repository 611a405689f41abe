"""How a value is written, which values are legal, and how that is said: in a link, a flag, a file or a call.

A form reads a text (ValueError for what it cannot read), writes it back, tells a value of its type (`fits`) and a legal
one (`is_legal`), and says in `expected` what it takes.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Protocol

import numpy as np


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
        return is_whole(value)

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
        return isinstance(value, str) and value in self.names

    def is_legal(self, value: str) -> bool:
        return value in self.names


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
        return is_tuple_of(lambda part: isinstance(part, str), value)

    def is_legal(self, value: tuple[str, ...]) -> bool:
        return True


def is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_tuple_of(one: Callable[[Any], bool], value: Any) -> bool:
    return isinstance(value, tuple) and all(map(one, value))


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
