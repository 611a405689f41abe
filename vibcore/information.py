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

from vibcore.types import ConfigError, Estimate, Kind

CHUNK = 2**18  # densities held at once: 1 MB, which stays in the cache
FEW_DIMENSIONS = 8  # up to which squares of differences cost less than a product of matrices in double precision
EXACT_UP_TO = 5000  # inputs; beyond, the mixture of all posteriors is too slow and the sandwich takes over
LOG_2PI = math.log(2 * math.pi)


@dataclass(frozen=True)
class Account:
    """Where the nats go. R = I(X;Z) + marginal slack; H(Y) − D = I(Y;Z) − decoder slack.

    Slacks are means of per-draw differences, with their own errors. The Y side is None without class labels; with
    labels but no decoder of them, as in a VAE, I(Y;Z) alone is known.
    """

    rate: Estimate
    i_xz: Estimate
    marginal_slack: Estimate
    i_zy_bound: Estimate | None
    i_zy: Estimate | None
    decoder_slack: Estimate | None


@dataclass(frozen=True)
class Draws:
    """S draws of z for each of N inputs, and what is known of each: z (S·N, K), the others (S·N,), sample-major."""

    z: Tensor
    samples: int
    log_own: Tensor  # ln p(z|x) of the input that z was drawn for
    log_mixture: Tensor  # ln p(z)
    log_class: Tensor | None  # ln p(y|z) of the input's own label, by the Bayes decoder of the set
    log_odds: Tensor | None  # ln p(y) of that label


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


def draw(
    mu: Tensor, sigma: Tensor, generator: torch.Generator, labels: Tensor | None = None, samples: int = 1
) -> Draws:
    """z ~ p(z|x) for every input, with all that both informations need, in one pass: mu, sigma (N, K), labels (N,)."""
    _check(mu, sigma, labels)
    n, k = mu.shape
    eps = torch.randn(samples, n, k, generator=generator, dtype=mu.dtype).to(mu.device)
    z = (mu + sigma * eps).reshape(-1, k)
    log_own, log_p, log_class = _mixture(z, mu, sigma, labels)
    if labels is None:
        return Draws(z, samples, log_own, log_p, None, None)
    log_odds = torch.log(torch.bincount(labels).double() / n)[labels].repeat(samples)
    return Draws(z, samples, log_own, log_p, log_class, log_odds)


def values(
    mu: Tensor, sigma: Tensor, generator: torch.Generator, labels: Tensor | None = None, samples: int = 1
) -> tuple[Estimate, Estimate | None]:
    """I(X;Z) and, with class labels, I(Y;Z) of the set, from the same draws: mu, sigma (N, K), labels (N,).

    I(X;Z) = E[ln p(z|x) − ln p(z)] with p(z) the mixture of all N posteriors (Alemi et al. 2018, sec. 2); I(Y;Z) =
    E[ln p(y|z) − ln p(y)] by the Bayes decoder of the set, p(y) the labels' own odds. Costs N² densities a sample.
    ConfigError for more than 5,000 inputs: use `sandwich` there.
    """
    d = draw(mu, sigma, generator, labels, samples)
    i_xz = _estimate(d.log_own - d.log_mixture, samples)
    if d.log_class is None or d.log_odds is None:
        return i_xz, None
    return i_xz, _estimate(d.log_class - d.log_odds, samples)


def account(
    mu: Tensor,
    sigma: Tensor,
    generator: torch.Generator,
    labels: Tensor | None = None,
    log_q: Callable[[Tensor], Tensor] | None = None,
    samples: int = 1,
) -> Account:
    """Both identities of one model on one split: mu, sigma (N, K), labels (N,), log_q: z (S, K) → ln q(y|z) (S, C).

    Marginal slack E[ln p(z) − ln r(z)] = KL(p(z) ‖ r), r = N(0, I); decoder slack E[ln p(y|z) − ln q(y|z)]. The rate
    is in closed form, so I(X;Z) + marginal slack equals it up to the error of the draw. See `values` for the rest.
    """
    d = draw(mu, sigma, generator, labels, samples)
    prior = -0.5 * (d.z.double() ** 2 + LOG_2PI).sum(-1)
    kl = (0.5 * (mu.double() ** 2 + sigma.double() ** 2 - 1) - sigma.double().log()).sum(1)
    x_side = (
        Estimate(float(kl.mean()), 0.0, "upper"),
        _estimate(d.log_own - d.log_mixture, samples),
        _estimate(d.log_mixture - prior, samples),
    )
    if labels is None or d.log_class is None or d.log_odds is None:
        return Account(*x_side, None, None, None)
    i_zy = _estimate(d.log_class - d.log_odds, samples)
    if log_q is None:
        return Account(*x_side, None, i_zy, None)
    decoded = log_q(d.z).double().gather(1, labels.repeat(samples)[:, None])[:, 0]
    return Account(
        *x_side,
        i_zy_bound=_estimate(decoded - d.log_odds, samples, "lower"),
        i_zy=i_zy,
        decoder_slack=_estimate(d.log_class - decoded, samples),
    )


def _mixture(z: Tensor, mu: Tensor, sigma: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    """ln p(z|x), ln p(z) and the Bayes decoder's ln p(y|z) at each draw's own x and y, (S·N,). By chunks, in log space.

    All three come from the same table, so that rounding cannot lift a draw above ln N or ln 1/p(y).
    """
    n, rows = len(mu), max(1, CHUNK // len(mu))
    member = None if labels is None else torch.nn.functional.one_hot(labels).to(mu)  # (N, C)
    log_own, log_p, log_class = [], [], []
    for start in range(0, len(z), rows):
        pairs = log_densities(z[start : start + rows], mu, sigma)  # (S', N)
        own = torch.arange(start, start + len(pairs), device=z.device) % n  # the input of each draw
        log_own.append(pairs.gather(1, own[:, None])[:, 0].double())
        top = pairs.amax(1, keepdim=True)
        weights = (pairs - top).exp_()
        total = weights.sum(1)
        log_p.append((top[:, 0] + total.log()).double() - math.log(n))
        if member is not None and labels is not None:
            same = (weights @ member.to(weights)).gather(1, labels[own][:, None])[:, 0]
            log_class.append((same.clamp_min(1e-30) / total).log().double())
    return torch.cat(log_own), torch.cat(log_p), torch.cat(log_class) if log_class else None


def _check(mu: Tensor, sigma: Tensor, labels: Tensor | None) -> None:
    if mu.dim() != 2 or mu.shape != sigma.shape:
        raise ConfigError("mu, sigma", (tuple(mu.shape), tuple(sigma.shape)), "two of shape (N, K)", "Pass one model.")
    if len(mu) > EXACT_UP_TO:
        raise ConfigError("inputs", len(mu), f"at most {EXACT_UP_TO} for the mixture", "Use the sandwich bounds.")
    if labels is not None and (labels.dtype != torch.int64 or labels.shape != mu.shape[:1]):
        got = f"{labels.dtype} of shape {tuple(labels.shape)}"
        raise ConfigError("labels", got, "int64 class indices, one for each input", "Leave them out for regression.")


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
        eps = torch.randn(m.shape, generator=generator, dtype=torch.float64).to(m.device)
        pairs = log_densities(m + s * eps, m, s)  # (K, K)
        own = pairs.diagonal()
        others = pairs.masked_fill(torch.eye(batch, dtype=torch.bool, device=m.device), -math.inf)
        lower.append((own - pairs.logsumexp(1) + math.log(batch)).mean())
        upper.append((own - others.logsumexp(1) + math.log(batch - 1)).mean())
    return _spread(torch.stack(lower), "lower"), _spread(torch.stack(upper), "upper")


def log_n_ceiling(n: int) -> float:
    """ln N: no representation of N equally likely inputs carries more about them."""
    return math.log(n)


def _estimate(draws: Tensor, samples: int, kind: Kind = "monte_carlo") -> Estimate:
    """Mean over S samples of each of N inputs, (S·N,), and the Monte-Carlo error of that mean.

    With several samples the error is that within inputs, as the inputs are given. One sample cannot tell draws from
    inputs: then the whole spread stands for it, which is too large rather than too small.
    """
    table = draws.reshape(samples, -1)  # (S, N)
    variance = table.var(0).mean() if samples > 1 else draws.var()
    return Estimate(float(draws.mean()), float((variance / len(draws)).sqrt()), kind)


def _spread(values: Tensor, kind: Kind) -> Estimate:
    error = float(values.std() / math.sqrt(len(values))) if len(values) > 1 else math.nan
    return Estimate(float(values.mean()), error, kind)
