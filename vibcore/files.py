"""Files in and out: results whole or not at all, JSON or CSV by the ending, and joints as tables. Without PyTorch."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from vibcore import cells, numerals
from vibcore.delimiters import Line
from vibcore.types import Array, ConfigError, Reference

LARGEST = 20 * 2**20  # bytes of a joint
WIDEST = 2000  # y values of a joint: the collapse needs their squared number
ESTIMATES = ("rate", "distortion", "i_zy_bound", "error_1", "error_mc")
INTERVALS = ("i_xz", "i_zy", "marginal_slack", "decoder_slack")
SUM = 1e-6  # how far from 1 the sum of a joint may be
NUMBERS = "Give numbers: one row for each x, one column for each y, commas between."
SPECIAL = re.compile("[+-]?(nan|inf|infinity)", re.IGNORECASE)
Rows = Callable[[], Iterable[Sequence[Any]]]


def check_out(out: str) -> None:
    """ConfigError now rather than after the work, for a file that cannot be written."""
    path = Path(out)
    if out == "-":
        return
    if path.suffix not in (".json", ".csv") or path.is_dir():
        raise ConfigError("--out", out, "a name that ends in .json or .csv, or - for standard output", "Correct it.")
    check_writable(out)


def check_writable(out: str) -> None:
    """The same for a name whose ending is known to be right."""
    path = Path(out)
    try:
        if path.exists():
            path.open("r+").close()
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise ConfigError("--out", out, f"a file that can be written ({error.strerror})", "Choose another.") from None


def emit(out: str, tree: Any, rows: Rows) -> None:
    """JSON or CSV by the ending, whole or not at all; "-" is standard output, as JSON."""
    text = csv_text(rows()) if out.endswith(".csv") else json_text(tree)
    if out == "-":
        print(text, end="", flush=True)
        return
    write(Path(out), text)


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """A table as a file has it."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def json_text(tree: Any) -> str:
    """A tree as a file has it."""
    return json.dumps(tree, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def make_folder(folder: Path) -> None:
    """The folder, made and known to be writable; ConfigError otherwise."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        remedy = "Choose another folder or change its permissions."
        raise ConfigError("folder", str(folder), f"one to write in ({error.strerror})", remedy) from None


def write(path: Path, text: str) -> None:
    """A text file that appears complete or not at all: readers and resumed sweeps never see half of it."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A name beside the file to write to: put in the file's place at the end, or removed where that is not reached.

    Nobody else has the name: two sweeps may write the same result at once.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def reference_tree(known: Reference) -> dict[str, Any]:
    """What is exactly known of a problem, JSON-ready: i_x, i_y, beta by increasing i_x, nats."""
    curve = {name: getattr(known.frontier, name).tolist() for name in ("i_x", "i_y", "beta")}
    return {
        **curve,
        **{name: getattr(known, name) for name in ("i_xy", "h_y", "collapse", "unstable", "frontier_kind", "source")},
    }


def sweep_rows(result: dict[str, Any]) -> Iterable[Sequence[Any]]:
    """A row for each β and split: every estimate with its error and what it is, every information with its ends."""
    parts, ends = ("value", "stderr", "kind"), ("low", "high", "of", "inputs")
    yield [
        "beta",
        "split",
        "diverged",
        "inputs",
        *(f"{e}_{part}" for e in ESTIMATES for part in parts),
        *(f"{e}_{end}" for e in INTERVALS for end in ends),
        "kl_per_dim",
    ]
    for point, split in itertools.product(result["points"], ("train", "test", "population")):
        if split not in point:
            continue
        of = point[split]
        estimates = [(of[e] or {}).get(part) for e in ESTIMATES for part in parts]
        intervals = [(of[e] or {}).get(end) for e in INTERVALS for end in ends]
        per_dim = " ".join(map(str, of["kl_per_dim"]))
        yield [point["beta"], split, point["diverged"], of["inputs"], *estimates, *intervals, per_dim]


def flat(tree: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Leaves of nested dicts by their dotted path."""
    for key, value in tree.items():
        yield from flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, value)]


def read_joint(path: Path, counts: bool = False) -> Array:
    """p(x, y) of a table as text, (x values, y values): numbers that sum to 1, or counts that are divided by their sum.

    Read as any table is, by the separator and the decimal mark that fit. A first line of column names is left out, and
    a first column of row names. ConfigError that names the line where the table is none.
    """
    rows, decimal = _rows(path)
    if _is_header(rows):
        rows = _without_names(rows, counts)
    elif all(len(row) > 1 and not _is_number(row[0]) for _, row in rows):
        rows = [(number, row[1:]) for number, row in rows]
    if not rows:
        raise ConfigError("--joint", "column names alone", "a table", NUMBERS)
    p = np.array([_numbers(number, row, len(rows[0][1]), decimal) for number, row in rows])
    if p.shape[1] > WIDEST:
        raise ConfigError("--joint", f"{p.shape[1]} columns", f"at most {WIDEST} values of y", "Merge some of them.")
    return _normalised(p, counts)


def _rows(path: Path) -> tuple[list[Line], str]:
    """Every line that has cells, and the decimal mark."""
    if not path.is_file():
        raise ConfigError("--joint", str(path), "a file", "Correct its name.")
    if path.stat().st_size > LARGEST:
        raise ConfigError("--joint", f"{path.stat().st_size / 2**20:.0f} MB", f"at most {LARGEST >> 20} MB", "Merge x.")
    found = cells.rows(path.read_bytes(), LARGEST)
    rows = [line for line in found.lines if any(line[1])]
    if not rows:
        raise ConfigError("--joint", "an empty file", "a table", NUMBERS)
    while len(rows[-1][1]) > 1 and not any(row[-1] for _, row in rows):  # every line ends with a separator
        rows = [(number, row[:-1]) for number, row in rows]
    some = [cell for _, row in rows[:: max(1, len(rows) // 400)] for cell in row[:: max(1, len(row) // 20)]]
    return rows, numerals.decimal_mark(some, found.how.delimiter)


def _is_header(rows: Sequence[Line]) -> bool:
    """Whether a first line names columns: an empty name or a word for the row names, or no number at all."""
    first = rows[0][1]
    named = len(first) > 1 and not _is_number(first[0]) and all(_is_number(row[0]) for _, row in rows[1:])
    return (len(first) > 1 and first[0] == "") or named or not any(map(_is_number, first))


def _without_names(rows: Sequence[Line], counts: bool) -> list[Line]:
    """The rows below a header, without names of theirs: by an empty name, a word beside numbers, or none at all."""
    first, below = rows[0][1], rows[1:]
    names = [row[0] for _, row in below]
    if not below or len(below[0][1]) == 1:
        return list(below)
    mixed = not _is_number(first[0]) and any(map(_is_number, first[1:]))
    counter = names in ([str(i + start) for i in range(len(names))] for start in (0, 1)) and len(names) > 1
    if counter and counts and first[0] and not mixed and len(first) == len(below[0][1]):
        remedy = "Remove that column if it counts the rows, or empty its name."
        raise ConfigError(f"--joint column {first[0]}", f"{names[0]}, {names[1]}, …", "counts", remedy)
    if first[0] == "" or mixed or counter or len(first) < len(below[0][1]) or not any(map(_is_number, names)):
        return [(number, row[1:]) for number, row in below]
    return list(below)


def _is_number(cell: str) -> bool:
    return bool(SPECIAL.fullmatch(cell)) or not math.isnan(numerals.number(cell))


def _numbers(number: int, row: list[str], columns: int, decimal: str) -> list[float]:
    plain = decimal == "." and all(map(numerals.PLAIN.fullmatch, row))
    if not plain and not all(map(_is_number, row)):
        raise ConfigError(f"--joint line {number}", ",".join(row)[:60], "numbers", NUMBERS)
    if len(row) != columns:
        expected = f"{columns} as in the first"
        raise ConfigError(f"--joint line {number}", f"{len(row)} columns", expected, "Fill the gaps with 0.")
    if plain:
        return list(map(float, row))
    written = [numerals.parts(cell) for cell in row]
    return [
        float(cell) if each is None else numerals.value(each, decimal) for cell, each in zip(row, written, strict=True)
    ]


def _normalised(p: Array, counts: bool) -> Array:
    """Probabilities, with a first row of numbers that can only be names left out; ConfigError where that is unclear."""
    names = len(p) > 1 and p.shape[1] > 1 and (p[0] == np.arange(p.shape[1])).all()
    if not np.isfinite(p).all() or (p < 0).any():
        return p  # the check of joints says which
    if counts and names:
        row = ", ".join(f"{value:g}" for value in p[0])
        expected = "counts, or column names that are no numbers"
        raise ConfigError("--joint line 1", row, expected, "Remove the line if it names columns, or name them y0,y1.")
    if counts and p.sum() > 0:
        normal: Array = p / p.sum()
        return normal
    if len(p) > 1 and abs(p.sum() - 1) > SUM and abs(p[1:].sum() - 1) <= SUM:
        rest: Array = p[1:]  # the rest alone sums to 1
        return rest
    if abs(p.sum() - 1) > SUM:
        hint = "Line 1 looks like column names: remove it first. " if names else ""
        raise ConfigError(
            "--joint",
            f"a sum of {p.sum():.6g}",
            "probabilities that sum to 1",
            f"{hint}Add --counts if these are counts, to divide them by their sum.",
        )
    return p
