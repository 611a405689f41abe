"""A visitor's own table: the bytes of a stranger's file, read as numbers and classes or refused with a reason.

The reader bends to what people save, and says in `notes` all that it did. Whatever is quoted back is cut short, and
names lose what cannot be printed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from vibcore import data, kinds, targets
from vibcore.cells import counted
from vibcore.config import Dataset, DatasetSpec
from vibcore.data.bundled import from_table
from vibcore.kinds import Column
from vibcore.labels import flip_labels, split
from vibcore.sheets import Sheet, distinct, listed, sheet, shown
from vibcore.streams import stream
from vibcore.table_remarks import remarks
from vibcore.targets import Labels, Target
from vibcore.types import Array, ConfigError

ROWS = (60, 5000)
FEATURES = 256
FARTHEST = 1e6  # deviations from the training mean: what a model in single precision makes of more is no number
THIRD = 0.43  # a third of a standard normal lies beyond it on either side
Gaps = Literal["drop", "median"]
Words = Literal["one-hot", "leave out"]


@dataclass(frozen=True)
class Reading:
    """What is chosen of a table. None: what is suggested. A table's digest tells readings apart.

    gaps: rows that have some are dropped, or gaps filled with the training rows' median. words: a 0/1 column for each
    word, or no columns of words. target: classes, a real value, or so many classes of equal size.
    """

    label: str | None = None
    gaps: Gaps = "drop"
    words: Words = "one-hot"
    target: Target = "auto"
    features: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class Table:
    """x (n, d) float64, NaN where a gap is to be filled; y (n,) int64 classes or float64 real values.

    class_names is empty for real values; digest: sha256 of the bytes and of the reading; notes: what was done.
    """

    x: Array
    y: Array
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    digest: str
    notes: tuple[str, ...] = ()


def columns(data: bytes) -> tuple[str, ...]:
    """Names of a file's columns; ConfigError where it holds no table."""
    return sheet(data).names


def suggested(of: Sheet, label: str) -> tuple[str, ...]:
    """The features that are used unless the visitor says otherwise."""
    return tuple(c.name for c in of.columns if c.name != label and not c.doubt)


def read(data: bytes | Sheet, reading: Reading | None = None) -> Table:
    """The table of a file, or of its sheet, as the reading asks for. Raises ConfigError."""
    reading = reading or Reading()
    of = sheet(data) if isinstance(data, bytes) else data
    label = of.column(of.label if reading.label is None else reading.label)
    names = suggested(of, label.name) if reading.features is None else reading.features
    chosen = [of.column(name) for name in names if shown(name) != label.name]
    used, notes = _used(of, label, chosen, reading)
    x, feature_names = _features(used)
    x, y, classes, said = _rows(x, label, used, reading)
    notes = [*of.notes, *notes, *said, *remarks(x, y, feature_names, classes)]
    what = of.sha256, label.name, reading.gaps, reading.words, reading.target, tuple(c.name for c in chosen)
    digest = hashlib.sha256(repr(what).encode()).hexdigest()
    return Table(x, y, feature_names, distinct(map(shown, classes)), digest, tuple(dict.fromkeys(notes)))


def dataset(table: Table, spec: DatasetSpec) -> Dataset:
    """The dataset of a table: split, standardised and with flipped labels as the built-in tables are.

    Gaps are filled with the training rows' median. Real values become normal scores, their ranks as a standard normal:
    that is one to one, so I(Z;Y) stays, and H(Y), which bounds are measured from, is a Gaussian's; labels that are
    real are not flipped. Raises ConfigError for another table's spec, and for a row that training does not prepare for.
    """
    data.check(spec)
    if (spec.name, spec.digest) != (data.OWN, table.digest):
        expected = f"the digest of this table, {table.digest[:12]}…"
        raise ConfigError("own table", f"{spec.digest[:12]}…", expected, "Give the table that was asked for.")
    scores = None if table.class_names else normal_scores(table.y, spec.seed)
    if scores is None:
        y = flip_labels(table.y, len(table.class_names), spec.flip, stream(spec.seed, "flips"))
    else:
        y = np.searchsorted([-THIRD, THIRD], scores)
    x = _filled(table.x, split(y, spec.seed)[0])
    with np.errstate(over="ignore"):  # what runs over is refused below
        made = from_table(x, y, spec, table.feature_names, table.class_names)
    _check_reach(made)
    if scores is None:
        return made
    return replace(made, y=scores[:, None].astype(np.float32), colour=y.astype(np.int64))


def normal_scores(values: Array, seed: int) -> Array:
    """Ranks as quantiles of a standard normal, equal values in a seeded order: (n,) → (n,).

    A function of y and of independent noise that gives y back: I(Z; score) = I(Z; y).
    """
    from scipy.special import ndtri

    n = len(values)
    shuffled = stream(seed, "ties").permutation(n)
    rank = np.empty(n)
    rank[shuffled[np.argsort(values[shuffled], kind="stable")]] = np.arange(n)
    scores: Array = ndtri((rank + 0.5) / n)
    return scores


def _used(of: Sheet, label: Column, chosen: list[Column], reading: Reading) -> tuple[list[Column], list[str]]:
    """The columns that become features, and a word on all that do not."""
    notes = []
    doubts = [f"{c.name} ({c.doubt})" for c in of.columns if c.doubt and c not in chosen and c is not label]
    if doubts:
        notes.append(f"Left out: {listed(doubts, 12)}.")
    words = [c for c in chosen if c.kind == "word"]
    if reading.words == "leave out" and words:
        notes.append(f"Columns of words left out: {listed([c.name for c in words], 12)}.")
        chosen = [c for c in chosen if c.kind != "word"]
    elif words:
        _check_words(words)
        notes.append(f"Words as 0/1 columns: {listed([f'{c.name} ({len(c.words)})' for c in words], 12)}.")
    if not chosen:
        got = "no feature" + (f": {notes[-1][:200]}" if notes else "")
        remedy = "Put a column back, or choose another label column."
        raise ConfigError("table", got, f"1 to {FEATURES} features", remedy)
    return chosen, notes


def _check_words(words: list[Column]) -> None:
    """ConfigError where words would become more features than there may be."""
    for column in words:
        if len(column.words) > FEATURES:
            got = f"{len(column.words):,} different words"
            remedy = "Leave that column out."
            raise ConfigError(f"table column {column.name!r}", got, f"at most {FEATURES}", remedy)


def _features(used: list[Column]) -> tuple[Array, tuple[str, ...]]:
    """Numbers as they are; of two words whether it is the second, or the true one; of more a 0/1 column each."""
    width = sum(1 if c.kind != "word" or len(c.words) <= 2 else len(c.words) for c in used)
    if width > FEATURES:
        remedy = "Choose fewer columns, leave out columns of words, or give a narrower table."
        raise ConfigError("table", f"{width:,} features", f"1 to {FEATURES}", remedy)
    parts: list[Array] = []
    names: list[str] = []
    for c in used:
        if c.kind != "word":
            parts, names = [*parts, c.values], [*names, c.name]
            continue
        known, words = ~np.isnan(c.values), range(len(c.words))
        if len(c.words) <= 2:
            words = range(len(c.words) - 1, len(c.words))
            if kinds.is_boolean(c.words):
                words = range(*(k for i, w in enumerate(c.words) if kinds.is_true(w) for k in (i, i + 1)))
        for k in words:
            parts.append(np.where(known, c.values == k, np.nan))
            names.append(c.name if kinds.is_boolean(c.words) else f"{c.name}={shown(c.words[k])}")
    return np.stack(parts, axis=1), distinct(names)


def _rows(
    x: Array, label: Column, used: list[Column], reading: Reading
) -> tuple[Array, Array, tuple[str, ...], list[str]]:
    """The rows that have all they need, not too many; x, y, the classes, and what was done."""
    gaps = np.logical_or.reduce(np.isnan(x), axis=1)
    where = listed([f"{c.name} ({c.gaps:,})" for c in used if c.gaps], 12)
    notes: list[str] = []
    if gaps.any() and reading.gaps == "median":
        notes.append(f"Gaps are filled with the median of the training rows: {where}.")
    elif gaps.any():
        notes.append(f"{counted(int(gaps.sum()), 'row')} of {len(x):,} left out for gaps: {where}.")
        x, label = x[~gaps], replace(label, values=label.values[~gaps])
    _check_rows(len(x), gaps, reading)
    found: Labels = targets.labels(label, reading.target)
    notes += found.notes
    x, y = x[found.has], found.y[found.has]
    _check_rows(len(x), gaps, reading)
    if len(x) > ROWS[1]:
        rows = targets.sampled(y, found.names, ROWS[1])
        how = ", of every class its share" if found.names else ""
        notes.append(f"{len(rows):,} of {len(x):,} rows are drawn at random{how}.")
        x, y = x[rows], y[rows]
    return x, y, found.names, notes


def _check_rows(rows: int, gaps: Array, reading: Reading) -> None:
    if rows < ROWS[0]:
        dropped = reading.gaps == "drop" and gaps.any()
        got = counted(rows, "row") + (f" without gaps, of {len(gaps):,}" if dropped else "")
        remedy = "Fill gaps with the median, or leave out the columns that have them." if dropped else "Give more rows."
        raise ConfigError("table", got, f"at least {ROWS[0]} rows with a label below the header", remedy)


def _filled(x: Array, train: Array) -> Array:
    """x with the training rows' median, or 0 where they have none, in its gaps."""
    if not np.isnan(x).any():
        return x
    known = ~np.isnan(x[train]).all(0)
    middle = np.zeros(x.shape[1])
    middle[known] = np.nanmedian(x[train][:, known], axis=0)
    return np.where(np.isnan(x), middle, x)


def _check_reach(made: Dataset) -> None:
    far = np.abs(made.x).max(0)
    if far.max() > FARTHEST:
        what = f"table column {made.feature_names[int(far.argmax())]!r}"
        expected = f"at most {FARTHEST:g} deviations from the training mean"
        raise ConfigError(what, "a value far from all others", expected, "Correct that row or leave it out.")
