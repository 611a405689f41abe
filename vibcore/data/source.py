"""What a file of this room says of its dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vibcore.config import Dataset, DatasetSpec
from vibcore.types import Array, Reference

DRAWN = ("n", "noise", "flip")  # fields that every set of curves goes by
# what suits sets that a small model without a hidden layer in its decoder learns within seconds
SMALL: Mapping[str, Any] = {"n": 1500, "noise": 0.18, "flip": 0.05, "classes": 5, "encoder": (24,), "decoder": ()}


@dataclass(frozen=True)
class Curves:
    """The density of classes that are curves in the plane, each evenly weighted and blurred by N(0, noise²).

    curve: noise-free place of a class at t in [0, 1), (T,) → (T, 2); speed: most of |d curve/dt|; classes: their
    number, None where the spec says it.
    """

    curve: Callable[[DatasetSpec, int, Array], Array]
    speed: float
    classes: int | None = None


@dataclass(frozen=True)
class ClosedForm:
    """A density whose sample, reference and entropy are functions of the spec. Nats.

    sample: n independent inputs and targets; posterior: p(y|x) of classes at places x, (n, C); channel: mean (n, d_y)
    and deviation (d_y,) of p(y|x) where y is real-valued and Gaussian given x.
    """

    sample: Callable[[DatasetSpec, int, np.random.Generator], tuple[Array, Array]]
    reference: Callable[[DatasetSpec], Reference]
    input_entropy: Callable[[DatasetSpec], float]
    posterior: Callable[[DatasetSpec, Array], Array] | None = None
    channel: Callable[[DatasetSpec, Array], tuple[Array, Array]] | None = None


@dataclass(frozen=True)
class Source:
    """One dataset: how it is had, which fields of a spec it goes by, what suits it, and its density where it is known.

    preset: fields of DatasetSpec and Config that suit it, where they differ from the defaults. check: raises
    ConfigError for a spec that cannot be met.
    """

    load: Callable[[DatasetSpec], Dataset]
    fields: tuple[str, ...] = ("flip",)
    preset: Mapping[str, Any] = field(default_factory=dict)
    density: Curves | ClosedForm | None = None
    classes: tuple[int, int] | None = None  # numbers of classes to choose from
    pixels: bool = False
    present: Callable[[], bool] = lambda: True
    check: Callable[[DatasetSpec], None] = lambda spec: None
