"""Every model of a stack on a whole split: the rate, the distortion and the errors, each with what it is.

Noise is drawn once from a seed and shared by all models and all calls, so that two evaluations differ
only by the weights and the pictures do not jitter.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vibcore import model, objective
from vibcore.types import Array, Estimate, Likelihood, Point, Task

Weights = dict[str, Tensor]


def noise(shape: tuple[int, ...], seed: int, like: Tensor) -> Tensor:
    """Standard normal eps of a seed, with the dtype and device of `like`."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator).to(like)


def sample(mu: Tensor, sigma: Tensor, samples: int, seed: int) -> Tensor:
    """z ~ p(z|x), `samples` draws an input: mu, sigma (M, N, K) → (M, S·N, K), sample-major."""
    m, n, k = mu.shape
    eps = noise((samples, n, k), seed, mu)
    return torch.addcmul(mu[:, None], sigma[:, None], eps).reshape(m, samples * n, k)


def mean_output(weights: Weights, z: Tensor, samples: int, likelihood: Likelihood) -> Tensor:
    """Decoder averaged over posterior samples: probabilities (never logits) or means, (M, N, O)."""
    output = probabilities(model.decode(weights, z), likelihood)  # (M, S·N, O)
    m, sn, o = output.shape
    return output.reshape(m, samples, sn // samples, o).mean(1)


def probabilities(output: Tensor, likelihood: Likelihood) -> Tensor:
    """Decoder outputs as the mean of q: class probabilities, pixel probabilities or the mean itself."""
    if likelihood == "categorical":
        return output.softmax(-1)
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
    mu, sigma = model.encode(weights, x)  # (M, N, K)
    kl = objective.rate_per_dim(mu, sigma)  # (M, N, K)
    z = sample(mu, sigma, samples, seed)  # (M, S·N, K)
    output = model.decode(weights, z)  # (M, S·N, O)
    m, n = mu.shape[:2]
    if likelihood == "categorical":
        cost, wrong = _classes(output.reshape(m, samples, n, -1), target)
    else:
        repeated = target.repeat(samples, 1)
        cost, wrong = objective.distortion(weights, output, repeated, likelihood, variance).reshape(m, samples, n), None
    # the entropy of an arbitrary input is not known: a bound made from a guess of it would be none
    entropy = target_entropy(target.cpu().numpy(), likelihood) if task == "classify" else None
    rates, costs = kl.sum(-1).double().cpu().numpy(), cost.mean(1).double().cpu().numpy()  # (M, N)
    per_dim = kl.double().mean(1).cpu().numpy()
    return tuple(
        Point(
            beta=float(betas[i]),
            rate=_mean(rates[i], "upper"),
            distortion=_mean(costs[i], "monte_carlo"),
            i_zy_bound=None if entropy is None else _mean(entropy[1] - costs[i], "lower"),
            error_1=None if wrong is None else _mean(wrong[0][i], "monte_carlo"),
            error_mc=None if wrong is None or samples == 1 else _mean(wrong[1][i], "monte_carlo"),
            kl_per_dim=tuple(float(v) for v in per_dim[i]),
        )
        for i in range(m)
    )


def _classes(output: Tensor, target: Tensor) -> tuple[Tensor, tuple[Array, Array]]:
    """−log q(y|z), and the 0/1 errors (M, N) of the first posterior sample and of the averaged probabilities.

    One log-softmax serves all three: output (M, S, N, C) logits, target (N,)  →  (M, S, N).
    """
    log_q = output.log_softmax(-1)
    index = target.expand(*output.shape[:2], -1)[..., None]  # (M, S, N, 1)
    one, mc = output[:, 0].argmax(-1), log_q.exp().mean(1).argmax(-1)
    errors = (one != target).double().cpu().numpy(), (mc != target).double().cpu().numpy()
    return -log_q.gather(-1, index)[..., 0], errors


def _mean(values: Array, kind: str) -> Estimate:
    stderr = float(values.std() / np.sqrt(len(values)))
    return Estimate(float(values.mean()), stderr, kind)  # type: ignore[arg-type]
