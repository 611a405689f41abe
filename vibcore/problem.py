"""What stays fixed of a run: data, splits, parts, ends of the model, and the window that pictures share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vibcore import model
from vibcore.config import Config, Dataset
from vibcore.data import has_density
from vibcore.model import Sizes
from vibcore.parts import Parts
from vibcore.types import Array, Kind
from vibcore.window import Window, window

EVALUATION_SEED = 20_160_412  # noise of every evaluation, shared by all runs


@dataclass(frozen=True)
class Split:
    """Inputs and what the decoder is asked for: x (N, d), target (N,) classes, (N, O) values or (N, C) known odds.

    With weights, (N,) and at least 0, a row is in a batch as often as its weight says; without, each once an epoch.
    """

    x: Tensor
    target: Tensor
    weights: Array | None = None


@dataclass(frozen=True)
class Problem:
    """A config and its dataset, ready for training and for looking at."""

    config: Config
    window: Window
    sizes: Sizes
    parts: Parts
    betas: Tensor  # (M,)
    train: Split
    test: Split
    seed: int = EVALUATION_SEED

    @property
    def dataset(self) -> Dataset:
        return self.window.dataset

    @property
    def decodes_images(self) -> bool:
        """Whether what the decoder makes of a z is a picture."""
        return self.config.task == "reconstruct" and self.dataset.image_shape is not None

    @property
    def bound_kind(self) -> Kind:
        """What H(Y) − D is: a lower bound of I(Z;Y) where H(Y) is known, else the gain over a Gaussian guess."""
        return "lower" if self.dataset.y.ndim == 1 or has_density(self.dataset.spec) else "gain"


def make_problem(
    config: Config, dataset: Dataset, device: str | torch.device = "cpu", drawn: Window | None = None
) -> Problem:
    """The fixed part of a run; `drawn`: the window where it is known already."""
    return Problem(
        config=config,
        window=drawn or window(dataset),
        sizes=model.sizes_of(dataset, config),
        parts=model.parts_of(dataset, config),
        betas=torch.tensor(config.betas, dtype=torch.float32, device=device),  # of NumPy they would be double
        train=split_of(dataset, config, dataset.train, device),
        test=split_of(dataset, config, dataset.test, device),
    )


def split_of(dataset: Dataset, config: Config, rows: Array, device: str | torch.device = "cpu") -> Split:
    """Some rows of a dataset as tensors, with the target of the config's task: the labels, or the input itself."""
    target = dataset.x if config.task == "reconstruct" else dataset.y
    x, asked = (torch.from_numpy(np.ascontiguousarray(part[rows])).to(device) for part in (dataset.x, target))
    return Split(x, asked)
