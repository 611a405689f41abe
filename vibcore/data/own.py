"""Data of one's own, known by their digest: a table that `vibcore.tables` reads, or arrays at hand."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import numpy as np

from vibcore.config import Dataset, DatasetSpec
from vibcore.data.bundled import from_table
from vibcore.data.source import SMALL, Source
from vibcore.types import Array, ConfigError

FEWEST = 60  # rows: below, a third of them tests nothing


def _load(spec: DatasetSpec) -> Dataset:
    remedy = "Read it with vibcore.tables.read and give it to vibcore.tables.dataset."
    raise ConfigError("dataset", spec.name, "a set that is known by its name", remedy)


def _check(spec: DatasetSpec) -> None:
    if not re.fullmatch("[0-9a-f]{64}", spec.digest):
        expected, remedy = "the 64 hexadecimal digits of an own table's sha256", "Read the table with vibcore.tables."
        raise ConfigError("dataset digest", spec.digest[:12], expected, remedy)


def from_arrays(X: Array, y: Array, seed: int = 0) -> Dataset:
    """A dataset of arrays at hand: X (n, d) numbers, y (n,) class labels of any kind, or (n,) or (n, d_y) floats.

    Features are standardised and rows split as those of the bundled tables are; real targets are standardised, too.
    The spec names the arrays by their sha256. ConfigError for what is not finite, too few rows, or one class.
    """
    x, y = np.asarray(X), np.asarray(y)
    if x.ndim != 2 or x.dtype.kind not in "biuf" or len(y) != len(x) or len(x) < FEWEST:
        expected = f"numbers (n, d) and one target for each of at least {FEWEST} rows"
        raise ConfigError("X, y", (x.dtype.name, x.shape, y.shape), expected, "Correct them.")
    real = y.dtype.kind == "f"
    if not np.isfinite(x).all() or (real and not np.isfinite(y).all()):
        raise ConfigError("X, y", "NaN or infinite values", "finite numbers", "Fill the gaps, or leave those rows out.")
    digest = hashlib.sha256(x.tobytes() + y.tobytes()).hexdigest()
    spec = DatasetSpec("own", len(x), flip=0.0, seed=seed, digest=digest)
    features = [f"x{i + 1}" for i in range(x.shape[1])]
    if not real:
        classes, codes = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ConfigError("y", "one class", "at least two classes", "Add rows of another class.")
        return from_table(x.astype(np.float64), codes.astype(np.int64), spec, features, [str(c) for c in classes])
    targets = y.reshape(len(y), -1).astype(np.float64)
    thirds = np.argsort(np.argsort(targets[:, 0], kind="stable"), kind="stable") * 3 // len(y)
    found = from_table(x.astype(np.float64), thirds.astype(np.int64), spec, features, [])
    mean, std = targets[found.train].mean(0), targets[found.train].std(0)
    scaled = ((targets - mean) / np.where(std > 0, std, 1.0)).astype(np.float32)
    return replace(found, y=scaled, colour=thirds.astype(np.int64))


SOURCE = Source(_load, preset={**SMALL, "flip": 0.0, "batch": 32, "encoder": (32,)}, check=_check)
