"""What the bounds bound: I(X;Z) and I(Y;Z) of a finite set, by Monte Carlo over z. Nats.

The N inputs of a split are taken as the whole world: p(z) is the mixture of their N posteriors. Standard errors
are those of the Monte-Carlo draw of z, so they vanish with more samples; they say nothing about other inputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from vibcore.types import ConfigError, Estimate

CHUNK = 4_000_000  # densities held at once: 16 MB
EXACT_UP_TO = 5000  # inputs; beyond, the mixture of all posteriors is too slow and the sandwich takes over


@dataclass(frozen=True)
class Account:
    """Where the nats go. R = I(X;Z) + marginal slack; H(Y) − D = I(Y;Z) − decoder slack.

    Slacks are means of per-draw differences, with their own errors. The Y side is None without class labels.
    """

    rate: Estimate
    i_xz: Estimate
    marginal_slack: Estimate
    i_zy_bound: Estimate | None
    i_zy: Estimate | None
    decoder_slack: Estimate | None


def log_densities(z: Tensor, mu: Tensor, sigma: Tensor) -> Tensor:
    """ln N(z_i; mu_j, diag sigma_j²) of every pair: z (S, K), mu, sigma (N, K)  →  (S, N).

    The square is expanded so that one matrix product does the work.
    """
    precision = sigma**-2
    square = (z**2) @ precision.T - 2 * z @ (mu * precision).T + (mu**2 * precision).sum(1)
    return -0.5 * square - sigma.log().sum(1) - 0.5 * mu.shape[1] * math.log(2 * math.pi)


def account(
    mu: Tensor,
    sigma: Tensor,
    generator: torch.Generator,
    labels: Tensor | None = None,
    log_q: Callable[[Tensor], Tensor] | None = None,
    samples: int = 1,
) -> Account:
    """Both identities of one model on one split: mu, sigma (N, K), labels (N,), log_q: z (S, K) → ln q(y|z) (S, C).

    I(X;Z) = E[ln p(z|x) − ln p(z)] with p(z) the mixture of all N posteriors (Alemi et al. 2018, sec. 2); I(Y;Z) by
    the Bayes decoder of the set. ConfigError for more than 5,000 inputs: use `sandwich` there.
    """
    n, k = mu.shape
    if n > EXACT_UP_TO:
        raise ConfigError("inputs", n, f"at most {EXACT_UP_TO} for the exact mixture", "Use the sandwich bounds.")
    eps = torch.randn(samples, n, k, generator=generator, dtype=torch.float64).to(mu.device)
    mu, sigma = mu.double(), sigma.double()  # the expanded square cancels: float32 would lose small sigmas
    z = (mu + sigma * eps).reshape(-1, k)  # (S·N, K)
    own = (-0.5 * eps**2 - sigma.log() - 0.5 * math.log(2 * math.pi)).sum(-1).reshape(-1)
    prior = (-0.5 * z**2 - 0.5 * math.log(2 * math.pi)).sum(-1)
    log_p, log_p_y = _mixture(z, mu, sigma, labels)
    kl = (0.5 * (mu**2 + sigma**2 - 1) - sigma.log()).sum(1)
    rate, slack = Estimate(float(kl.mean()), 0.0, "upper"), _estimate(log_p - prior)
    if labels is None or log_p_y is None or log_q is None:
        return Account(rate, _estimate(own - log_p), slack, None, None, None)
    repeated = labels.repeat(samples)
    log_odds = torch.log(torch.bincount(labels, minlength=log_p_y.shape[1]).double() / n)[repeated]
    posterior = log_p_y.gather(1, repeated[:, None])[:, 0]
    decoded = log_q(z.to(torch.float32)).double().gather(1, repeated[:, None])[:, 0]
    return Account(
        rate=rate,
        i_xz=_estimate(own - log_p),
        marginal_slack=slack,
        i_zy_bound=_estimate(decoded - log_odds, "lower"),
        i_zy=_estimate(posterior - log_odds),
        decoder_slack=_estimate(posterior - decoded),
    )


def _mixture(z: Tensor, mu: Tensor, sigma: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """ln p(z), and ln p(y|z) of the Bayes decoder: (S,), (S, C). By chunks, in log space."""
    n = len(mu)
    classes = 0 if labels is None else int(labels.max()) + 1
    log_p, log_py = [], []
    for part in z.split(max(1, CHUNK // n)):
        pairs = log_densities(part, mu, sigma)  # (S', N)
        top = pairs.amax(1, keepdim=True)
        weights = (pairs - top).exp_()
        total = weights.sum(1)
        log_p.append(top[:, 0] + total.log() - math.log(n))
        if labels is not None:
            member = torch.nn.functional.one_hot(labels, classes).to(weights)  # (N, C)
            log_py.append(((weights @ member).clamp_min(1e-300) / total[:, None]).log())
    return torch.cat(log_p), torch.cat(log_py) if log_py else None


def sandwich(mu: Tensor, sigma: Tensor, batch: int, generator: torch.Generator) -> tuple[Estimate, Estimate]:
    """Lower and upper bound of I(X;Z) from batches of K inputs, with the encoder known (Poole et al. 2019, sec. 2).

    Lower: denominator 1/K Σ_j, at most ln K (eq. 12's InfoNCE with the true conditional). Upper: leave-one-out,
    1/(K−1) Σ_{j≠i}; very loose where posteriors separate. mu, sigma (N, K_z); errors are over batches.
    """
    if not 2 <= batch <= len(mu):
        raise ConfigError("batch", batch, f"2 to {len(mu)}", "A bound needs at least one other input.")
    order = torch.randperm(len(mu), generator=generator)[: len(mu) // batch * batch].view(-1, batch)
    lower, upper = [], []
    for rows in order:
        m, s = mu[rows].double(), sigma[rows].double()
        eps = torch.randn(m.shape, generator=generator, dtype=torch.float64)
        pairs = log_densities(m + s * eps, m, s)  # (K, K)
        own = pairs.diagonal()
        others = pairs.masked_fill(torch.eye(batch, dtype=torch.bool), -math.inf)
        lower.append((own - pairs.logsumexp(1) + math.log(batch)).mean())
        upper.append((own - others.logsumexp(1) + math.log(batch - 1)).mean())
    return _spread(torch.stack(lower), "lower"), _spread(torch.stack(upper), "upper")


def log_n_ceiling(n: int) -> float:
    """ln N: no representation of N equally likely inputs carries more about them."""
    return math.log(n)


def _estimate(draws: Tensor, kind: str = "monte_carlo") -> Estimate:
    """Mean over all draws; its error from the spread of the draws (an upper estimate: strata only help)."""
    return Estimate(float(draws.mean()), float(draws.std() / math.sqrt(len(draws))), kind)  # type: ignore[arg-type]


def _spread(values: Tensor, kind: str) -> Estimate:
    error = float(values.std() / math.sqrt(len(values))) if len(values) > 1 else math.nan
    return Estimate(float(values.mean()), error, kind)  # type: ignore[arg-type]
