"""Rows of cells → named columns with their kinds: header or not, units below it, empty columns, and all that is odd."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from vibcore import cells, kinds, numerals, spellings, targets, texts
from vibcore.cells import SHOWN, counted
from vibcore.delimiters import Line, printable
from vibcore.kinds import Column
from vibcore.types import Array, ConfigError

WIDEST = 2048  # columns
NAMELESS = "The first line holds no names"
PREVIEW = 8  # rows
FORMULA = re.compile(r"[=@]|[+-](?=.)(?!\.?\d[\d.,e+-]*$)")  # what a spreadsheet runs, and no number
LOOK = 500  # rows from which the header is told
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table before any choice. head: its first rows as written; lines (n,): places in the file; label: suggested."""

    columns: tuple[Column, ...]
    head: tuple[tuple[str, ...], ...]
    lines: Array
    notes: tuple[str, ...]
    label: str
    sha256: str  # of the bytes

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """A column by its name; ConfigError that lists what there is."""
        for column in self.columns:
            if column.name == shown(name):
                return column
        raise ConfigError("table column", shown(name), f"one of {listed(self.names)}", "Choose one of these columns.")


def sheet(data: bytes) -> Sheet:
    """The columns of a file and what was done to read them. Raises ConfigError that says where and what to do."""
    text, notes = texts.text(data)
    found = cells.split(text)
    lines, said = cells.frame(found.lines)
    notes = [*notes, *found.notes, *said]
    if len(lines[0][1]) > WIDEST:
        remedy = "Leave out columns of the file."
        raise ConfigError("table", f"{len(lines[0][1]):,} columns", f"at most {WIDEST:,}", remedy)
    names, lines, said = _named(lines)
    if not lines:
        raise ConfigError("table", "0 rows", "a header and rows below it", "Choose another file.")
    headed = not any(note.startswith(NAMELESS) for note in said)
    columns, kept, more = _columns(names, [row for _, row in lines], found.how.delimiter, headed)
    if len(columns) < 2:
        raise ConfigError("table", counted(len(columns), "column"), "a label and at least one feature", cells.SEPARATE)
    head = tuple(tuple(row[j][:SHOWN] for j in kept) for _, row in lines[:PREVIEW])
    places = np.array([number for number, _ in lines])
    notes = [*notes, *said, *more, *_odd(columns, places)]
    return Sheet(columns, head, places, tuple(notes), targets.suggested(columns), hashlib.sha256(data).hexdigest())


def shown(text: str) -> str:
    """A name to be shown: short, no markup to whatever shows it, and no formula to a spreadsheet."""
    name = printable(text).replace("<", "‹").replace(">", "›")[:SHOWN].strip()
    return f"'{name}" if FORMULA.match(name) else name


def listed(names: Sequence[str], most: int = 20) -> str:
    """Names joined by commas, not too many of them."""
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """The names, those that come again with their number behind."""
    found: dict[str, None] = {}
    for name in names:
        again, k = name, 1
        while again in found:
            k += 1
            again = f"{name} ({k})"
        found[again] = None
    return tuple(found)


def _named(lines: list[Line]) -> tuple[list[str], list[Line], list[str]]:
    """Names of the columns, the rows below them, and what was done."""
    if not _is_header(lines[0][1], [row for _, row in lines[1 : LOOK + 1]]):
        width = len(lines[0][1])
        names = [f"x{i + 1}" for i in range(width)]
        return names, lines, [f"{NAMELESS}: the columns are called x1 to x{width}."]
    names, below, notes = lines[0][1], lines[1:], []
    if below and _is_units(below[0][1], [row for _, row in below[1 : LOOK + 1]]):
        if "" in names and all(below[0][1]):
            notes.append(f"Line {lines[0][0]} names groups of columns, and is left out.")
            return below[0][1], below[1:], notes
        notes.append(f"Line {below[0][0]} holds no values but units or a second header, and is left out.")
        below = below[1:]
    again = [number for number, row in below if row == names]
    if again:
        notes.append(f"The header comes again in {counted(len(again), 'line')}, left out.")
        below = [line for line in below if line[1] != names]
    return names, below, notes


def _numeric(rows: Rows, width: int) -> list[bool]:
    """Which columns hold numbers."""
    found = []
    for j in range(width):
        filled = [row[j] for row in rows if row[j].lower() not in spellings.NUMBER_GAPS]
        good = sum(_is_number(cell) for cell in filled)
        found.append(bool(filled) and good > 0.8 * len(filled))
    return found


def _is_number(cell: str) -> bool:
    return numerals.PLAIN.fullmatch(cell) is not None or numerals.parts(cell) is not None


def _is_header(first: Sequence[str], below: Rows) -> bool:
    """Whether a first row names the columns: no numbers over numbers, and no words that stand below them again."""
    numeric = _numeric(below, len(first))
    over = [_is_number(cell) for cell, n in zip(first, numeric, strict=True) if n and cell not in spellings.GAPS]
    if not all(over):
        return True
    again = [
        first[j] in column
        for j, column in enumerate(zip(*below, strict=True))
        if not numeric[j] and first[j] and len(set(column)) <= max(2, len(column) / 2)
    ]
    if again:
        return sum(again) < len(again) / 2
    return _are_consecutive(first, below) if all(numeric) else not over


def _are_consecutive(first: Sequence[str], below: Rows) -> bool:
    """Whether a first row of numbers counts the columns, or years, over numbers that do not."""
    try:
        numbers = [int(cell) for cell in first if cell]
    except ValueError:
        return False
    steps = all(b - a == 1 for a, b in itertools.pairwise(numbers))
    fractions = any("." in cell for row in below[:50] for cell in row)
    return steps and len(numbers) > 1 and (fractions or (len(numbers) > 3 and numbers[0] in (0, 1)))


def _is_units(first: Sequence[str], below: Rows) -> bool:
    """Whether a row holds words over all numbers: units, or a second header."""
    over = [
        _is_number(cell)
        for cell, n in zip(first, _numeric(below, len(first)), strict=True)
        if n and cell.lower() not in spellings.NUMBER_GAPS
    ]
    words = [cell for cell, n in zip(first, _numeric(below, len(first)), strict=True) if not n and cell]
    known = any(cell in {row[j] for row in below} for j, cell in enumerate(first) if cell in words)
    return bool(over) and not any(over) and not known


def _columns(
    names: Sequence[str], rows: Rows, delimiter: str, headed: bool
) -> tuple[tuple[Column, ...], list[int], list[str]]:
    """All columns that are not empty, their places, and notes on names, numbers and what is empty."""
    called = distinct(shown(name) or f"column {j + 1}" for j, name in enumerate(names))
    by_column: list[Sequence[str]] = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    step = max(1, len(rows) // 400)
    decimal = numerals.decimal_mark((cell for row in rows[::step] for cell in row), delimiter)
    found = [
        kinds.column(name, column, decimal, bool(shown(names[j])), headed)
        for j, (name, column) in enumerate(zip(called, by_column, strict=True))
    ]
    kept = [j for j, column in enumerate(found) if column is not None]
    empty = [called[j] for j, column in enumerate(found) if column is None]
    columns = tuple(column for column in found if column is not None)
    notes = [f"{counted(len(empty), 'empty column')} left out: {listed(empty, 5)}."] if empty else []
    again = [name for j, name in enumerate(called) if shown(names[j]) and name != shown(names[j])]
    notes += [f"Names that come twice are numbered: {listed(again, 5)}."] if again else []
    return columns, kept, [*notes, *_written(columns, by_column, kept, delimiter)]


def _written(
    columns: Sequence[Column], by_column: Sequence[Sequence[str]], kept: Sequence[int], delimiter: str
) -> list[str]:
    """How numbers are written, where that is not plain."""
    marks: dict[str, list[str]] = {}
    for column in columns:
        for mark in sorted(column.marks):
            marks.setdefault(mark, []).append(column.name)
    notes = [f"Numbers with {mark} are read in {listed(of, 5)}." for mark, of in marks.items()]
    for column, j in zip(columns, kept, strict=True):
        groups = numerals.GROUPS["."]
        if (
            delimiter != ","
            and column.kind == "number"
            and not column.marks
            and by_column[j]
            and all(groups.fullmatch(cell) for cell in by_column[j] if cell not in spellings.GAPS)
        ):
            notes.append(
                f"In {column.name} three digits follow every point: read as decimals; if they are thousands, "
                "the picture is the same, in other units."
            )
    return notes


def _odd(columns: Sequence[Column], places: Array) -> list[str]:
    """Cells that are taken for gaps though something stands in them, and numbers that often mean one."""
    notes = []
    for column in columns:
        if column.odd:
            where = [f"line {places[row]} ({cell[:SHOWN]})" for row, cell in column.odd[:3]]
            more = ", …" if len(column.odd) > 3 else ""
            notes.append(
                f"{column.name}: {counted(len(column.odd), 'cell')} without a finite number taken as "
                f"{'a gap' if len(column.odd) == 1 else 'gaps'}: {', '.join(where)}{more}."
            )
        sentinel = kinds.code(column)
        if sentinel is not None:
            times = Counter(column.values.tolist())[sentinel]
            notes.append(
                f"{column.name} holds {targets.number_name(sentinel)} in {counted(times, 'row')}, far from "
                "all others: it is read as a number; empty those cells if it stands for a gap."
            )
    return notes
