"""Every model of a stack on a whole split: the rate, the distortion and the errors, each with what it is.

Noise is drawn once from a seed and shared by all models and all calls, so that two evaluations differ
only by the weights and the pictures do not jitter.
"""

from __future__ import annotations

from itertools import chain

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
    """Entropy of the targets at hand (nats) and each row's −log p̂; None where no closed form is known.

    Classes: the empirical entropy. Real targets: that of a Gaussian with the targets' own variances,
    exact for the Gaussian problem and what its frontier is measured from.
    """
    if likelihood == "bernoulli":
        return None
    if likelihood == "categorical":
        odds = np.bincount(target) / len(target)
        surprise = -np.log(odds[target])
        return float(surprise.mean()), surprise
    variance = target.var(0)
    terms = 0.5 * (np.log(2 * np.pi * variance) + (target - target.mean(0)) ** 2 / variance)
    return float(terms.sum(1).mean()), terms.sum(1)


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
    """A `Point` for each of M models on the inputs x (N, d) with their targets.

    Rate and I(Z;Y) bound as in Alemi et al. 2016, eqs. 13–16; standard errors are over the inputs.
    `error_mc` averages class probabilities over `samples` draws, None if there is but one; `error_1` is the first's.
    """
    parts = _parts(weights, samples * len(x))
    if len(parts) > 1:
        ends = x, target, samples, likelihood, seed, variance, task
        return tuple(chain.from_iterable(evaluate(_of(weights, part), betas[part], *ends) for part in parts))
    mu, sigma = model.encode(weights, x)  # (M, N, K)
    kl = objective.rate_per_dim(mu, sigma)  # (M, N, K)
    z = sample(mu, sigma, samples, seed)  # (M, S·N, K)
    output = model.decode(weights, z)  # (M, S·N, O)
    m, n = mu.shape[:2]
    wrong: tuple[Array | None, Array | None]
    if likelihood == "categorical":
        cost, wrong = _classes(output.reshape(m, samples, n, -1), target)
    else:
        repeated = target.repeat(samples, 1)
        cost = objective.distortion(weights, output, repeated, likelihood, variance).reshape(m, samples, n)
        wrong = None, None
    # the entropy of an arbitrary input is not known: a bound made from a guess of it would be none
    entropy = target_entropy(target.cpu().numpy(), likelihood) if task == "classify" else None
    costs = cost.mean(1).double().cpu().numpy()  # (M, N)
    rate = _means(kl.sum(-1).double().cpu().numpy(), "upper")
    distortion = _means(costs, "monte_carlo")
    bound = None if entropy is None else _means(entropy[1] - costs, "lower")
    error_1, error_mc = (None if w is None else _means(w, "monte_carlo") for w in wrong)
    per_dim = kl.double().mean(1).cpu().numpy()
    return tuple(
        Point(
            beta=float(betas[i]),
            rate=rate[i],
            distortion=distortion[i],
            i_zy_bound=None if bound is None else bound[i],
            error_1=None if error_1 is None else error_1[i],
            error_mc=None if error_mc is None else error_mc[i],
            kl_per_dim=tuple(per_dim[i].tolist()),
        )
        for i in range(m)
    )


def _classes_first(output: Tensor) -> Tensor:
    """(…, N, C) → (…, C, N): six times as fast to normalise, as the vector units then run along the inputs."""
    return output.mT.contiguous()


def _classes(output: Tensor, target: Tensor) -> tuple[Tensor, tuple[Array, Array | None]]:
    """−log q(y|z), and the 0/1 errors (M, N) of the first posterior sample and of the averaged probabilities.

    One log-softmax serves all three: output (M, S, N, C) logits, target (N,)  →  (M, S, N).
    """
    log_q = _classes_first(output).log_softmax(-2)  # (M, S, C, N)
    index = target.expand(*log_q.shape[:2], 1, -1)  # (M, S, 1, N)
    one = log_q[:, 0].max(-2).indices != target
    mc = log_q.exp().mean(1).max(-2).indices != target if log_q.shape[1] > 1 else None
    errors = one.double().cpu().numpy(), None if mc is None else mc.double().cpu().numpy()
    return -log_q.gather(-2, index)[..., 0, :], errors


def _means(values: Array, kind: Kind) -> list[Estimate]:
    """Mean over the inputs with its standard error, for each of M models: (M, N) → M estimates."""
    mean, stderr = values.mean(1), values.std(1) / np.sqrt(values.shape[1])
    return [Estimate(m, s, kind) for m, s in zip(mean.tolist(), stderr.tolist(), strict=True)]
