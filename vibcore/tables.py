"""A visitor's own table: CSV bytes of a stranger, read as numbers and class names or refused with a reason.

Everything that is quoted back is cut short, and names lose what cannot be printed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vibcore import datasets
from vibcore.labels import flip_labels
from vibcore.streams import stream
from vibcore.types import Array, ConfigError, Dataset, DatasetSpec

LARGEST = 10 * 2**20  # bytes
ROWS = (60, 5000)
FEATURES = 256
CLASSES = 10  # as many as there are colours
OF_A_CLASS = 6  # rows: two of them are for testing
HUGE = 1e100  # its square is still a number
FARTHEST = 1e6  # deviations from the training mean: what a model in single precision makes of more is no number
SHOWN = 40  # characters of a name, or of whatever else is quoted
Line = tuple[int, list[str]]  # number in the file, and cells


@dataclass(frozen=True)
class Table:
    """x (n, d) float64; y (n,) int64 class indices; digest: sha256 of the bytes and of the label column's name."""

    x: Array
    y: Array
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    digest: str


def columns(data: bytes) -> tuple[str, ...]:
    """Names in the header of a CSV file; ConfigError where there is none."""
    return _names(_lines(data))


def read(data: bytes, label: str | None = None) -> Table:
    """A table of CSV bytes whose classes stand in the column `label`, the last one unless said.

    Commas, semicolons or tabs between the cells; every feature a finite number. Raises ConfigError.
    """
    lines = _lines(data)
    names = _names(lines)
    chosen = names[-1] if label is None else _name(label)
    if chosen not in names:
        raise ConfigError("label column", chosen, f"one of {_listed(names)}", "Choose one of these columns.")
    at = names.index(chosen)
    rows = _rows(lines, len(names))
    x = np.array([_numbers(line, names, at) for line in rows])
    y, class_names = _classes([_label(line, chosen, at) for line in rows])
    digest = hashlib.sha256(hashlib.sha256(data).digest() + chosen.encode()).hexdigest()
    return Table(x, y, (*names[:at], *names[at + 1 :]), class_names, digest)


def dataset(table: Table, spec: DatasetSpec) -> Dataset:
    """The dataset of a table: split, standardised and with flipped labels as the built-in tables are.

    Raises ConfigError for another table's spec, and for a row that training rows do not prepare for.
    """
    datasets.check(spec)
    if (spec.name, spec.digest) != ("own", table.digest):
        expected = f"the digest of this table, {table.digest[:12]}…"
        raise ConfigError("own table", f"{spec.digest[:12]}…", expected, "Give the table that was asked for.")
    y = flip_labels(table.y, len(table.class_names), spec.flip, stream(spec.seed, "flips"))
    with np.errstate(over="ignore"):  # what runs over is refused below
        made = datasets.from_table(table.x, y, spec, table.feature_names, table.class_names)
    far = np.abs(made.x).max(0)
    if far.max() > FARTHEST:
        what = f"table column {made.feature_names[int(far.argmax())]!r}"
        expected = f"at most {FARTHEST:g} deviations from the training mean"
        raise ConfigError(what, "a value far from all others", expected, "Correct that row or leave it out.")
    return made


def _lines(data: bytes) -> Iterator[Line]:
    """Every line that is not blank, by and by: what is refused early costs little."""
    text = _text(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), skipinitialspace=True, strict=True)
    try:
        for cells in reader:
            if len(cells) > 1 or any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        remedy = "Close every quote, and double the quotes inside a cell."
        got = str(error).replace("'", "")
        raise ConfigError(f"table line {reader.line_num}", got, "cells of a CSV file", remedy) from None


def _text(data: bytes) -> str:
    if len(data) > LARGEST:
        got = f"{len(data) / 2**20:.1f} MiB"
        raise ConfigError("table", got, f"at most {LARGEST >> 20} MiB", "Leave out rows or columns.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        remedy = "Save the table as CSV in UTF-8."
        raise ConfigError("table", f"byte {error.start} that is no UTF-8", "a text file", remedy) from None
    if not text.strip():
        raise ConfigError("table", "an empty file", "a header and rows of numbers", "Choose another file.")
    return text


def _separator(text: str) -> str:
    """What stands most often between the names of the header, outside quotes."""
    header = re.sub(r'"[^"]*"', "", re.split(r"[\r\n]", text.lstrip(), maxsplit=1)[0])
    return max(",;\t", key=header.count)


def _names(lines: Iterator[Line]) -> tuple[str, ...]:
    """The header's names, each known to be one and only one."""
    _, cells = next(lines, (1, [""]))
    if not 2 <= len(cells) <= FEATURES + 1:  # first: a line can hold millions
        remedy = "Give a label and at least one feature, and separate the columns by commas, semicolons or tabs."
        raise ConfigError("table", f"{len(cells) - 1} features", f"1 to {FEATURES}", remedy)
    if not any(math.isnan(_number(cell)) for cell in cells):
        remedy = "Write the columns' names into the first line."
        raise ConfigError("table", "numbers in the first line", "names of the columns", remedy)
    names = tuple(map(_name, cells))
    if "" in names:
        remedy = "Name every column; leave out a column of row numbers."
        raise ConfigError(f"table column {names.index('') + 1}", "no name", "a name in the first line", remedy)
    name, times = Counter(names).most_common(1)[0]
    if times > 1:
        expected = f"names that differ in their first {SHOWN} characters"
        raise ConfigError("table columns", f"{name} {times} times", expected, "Rename all but one.")
    return names


def _rows(lines: Iterator[Line], width: int) -> list[Line]:
    """All rows below the header, known to be neither few nor many and equally wide."""
    rows = []
    for number, cells in itertools.islice(lines, ROWS[1] + 1):
        if len(cells) != width:
            remedy = "Complete the row, or quote cells that hold the separator."
            raise ConfigError(f"table line {number}", f"{len(cells)} cells", f"{width} as in the header", remedy)
        rows.append((number, cells))
    if not ROWS[0] <= len(rows) <= ROWS[1]:
        got = f"{len(rows)} rows" if len(rows) < ROWS[0] else f"more than {ROWS[1]} rows"
        raise ConfigError("table", got, f"{ROWS[0]} to {ROWS[1]} rows below the header", "Give more or fewer.")
    return rows


def _numbers(line: Line, names: Sequence[str], label: int) -> list[float]:
    """The features of a row."""
    number, cells = line
    values = [_number(cell) for cell in cells]
    for i, value in enumerate(values):
        if i != label and math.isnan(value):
            what, expected = f"table line {number}, column {names[i]!r}", f"a finite number, at most {HUGE:g} in size"
            remedy = "Write numbers with a decimal point; leave out rows with gaps and columns of words."
            raise ConfigError(what, cells[i][:SHOWN], expected, remedy)
    return values[:label] + values[label + 1 :]


def _label(line: Line, name: str, at: int) -> str:
    """The class of a row, in full: classes that differ only beyond what is shown must not become one."""
    number, cells = line
    text = _printable(cells[at])
    if not text:
        remedy = "Fill the gap or leave out the row."
        raise ConfigError(f"table line {number}, column {name!r}", cells[at][:SHOWN], "a class", remedy)
    return text


def _classes(labels: Sequence[str]) -> tuple[Array, tuple[str, ...]]:
    """Class indices (n,) int64 and the classes' names: by size where all are numbers, else by alphabet."""
    counts = Counter(labels)
    numeric = not any(math.isnan(_number(c)) for c in counts)
    found = sorted(counts, key=lambda c: (_number(c) if numeric else 0.0, c))
    remedy = "Choose another label column, or merge or leave out classes."
    if not 2 <= len(found) <= CLASSES:
        raise ConfigError("label column", f"{len(found)} classes", f"2 to {CLASSES}", remedy)
    rarest = min(found, key=lambda c: counts[c])
    if counts[rarest] < OF_A_CLASS:
        got = f"{counts[rarest]} rows of class {_name(rarest)}"
        raise ConfigError("label column", got, f"at least {OF_A_CLASS} of each: a third is for testing", remedy)
    names = tuple(map(_name, found))
    name, times = Counter(names).most_common(1)[0]
    if times > 1:
        expected = f"classes that differ in their first {SHOWN} characters"
        raise ConfigError("label column", f"{name} {times} times", expected, "Shorten their names.")
    index = {c: i for i, c in enumerate(found)}
    return np.array([index[c] for c in labels], dtype=np.int64), names


def _number(cell: str) -> float:
    """The number that a cell holds, or NaN."""
    try:
        value = float(cell)
    except ValueError:
        return math.nan
    return value if abs(value) <= HUGE and "_" not in cell else math.nan  # 1_000 is a number to Python alone


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).strip()


def _name(text: str) -> str:
    """A name to be shown: short, and no markup to whatever shows it."""
    return _printable(text).replace("<", "‹").replace(">", "›")[:SHOWN].strip()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
