"""Text of a stranger's table → rows of cells, equally wide, without what stands above and below the table."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vibcore import numerals, texts
from vibcore.delimiters import NAMES, SAMPLE, How, Line, lines_unquoted, parse, told
from vibcore.types import ConfigError

SHOWN = 40  # characters of whatever is quoted
MOST_ROWS = 250_000
PREAMBLE = 20  # lines before the header, at most
SEPARATE = "Separate the columns by commas, semicolons, tabs, vertical bars or blanks."
TOTAL = re.compile(
    r"(grand )?(total|sub-?total|sum|summe|gesamt|insgesamt|mean|average|mittelwert|somme|count|anzahl)\b", re.I
)


@dataclass(frozen=True, eq=False)
class Cells:
    """All rows that are not blank, how they were told apart, and what was done."""

    lines: list[Line]
    how: How
    notes: tuple[str, ...]


def rows(data: bytes, largest: int = texts.LARGEST) -> Cells:
    """Line number and cells of every row of a file, of at most so many bytes, that is not blank. Raises ConfigError."""
    found, _ = texts.text(data, largest)
    return split(found)


def split(text: str) -> Cells:
    """The rows of a text, as they stand in it. Raises ConfigError."""
    text, first, hint, notes = _opening(text)
    how = How(hint) if hint else told(text[:SAMPLE])
    if how is None:
        text, unquoted = lines_unquoted(text), told(lines_unquoted(text[:SAMPLE]))
        if unquoted is None:
            return Cells(_counted(parse(text, How(","), first)), How(","), tuple(notes))
        how, notes = unquoted, [*notes, "Quotes around whole lines are left out."]
    try:
        lines = _counted(parse(text, how, first))
    except ConfigError:
        if '\\"' not in text:
            raise
        how = How(how.delimiter, how.quote, "\\")
        lines = _counted(parse(text, how, first))
        notes.append("Quotes inside cells are written with a backslash.")
    if how.delimiter != ",":
        notes.append(f"Columns are separated by {NAMES.get(how.delimiter, repr(how.delimiter))}.")
    if _is_blank_around(text[:SAMPLE], how):
        notes.append("Blanks around cells are left out.")
    notes += ["Single quotes around cells are left out."] if how.quote == "'" else []
    return Cells(lines, how, tuple(notes))


def _is_blank_around(text: str, how: How) -> bool:
    """Whether blanks stand beside the delimiter, other than in quotes."""
    mark = re.escape(how.delimiter)
    bare = re.sub(f"{how.quote}[^{how.quote}\r\n]*{how.quote}", "q", text)
    return how.delimiter != " " and re.search(rf"(?m)(^|{mark}) +[^ ]|[^ ] +({mark}|\r?$)", bare) is not None


def _counted(lines: Iterator[Line]) -> list[Line]:
    """All rows; ConfigError where they are too many to be read while somebody waits."""
    found = list(itertools.islice(lines, MOST_ROWS + 1))
    if len(found) > MOST_ROWS:
        got = f"more than {MOST_ROWS:,} rows"
        raise ConfigError("table", got, f"at most {MOST_ROWS:,}", "Draw a sample of its rows and choose that.")
    return found


def frame(lines: Sequence[Line]) -> tuple[list[Line], list[str]]:
    """The rows that make a table, equally wide, and what was left out around them. Raises ConfigError."""
    full = [line for line in lines if any(line[1])]
    empty = len(lines) - len(full)
    notes = [f"{counted(empty, 'empty row')} left out."] if empty else []
    width = _width(full)
    kept = [_trimmed(line, width) for line in full]
    kept, said = _below_preamble(kept, width)
    notes += said
    kept, said = _without_comments(kept, width)
    notes += said
    tail = _end(kept, width)
    if tail < len(kept):
        shown = " ".join(filter(None, kept[tail][1]))[:SHOWN]
        notes.append(
            f"Left out below the table: line {kept[tail][0]} ({shown})."
            if tail + 1 == len(kept)
            else f"Left out below the table: lines {kept[tail][0]} to {kept[-1][0]} ({shown} …)."
        )
        del kept[tail:]
    _check_widths(kept, width)
    return kept, notes


def counted(number: int, word: str) -> str:
    """'1 row', '2 rows', '1,200 rows'."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _opening(text: str) -> tuple[str, int, str, list[str]]:
    """The text below a sep= line and comments, lines before it, the delimiter that it names, and what was done."""
    found = re.match(r'\s*"?sep=(.)"?[ \t]*(\r\n|\r|\n)', text, re.IGNORECASE)
    hint, notes, start = "", [], 0
    if found:
        hint, start = found[1], found.end()
        notes.append("The first line names the separator, as Excel writes it.")
    comments = re.match(r"(?:[ \t]*(?:#|//)[^\r\n]*(?:\r\n|\r|\n)|[ \t]*(?:\r\n|\r|\n))*", text[start:])
    last = _commented_header(comments[0], text[start + comments.end() :]) if comments else ""
    if comments and comments[0].strip() and text[start + comments.end() :].strip():
        start += comments.end()
        notes.append(
            "Lines of comment above the table are left out."
            if not last
            else "The names of the columns are those of the commented line above the rows."
        )
    lines = len(re.findall(r"\r\n|\r|\n", text[:start]))
    if last:
        return f"{last}\n{text[start:]}", lines - 1, hint, notes
    return text[start:], lines, hint, notes


def _commented_header(comments: str, below: str) -> str:
    """The last comment without its sign, where it splits as the row below it does and names what are numbers there."""
    written = [line for line in re.split(r"[\r\n]+", comments) if line.strip()]
    first = re.split(r"[\r\n]", below, maxsplit=1)[0]
    if not written or not first.strip():
        return ""
    names = re.sub(r"^[ \t]*(#|//)[ \t]*", "", written[-1])
    for mark in (*",;\t|", None):
        over, under = names.split(mark), first.split(mark)
        if len(over) == len(under) > 1:
            numbers = [not _is_gap_or_word(cell) for cell in under]
            return names if any(n and _is_gap_or_word(o) for o, n in zip(over, numbers, strict=True)) else ""
    return ""


def _is_gap_or_word(cell: str) -> bool:
    return bool(numerals.number(cell.strip()) != numerals.number(cell.strip()))  # NaN


def _width(full: Sequence[Line]) -> int:
    """The width of most rows."""
    widths = Counter(len(cells) for _, cells in full)
    width = max(widths.items(), key=lambda each: (each[1], each[0]))[0] if widths else 0
    if width < 2:
        raise ConfigError("table", "one column" if full else "no row", "a label and at least one feature", SEPARATE)
    return width


def _trimmed(line: Line, width: int) -> Line:
    """The row without empty cells beyond that width."""
    number, cells = line
    while len(cells) > width and not cells[-1]:
        cells = cells[:-1]
    return number, cells


def _below_preamble(lines: list[Line], width: int) -> tuple[list[Line], list[str]]:
    """The rows from the header on; names for all columns but the first are R's way to write names of rows."""
    at = 0
    while at < min(PREAMBLE, len(lines) - 2) and len(lines[at][1]) < width:
        names = lines[at][1]
        if len(names) == width - 1 > 1 and not any(cells[-1] for _, cells in lines[at + 1 :] if len(cells) == width):
            return [(lines[at][0], [*names, ""]), *lines[at + 1 :]], _left_out(lines[:at])  # rows end with a delimiter
        if len(names) == width - 1 > 1 and len(lines[at + 1][1]) == width and _is_heading(names, lines[at + 1][1][1:]):
            above = _left_out(lines[:at])
            lines = [(lines[at][0], ["", *names]), *lines[at + 1 :]]
            return lines, [*above, "The first column has no name: it names the rows."]
        at += 1
    _check_names(lines[at - 1] if at else None, lines[at][1], lines[at + 1][1] if at + 1 < len(lines) else ())
    return lines[at:], _left_out(lines[:at])


def _check_names(above: Line | None, first: Sequence[str], second: Sequence[str]) -> None:
    """ConfigError where names stand above rows that hold more cells, as decimal commas make of a number two."""
    if above is None or sum(map(bool, above[1])) < 2 or not all(map(_is_gap_or_word, above[1])):
        return
    if not all(map(_is_gap_or_word, first)) and not _is_heading(first, second):
        got, expected = f"{counted(len(above[1]), 'name')}", f"{len(first)}, one for each cell of the rows below"
        remedy = "Name every column; where numbers have decimal commas, separate the columns by semicolons."
        raise ConfigError(f"table line {above[0]}", got, expected, remedy)


def _without_comments(lines: list[Line], width: int) -> tuple[list[Line], list[str]]:
    """The rows without those that are no rows but comments."""
    kept = [line for line in lines if len(line[1]) == width or not line[1][0].startswith(("#", "//"))]
    lost = len(lines) - len(kept)
    return kept, [f"{counted(lost, 'line')} of comment left out."] if lost else []


def _end(lines: Sequence[Line], width: int) -> int:
    """Where the table ends: above rows that sum it up, and above narrow ones that follow a line without any cell."""
    end = len(lines)
    while end > 2 and _is_footer(lines[end - 1][1], width):
        end -= 1
    for at in range(end - 1, max(2, end - PREAMBLE), -1):
        if len(lines[at][1]) >= width:
            break
        if lines[at][0] > lines[at - 1][0] + 1:
            end = at
    return end


def _is_heading(names: Sequence[str], below: Sequence[str]) -> bool:
    """Whether words stand over numbers somewhere."""
    return any(_is_gap_or_word(name) and not _is_gap_or_word(cell) for name, cell in zip(names, below, strict=True))


def _left_out(lines: Sequence[Line]) -> list[str]:
    if not lines:
        return []
    shown = " ".join(filter(None, lines[0][1]))[:SHOWN]
    which = f"line {lines[0][0]}" if len(lines) == 1 else f"lines {lines[0][0]} to {lines[-1][0]}"
    return [f"Left out above the table: {which} ({shown})."]


def _is_footer(cells: Sequence[str], width: int) -> bool:
    """Whether a last row only sums up or says where the table is from."""
    filled = [cell for cell in cells if cell]
    if len(cells) == 1 or (width > 2 and len(filled) == 1 and cells[0]):
        return True
    return bool(TOTAL.match(filled[0])) and len(filled) < width


def _check_widths(lines: Sequence[Line], width: int) -> None:
    """ConfigError that names the rows which are not as wide as most."""
    odd = [(number, len(cells)) for number, cells in lines if len(cells) != width]
    if odd:
        number, cells = odd[0]
        others = [str(line) for line, _ in odd[1:]]
        which = ", ".join(others[:5]) + (", …" if len(others) > 5 else "")
        more = f"; mend as well line{'s' * (len(others) > 1)} {which}" if others else ""
        remedy = f"Complete the row, or quote cells that hold the separator{more}."
        raise ConfigError(f"table line {number}", f"{cells} cells", f"{width} as in most rows", remedy)
