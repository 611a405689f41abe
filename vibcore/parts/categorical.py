"""q(y|z) of classes, by logits."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vibcore.types import Array

Weights = dict[str, Tensor]


def parameters(outputs: int, variance: float | None) -> dict[str, tuple[int, ...]]:
    """None beside the maps."""
    return {}


def distortion(weights: Weights, output: Tensor, target: Tensor, variance: float | None) -> Tensor:
    """−ln q(y|z), nats (Alemi et al. 2016, eq. 12): logits (M, B, C), classes (B,) or their odds (B, C) → (M, B)."""
    if target.ndim == 2:
        return output.logsumexp(-1) - (output * target).sum(-1)
    index = target.expand(len(output), -1)[..., None]  # (M, B, 1)
    return output.logsumexp(-1) - output.gather(-1, index)[..., 0]


def scores(
    weights: Weights, output: Tensor, target: Tensor, variance: float | None
) -> tuple[Tensor, Tensor | None, Tensor | None]:
    """−ln q(y|z) averaged over draws, and the errors of the first draw and of the averaged probabilities, (M, N) each.

    output (M, S, N, C) logits; target (N,) classes, or their known odds (N, C): then all are expectations over y. The
    error of an average of one draw is None.
    """
    log_q = _classes_first(output).log_softmax(-2)  # (M, S, C, N); one for all three
    one = log_q[:, 0].max(-2).indices  # (M, N)
    mc = log_q.exp().mean(1).max(-2).indices if log_q.shape[1] > 1 else None
    if target.ndim == 1:
        index = target.expand(*log_q.shape[:2], 1, -1)  # (M, S, 1, N)
        cost = -log_q.gather(-2, index)[..., 0, :]
        return cost.mean(1), (one != target).double(), None if mc is None else (mc != target).double()
    odds = target.to(log_q)
    cost = -(log_q * odds.mT).sum(-2)
    return cost.mean(1), _wrong(odds, one), None if mc is None else _wrong(odds, mc)


def mean(output: Tensor) -> Tensor:
    """Class probabilities."""
    return _classes_first(output).softmax(-2).mT


def sample(weights: Weights, mean: Tensor, eps: Tensor, variance: float | None) -> Tensor:
    """The odds of the classes, which show more than one class drawn from them."""
    return mean


def surprise(target: Array) -> Array | None:
    """−ln p̂(y) of every row, the classes' own odds: classes (N,), or known odds of them (N, C) → (N,)."""
    odds = target.mean(0) if target.ndim == 2 else np.bincount(target) / len(target)
    cost = -np.log(odds, out=np.zeros_like(odds, dtype=np.float64), where=odds > 0)
    found: Array = target @ cost if target.ndim == 2 else cost[target]
    return found


def gradient(
    output: Tensor, target: Tensor, variance: float | None, learned: Weights, d_learned: Weights, d_output: Tensor
) -> None:
    """dD/d(logits) of a batch mean, (softmax − onehot)/B, into d_output (G, C, B). Twin: `distortion`."""
    torch.softmax(output, 1, out=d_output)
    known = target.ndim == 2
    one_hot = target.mT if known else torch.zeros_like(output[0]).scatter_(0, target[None], 1.0)  # (C, B)
    d_output.sub_(one_hot).div_(output.shape[-1])


def _classes_first(output: Tensor) -> Tensor:
    """(…, N, C) → (…, C, N): six times as fast to normalise, as the vector units then run along the inputs."""
    return output.mT.contiguous()


def _wrong(odds: Tensor, chosen: Tensor) -> Tensor:
    """Odds that y is another than the chosen class: odds (N, C), chosen (M, N) → (M, N)."""
    return 1 - odds.T.expand(len(chosen), -1, -1).gather(1, chosen[:, None])[:, 0]
