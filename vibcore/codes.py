"""What the posteriors of one model say by themselves, in closed form: their entropy, and the best Gaussian r(z)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from vibcore import model
from vibcore.derivation import Codes
from vibcore.evaluation import stack_of
from vibcore.problem import Problem, Split
from vibcore.training import Moment
from vibcore.types import Estimate, Kind


@torch.no_grad()
def codes_of(moment: Moment, problem: Problem, index: int, split: Split) -> Codes:
    """H(Z|X) of model `index` on the inputs of a split, and the rate that the best Gaussian r(z) would leave.

    r* = N(m, C) with m = E μ and C = E Σ + Cov μ has E KL(p(z|x) ‖ r*) = ½ ln det C − E ½ ln det Σ, the least of any
    Gaussian: KL(p(z) ‖ r) is least where r has p(z)'s moments (Bishop 2006, sec. 10.7).
    """
    posterior = problem.parts.posterior
    mu, scale = (part[0].double() for part in model.encode(stack_of(moment.weights, [index]), split.x, posterior))
    n, k = mu.shape
    axes = torch.eye(k, dtype=mu.dtype, device=mu.device)
    root = torch.stack([posterior.sample(torch.zeros_like(mu), scale, axis.expand(n, k)) for axis in axes], -1)
    log_det = posterior.log_det(scale)  # (n,) ½ ln det Σ
    apart = mu - mu.mean(0)
    spread = root @ root.mT + apart[:, :, None] * apart[:, None]  # (n, K, K)
    covariance = spread.mean(0)
    distance = (spread @ torch.linalg.inv(covariance)).diagonal(dim1=1, dim2=2).sum(1)
    kl = 0.5 * (torch.logdet(covariance) + distance - k) - log_det
    entropy = log_det + 0.5 * k * (1 + math.log(2 * math.pi))
    return Codes(
        _mean(entropy, "monte_carlo"),
        _mean(kl, "upper"),
        mu.mean(0).cpu().numpy(),
        covariance.cpu().numpy(),
        n,
    )


def _mean(values: Tensor, kind: Kind) -> Estimate:
    error = float(values.std()) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return Estimate(float(values.mean()), error, kind)


def parameter_counts(problem: Problem) -> tuple[int, int]:
    """Numbers of a plain net, its layer of K units in the middle without noise, and of the bottlenecked one."""
    shapes = model.shapes(problem.config, problem.sizes)
    heads = shapes[f"encoder.{len(problem.config.encoder)}.weight"]
    noise = (heads[0] + 1) * (heads[1] - problem.config.latent_dim)
    whole = sum(map(math.prod, shapes.values()))
    return whole - noise, whole
