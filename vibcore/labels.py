"""What is done to class labels: noise that flips them, and a split that keeps their odds. Seeded."""

from __future__ import annotations

import numpy as np

from vibcore.streams import stream
from vibcore.types import Array


def flip_labels(y: Array, classes: int, flip: float, rng: np.random.Generator) -> Array:
    """Each label becomes a uniformly drawn *other* class with probability `flip`."""
    other = (y + rng.integers(1, classes, size=len(y))) % classes
    return np.where(rng.random(len(y)) < flip, other, y).astype(np.int64)


def split(y: Array, seed: int) -> tuple[Array, Array]:
    """Row indices of the training and the test part: stratified by class, a third is for testing."""
    rng = stream(seed, "split")
    train, test = [], []
    for c in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == c))
        cut = max(1, round(len(rows) / 3))
        test.append(rows[:cut])
        train.append(rows[cut:])
    return rng.permutation(np.concatenate(train)), rng.permutation(np.concatenate(test))
