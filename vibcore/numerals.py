"""Numbers as people write them: decimal commas, thousands, currencies, percent, minus signs of all kinds."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HUGE = 1e100  # its square is still a number
PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
DIGITS = {first + i: str(i) for first in (0xFF10, 0x660, 0x6F0) for i in range(10)}  # of full width, Arabic, Persian
OTHERS = {
    **dict.fromkeys("−–‒﹣－", "-"),
    "’": "'",
    **dict.fromkeys("\u00a0\u202f\u2009", " "),
    "．": ".",
    "，": ",",
    "٫": ".",
    "٬": ",",
}
SIGNS = str.maketrans(OTHERS) | DIGITS
MONEY = r"[$€£¥₹]|EUR|USD|GBP|CHF|JPY|Rs\.?|kr\.?"
WRITTEN = re.compile(
    rf"(?P<open>\()?(?P<sign>[+-]?) ?(?P<money>{MONEY})? ?(?P<inner>-?)"
    r"(?P<core>[0-9][0-9.,' ]*|[.,][0-9]+)(?P<power>[eEdD][+-]?[0-9]+)?"
    rf" ?(?P<unit>%|{MONEY}|[A-Za-zµ°][A-Za-zµ°/²³]*[0-9]?)?(?P<late>-?)(?P<close>\))?"
)
SPACED = re.compile(r"[0-9]{1,3}([ '][0-9]{3})+([.,][0-9]*)?")
EXCEL = re.compile(r'="?([^"]*)"?')  # ="00123" is how Excel is told to leave a cell alone
INDIAN = r"[0-9]{1,2}(,[0-9]{2})+,[0-9]{3}"  # 1,23,456
GROUPS = {".": re.compile(r"[0-9]{1,3}(\.[0-9]{3})+"), ",": re.compile(rf"[0-9]{{1,3}}(,[0-9]{{3}})+|{INDIAN}")}
OTHER = {".": ",", ",": "."}
THOUSANDS = {".": "points between thousands", ",": "commas between thousands"}


@dataclass(frozen=True)
class Written:
    """A number taken apart: digits with separators, what stands around them, and signs of how it was written."""

    core: str
    negative: bool
    power: str
    unit: str
    marks: frozenset[str]


def parts(cell: str) -> Written | None:
    """A cell taken apart, or None where it holds no number."""
    text = cell.strip().translate(SIGNS)
    if text.startswith("="):
        text = EXCEL.sub(r"\1", text)
    found = WRITTEN.fullmatch(text)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    core, power, unit, marks = found["core"].strip(), found["power"] or "", found["unit"] or "", set()
    if " " in core or "'" in core:
        if not SPACED.fullmatch(core):
            return None
        core = re.sub("[ ']", "", core)
        marks.add("blanks or apostrophes between thousands")
    signs = [found["open"], found["sign"] == "-", found["inner"], found["late"]]
    marks |= {
        name
        for name, there in (
            ("minus signs other than -", any(dash in cell for dash in "−–‒﹣－")),
            ("minus signs behind the number, or brackets for them", bool(found["open"] or found["late"])),
            ("Fortran exponents", power[:1] in ("D", "d")),
            ("percent signs", unit == "%"),
            ("currencies", bool(found["money"]) or bool(re.fullmatch(MONEY, unit))),
        )
        if there
    }
    unit = "" if re.fullmatch(rf"%|{MONEY}", unit) else unit
    if sum(map(bool, signs)) > 1:
        return None
    return Written(core, any(signs), power.replace("D", "e").replace("d", "e"), unit, frozenset(marks))


def value(written: Written, decimal: str) -> float:
    """The number with that decimal mark, the other one being for thousands; NaN where it cannot be."""
    whole, mark, rest = written.core.partition(decimal)
    if OTHER[decimal] in whole:
        if not GROUPS[OTHER[decimal]].fullmatch(whole):
            return math.nan
        whole = whole.replace(OTHER[decimal], "")
    if not re.fullmatch("[0-9]*", whole + rest) or not whole + rest:
        return math.nan
    number = float(f"{whole or 0}{'.' if mark else ''}{rest}{written.power}")
    return math.nan if number > HUGE else -number if written.negative else number


def number(cell: str) -> float:
    """The number that a cell holds, written with a point or, where only that makes sense, a comma; else NaN."""
    if PLAIN.fullmatch(cell):
        plain = float(cell)
        return plain if abs(plain) <= HUGE else math.nan
    written = parts(cell)
    if written is None or written.unit:
        return math.nan
    by_point = value(written, ".")
    return value(written, ",") if math.isnan(by_point) else by_point


def vote(written: Written) -> str:
    """The decimal mark that a number leaves no doubt about, or ''."""
    core = written.core
    if "," in core and "." in core:
        return max(",.", key=core.rindex)
    for mark in ",.":
        if core.count(mark) == 1 and not (GROUPS[mark].fullmatch(core) and not core.startswith("0")):
            return mark
        if core.count(mark) > 1 and GROUPS[mark].fullmatch(core):
            return OTHER[mark]
    return ""


def decimal_mark(cells: Iterable[str], delimiter: str) -> str:
    """Comma or point, by the numbers that leave no doubt; else what goes with the delimiter."""
    votes = [vote(written) for cell in cells if "," in cell or "." in cell if (written := parts(cell))]
    commas, points = votes.count(","), votes.count(".")
    if commas != points:
        return "," if commas > points else "."
    return "," if delimiter in (";", "\t") and any("," in cell for cell in cells) else "."


def thousands_mark(cores: Sequence[str]) -> str:
    """Comma or point, where three digits follow every one and all other numbers are whole and below 1,000; else ''."""
    for mark in ",.":
        grouped = [core for core in cores if mark in core]
        rest = [core for core in cores if mark not in core]
        small = all(re.fullmatch("[0-9]{1,3}", core) for core in rest)
        threes = all(GROUPS[mark].fullmatch(core) and core[0] != "0" for core in grouped)
        if len(grouped) >= 5 and rest and small and threes:
            return mark
    return ""


def column(cells: Sequence[str], decimal: str) -> tuple[list[float], frozenset[str]]:
    """Numbers of a column's cells, NaN where there is none, and how they are written.

    The decimal mark is the one that reads more of them, `decimal` at a draw; each cell's own where all that have one
    leave no doubt. Units count where all share one.
    """
    written = [parts(cell) for cell in cells]
    units = {each.unit for each in written if each is not None}
    if len(units) > 1:
        written = [each if each is not None and not each.unit else None for each in written]
    thousands = thousands_mark([each.core for each in written if each is not None])
    decimal = OTHER[thousands] if thousands else decimal
    found = {mark: [math.nan if each is None else value(each, mark) for each in written] for mark in OTHER}
    missed = {mark: sum(map(math.isnan, values)) for mark, values in found.items()}
    best = min(OTHER, key=lambda mark: (missed[mark], mark != decimal))
    mixed = _by_each(written) if missed[best] else []
    if mixed and sum(map(math.isnan, mixed)) < missed[best]:
        return mixed, frozenset({"decimal commas in some cells and points in others"})
    marks: set[str] = set()
    for each, number in zip(written, found[best], strict=True):
        if each is not None and not math.isnan(number):
            marks |= each.marks
            marks |= {THOUSANDS[OTHER[best]]} if OTHER[best] in each.core else set()
            marks |= {"decimal commas"} if best == "," and "," in each.core else set()
    if len(units) == 1 and units != {""}:
        marks.add(f"the unit {next(iter(units))}")
    return found[best], frozenset(marks)


def _by_each(written: Sequence[Written | None]) -> list[float]:
    """Numbers by each cell's own decimal mark; none where one cell leaves a doubt, as 1.234 does among 1,23."""
    votes = [vote(each) if each is not None else "" for each in written]
    if any(
        each is not None and not own and set(",.") & set(each.core) for each, own in zip(written, votes, strict=True)
    ):
        return []
    return [math.nan if each is None else value(each, own or ".") for each, own in zip(written, votes, strict=True)]
