"""Datasets by name: `load(spec)` draws or loads one, split and seeded. Equal specs give equal data."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from vibcore import geometry, images
from vibcore.labels import flip_labels, split
from vibcore.streams import LARGEST_SEED, stream
from vibcore.types import Array, ConfigError, Dataset, DatasetSpec, check_fields

TABLES = ("iris", "wine", "breast_cancer", "digits")
LIMITS = {"n": (60, 20_000), "noise": (0.01, 1.0), "flip": (0.0, 0.45), "seed": (0, LARGEST_SEED)}
CLASS_LIMITS = {"spirals": (2, 8), "blobs": (2, 10)}


def names() -> tuple[str, ...]:
    """Every dataset that `load` knows: those built in, and the images whose files are here."""
    return (*geometry.NAMES, "gaussian", *TABLES, *images.present())


def check(spec: DatasetSpec) -> None:
    """Raise ConfigError for a spec that cannot be met."""
    check_fields(spec)
    if spec.name in images.NAMES:
        images.check(spec.name)
    elif spec.name == "own":
        _check_digest(spec.digest)
    elif spec.name not in names():
        raise ConfigError("dataset", spec.name, f"one of {', '.join(names())}", "Choose one of these names.")
    for key, (low, high) in LIMITS.items():
        value = getattr(spec, key)
        if not low <= value <= high:  # also catches NaN
            raise ConfigError(f"dataset {key}", value, f"a number from {low} to {high}", "Move it into that range.")
    if spec.name in CLASS_LIMITS:
        low, high = CLASS_LIMITS[spec.name]
        if not low <= spec.classes <= high:
            raise ConfigError("classes", spec.classes, f"{low} to {high} for {spec.name}", "Choose more or fewer.")
    if spec.name == "gaussian" and not (1 <= len(spec.rho) <= 8 and all(0 <= r < 1 for r in spec.rho)):
        raise ConfigError("rho", spec.rho, "one to eight correlations, each 0 ≤ ρ < 1", "Correct the list.")


def load(spec: DatasetSpec) -> Dataset:
    """The dataset of a spec, with its stratified and seeded train/test split."""
    check(spec)
    if spec.name == "own":
        remedy = "Read it with vibcore.tables.read and give it to vibcore.tables.dataset."
        raise ConfigError("dataset", spec.name, "a set that is known by its name", remedy)
    if spec.name in images.NAMES:
        return images.load(spec)
    if spec.name == "gaussian":
        return _gaussian(spec)
    return _table(spec) if spec.name in TABLES else _synthetic(spec)


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


def _check_digest(digest: str) -> None:
    if not re.fullmatch("[0-9a-f]{64}", digest):
        remedy = "Read the table with vibcore.tables."
        raise ConfigError("dataset digest", digest[:12], "the 64 hexadecimal digits of an own table's sha256", remedy)


def _synthetic(spec: DatasetSpec) -> Dataset:
    rng = stream(spec.seed, "sample")
    classes = geometry.classes_of(spec)
    # balanced: the odds of the classes are no part of the noise
    x, y = drawn(spec, np.arange(spec.n) % classes, rng, stream(spec.seed, "flips"))
    train, test = split(y, spec.seed)
    names = tuple(str(c) for c in range(classes))
    return Dataset(spec, x.astype(np.float32), y, train, test, ("x₁", "x₂"), names)


def drawn(spec: DatasetSpec, truth: Array, rng: np.random.Generator, flips: np.random.Generator) -> tuple[Array, Array]:
    """Inputs of the synthetic classes `truth` (n,): x (n, 2) float64, and their labels (n,), some of them flipped."""
    x = np.empty((len(truth), 2))
    for c in range(geometry.classes_of(spec)):
        rows = truth == c
        x[rows] = geometry.curve(spec, c, rng.random(int(rows.sum())))
    x += spec.noise * rng.standard_normal(x.shape)
    return x, flip_labels(truth, geometry.classes_of(spec), spec.flip, flips)


def pairs(rho: Sequence[float], n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Standard normals x and y, both (n, d) float64, that correlate by ρ_i in each dimension and not across."""
    r = np.array(rho)
    x = rng.standard_normal((n, len(r)))
    return x, r * x + np.sqrt(1 - r**2) * rng.standard_normal(x.shape)


def _table(spec: DatasetSpec) -> Dataset:
    from sklearn import datasets as sk  # 3.5 s to import: only where it is needed

    loaders: dict[str, Callable[[], object]] = {
        "iris": sk.load_iris,
        "wine": sk.load_wine,
        "breast_cancer": sk.load_breast_cancer,
        "digits": sk.load_digits,
    }
    bunch = loaders[spec.name]()
    x, y = np.asarray(bunch.data), np.asarray(bunch.target, dtype=np.int64)  # type: ignore[attr-defined]
    image_shape = (8, 8) if spec.name == "digits" else None
    if image_shape:
        x = x / 16.0  # pixels in [0, 1]: what a Bernoulli decoder models
    y = flip_labels(y, int(y.max()) + 1, spec.flip, stream(spec.seed, "flips"))
    classes = [str(c) for c in bunch.target_names]  # type: ignore[attr-defined]
    features = [str(f) for f in bunch.feature_names]  # type: ignore[attr-defined]
    return from_table(x, y, spec, features, classes, image_shape)


def _gaussian(spec: DatasetSpec) -> Dataset:
    """Pairs (X_i, Y_i) of standard normals with correlation ρ_i: the set whose frontier Chechik et al. 2005 give."""
    x, y = pairs(spec.rho, spec.n, stream(spec.seed, "sample"))
    thirds = np.searchsorted([-0.43, 0.43], y[:, 0])  # colour: low, middle and high third of the first target
    train, test = split(thirds, spec.seed)
    features = tuple(f"x{i + 1}" for i in range(len(spec.rho)))
    return Dataset(spec, x.astype(np.float32), y.astype(np.float32), train, test, features, (), colour=thirds)
