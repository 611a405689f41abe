"""Two interleaved half circles, scikit-learn's geometry."""

from __future__ import annotations

import numpy as np

from vibcore.config import DatasetSpec
from vibcore.data.curves import curves_source, polar
from vibcore.types import Array


def curve(spec: DatasetSpec, c: int, t: Array) -> Array:
    """The upper half circle, or the lower one: (T,) → (T, 2)."""
    arc = polar(np.ones_like(t), np.pi * t)
    return arc if c == 0 else np.array([1.0, 0.5]) - arc


PRESET = {"n": 1000, "noise": 0.2, "flip": 0.05, "encoder": (64, 64), "decoder": (32,)}
SOURCE = curves_source(curve, speed=np.pi, classes=2, preset=PRESET)
