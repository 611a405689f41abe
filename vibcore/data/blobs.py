"""Gaussians on a circle."""

from __future__ import annotations

import numpy as np

from vibcore.config import DatasetSpec
from vibcore.data.curves import curves_source, polar
from vibcore.types import Array


def curve(spec: DatasetSpec, c: int, t: Array) -> Array:
    """The centre of blob c: (T,) → (T, 2)."""
    return polar(np.full_like(t, 1.5), np.full_like(t, 2 * np.pi * c / spec.classes))


SOURCE = curves_source(curve, speed=0.0, choose=(2, 10))
