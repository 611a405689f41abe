"""p(z|x) = N(mu(x), L(x) L(x)ᵀ), L lower triangular (Kingma & Welling 2019, arXiv 1906.02691, sec. 2.5.1).

The diagonal of L is what `diagonal` has for sigma, below it the head's outputs stand as they are. Without `gradient`
functions: it trains by autograd.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from vibcore.parts import diagonal
from vibcore.parts.diagonal import FEW_DIMENSIONS, LOG_2PI

forward = None
gradient = None


def initial_bias(latent_dim: int) -> Tensor:
    """Starts as `diagonal` does, with nothing below the diagonal: (K(K + 3)/2,)."""
    below = latent_dim * (latent_dim - 1) // 2
    return torch.cat([diagonal.initial_bias(latent_dim), torch.zeros(below)])


def split(head: Tensor) -> tuple[Tensor, Tensor]:
    """Head (..., K(K + 3)/2) → mu (..., K) and L (..., K, K) with a positive diagonal."""
    k = (math.isqrt(9 + 8 * head.shape[-1]) - 3) // 2
    mu, sigma = diagonal.split(head[..., : 2 * k])
    scale = torch.diag_embed(sigma)
    row, column = torch.tril_indices(k, k, -1, device=head.device)
    scale[..., row, column] = head[..., 2 * k :]
    return mu, scale


def sample(mu: Tensor, scale: Tensor, eps: Tensor) -> Tensor:
    """z = mu + L eps."""
    return mu + torch.einsum("...kl,...l->...k", scale, eps)


def log_det(scale: Tensor) -> Tensor:
    """Σ ln L_kk: (..., K, K) → (...)."""
    return scale.diagonal(dim1=-2, dim2=-1).log().sum(-1)


def log_prob(mu: Tensor, scale: Tensor, z: Tensor) -> Tensor:
    """ln p(z|x) = ln N(L⁻¹(z − mu); 0, I) − ln det L: (..., K) → (...)."""
    white: Tensor = torch.linalg.solve_triangular(scale, (z - mu)[..., None], upper=False)[..., 0]
    return -0.5 * (white.square() + LOG_2PI).sum(-1) - log_det(scale)


def log_densities(z: Tensor, mu: Tensor, scale: Tensor) -> Tensor:
    """ln N(z_i; mu_j, L_j L_jᵀ) of every pair: z (S, K), mu (N, K), scale (N, K, K)  →  (S, N).

    As in `diagonal`: in few dimensions from differences, in many by products of matrices in double precision.
    """
    k = mu.shape[1]
    constant = -log_det(scale) - 0.5 * k * LOG_2PI  # (N,)
    inverse = torch.linalg.solve_triangular(scale.double(), torch.eye(k, dtype=torch.float64).to(z.device), upper=False)
    if k > FEW_DIMENSIONS:
        centre = torch.einsum("nkl,nl->nk", inverse, mu.double())
        white = (z.double() @ inverse[:, i].T - centre[:, i] for i in range(k))
    else:
        apart = [z[:, i, None] - mu[:, i] for i in range(k)]  # (S, N) each
        rows = inverse.to(z.dtype)
        white = (sum(apart[j] * rows[:, i, j] for j in range(i + 1)) for i in range(k))
    found: Tensor = constant - 0.5 * sum(part.square() for part in white)
    return found


def deviations(scale: Tensor) -> Tensor:
    """√(L Lᵀ)_kk: (..., K, K) → (..., K)."""
    return scale.square().sum(-1).sqrt()


def correlation(scale: Tensor, i: int, j: int) -> Tensor:
    """(L Lᵀ)_ij over both deviations: (..., K, K) → (...)."""
    return torch.cosine_similarity(scale[..., i, :], scale[..., j, :], dim=-1).clamp(-1, 1)


def joined(scale: Tensor, deviation: Tensor) -> Tensor:
    """Both as blocks of one diagonal: (N, K, K), (N, O) → (N, K + O, K + O)."""
    n, k = scale.shape[:2]
    both = scale.new_zeros(n, k + deviation.shape[1], k + deviation.shape[1])
    both[:, :k, :k] = scale
    both[:, k:, k:] = torch.diag_embed(deviation)
    return both
