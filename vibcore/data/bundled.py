"""Tables that come with scikit-learn, and tables that a caller has as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vibcore.config import Dataset, DatasetSpec
from vibcore.data.source import SMALL, Source
from vibcore.labels import flip_labels, split
from vibcore.streams import stream
from vibcore.types import Array


def bundled_source(
    loader: str, preset: Mapping[str, Any], image_shape: tuple[int, int] | None = None, largest: float = 1.0
) -> Source:
    """The set that a function of sklearn.datasets loads, by the function's name; `largest`: of its pixels' values."""
    return Source(
        lambda spec: _load(loader, spec, image_shape, largest),
        preset={**SMALL, "flip": 0.0, **preset},
        pixels=image_shape is not None,
    )


def from_table(
    x: Array,
    y: Array,
    spec: DatasetSpec,
    feature_names: Sequence[str],
    class_names: Sequence[str],
    image_shape: tuple[int, int] | None = None,
) -> Dataset:
    """A dataset of the caller's arrays: x (n, d), y (n,) class indices.

    Features are standardised with the training split's mean and deviation; pixels stay in [0, 1].
    """
    train, test = split(y, spec.seed)
    if image_shape is None:
        mean, std = x[train].mean(0), x[train].std(0)
        varies = (np.ptp(x[train], axis=0) > 0) & (std > 0)  # of equal values the deviation may be a rounding error
        x = (x - np.where(varies, mean, x[train[0]])) / np.where(varies, std, 1.0)
    return Dataset(spec, x.astype(np.float32), y, train, test, tuple(feature_names), tuple(class_names), image_shape)


def _load(loader: str, spec: DatasetSpec, image_shape: tuple[int, int] | None, largest: float) -> Dataset:
    from sklearn import datasets  # 3.5 s to import: only where it is needed

    bunch = getattr(datasets, loader)()
    x, y = np.asarray(bunch.data) / largest, np.asarray(bunch.target, dtype=np.int64)
    y = flip_labels(y, int(y.max()) + 1, spec.flip, stream(spec.seed, "flips"))
    classes = [str(c) for c in bunch.target_names]
    return from_table(x, y, spec, [str(f) for f in bunch.feature_names], classes, image_shape)
