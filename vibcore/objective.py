"""Rate and Lagrangian of a stack by its parts, in nats per input."""

from __future__ import annotations

import torch
from torch import Tensor

from vibcore import model
from vibcore.model import Weights
from vibcore.parts import Parts, total_correlation


def rate(parts: Parts, weights: Weights, mu: Tensor, scale: Tensor, z: Tensor) -> Tensor:
    """KL(p(z|x) ‖ r(z)) of every input, (M, B): in closed form, else ln p(z|x)/r(z) at the draw z (M, B, K).

    Alemi et al. 2016, eq. 14: its mean is an upper bound of I(X;Z).
    """
    posterior = parts.posterior
    kl = parts.marginal.kl_per_dim(weights, mu, posterior.deviations(scale))
    if kl is not None:
        return kl.sum(-1) + total_correlation(posterior, scale)
    return posterior.log_prob(mu, scale, z) - parts.marginal.log_prob(weights, z)


def losses(
    parts: Parts, weights: Weights, betas: Tensor, x: Tensor, target: Tensor, eps: Tensor, variance: float | None
) -> Tensor:
    """D + β h(R) of every model on one batch, (M,) nats (Alemi et al. 2016, eq. 17): eps (B, K) shared by models."""
    mu, scale = model.encode(weights, x, parts.posterior)  # (M, B, K), (M, B, *)
    z = parts.posterior.sample(mu, scale, eps)
    output = model.decode(weights, z)  # (M, B, O)
    distortion = parts.likelihood.distortion(weights, output, target, variance).mean(-1)
    price = parts.lagrangian.price(rate(parts, weights, mu, scale, z).mean(-1))
    return distortion + betas.to(torch.result_type(betas, price)) * price
