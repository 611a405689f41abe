"""Datasets by name, a file each: `load(spec)` draws or loads one, split and seeded. Equal specs give equal data.

A new dataset is a file of this room with its SOURCE, and its name in NAMES. No other file names a dataset.
"""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module
from typing import Any

from vibcore.config import Dataset, DatasetSpec, check_types, check_values
from vibcore.data.source import Curves, Source
from vibcore.types import ConfigError

NAMES = (
    "spirals",
    "moons",
    "circles",
    "blobs",
    "xor",
    "gaussian",
    "iris",
    "wine",
    "breast_cancer",
    "digits",
    "mnist",
    "fashion_mnist",
)
MEASURED = "moons"  # what benchmarks train on
OWN = "own"  # a table of one's own, which no list of names holds
SOURCES: dict[str, Source] = {name: import_module(f"vibcore.data.{name}").SOURCE for name in (*NAMES, OWN)}


def names() -> tuple[str, ...]:
    """Every dataset that `load` knows: those built in, and the images whose files are here."""
    return tuple(name for name in NAMES if SOURCES[name].present())


def image_names() -> tuple[str, ...]:
    """Those of them whose inputs are images."""
    return tuple(name for name in names() if SOURCES[name].pixels)


def source(name: str) -> Source:
    """What is known of a dataset; ConfigError for a name that is none."""
    if name not in SOURCES:
        raise ConfigError("dataset", name, f"one of {', '.join(names())}", "Choose one of these names.")
    return SOURCES[name]


def spec_of(name: str, **given: Any) -> DatasetSpec:
    """The spec of a dataset by name: what suits it, and what is given in its place; fields of a config are passed over.

    ConfigError for a name that is none.
    """
    known = {each.name for each in fields(DatasetSpec)}
    values = {**source(name).preset, **given, "name": name}
    return DatasetSpec(**{key: value for key, value in values.items() if key in known})


def curve_names() -> tuple[str, ...]:
    """The sets of curves in the plane, whose p(x, y) is known on a grid."""
    return tuple(name for name in NAMES if isinstance(SOURCES[name].density, Curves))


def has_density(spec: DatasetSpec) -> bool:
    """Whether p(x, y) of a set is known."""
    return spec.name in SOURCES and SOURCES[spec.name].density is not None


def check(spec: DatasetSpec) -> None:
    """Raise ConfigError for a spec that cannot be met."""
    check_types(spec)
    known = source(spec.name)
    known.check(spec)
    if known.classes is not None:
        low, high = known.classes
        if not low <= spec.classes <= high:
            raise ConfigError("classes", spec.classes, f"{low} to {high} for {spec.name}", "Choose more or fewer.")
    check_values(spec)


def load(spec: DatasetSpec) -> Dataset:
    """The dataset of a spec, with its stratified and seeded train/test split."""
    check(spec)
    return source(spec.name).load(spec)
