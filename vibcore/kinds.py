"""What the columns of a table are: numbers, words or dates, where they have gaps, and which had better not be used."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from vibcore import numerals
from vibcore.spellings import CODES, DATED, DATES, FALSE, GAPS, ID, NUMBER_GAPS, TIME, TIMES, TRUE
from vibcore.types import Array

Kind = Literal["number", "word", "date"]
SHOWN = 40  # characters of a date, at most
NUMERIC = 0.9  # of the filled cells: what is no number among so many is a gap, and said
FEW = 50  # different numbers, as classes are
LOOK = 200  # cells from which it is seen that a column has no numbers
MANY_WORDS = 50  # different ones: more are names, not kinds


@dataclass(frozen=True, eq=False)
class Column:
    """A column of n cells. `doubt` says why it is not used unless asked for; empty where it is.

    values (n,) float64, NaN for gaps: numbers, days since 1970, or places in `words`. `odd`: rows whose cells are
    taken for gaps though they are filled. `marks`: how numbers are written. `spellings`: of few numbers, those that are
    written in more than one way.
    """

    name: str
    kind: Kind
    values: Array
    words: tuple[str, ...] = ()
    doubt: str = ""
    odd: tuple[tuple[int, str], ...] = ()
    marks: frozenset[str] = frozenset()
    spellings: tuple[str, ...] = ()

    @property
    def gaps(self) -> int:
        return int(np.isnan(self.values).sum())

    @property
    def distinct(self) -> int:
        return len(np.unique(self.values[~np.isnan(self.values)]))


def column(name: str, cells: Sequence[str], decimal: str, named: bool = True, headed: bool = True) -> Column | None:
    """The column of some cells; None where all are gaps. `headed`: the table has names, if not this one."""
    found = _plain(name, cells, decimal)
    if found is None:
        counts = Counter(cells)
        if all(cell in GAPS for cell in counts):
            return None
        found = _numbers(name, cells, counts, decimal) or _dates(name, cells, counts) or _words(name, cells, counts)
    return replace(found, doubt=_doubt(found, named, headed))


def _plain(name: str, cells: Sequence[str], decimal: str) -> Column | None:
    """A column of numbers that all stand as programs write them: the quick way for what most columns are."""
    if not all(map(numerals.PLAIN.fullmatch, cells)):
        return None
    if any("." in cell for cell in cells) and (
        decimal == "," or numerals.thousands_mark([cell.lstrip("+-") for cell in cells])
    ):
        return None
    values = np.array(list(map(float, cells)))
    if np.abs(values).max(initial=0) > numerals.HUGE:
        return None
    few = len(np.unique(values)) <= FEW
    return Column(name, "number", values, spellings=_spellings(dict(zip(cells, values, strict=True))) if few else ())


def is_true(word: str) -> bool:
    return word.lower() in TRUE


def is_boolean(words: Sequence[str]) -> bool:
    """Whether two words are yes and no, or true and false."""
    return len(words) == 2 and sorted(map(is_true, words)) == [False, True] and any(w.lower() in FALSE for w in words)


def code(column: Column) -> float | None:
    """A number that stands far from all others and is often written for a gap, or None."""
    if column.kind != "number":
        return None
    values = column.values[~np.isnan(column.values)]
    for candidate in CODES:
        rest = values[values != candidate]
        if len(rest) < len(values) and len(rest) > 2:
            reach = max(float(np.ptp(rest)), 1e-9)
            if candidate < rest.min() - 2 * reach or candidate > rest.max() + 2 * reach:
                return candidate
    return None


def _numbers(name: str, cells: Sequence[str], counts: Counter[str], decimal: str) -> Column | None:
    """A column of numbers, where nearly all filled cells are."""
    written = [cell for cell in counts if cell.lower() not in NUMBER_GAPS]
    some = written[:: max(1, len(written) // LOOK)]
    if sum(numerals.parts(cell) is not None for cell in some) < len(some) / 4:
        return None  # words, as far as can be seen
    read, marks = numerals.column(written, decimal)
    value = dict(zip(written, read, strict=True))
    filled = sum(counts[cell] for cell in written)
    good = sum(counts[cell] for cell in written if not math.isnan(value[cell]))
    if not good or good < NUMERIC * filled:
        return None
    values = np.array([value.get(cell, math.nan) for cell in cells])
    bad = {cell for cell in written if math.isnan(value[cell])}
    odd = tuple((i, cell) for i, cell in enumerate(cells) if cell in bad) if bad else ()
    return Column(name, "number", values, odd=odd, marks=marks, spellings=_spellings(value))


def _spellings(value: dict[str, float]) -> tuple[str, ...]:
    """'0 and 0.0', where a few numbers are written in several ways."""
    if len(value) > 4 * FEW:
        return ()
    of: dict[float, list[str]] = {}
    for cell, number in value.items():
        of.setdefault(number, []).append(cell)
    return tuple(" and ".join(cells) for number, cells in of.items() if len(cells) > 1 and not math.isnan(number))


def _dates(name: str, cells: Sequence[str], counts: Counter[str]) -> Column | None:
    """A column of dates or times of day, as days, where one way of writing them fits nearly all."""
    filled = [cell for cell in counts if cell not in GAPS]
    if not all(DATED.match(cell) and len(cell) <= SHOWN for cell in filled[:20]):
        return None
    import pandas as pd  # half a second: only where there are dates

    for form in DATES:
        if pd.to_datetime(pd.Series(filled[:20]), format=form, errors="coerce").isna().sum() > 1:
            continue
        parsed = pd.to_datetime(pd.Series(filled), format=form, errors="coerce", utc=True)
        if parsed.isna().mean() <= 1 - NUMERIC:
            days = ((parsed - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)).to_numpy(float)
            value = dict(zip(filled, days.tolist(), strict=True))
            return Column(name, "date", np.array([value.get(cell, math.nan) for cell in cells]))
    return None


def _words(name: str, cells: Sequence[str], counts: Counter[str]) -> Column:
    """A column of words; what is a gap among numbers only, such as -, is a word here."""
    words = sorted(cell for cell in counts if cell not in GAPS)
    place = {word: float(i) for i, word in enumerate(words)}
    return Column(name, "word", np.array([place.get(cell, math.nan) for cell in cells]), tuple(words))


def _doubt(of: Column, named: bool, headed: bool) -> str:
    """Why a column is left out unless asked for, or ''."""
    n, values = len(of.values), of.values[~np.isnan(of.values)]
    distinct = len(np.unique(values))
    if of.kind == "date":
        return "dates"
    if of.kind == "word":
        if distinct > MANY_WORDS or (distinct > 10 and distinct > len(values) / 2):
            return _many(of.words)
    elif len(values) == n and distinct == n and n > 2:
        if _counts(values):
            return "it counts the rows"
        if not headed and (np.diff(values) > 0).all() and (values == np.floor(values)).all():
            return "whole numbers that rise from row to row, as ids do"
        if (not named or ID.fullmatch(of.name)) and (values == np.floor(values)).all():
            return "an id by its name, different in every row" if named else "no name, different in every row"
    if of.kind == "number" and named and TIME.fullmatch(of.name) and values.min() > TIMES:
        return "times, by its name"
    if of.kind == "number" and named and re.fullmatch(r"unnamed(: ?\d+)?", of.name, re.IGNORECASE):
        return "by its name an index that was saved with the table"
    return f"{n - len(values):,} of {n:,} cells are empty" if len(values) < n / 2 else ""


def _many(words: Sequence[str]) -> str:
    """What too many different words are."""
    others = [word for word in words if math.isnan(numerals.number(word))]
    if not others:
        return "numbers whose points and commas mean more than one thing"
    if all(re.fullmatch("0[xX][0-9a-fA-F]+", word) for word in others):
        return f"{len(words):,} different hexadecimal numbers"
    if len(others) < len(words) / 2:
        return f"numbers, but not in all cells, as {others[0][:SHOWN]}"
    return f"{len(words):,} different words"


def _counts(values: Array) -> bool:
    """Whether values are 0, 1, 2, … or 1, 2, 3, … in any order."""
    low = values.min()
    return bool(low in (0, 1) and values.max() - low == len(values) - 1 and (values == np.floor(values)).all())
