"""Distortion, rate and their Lagrangian, in nats per input."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from vibcore.types import Likelihood


def rate_per_dim(mu: Tensor, sigma: Tensor) -> Tensor:
    """KL(N(mu, sigma²) ‖ N(0, 1)) of every dimension, in nats (Kingma & Welling 2014, app. B).

    mu, sigma: (..., K), sigma > 0  →  (..., K)
    """
    return 0.5 * (mu.square() + sigma.square() - 1) - sigma.log()


def distortion(
    weights: dict[str, Tensor], output: Tensor, target: Tensor, likelihood: Likelihood, variance: float | None = None
) -> Tensor:
    """−log q(y|z) of every input, in nats (Alemi et al. 2016, eq. 12).

    output (M, B, O) logits or means; target (B,) classes or (B, O) values  →  (M, B).
    A gaussian decoder has the variance given, or learns it as `decoder.log_var` (M, O).
    """
    if likelihood == "categorical":
        index = target.expand(len(output), -1)[..., None]  # (M, B, 1)
        return output.logsumexp(-1) - output.gather(-1, index)[..., 0]
    if likelihood == "bernoulli":
        # pixels in [0, 1] as the odds of a coin: a bound's convention, not a density of grey values
        return F.binary_cross_entropy_with_logits(output, target.expand_as(output), reduction="none").sum(-1)
    if variance is None:
        log_var = weights["decoder.log_var"][:, None]  # (M, 1, O)
    else:
        log_var = torch.full_like(output[:, :1], math.log(variance))
    return 0.5 * (math.log(2 * math.pi) + log_var + (output - target).square() * (-log_var).exp()).sum(-1)
