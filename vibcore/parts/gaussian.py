"""q(y|z) = N(output, variance): a variance that is given, or learned for each output as `decoder.log_var`."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from vibcore.types import Array

Weights = dict[str, Tensor]


def parameters(outputs: int, variance: float | None) -> dict[str, tuple[int, ...]]:
    """The logarithms of the variances where none is given."""
    return {"decoder.log_var": (outputs,)} if variance is None else {}


def distortion(weights: Weights, output: Tensor, target: Tensor, variance: float | None) -> Tensor:
    """−ln q(y|z), nats: means (M, B, O), target (B, O) → (M, B)."""
    log_var = _log_var(weights, output, variance)[:, None]  # (M, 1, O)
    return _cost(output, target, log_var)


def scores(weights: Weights, output: Tensor, target: Tensor, variance: float | None) -> tuple[Tensor, None, None]:
    """Distortion averaged over draws, (M, S, N, O) → (M, N); no errors."""
    log_var = _log_var(weights, output, variance)[:, None, None]  # (M, 1, 1, O)
    return _cost(output, target, log_var).mean(1), None, None


def mean(output: Tensor) -> Tensor:
    """The output itself."""
    return output


def sample(weights: Weights, mean: Tensor, eps: Tensor, variance: float | None) -> Tensor:
    """mean + deviation·eps: (M, n, O)."""
    return mean + _log_var(weights, mean, variance)[:, None].mul(0.5).exp() * eps


def surprise(target: Array) -> Array | None:
    """−ln of a Gaussian with the targets' own variances, (N,): H(Y) on average where Y is one, and more where not."""
    variance = target.var(0)
    terms = 0.5 * (np.log(2 * np.pi * variance) + (target - target.mean(0)) ** 2 / variance)
    found: Array = terms.sum(1)
    return found


def gradient(
    output: Tensor, target: Tensor, variance: float | None, learned: Weights, d_learned: Weights, d_output: Tensor
) -> None:
    """dD/d(mean) of a batch mean, (mean − y)/(variance·B), into d_output (G, O, B). Twin: `distortion`.

    A learned log-variance s has dD/ds = Σ_b ½(1 − (mean − y)² e^{−s})/B.
    """
    batch = output.shape[-1]
    torch.sub(output, target.mT, out=d_output)
    if variance is None:
        precision = (-learned["decoder.log_var"]).exp()  # (G, O)
        d_learned["decoder.log_var"].copy_(0.5 * (1 - d_output.square().mean(-1) * precision))
        d_output.mul_(precision[..., None] / batch)
    else:
        d_output.div_(variance * batch)


def _log_var(weights: Weights, output: Tensor, variance: float | None) -> Tensor:
    """ln variance of every model and output, (M, O)."""
    if variance is None:
        return weights["decoder.log_var"]
    return output.new_full((len(output), output.shape[-1]), math.log(variance))


def _cost(mean: Tensor, target: Tensor, log_var: Tensor) -> Tensor:
    return 0.5 * (math.log(2 * math.pi) + log_var + (mean - target).square() * (-log_var).exp()).sum(-1)
