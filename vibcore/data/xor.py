"""Four Gaussians on the corners of a square, of one class where the signs of x₁ and x₂ agree."""

from __future__ import annotations

import numpy as np

from vibcore.config import DatasetSpec
from vibcore.data.curves import curves_source
from vibcore.types import Array


def curve(spec: DatasetSpec, c: int, t: Array) -> Array:
    """One of the two corners of class c, the first for t < ½: (T,) → (T, 2)."""
    first = np.where(t < 0.5, 1.0, -1.0)
    return np.stack([first, first if c == 0 else -first], axis=-1)


SOURCE = curves_source(curve, speed=0.0, classes=2)
