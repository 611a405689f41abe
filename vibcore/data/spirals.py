"""Arms of a spiral, evenly turned: the default problem."""

from __future__ import annotations

import numpy as np

from vibcore.config import DatasetSpec
from vibcore.data.curves import curves_source, polar
from vibcore.types import Array

TURN = 0.3  # of a full circle, along one arm


def curve(spec: DatasetSpec, c: int, t: Array) -> Array:
    """Arm c: (T,) → (T, 2)."""
    radius, angle = 0.25 + 1.75 * t, 2 * np.pi * (c / spec.classes + TURN * t)
    return polar(radius, angle)


SOURCE = curves_source(curve, speed=4.2, choose=(2, 8), preset={})
