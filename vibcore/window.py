"""The window that all pictures of a dataset share: which inputs are drawn, and where. Without PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vibcore.config import Dataset
from vibcore.types import Array

GRID = 48  # cells of a decision map along each side
LATENT_RANGE = (-3.2, 3.2)  # the prior's 3σ and a little: fixed, so that collapse is seen as collapse
PICKED = np.arange(6, 42, 5)  # of those, the 8 that pictures and lines of decoded places are for, evenly about 0
SHOWN = 500  # evaluation points drawn, at most


@dataclass(frozen=True)
class Window:
    """The n inputs that are drawn, half of them trained on, and the square of the input plane that holds them."""

    dataset: Dataset
    shown: Array  # (n,) rows of the dataset: test inputs, then training inputs
    is_train: Array  # (n,) bool
    input_range: tuple[float, float] | None  # None unless x is two-dimensional

    @property
    def x(self) -> Array:
        """(n, d): the drawn inputs."""
        x: Array = self.dataset.x[self.shown]
        return x

    @property
    def labels(self) -> Array:
        """(n,): what the drawn inputs are coloured by."""
        labels: Array = self.dataset.labels[self.shown]
        return labels


def window(dataset: Dataset) -> Window:
    """Half of the points shown are test inputs, half training inputs."""
    half = SHOWN // 2
    shown = np.concatenate([dataset.test[:half], dataset.train[:half]])
    reach = float(np.abs(dataset.x).max()) * 1.05 if dataset.x.shape[1] == 2 else None
    return Window(dataset, shown, np.isin(shown, dataset.train), None if reach is None else (-reach, reach))


def centres(low: float, high: float, cells: int = GRID) -> Array:
    """Cell centres of an interval, (cells,)."""
    return low + (high - low) * (np.arange(cells) + 0.5) / cells


def latent_axis(pictures: bool) -> Array:
    """Latent places that are decoded, along each axis: fewer where each is a picture."""
    axis = centres(*LATENT_RANGE)
    return axis[PICKED] if pictures else axis


def lattice(axis: Array) -> Array:
    """All pairs of an axis's places, (cells², 2) float32, second coordinate slowest."""
    first, second = np.meshgrid(axis, axis)
    return np.stack([first.ravel(), second.ravel()], axis=1).astype(np.float32)
