"""Forms of what is special to a run: layer widths, correlations, digests, latent dimensions, changes in mid-run."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vibcore.forms import is_number, is_tuple_of, is_whole

EMPTY = "linear"  # a layout without hidden layers


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
        return () if text in (EMPTY, "none", "") else tuple(int(part) for part in text.replace(",", "-").split("-"))

    def write(self, value: tuple[int, ...]) -> str:
        return "-".join(map(str, value)) or EMPTY

    def fits(self, value: Any) -> bool:
        return is_tuple_of(is_whole, value)

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
        return is_tuple_of(is_number, value)

    def is_legal(self, value: tuple[float, ...]) -> bool:
        return self.legal(value)


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
        return is_tuple_of(is_whole, value)

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
        return is_tuple_of(_is_edit, value)

    def is_legal(self, value: tuple[tuple[int, str, float], ...]) -> bool:
        steps = [step for step, _, _ in value]
        can_be_had = all(step >= 0 and name in self.fields and 0 < number < math.inf for step, name, number in value)
        return can_be_had and steps == sorted(steps) and len(value) <= self.most


def _is_edit(value: Any) -> bool:
    if not (isinstance(value, tuple) and len(value) == 3):
        return False
    return is_whole(value[0]) and isinstance(value[1], str) and is_number(value[2])
