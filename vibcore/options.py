"""Kinds of command-line values, and a parser whose complaints take one line: what it got, what it expected."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from vibcore.streams import LARGEST_SEED
from vibcore.validation import WIDEST

Read = Callable[[str], Any]


class Parser(argparse.ArgumentParser):
    """argparse, whose complaints take one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help.\n")


class Layout(argparse.RawDescriptionHelpFormatter, argparse.ArgumentDefaultsHelpFormatter):
    """Examples as they are written, and every default that there is."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help if action.default is None else super()._get_help_string(action)


def checked(convert: Read, legal: Callable[[Any], bool], expected: str) -> Read:
    """A type for argparse that says what it got and what it expected."""

    def read(text: str) -> Any:
        try:
            value = convert(text)
        except ValueError:
            value = None
        if value is None or not legal(value):
            raise argparse.ArgumentTypeError(f"got {text!r}, expected {expected}")
        return value

    return read


def whole(low: int, high: int) -> Read:
    """A whole number from low to high."""
    return checked(int, lambda v: low <= v <= high, f"a whole number from {low} to {high}")


def number(low: float, high: float) -> Read:
    """A number from low to high; NaN is none."""
    return checked(float, lambda v: low <= v <= high, f"a number from {low:g} to {high:g}")


def listed(one: Read) -> Read:
    """One or several, by commas, each once."""
    return lambda text: list(dict.fromkeys(one(part) for part in text.split(",")))


def hidden(text: str) -> tuple[int, ...]:
    """32-32 → (32, 32), none → ()."""
    return () if text == "none" else tuple(map(int, text.split("-")))


WIDTHS = checked(hidden, lambda v: all(1 <= w <= WIDEST for w in v), f"widths from 1 to {WIDEST}, as 32-32, or none")
JOBS = checked(int, lambda v: v == -1 or 1 <= v <= 1024, "a whole number from 1 to 1024, or -1 for every core")
SEED = whole(0, LARGEST_SEED)
RHO = checked(lambda text: tuple(map(float, text.split(","))), lambda v: all(0 <= r < 1 for r in v) and max(v) > 0.01,
              "correlations as 0.9,0.6, each 0 ≤ ρ < 1 and one above 0.01")  # fmt: skip
