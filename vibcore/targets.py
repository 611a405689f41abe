"""The label column: which one it is, what is a class, and what is a real value."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vibcore.kinds import Column
from vibcore.spellings import NUMBER_GAPS
from vibcore.streams import stream
from vibcore.types import Array, ConfigError

Target = Literal["auto", "classes", "real", "2", "3", "4", "5"]  # a number: so many classes of equal size
TARGETS: tuple[Target, ...] = ("auto", "classes", "real", "2", "3", "4", "5")
CLASSES = 50  # at most; the ten colours repeat
FEW_VALUES = 10  # numbers that are not whole are classes up to so many
OF_A_CLASS = 6  # rows: two of them are for testing
LABELS = (
    "label",
    "labels",
    "class",
    "classes",
    "target",
    "y",
    "outcome",
    "species",
    "diagnosis",
    "category",
    "survived",
    "klasse",
    "income",
    "quality",
    "kind",
    "type",
    "result",
    "response",
    "classification",
    "is_fraud",
    "default",
    "churn",
    "group",
)
REMEDY = "Choose another label column, or merge or leave out classes."


@dataclass(frozen=True, eq=False)
class Labels:
    """What is to be told: y (n,) int64 classes, −1 for rows without one, or (n,) float64 real values with NaN."""

    y: Array
    names: tuple[str, ...]  # none for real values
    notes: tuple[str, ...]

    @property
    def has(self) -> Array:
        """(n,) bool: rows with a label."""
        known: Array = self.y >= 0 if self.names else ~np.isnan(self.y)
        return known


def suggested(columns: Sequence[Column]) -> str:
    """The column that is the label unless the visitor says otherwise: by its name, else the last that has classes."""
    fitting = [c for c in columns if c.kind != "date" and not c.doubt and c.distinct > 1] or list(columns)
    last, first = fitting[-1], fitting[0]
    recurring = [c for c in columns if c.kind != "date" and c.distinct <= len(c.values) / 2]  # too many may be refused
    named = [c for name in LABELS for c in dict.fromkeys((*fitting, *recurring)) if c.name.lower() == name]
    words = [c for c in reversed(fitting) if c.kind == "word"]
    for column in (*named, last, *words, first):
        if _has_classes(column) or (column in named and column.kind == "word"):
            return column.name
    return (*named, last)[0].name


def _has_classes(column: Column) -> bool:
    """Whether its values recur as classes do."""
    whole = column.kind == "word" or _whole(column.values)
    return whole and 2 <= column.distinct <= min(CLASSES, len(column.values) / OF_A_CLASS + 1)


def labels(column: Column, target: Target) -> Labels:
    """Classes or real values of the label column. Raises ConfigError, with the number of classes that are too many."""
    gaps = column.gaps
    notes = (
        [f"{gaps:,} {'row has' if gaps == 1 else 'rows have'} no label and {'is' if gaps == 1 else 'are'} left out."]
        if gaps
        else []
    )
    if column.kind == "date":
        raise ConfigError("label column", f"dates in {column.name}", "classes or numbers", "Choose another column.")
    if target == "auto":
        target = "classes" if _is_class(column) else "real"
        if target == "real":
            notes.append(
                f"{column.name} has {column.distinct:,} different numbers, so it is predicted as a number; "
                "it can be cut into classes instead."
            )
    if column.kind == "word" and target != "classes":
        raise ConfigError("label column", f"words in {column.name}", "numbers, to be cut or predicted", "Take classes.")
    if target == "classes":
        return _classes(column, notes)
    if column.distinct < (2 if target == "real" else int(target)):
        raise ConfigError("label column", f"{column.distinct} different values", "more of them", REMEDY)
    return _real(column, notes) if target == "real" else _cut(column, int(target), notes)


def _is_class(column: Column) -> bool:
    """Words always are; numbers are where they recur: few if there are fractions."""
    if column.kind == "word":
        return True
    most = CLASSES if _whole(column.values) else FEW_VALUES
    return column.distinct <= most and column.distinct <= max(2, len(column.values) / OF_A_CLASS)


def _whole(values: Array) -> bool:
    known = values[~np.isnan(values)]
    return bool((known == np.floor(known)).all())


def _real(column: Column, notes: list[str]) -> Labels:
    return Labels(
        column.values,
        (),
        (*notes, f"{column.name} is predicted by its rank, as a standard normal: information about it stays the same."),
    )


def _cut(column: Column, count: int, notes: list[str]) -> Labels:
    """Classes of equal size, as far as equal values allow."""
    known = column.values[~np.isnan(column.values)]
    edges = np.unique(np.quantile(known, np.arange(1, count) / count, method="inverted_cdf"))
    edges = edges[edges < known.max()]
    if not len(edges):
        raise ConfigError("label column", f"{column.name} with nearly all values equal", "values to cut", REMEDY)
    y = np.where(np.isnan(column.values), -1, np.searchsorted(edges, column.values)).astype(np.int64)
    shown = [f"{edge:.4g}" for edge in edges]
    names = [f"≤ {shown[0]}", *(f"{a} to {b}" for a, b in itertools.pairwise(shown)), f"> {shown[-1]}"]
    return _kept(y, names, [*notes, f"{column.name} is cut into {len(names)} classes at {', '.join(shown)}."])


def _classes(column: Column, notes: list[str]) -> Labels:
    """Every value a class: words by alphabet, numbers by size, 0 and 0.0 being one."""
    known = ~np.isnan(column.values)
    found, place = np.unique(column.values[known], return_inverse=True)
    if not 2 <= len(found) <= CLASSES:
        numbers = " A column of numbers can also be predicted as a number, or cut." if column.kind == "number" else ""
        got = f"{len(found):,} class{'es' * (len(found) != 1)} in {column.name}"
        raise ConfigError("label column", got, f"2 to {CLASSES}", REMEDY + numbers)
    y = np.full(len(known), -1, dtype=np.int64)
    y[known] = place
    names = [column.words[int(v)] if column.kind == "word" else number_name(v) for v in found.tolist()]
    merged = [f"Equal numbers are one class: {', '.join(column.spellings[:5])}."] if column.spellings else []
    return _kept(y, names, [*notes, *merged, *_alike(names)])


def number_name(value: float) -> str:
    """A number as a class is called: 3 rather than 3.0."""
    if value == math.floor(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def _kept(y: Array, names: Sequence[str], notes: list[str]) -> Labels:
    """The classes that have rows enough, named anew; others are left out with a word."""
    sizes = np.bincount(y[y >= 0], minlength=len(names))
    rare = np.flatnonzero(sizes < OF_A_CLASS)
    kept = np.flatnonzero(sizes >= OF_A_CLASS)
    if len(kept) < 2:
        rows = "1 row" if sizes[rare[0]] == 1 else f"{sizes[rare[0]]} rows"
        got = f"{rows} of class {names[rare[0]]}"
        raise ConfigError("label column", got, f"at least {OF_A_CLASS} of each: a third is for testing", REMEDY)
    if len(rare):
        listed = ", ".join(f"{names[c]} ({sizes[c]})" for c in rare[:5]) + (", …" if len(rare) > 5 else "")
        notes.append(f"Classes with fewer than {OF_A_CLASS} rows are left out: {listed}.")
    index = np.full(len(names) + 1, -1, dtype=np.int64)
    index[kept] = np.arange(len(kept))
    return Labels(index[y], tuple(names[int(c)] for c in kept), tuple(notes))


def _alike(names: Sequence[str]) -> list[str]:
    """A hint at classes that may be meant as one, or as none."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.casefold().strip(" .'\""), []).append(name)
    same = [" and ".join(group) for group in groups.values() if len(group) > 1]
    notes = [f"Classes that differ in case or a point alone are kept apart: {', '.join(same[:5])}."] if same else []
    gaps = [name for name in names if name.lower() in NUMBER_GAPS or name.lower() in ("undefined", "-999")]
    if len(names) > 2 and gaps:
        notes.append(f"{', '.join(gaps)} is taken for a class: empty those cells if it stands for a missing label.")
    return notes


def sampled(y: Array, names: Sequence[str], most: int, seed: int = 0) -> Array:
    """Rows of a stratified sample, in their order: of every class its share, and never fewer than it needs."""
    rng = stream(seed, "rows")
    if not names:
        rows: Array = np.sort(rng.choice(len(y), most, replace=False))
        return rows
    sizes = Counter(y.tolist())
    spare = most - OF_A_CLASS * len(sizes)
    of = {
        c: OF_A_CLASS + math.floor(spare * (size - OF_A_CLASS) / (len(y) - OF_A_CLASS * len(sizes)))
        for c, size in sizes.items()
    }
    of[max(of, key=lambda c: sizes[c])] += most - sum(of.values())  # what the fractions leave
    parts = [rng.choice(np.flatnonzero(y == c), min(of[c], sizes[c]), replace=False) for c in sorted(of)]
    return np.sort(np.concatenate(parts))
