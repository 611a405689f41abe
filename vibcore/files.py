"""Files in and out: results whole or not at all, JSON or CSV by the ending, and joints as tables. Without PyTorch."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from vibcore.types import Array, ConfigError, Reference

LARGEST = 20 * 2**20  # bytes of a joint
WIDEST = 2000  # y values of a joint: the collapse needs their squared number
ESTIMATES = ("rate", "distortion", "i_zy_bound", "error_1", "error_mc")
INTERVALS = ("i_xz", "i_zy")
Rows = Callable[[], Iterable[Sequence[Any]]]


def check_out(out: str) -> None:
    """ConfigError now rather than after the work, for a file that cannot be written."""
    path = Path(out)
    if out == "-":
        return
    if path.suffix not in (".json", ".csv") or path.is_dir():
        raise ConfigError("--out", out, "a name that ends in .json or .csv, or - for standard output", "Correct it.")
    try:
        if path.exists():
            path.open("r+").close()
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise ConfigError("--out", out, f"a file that can be written ({error.strerror})", "Choose another.") from None


def emit(out: str, tree: Any, rows: Rows) -> None:
    """JSON or CSV by the ending, whole or not at all; "-" is standard output, as JSON."""
    if out.endswith(".csv"):
        buffer = io.StringIO(newline="")
        csv.writer(buffer, lineterminator="\n").writerows(rows())
        text = buffer.getvalue()
    else:
        text = json.dumps(tree, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if out == "-":
        print(text, end="", flush=True)
        return
    write(Path(out), text)


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
    yield ["beta", "split", "diverged", "inputs", *(f"{e}_{part}" for e in ESTIMATES for part in parts),
           *(f"{e}_{end}" for e in INTERVALS for end in ends), "kl_per_dim"]  # fmt: skip
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


def read_joint(path: Path) -> Array:
    """A table of numbers, (x values, y values); ConfigError that names the line where it is not."""
    remedy = "Give numbers only: one row for each x, one column for each y, commas between."
    if not path.is_file():
        raise ConfigError("--joint", str(path), "a file", "Correct its name.")
    if path.stat().st_size > LARGEST:
        raise ConfigError("--joint", f"{path.stat().st_size / 2**20:.0f} MB", f"at most {LARGEST >> 20} MB", "Merge x.")
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ConfigError("--joint", str(path), "a text file", remedy) from None
    rows: list[Array] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            rows.append(np.array([float(cell) for cell in line.split(",")]))
        except ValueError:
            raise ConfigError(f"--joint line {number}", line[:60], "numbers", remedy) from None
        if len(rows[-1]) != len(rows[0]):
            expected = f"{len(rows[0])} as in the first"
            raise ConfigError(f"--joint line {number}", f"{len(rows[-1])} columns", expected, "Fill the gaps with 0.")
    if not rows:
        raise ConfigError("--joint", "an empty file", "a table", remedy)
    if len(rows[0]) > WIDEST:
        raise ConfigError("--joint", f"{len(rows[0])} columns", f"at most {WIDEST} values of y", "Merge some of them.")
    return np.stack(rows)
