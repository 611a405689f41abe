"""Where the synthetic classes lie before noise: the one geometry that both sampler and density use."""

from __future__ import annotations

import numpy as np

from vibcore.types import Array, DatasetSpec

NAMES = ("spirals", "moons", "circles", "blobs", "xor")
TURN = 0.3  # of a full circle, along one spiral arm
SPEED = {"spirals": 4.2, "moons": np.pi, "circles": 2 * np.pi, "blobs": 0.0, "xor": 0.0}  # most of |d curve/dt|


def classes_of(spec: DatasetSpec) -> int:
    """Number of classes of a synthetic set."""
    return spec.classes if spec.name in ("spirals", "blobs") else 2


def curve(spec: DatasetSpec, c: int, t: Array) -> Array:
    """Noise-free place of class c at t in [0, 1), uniform along t: (T,) → (T, 2)."""
    if spec.name == "spirals":
        radius, angle = 0.25 + 1.75 * t, 2 * np.pi * (c / spec.classes + TURN * t)
        return _polar(radius, angle)
    if spec.name == "moons":  # scikit-learn's geometry
        arc = _polar(np.ones_like(t), np.pi * t)
        return arc if c == 0 else np.array([1.0, 0.5]) - arc
    if spec.name == "circles":
        return _polar(np.full_like(t, 1.0 if c == 0 else 0.5), 2 * np.pi * t)
    if spec.name == "blobs":
        return _polar(np.full_like(t, 1.5), np.full_like(t, 2 * np.pi * c / spec.classes))
    # xor: class 1 where the corner's signs differ; t chooses one of the class's two corners
    first = np.where(t < 0.5, 1.0, -1.0)
    return np.stack([first, first if c == 0 else -first], axis=-1)


def _polar(radius: Array, angle: Array) -> Array:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
