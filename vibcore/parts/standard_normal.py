"""r(z) = N(0, I), fixed (Alemi et al. 2016, sec. 4.1)."""

from __future__ import annotations

import math

from torch import Tensor


def parameters(latent_dim: int) -> dict[str, tuple[int, ...]]:
    """None are learned."""
    return {}


def log_prob(weights: dict[str, Tensor], z: Tensor) -> Tensor:
    """ln r(z): (..., K) → (...)."""
    return -0.5 * (z.square() + math.log(2 * math.pi)).sum(-1)


def kl_per_dim(weights: dict[str, Tensor], mu: Tensor, sigma: Tensor) -> Tensor:
    """KL(N(mu, sigma²) ‖ N(0, 1)) of every dimension, nats (Kingma & Welling 2014, app. B): (..., K) → (..., K)."""
    return 0.5 * (mu.square() + sigma.square() - 1) - sigma.log()


def sample(weights: dict[str, Tensor], eps: Tensor) -> Tensor:
    """z = eps, the same for every model: (1, n, K)."""
    return eps


def gradient(mu: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
    """dKL/dmu = mu, dKL/dsigma = sigma − 1/sigma. Twin: `kl_per_dim`."""
    return mu, sigma - sigma.reciprocal()
