"""Every model of a stack on a whole split: the rate, the distortion and the errors, each with what it is.

Noise is drawn once from a seed and shared by all models and all calls, so that two evaluations differ
only by the weights and the pictures do not jitter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vibcore import model, objective
from vibcore.streams import stream
from vibcore.types import Array, Estimate, Kind, Likelihood, Point, Task

Weights = dict[str, Tensor]
AT_ONCE = 16 * 2**20  # decoder outputs held at one time, 64 MiB of them


def noise(shape: tuple[int, ...], seed: int, like: Tensor, name: str = "evaluation") -> Tensor:
    """Standard normal eps of a seed's named stream, with the dtype and device of `like`; a part of it comes first."""
    return torch.from_numpy(stream(seed, name).standard_normal(shape, dtype=np.float32)).to(like)


def sample(mu: Tensor, sigma: Tensor, samples: int, seed: int) -> Tensor:
    """z ~ p(z|x), `samples` draws an input: mu, sigma (M, N, K) → (M, S·N, K), sample-major."""
    m, n, k = mu.shape
    eps = noise((samples, n, k), seed, mu)
    return torch.addcmul(mu[:, None], sigma[:, None], eps).reshape(m, samples * n, k)


def mean_output(weights: Weights, z: Tensor, samples: int, likelihood: Likelihood) -> Tensor:
    """Decoder averaged over posterior samples: probabilities (never logits) or means, (M, N, O)."""
    parts = _parts(weights, z.shape[1])
    if len(parts) > 1:
        return torch.cat([mean_output(_of(weights, part), z[part], samples, likelihood) for part in parts])
    output = probabilities(model.decode(weights, z), likelihood)  # (M, S·N, O)
    m, sn, o = output.shape
    return output.reshape(m, samples, sn // samples, o).mean(1)


def _parts(weights: Weights, rows: int) -> list[slice]:
    """The stack in parts that can be decoded at once: 25 models of 784 pixels would ask for gigabytes."""
    m, outputs = weights[f"decoder.{model.depth(weights, 'decoder') - 1}.bias"].shape
    size = max(1, AT_ONCE // (rows * outputs))
    return [slice(at, at + size) for at in range(0, m, size)]


def _of(weights: Weights, part: slice) -> Weights:
    return {name: value[part] for name, value in weights.items()}


def probabilities(output: Tensor, likelihood: Likelihood) -> Tensor:
    """Decoder outputs as the mean of q: class probabilities, pixel probabilities or the mean itself."""
    if likelihood == "categorical":
        return _classes_first(output).softmax(-2).mT
    return output.sigmoid() if likelihood == "bernoulli" else output


def target_entropy(target: Array, likelihood: Likelihood) -> tuple[float, Array] | None:
    """Entropy of the targets at hand (nats) and each row's −E log p̂; None where no closed form is known.

    Classes (N,), or known odds of them (N, C): the entropy of their mean. Real targets: that of a Gaussian with the
    targets' own variances, exact for the Gaussian problem and what its frontier is measured from.
    """
    if likelihood == "bernoulli":
        return None
    if likelihood == "categorical":
        odds = target.mean(0) if target.ndim == 2 else np.bincount(target) / len(target)
        cost = -np.log(odds, out=np.zeros_like(odds, dtype=np.float64), where=odds > 0)
        surprise = target @ cost if target.ndim == 2 else cost[target]
        return float(surprise.mean()), surprise
    variance = target.var(0)
    terms = 0.5 * (np.log(2 * np.pi * variance) + (target - target.mean(0)) ** 2 / variance)
    return float(terms.sum(1).mean()), terms.sum(1)


@dataclass(frozen=True)
class Scores:
    """What M models make of N inputs, float64: nats and 0/1 errors, averaged over the draws of z; errors or None."""

    kl: Array  # (M, N, K)
    cost: Array  # (M, N)
    error_1: Array | None  # (M, N)
    error_mc: Array | None


@torch.no_grad()
def evaluate(
    weights: Weights,
    betas: Array,
    x: Tensor,
    target: Tensor,
    samples: int,
    likelihood: Likelihood,
    seed: int,
    variance: float | None = None,
    task: Task = "classify",
) -> tuple[Point, ...]:
    """A `Point` for each of M models on the inputs x (N, d) with their targets, or the known odds of classes (N, C).

    Rate and I(Z;Y) bound as in Alemi et al. 2016, eqs. 13–16; standard errors are over inputs and draws.
    `error_mc` averages class probabilities over `samples` draws, None if there is but one; `error_1` is the first's.
    """
    found = _scores(weights, x, target, samples, likelihood, seed, variance)
    # the entropy of an arbitrary input is not known: a bound made from a guess of it would be none
    entropy = target_entropy(target.cpu().numpy(), likelihood) if task == "classify" else None
    rate, distortion = _means(found.kl.sum(-1), "upper"), _means(found.cost, "monte_carlo")
    bound = None if entropy is None else _means(entropy[1] - found.cost, "lower")
    error_1, error_mc = (None if e is None else _means(e, "monte_carlo") for e in (found.error_1, found.error_mc))
    return tuple(
        Point(
            beta=float(betas[i]),
            rate=rate[i],
            distortion=distortion[i],
            i_zy_bound=None if bound is None else bound[i],
            error_1=None if error_1 is None else error_1[i],
            error_mc=None if error_mc is None else error_mc[i],
            kl_per_dim=tuple(found.kl[i].mean(0).tolist()),
            inputs=len(x),
        )
        for i in range(len(betas))
    )


def _scores(
    weights: Weights, x: Tensor, target: Tensor, samples: int, likelihood: Likelihood, seed: int, variance: float | None
) -> Scores:
    """The inputs in blocks whose decoders' layers fit into memory, the same noise whatever the blocks."""
    k = weights[f"encoder.{model.depth(weights, 'encoder') - 1}.bias"].shape[1] // 2
    biases = [value for name, value in weights.items() if name.startswith("decoder.") and name.endswith(".bias")]
    rows = max(1, AT_ONCE // (len(biases[0]) * samples * max(bias.shape[1] for bias in biases)))
    eps = noise((samples, len(x), k), seed, x)
    parts = []
    for start in range(0, len(x), rows):
        block = slice(start, start + rows)
        parts.append(_scores_of_block(weights, x[block], target[block], eps[:, block], likelihood, variance))
    kl, cost, error_1, error_mc = zip(*parts, strict=True)
    return Scores(_joined(kl), _joined(cost), _joined_if_any(error_1), _joined_if_any(error_mc))


def _joined(parts: Sequence[Tensor]) -> Array:
    """Blocks of inputs, (M, N', …) each, as one array."""
    return torch.cat(list(parts), 1).double().cpu().numpy()


def _joined_if_any(parts: Sequence[Tensor | None]) -> Array | None:
    known = [part for part in parts if part is not None]
    return _joined(known) if known else None


def _scores_of_block(
    weights: Weights, x: Tensor, target: Tensor, eps: Tensor, likelihood: Likelihood, variance: float | None
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    mu, sigma = model.encode(weights, x)  # (M, N, K)
    kl = objective.rate_per_dim(mu, sigma)
    z = torch.addcmul(mu[:, None], sigma[:, None], eps)  # (M, S, N, K)
    output = model.decode(weights, z.flatten(1, 2))  # (M, S·N, O)
    (m, n), samples = mu.shape[:2], len(eps)
    if likelihood == "categorical":
        return kl, *_classes(output.reshape(m, samples, n, -1), target)
    repeated = target.repeat(samples, 1)
    cost = objective.distortion(weights, output, repeated, likelihood, variance).reshape(m, samples, n)
    return kl, cost.mean(1), None, None


def _classes_first(output: Tensor) -> Tensor:
    """(…, N, C) → (…, C, N): six times as fast to normalise, as the vector units then run along the inputs."""
    return output.mT.contiguous()


def _classes(output: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
    """−log q(y|z) averaged over draws, and the errors of the first draw and of the averaged probabilities, (M, N) each.

    output (M, S, N, C) logits; target (N,) classes, or their known odds (N, C): then all are expectations over y.
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


def _wrong(odds: Tensor, chosen: Tensor) -> Tensor:
    """Odds that y is another than the chosen class: odds (N, C), chosen (M, N) → (M, N)."""
    return 1 - odds.T.expand(len(chosen), -1, -1).gather(1, chosen[:, None])[:, 0]


def _means(values: Array, kind: Kind) -> list[Estimate]:
    """Mean over the inputs with its standard error, for each of M models: (M, N) → M estimates."""
    n = values.shape[1]
    mean = values.mean(1)
    stderr = values.std(1, ddof=1) / np.sqrt(n) if n > 1 else np.full(len(values), np.nan)
    return [Estimate(m, s, kind) for m, s in zip(mean.tolist(), stderr.tolist(), strict=True)]
