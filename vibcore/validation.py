"""What a run may ask for of its data. Without PyTorch: a page can refuse before the engine is loaded."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from vibcore import parts
from vibcore.config import Config, Dataset, check_types, check_values
from vibcore.types import ConfigError

LARGEST = 200_000_000  # parameters of a stack: of each there are five numbers


def check(config: Config, dataset: Dataset) -> None:
    """Raise ConfigError for a run that cannot be had."""
    check_values(config)
    check_types(config.dataset)
    rows = len(dataset.train)
    if config.batch > rows:
        expected, remedy = f"1 to {rows}, the size of the training split", "Use a smaller batch or more examples."
        raise ConfigError("batch", config.batch, expected, remedy)
    size = parameters(config, dataset)
    if size > LARGEST:
        remedy = "Use fewer values of β or smaller layers."
        raise ConfigError("parameters", f"{size:.2g}", f"at most {LARGEST:.2g}, or 4 GB with Adam's", remedy)
    if config.task == "classify" and dataset.y.ndim == 1 and len(np.unique(dataset.y[dataset.train])) < 2:
        raise ConfigError("classes", 1, "at least two in the training split", "Use data with more than one class.")


def parameters(config: Config, dataset: Dataset) -> int:
    """Weights of the whole stack, about: biases are few."""
    ends = (
        (int(dataset.x.shape[1]), *config.encoder, parts.POSTERIORS[config.posterior](config.latent_dim)),
        (config.latent_dim, *config.decoder, outputs(config, dataset)),
    )
    return len(config.betas) * sum(a * b for of in ends for a, b in pairwise(of))


def outputs(config: Config, dataset: Dataset) -> int:
    """What the decoder puts out for one input, about."""
    if config.task == "reconstruct":
        return int(dataset.x.shape[1])
    return max(len(dataset.class_names), math.prod(dataset.y.shape[1:]))
