"""Every model of a stack on a whole split: the rate, the distortion and the errors, each with what it is.

Noise is drawn once from a seed and shared by all models and all calls, so that two evaluations differ
only by the weights and the pictures do not jitter.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vibcore import model, objective
from vibcore.types import Array, Estimate, Likelihood, Point

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
    weights: Weights, betas: Array, x: Tensor, target: Tensor, likelihood: Likelihood, samples: int, seed: int
) -> tuple[Point, ...]:
    """A `Point` for each of M models on the inputs x (N, d) with their targets.

    Rate and I(Z;Y) bound as in Alemi et al. 2016, eqs. 13–16; standard errors are over the inputs.
    `error_mc` averages class probabilities over `samples` draws; `error_1` is the first draw's.
    """
    mu, sigma = model.encode(weights, x)  # (M, N, K)
    kl = objective.rate_per_dim(mu, sigma)  # (M, N, K)
    z = sample(mu, sigma, samples, seed)  # (M, S·N, K)
    output = model.decode(weights, z)  # (M, S·N, O)
    m, n = mu.shape[:2]
    repeated = target.repeat(samples, *[1] * (target.ndim - 1))
    cost = objective.distortion(weights, output, repeated, likelihood).reshape(m, samples, n)
    wrong = _errors(output, target, samples) if likelihood == "categorical" else None
    entropy = target_entropy(target.cpu().numpy(), likelihood) if likelihood != "bernoulli" else None
    rates, costs = kl.sum(-1).double().cpu().numpy(), cost.mean(1).double().cpu().numpy()  # (M, N)
    per_dim = kl.double().mean(1).cpu().numpy()
    return tuple(
        Point(
            beta=float(betas[i]),
            rate=_mean(rates[i], "upper"),
            distortion=_mean(costs[i], "monte_carlo"),
            i_zy_bound=None if entropy is None else _mean(entropy[1] - costs[i], "lower"),
            error_1=None if wrong is None else _mean(wrong[0][i], "monte_carlo"),
            error_mc=None if wrong is None else _mean(wrong[1][i], "monte_carlo"),
            kl_per_dim=tuple(float(v) for v in per_dim[i]),
        )
        for i in range(m)
    )


def _errors(output: Tensor, target: Tensor, samples: int) -> tuple[Array, Array]:
    """0/1 errors (M, N) of the first posterior sample and of the averaged probabilities."""
    m, sn, c = output.shape
    odds = output.softmax(-1).reshape(m, samples, sn // samples, c)
    one, mc = odds[:, 0].argmax(-1), odds.mean(1).argmax(-1)
    return (one != target).double().cpu().numpy(), (mc != target).double().cpu().numpy()


def _mean(values: Array, kind: str) -> Estimate:
    stderr = float(values.std() / np.sqrt(len(values)))
    return Estimate(float(values.mean()), stderr, kind)  # type: ignore[arg-type]
