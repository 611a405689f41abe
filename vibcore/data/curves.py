"""Sets that are curves in the plane, blurred by noise: what both their samples and their density are made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vibcore.config import Dataset, DatasetSpec
from vibcore.data.source import DRAWN, SMALL, Curves, Source
from vibcore.labels import flip_labels, split
from vibcore.streams import stream
from vibcore.types import Array


def curves_source(
    curve: Callable[[DatasetSpec, int, Array], Array],
    speed: float,
    classes: int | None = None,
    choose: tuple[int, int] | None = None,
    preset: Mapping[str, Any] = SMALL,
) -> Source:
    """A set of curves, as `Curves` says; `choose`: numbers of classes to choose from, where `classes` is None."""
    density = Curves(curve, speed, classes)
    fields = DRAWN if choose is None else (*DRAWN, "classes")
    return Source(lambda spec: _load(density, spec), fields, preset, density, choose)


def classes_of(density: Curves, spec: DatasetSpec) -> int:
    """Number of classes of a set of curves."""
    return spec.classes if density.classes is None else density.classes


def drawn(
    density: Curves, spec: DatasetSpec, truth: Array, rng: np.random.Generator, flips: np.random.Generator
) -> tuple[Array, Array]:
    """Inputs of the classes `truth` (n,): x (n, 2) float64, and their labels (n,), some of them flipped."""
    x = np.empty((len(truth), 2))
    for c in range(classes_of(density, spec)):
        rows = truth == c
        x[rows] = density.curve(spec, c, rng.random(int(rows.sum())))
    x += spec.noise * rng.standard_normal(x.shape)
    return x, flip_labels(truth, classes_of(density, spec), spec.flip, flips)


def polar(radius: Array, angle: Array) -> Array:
    """(T,), (T,) → (T, 2)."""
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)


def _load(density: Curves, spec: DatasetSpec) -> Dataset:
    classes = classes_of(density, spec)
    # balanced: the odds of the classes are no part of the noise
    truth = np.arange(spec.n) % classes
    x, y = drawn(density, spec, truth, stream(spec.seed, "sample"), stream(spec.seed, "flips"))
    train, test = split(y, spec.seed)
    names = tuple(str(c) for c in range(classes))
    return Dataset(spec, x.astype(np.float32), y, train, test, ("x₁", "x₂"), names)
