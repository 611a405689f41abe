"""What a run may ask for. Without PyTorch: a page can refuse before the engine is loaded."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from vibcore import parts
from vibcore.streams import LARGEST_SEED
from vibcore.types import Config, ConfigError, Dataset, check_fields

WIDEST = 4096  # units of a layer
MOST_LATENT = 64
EDITABLE = ("lr",)  # what may change in mid-run
MOST_EDITS = 64
LARGEST = 200_000_000  # parameters of a stack: of each there are five numbers


def check(config: Config, dataset: Dataset) -> None:
    """Raise ConfigError for a run that cannot be had."""
    check_fields(config)
    check_fields(config.dataset)
    rows = len(dataset.train)
    layers, remedy = f"layer widths from 1 to {WIDEST}", "Leave a layer out instead of giving it width 0."
    rules = [
        ("beta", config.betas, len(config.betas) > 0 and all(0 <= b < math.inf for b in config.betas),
         "at least one finite number ≥ 0", "Remove the negative ones."),
        ("encoder", config.encoder, all(1 <= w <= WIDEST for w in config.encoder), layers, remedy),
        ("decoder", config.decoder, all(1 <= w <= WIDEST for w in config.decoder), layers, remedy),
        ("latent_dim", config.latent_dim, 1 <= config.latent_dim <= MOST_LATENT, f"1 to {MOST_LATENT}",
         "Choose a number in that range."),
        ("batch", config.batch, 1 <= config.batch <= rows, f"1 to {rows}, the size of the training split",
         "Use a smaller batch or more examples."),
        ("lr", config.lr, 0 < config.lr < math.inf, "a number above 0", "Try 0.005."),
        ("steps", config.steps, config.steps >= 1, "at least 1", "Raise it."),
        ("seed", config.seed, 0 <= config.seed <= LARGEST_SEED, "a whole number from 0 to 2³² − 1", "Choose another."),
        ("averaging", config.averaging, 0 <= config.averaging < 1, "0 ≤ decay < 1", "Try 0.999."),
        ("clip", config.clip, config.clip > 0, "a norm above 0", "Try 5."),
        ("variance", config.variance, config.variance is None or 0 < config.variance < math.inf,
         "a number above 0, or None to learn it", "Try 1."),
        ("posterior", config.posterior, config.posterior in parts.POSTERIORS, f"one of {', '.join(parts.POSTERIORS)}",
         "Choose one of them."),
        ("marginal", config.marginal, config.marginal in parts.MARGINALS, f"one of {', '.join(parts.MARGINALS)}",
         "Choose one of them."),
        ("likelihood", config.likelihood, config.likelihood in ("", *parts.LIKELIHOODS),
         f"one of {', '.join(parts.LIKELIHOODS)}, or nothing for what the target asks for", "Choose one of them."),
        ("lagrangian", config.lagrangian, config.lagrangian in parts.LAGRANGIANS,
         f"one of {', '.join(parts.LAGRANGIANS)}", "Choose one of them."),
        ("edits", config.edits, are_edits(config.edits), "(step, 'lr', number above 0), steps ascending",
         "Correct them."),
    ]  # fmt: skip
    for what, got, legal, expected, remedy in rules:
        if not legal:
            raise ConfigError(what, got, expected, remedy)
    size = parameters(config, dataset)
    if size > LARGEST:
        remedy = "Use fewer values of β or smaller layers."
        raise ConfigError("parameters", f"{size:.2g}", f"at most {LARGEST:.2g}, or 4 GB with Adam's", remedy)
    if config.task == "classify" and dataset.y.ndim == 1 and len(np.unique(dataset.y[dataset.train])) < 2:
        raise ConfigError("classes", 1, "at least two in the training split", "Use data with more than one class.")


def are_edits(edits: tuple[tuple[int, str, float], ...]) -> bool:
    """Whether every edit can be had: today of the learning rate alone."""
    steps = [step for step, _, _ in edits]
    fits = all(step >= 0 and field in EDITABLE and 0 < value < math.inf for step, field, value in edits)
    return fits and steps == sorted(steps) and len(edits) <= MOST_EDITS


def parameters(config: Config, dataset: Dataset) -> int:
    """Weights of the whole stack, about: biases are few."""
    inputs = dataset.x.shape[1]
    outputs = inputs if config.task == "reconstruct" else max(len(dataset.class_names), math.prod(dataset.y.shape[1:]))
    ends = (inputs, *config.encoder, 2 * config.latent_dim), (config.latent_dim, *config.decoder, outputs)
    return len(config.betas) * sum(a * b for of in ends for a, b in pairwise(of))
