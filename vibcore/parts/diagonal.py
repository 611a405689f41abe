"""p(z|x) = N(mu(x), diag sigma(x)²) with sigma = softplus(rho − 5) (Alemi et al. 2016, sec. 4.1)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

SIGMA_SHIFT = 5.0
FEW_DIMENSIONS = 8  # up to which squares of differences cost less than a product of matrices in double precision
LOG_2PI = math.log(2 * math.pi)
correlation = None  # of two dimensions: they are independent
SIGMA_FLOOR = 1e-4  # keeps log sigma finite where beta = 0 lets the noise shrink without end


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
    return (-0.5 * ((z - mu) / sigma).square() - sigma.log() - 0.5 * LOG_2PI).sum(-1)


def log_det(sigma: Tensor) -> Tensor:
    """Σ ln sigma: (..., K) → (...)."""
    return sigma.log().sum(-1)


def log_densities(z: Tensor, mu: Tensor, sigma: Tensor) -> Tensor:
    """ln N(z_i; mu_j, diag sigma_j²) of every pair: z (S, K), mu, sigma (N, K)  →  (S, N).

    In few dimensions from differences, exact to the precision of the arguments. In many the square is expanded, so
    that two matrix products do the work: in double precision, as its terms cancel where sigma is small.
    """
    constant = -sigma.log().sum(1) - 0.5 * mu.shape[1] * LOG_2PI  # (N,)
    if mu.shape[1] > FEW_DIMENSIONS:
        precision = sigma.double() ** -2
        z, mu = z.double(), mu.double()
        square = (z**2) @ precision.T - 2 * z @ (mu * precision).T + (mu**2 * precision).sum(1)
        return constant - 0.5 * square
    inverse = math.sqrt(0.5) / sigma
    result = constant.expand(len(z), -1).clone()
    for k in range(mu.shape[1]):
        apart = (z[:, k, None] - mu[:, k]).mul_(inverse[:, k])
        result.addcmul_(apart, apart, value=-1)
    return result


def deviations(sigma: Tensor) -> Tensor:
    """sigma itself."""
    return sigma


def joined(sigma: Tensor, deviation: Tensor) -> Tensor:
    """Side by side: (N, K), (N, O) → (N, K + O)."""
    return torch.cat([sigma, deviation], 1)


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
