"""What the best linear VAE does, in closed form: reverse water-filling over the variances of the data. Nats."""

from __future__ import annotations

import numpy as np

from vibcore.types import Array

LOG_2PI = float(np.log(2 * np.pi))


def variances(x: Array) -> Array:
    """Eigenvalues of the covariance of x (n, d), largest first, (d,)."""
    centred = x.astype(np.float64) - x.mean(0, dtype=np.float64)
    found: Array = np.clip(np.linalg.eigvalsh(centred.T @ centred / len(x))[::-1], 0.0, None)
    return found


def ppca(eigenvalues: Array, latent_dim: int) -> tuple[float, float]:
    """Maximum-likelihood noise variance and log-likelihood of an input (Tipping & Bishop 1999, eqs. 7–8): 1 ≤ K < d.

    The noise is the mean of the variances left out; the likelihood is −½(d ln 2π + Σ ln λ_kept + (d−K) ln σ² + d).
    """
    kept, rest = eigenvalues[:latent_dim], eigenvalues[latent_dim:]
    variance = float(rest.mean())
    terms = len(eigenvalues) * (LOG_2PI + 1) + np.log(kept).sum() + len(rest) * np.log(variance)
    return variance, -0.5 * float(terms)


def water_filling(eigenvalues: Array, latent_dim: int, variance: float, betas: Array) -> tuple[Array, Array]:
    """Rate and distortion of the minimum of D + βR with a linear decoder of fixed variance σ², (M,) each.

    A direction of variance λ is kept iff λ > βσ² (Lucas et al. 2019, sec. 4): it costs ½ ln(λ/βσ²) and is restored up
    to a mean square of βσ². Others cost nothing and lose all of λ. Whatever encoder: the optimal one is linear.
    """
    level = np.asarray(betas, dtype=np.float64)[:, None] * variance  # (M, 1)
    top, rest = eigenvalues[None, :latent_dim], eigenvalues[latent_dim:].sum()
    rate = 0.5 * np.log(np.maximum(top, level) / level).sum(1)
    error = np.minimum(top, level).sum(1) + rest
    return rate, 0.5 * error / variance + 0.5 * len(eigenvalues) * (LOG_2PI + np.log(variance))
