"""p(z|x) = N(mu(x), diag sigma(x)²) with sigma = softplus(rho − 5) (Alemi et al. 2016, sec. 4.1)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

SIGMA_SHIFT = 5.0
SIGMA_FLOOR = 1e-4  # keeps log sigma finite where beta = 0 lets the noise shrink without end


def heads(latent_dim: int) -> int:
    """mu and rho."""
    return 2 * latent_dim


def initial_bias(latent_dim: int) -> Tensor:
    """rho starts where sigma = softplus(0) = 0.69: (2K,)."""
    bias = torch.zeros(2 * latent_dim)
    bias[latent_dim:] = SIGMA_SHIFT
    return bias


def split(head: Tensor) -> tuple[Tensor, Tensor]:
    """Head (..., 2K) → mu, sigma, (..., K) each, sigma > 0."""
    mu, rho = head.chunk(2, dim=-1)
    return mu, F.softplus(rho - SIGMA_SHIFT) + SIGMA_FLOOR


def sample(mu: Tensor, sigma: Tensor, eps: Tensor) -> Tensor:
    """z = mu + sigma·eps (Kingma & Welling 2014, sec. 2.4)."""
    return torch.addcmul(mu, sigma, eps)


def log_prob(mu: Tensor, sigma: Tensor, z: Tensor) -> Tensor:
    """ln p(z|x): (..., K) → (...)."""
    return (-0.5 * ((z - mu) / sigma).square() - sigma.log() - 0.5 * math.log(2 * math.pi)).sum(-1)


def forward(h: Tensor, eps: Tensor, z: Tensor) -> Tensor:
    """z = mu + sigma·eps into `z`, mu and rho the halves of h (G, 2K, B); returns sigma. Twin: `split`, `sample`.

    Leaves rho − 5 in rho's place, for `gradient`.
    """
    mu, rho = h.chunk(2, dim=1)
    sigma = F.softplus(rho.sub_(SIGMA_SHIFT)).add_(SIGMA_FLOOR)
    torch.addcmul(mu, sigma, eps, out=z)
    return sigma


def gradient(h: Tensor, d_mu: Tensor, d_sigma: Tensor, price: Tensor, d_z: Tensor, eps: Tensor, d_h: Tensor) -> None:
    """dmu = dz + price·dKL/dmu;  drho = (dz·eps + price·dKL/dsigma)·sigmoid(rho − 5), into d_h (G, 2K, B).

    d_mu, d_sigma: derivatives of KL(p(z|x) ‖ r(z)), (G, K, B), d_sigma is written to; price (G, 1, 1) of a nat. The
    last factor is d softplus(rho − 5)/d rho; h holds mu and rho − 5.
    """
    to_mu, to_rho = d_h.chunk(2, dim=1)
    torch.addcmul(d_z, d_mu, price, out=to_mu)
    pull = d_sigma.mul_(price).addcmul_(d_z, eps)
    torch.mul(pull, torch.sigmoid(h.chunk(2, dim=1)[1]), out=to_rho)
