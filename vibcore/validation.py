"""What a run may ask for. Without PyTorch: a page can refuse before the engine is loaded."""

from __future__ import annotations

import math

import numpy as np

from vibcore.streams import LARGEST_SEED
from vibcore.types import Config, ConfigError, Dataset


def check(config: Config, dataset: Dataset) -> None:
    """Raise ConfigError for a run that cannot be had."""
    rules = [
        ("beta", config.betas, len(config.betas) > 0 and all(0 <= b < math.inf for b in config.betas),
         "at least one finite number ≥ 0", "Remove the negative ones."),
        ("widths", (config.encoder, config.decoder), all(w >= 1 for w in (*config.encoder, *config.decoder)),
         "layer widths of at least 1", "Leave a layer out instead of giving it width 0."),
        ("latent_dim", config.latent_dim, 1 <= config.latent_dim <= 64, "1 to 64", "Choose a number in that range."),
        ("batch", config.batch, 1 <= config.batch <= len(dataset.train),
         f"1 to {len(dataset.train)}, the size of the training split", "Use a smaller batch or more examples."),
        ("lr", config.lr, 0 < config.lr < math.inf, "a number above 0", "Try 0.005."),
        ("steps", config.steps, config.steps >= 1, "at least 1", "Raise it."),
        ("seed", config.seed, 0 <= config.seed <= LARGEST_SEED, "a whole number from 0 to 2³² − 1", "Choose another."),
        ("averaging", config.averaging, 0 <= config.averaging < 1, "0 ≤ decay < 1", "Try 0.999."),
        ("clip", config.clip, config.clip > 0, "a norm above 0", "Try 5."),
        ("variance", config.variance, config.variance is None or 0 < config.variance < math.inf,
         "a number above 0, or None to learn it", "Try 1."),
    ]  # fmt: skip
    for what, got, legal, expected, remedy in rules:
        if not legal:
            raise ConfigError(what, got, expected, remedy)
    if config.task == "classify" and dataset.y.ndim == 1 and len(np.unique(dataset.y[dataset.train])) < 2:
        raise ConfigError("classes", 1, "at least two in the training split", "Use data with more than one class.")
