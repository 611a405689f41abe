"""What a caller gives as a parameter: read generously where the meaning is plain, refused by its name elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

import numpy as np

from vibcore.streams import LARGEST_SEED
from vibcore.types import ConfigError

MOST_THREADS = 1024


def whole(name: str, value: Any, low: int, high: int) -> int:
    """A whole number from low to high; 150.0 is one."""
    number = isinstance(value, Real) and not isinstance(value, bool) and float(value).is_integer()
    if not (number and low <= value <= high):
        raise ConfigError(name, value, f"a whole number from {low:,} to {high:,}", "Correct it.")
    return int(value)


def real(name: str, value: Any) -> float:
    """A number; its range is judged elsewhere."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise ConfigError(name, value, "a number", "Correct it.")
    return float(value)


def reals(name: str, values: Any) -> tuple[float, ...]:
    """Several numbers."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ConfigError(name, values, "several numbers, as (0.001, 0.1)", "Put them in a list.")
    return tuple(real(name, value) for value in values)


def widths(name: str, value: Any, widest: int) -> tuple[int, ...]:
    """Widths of hidden layers; 32 is (32,)."""
    several = (value,) if isinstance(value, Real) else value
    if isinstance(several, str) or not isinstance(several, Iterable):
        raise ConfigError(name, value, "widths of layers, as (32, 32), or () for none", "Correct it.")
    return tuple(whole(name, width, 1, widest) for width in several)


def threads(name: str, value: Any) -> int | None:
    """A number of threads, or None."""
    return None if value is None else whole(name, value, 1, MOST_THREADS)


def seed(name: str, value: Any) -> int:
    """A seed of an integer or a RandomState, which moves on; a new one of None, not of NumPy's global generator."""
    if value is None:
        return int(np.random.default_rng().integers(LARGEST_SEED, endpoint=True))
    if isinstance(value, np.random.RandomState):
        return int(value.randint(LARGEST_SEED, dtype=np.uint32))
    if not (isinstance(value, Integral) and 0 <= int(value) <= LARGEST_SEED):
        raise ConfigError(name, value, "None, a RandomState or an integer from 0 to 2³² − 1", "Try 0.")
    return int(value)
