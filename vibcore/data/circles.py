"""Two circles with one centre."""

from __future__ import annotations

import numpy as np

from vibcore.config import DatasetSpec
from vibcore.data.curves import curves_source, polar
from vibcore.types import Array


def curve(spec: DatasetSpec, c: int, t: Array) -> Array:
    """The outer circle, or the inner one: (T,) → (T, 2)."""
    return polar(np.full_like(t, 1.0 if c == 0 else 0.5), 2 * np.pi * t)


SOURCE = curves_source(curve, speed=2 * np.pi, classes=2)
