"""The whole model on one screen: M encoders, M decoders, one batched computation.

Every parameter carries a leading axis of models, so a single model is a stack of one. Encoder
p(z|x), decoder q(y|z) by its logits or means, and the marginal r(z): what each of them is, its part says (`parts`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from vibcore import parts
from vibcore.config import Config, Dataset
from vibcore.parts import Parts, Posterior, diagonal

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Sizes:
    """Ends of a model: numbers of inputs and outputs, and what the outputs parameterise."""

    input: int
    output: int
    likelihood: str


def parts_of(dataset: Dataset, config: Config) -> Parts:
    """The four parts that a config names; ConfigError for a name that is none."""
    return Parts(
        parts.posterior(config.posterior),
        parts.marginal(config.marginal),
        parts.likelihood(config.likelihood or dataset.likelihood(config.task)),
        parts.lagrangian(config.lagrangian),
    )


def sizes_of(dataset: Dataset, config: Config) -> Sizes:
    """What a dataset and a task ask of a model's ends."""
    d = dataset.x.shape[1]
    likelihood = config.likelihood or dataset.likelihood(config.task)
    if config.task == "reconstruct":
        return Sizes(d, d, likelihood)
    return Sizes(d, len(dataset.class_names) if dataset.y.ndim == 1 else dataset.y.shape[1], likelihood)


def shapes(config: Config, sizes: Sizes) -> dict[str, tuple[int, ...]]:
    """Name → shape of every parameter of one model, in the order of computation."""
    found: dict[str, tuple[int, ...]] = {}
    ends = {
        "encoder": (sizes.input, *config.encoder, parts.POSTERIORS[config.posterior](config.latent_dim)),
        "decoder": (config.latent_dim, *config.decoder, sizes.output),
    }
    for end, widths in ends.items():
        for i, (rows, columns) in enumerate(pairwise(widths)):
            found[f"{end}.{i}.weight"] = (rows, columns)
            found[f"{end}.{i}.bias"] = (columns,)
    found |= parts.likelihood(sizes.likelihood).parameters(sizes.output, config.variance)
    return found | parts.marginal(config.marginal).parameters(config.latent_dim)


def depth(weights: Weights, part: str) -> int:
    """Number of linear maps in the encoder or decoder."""
    return sum(name.startswith(part) and name.endswith(".weight") for name in weights)


def mlp(weights: Weights, part: str, h: Tensor) -> Tensor:
    """Linear maps with ReLU between: h (B, d) shared by all models, or (M, B, d) → (M, B, out)."""
    last = depth(weights, part) - 1
    for i in range(last + 1):
        weight, bias = weights[f"{part}.{i}.weight"], weights[f"{part}.{i}.bias"]
        h = torch.baddbmm(bias[:, None], h.expand(len(weight), -1, -1), weight)  # (M, B, out)
        h = h if i == last else h.relu_()  # its own result: in place, as fresh memory costs more than the arithmetic
    return h


def encode(weights: Weights, x: Tensor, posterior: Posterior = diagonal) -> tuple[Tensor, Tensor]:
    """p(z|x): x (B, d) or (M, B, d) → mu (M, B, K) and the posterior's scale, sigma (M, B, K) of a diagonal one."""
    return posterior.split(mlp(weights, "encoder", x))


def decode(weights: Weights, z: Tensor) -> Tensor:
    """q(y|z): z (M, B, K) → logits or means (M, B, O)."""
    return mlp(weights, "decoder", z)
