"""q(x|z) of pixels in [0, 1], each as the odds of a coin: a bound's convention, not a density of grey values."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vibcore.types import Array

Weights = dict[str, Tensor]


def parameters(outputs: int, variance: float | None) -> dict[str, tuple[int, ...]]:
    """None beside the maps."""
    return {}


def distortion(weights: Weights, output: Tensor, target: Tensor, variance: float | None) -> Tensor:
    """−ln q(x|z), nats: logits (M, B, O), pixels (B, O) → (M, B)."""
    return F.binary_cross_entropy_with_logits(output, target.expand_as(output), reduction="none").sum(-1)


def scores(weights: Weights, output: Tensor, target: Tensor, variance: float | None) -> tuple[Tensor, None, None]:
    """Distortion averaged over draws, (M, S, N, O) → (M, N); no errors."""
    return (
        F.binary_cross_entropy_with_logits(output, target.expand_as(output), reduction="none").sum(-1).mean(1),
        None,
        None,
    )


def mean(output: Tensor) -> Tensor:
    """Pixel probabilities."""
    return output.sigmoid()


def sample(weights: Weights, mean: Tensor, eps: Tensor, variance: float | None) -> Tensor:
    """The odds, not the coins that they stand for."""
    return mean


def surprise(target: Array) -> Array | None:
    """Not known: the entropy of images has no closed form."""
    return None


def gradient(
    output: Tensor, target: Tensor, variance: float | None, learned: Weights, d_learned: Weights, d_output: Tensor
) -> None:
    """dD/d(logits) of a batch mean, (sigmoid − x)/B, into d_output (G, O, B). Twin: `distortion`."""
    torch.sigmoid(output, out=d_output)
    d_output.sub_(target.mT).div_(output.shape[-1])
