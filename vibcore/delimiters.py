"""How the cells of a text are told apart: the delimiter and the quotes by which most rows agree.

Python's own csv reader does the splitting: it alone tells the line of every row, which a refusal has to name.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from vibcore import numerals
from vibcore.types import ConfigError

SAMPLE = 2**16  # characters from which the delimiter is told
NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", " ": "blanks"}
Line = tuple[int, list[str]]  # number in the file, and cells


@dataclass(frozen=True)
class How:
    """How cells are told apart; the delimiter " " stands for any run of blanks and tabs."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None


def told(sample: str) -> How | None:
    """The way to tell cells apart in which most rows are equally wide and cells look whole; None for one column."""
    if len(sample) == SAMPLE:
        sample = sample[: max(sample.rfind("\n"), sample.rfind("\r"), SAMPLE // 2)]
    quotes = ['"']
    if '"' not in sample and re.search(r"(^|[,;\t| \n])'[^'\n]*'([,;\t| \r\n]|$)", sample):
        quotes = ["'", '"']
    ways = [How(delimiter, quote) for quote in quotes for delimiter in NAMES]
    scores = [_agreement(sample, way) for way in ways]
    best = max(range(len(ways)), key=lambda i: scores[i])
    return ways[best] if scores[best] > 0 else None


def _agreement(sample: str, how: How) -> float:
    """Share of rows that are as wide as most, times the share of cells that hold no other delimiter; 0 for width 1."""
    try:
        found = [cells for _, cells in itertools.islice(parse(sample, how, 0, strict=False), 200)]
    except ConfigError:
        return 0.0
    widths = Counter(len(cells) for cells in found if len(cells) > 1)
    if not widths:
        return 0.0
    width, times = max(widths.items(), key=lambda each: (each[1], each[0]))
    cells = [cell for row in found if len(row) == width for cell in row][:4000]
    whole = sum(_is_whole(cell, how) for cell in cells) / len(cells)
    return round(times / len(found) * whole * (0.97 if how.delimiter == " " else 1), 3)


def _is_whole(cell: str, how: How) -> bool:
    """Whether a cell looks like one: a number or words, without a delimiter or a quote in them."""
    if numerals.PLAIN.fullmatch(cell) or numerals.parts(cell):
        return True
    if how.quote == '"' and len(cell) > 1 and cell[0] == cell[-1] == "'":
        return False
    pieces = cell.split()
    others = set(",;\t|") - {how.delimiter}  # what holds its own delimiter was quoted
    return not others & set(cell) and not (len(pieces) > 1 and all(map(numerals.PLAIN.fullmatch, pieces)))


def parse(text: str, how: How, first: int, strict: bool = True) -> Iterator[Line]:
    """Rows by and by, `first` lines of the file being above the text; ConfigError where a quote is never closed."""
    blanks = how.delimiter == " "
    source = io.StringIO(_tabbed(text, how.quote) if blanks else text, newline="")
    reader = csv.reader(
        source,
        delimiter="\t" if blanks else how.delimiter,
        quotechar=how.quote,
        escapechar=how.escape,
        skipinitialspace=True,
        strict=strict,
    )
    clean = not re.search(rf"[^!-~\r\n{re.escape(reader.dialect.delimiter)}]|{how.quote}", text)  # most numbers are
    start = 1
    try:
        for cells in reader:
            if not clean:
                cells = [cell.strip() if cell.isprintable() else printable(cell) for cell in cells]
            if len(cells) > 1 or any(cells):
                yield start + first, cells
            start = reader.line_num + 1
    except csv.Error as error:
        got = "a quote that is never closed" if "unexpected end" in str(error) else str(error).replace("'", "")
        remedy = "Close every quote, and double the quotes inside a cell."
        raise ConfigError(f"table line {start + first}", got, "cells of a CSV file", remedy) from None


def printable(text: str) -> str:
    """Text without what cannot be printed; blanks of all kinds are blanks."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text).strip()


def _tabbed(text: str, quote: str) -> str:
    """Runs of blanks and tabs between cells as one tab, quoted ones as they are."""
    pattern = re.compile(rf"{quote}[^{quote}\r\n]*{quote}|[ \t]+")
    lines = (line.strip(" \t") for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return "\n".join(pattern.sub(lambda m: "\t" if m[0][0] in " \t" else m[0], line) for line in lines)


def lines_unquoted(text: str) -> str:
    """Every line without the quotes around it, where that is how a table was pasted."""
    return re.sub(r'(?m)^[ \t]*"(.*)"[ \t]*(?=\r?$)', lambda m: m[1].replace('""', '"'), text)
