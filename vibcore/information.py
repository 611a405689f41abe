"""What the bounds bound: I(X;Z) and I(Y;Z) of an encoder, each between two bounds, by Monte Carlo over x and z. Nats.

The density p(z) = E p(z|x) is never known, only mixtures of N posteriors. One that leaves out the x that z was drawn
for has E ln p̂(z) ≤ E ln p(z), one that holds it stands on the other side (Poole et al. 2019, arXiv 1905.06922, sec. 2):

    E[ln p(z|x) − ln p̂_with(z)] ≤ I(X;Z) ≤ E[ln p(z|x) − ln p̂_without(z)]

For the Bayes decoder p̂(y|z) of the same mixtures the sides change places. That of other inputs is a decoder like any
other: H(Y) + E ln p̂_without(y|z) ≤ I(Y;Z). That which holds the own x knows more than z: H(Y) + E ln p̂_with(y|z) is
on average I(Y; Z, inputs) ≥ I(Y;Z). Both intervals shrink as N grows. Standard errors are over inputs and draws: to
first order, the error of −E ln p̂(z) is that of a mean over z, as if p were known.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from vibcore import mixtures
from vibcore.mixtures import Draws, Posteriors, Side, expected
from vibcore.parts import standard_normal, total_correlation
from vibcore.types import ConfigError, Estimate, Interval, Kind, Scope

EXACT_UP_TO = 5000  # inputs; beyond, the mixture of all posteriors is too slow and the sandwich takes over
NOTHING = Estimate(0.0, 0.0, "lower")
LogQ = Callable[[Tensor], Tensor]  # z (S, K) → ln q(y|z) of every class (S, C), or of the own real y (S,)
LogR = Callable[[Tensor], Tensor]  # z (S, K) → ln r(z) (S,)


@dataclass(frozen=True)
class InformationBudget:
    """Where the nats go. R = I(X;Z) + marginal slack; H(Y) − D = I(Y;Z) − decoder slack.

    Slacks are means of differences draw by draw, with their own errors. The Y side is None without class labels or
    reals of a known density; with those but no decoder of them, as in a VAE, I(Y;Z) alone is known.
    """

    rate: Estimate
    i_xz: Interval
    marginal_slack: Interval
    i_zy_bound: Estimate | None
    i_zy: Interval | None
    decoder_slack: Interval | None


def information_budget(
    posteriors: Posteriors,
    generator: torch.Generator,
    others: Posteriors | None = None,
    log_q: LogQ | None = None,
    samples: int = 1,
    scored: int | None = None,
    of: Scope = "population",
    log_r: LogR | None = None,
    rates: Tensor | None = None,
) -> InformationBudget:
    """Both identities of one model, with its informations as intervals, of the population that the inputs come from.

    The first `scored` inputs are scored (all by default), all are the mixture. Where p(y|x) is not known, labels stand
    for it: then `others`, posteriors of other inputs, are the decoder that bounds I(Y;Z) below, and the upper end is of
    this sample, its own labels included. The lower end is that of the better decoder, Bayes' or q(y|z); the upper end
    of I(X;Z) is never above the rate. With of="sample" the N inputs are the whole world, and both ends its own values,
    at most ln N. `log_r` is ln r(z), of N(0, I) by default; `rates` (N,) are KL(p(z|x) ‖ r(z)) where they have a closed
    form. ConfigError for more than 5,000 inputs: use `sandwich` there.
    """
    _check(posteriors)
    draws = mixtures.draw(posteriors, generator, samples, scored)
    mixed = mixtures.mix(draws, posteriors)
    if log_r is None:
        log_r, rates = partial(standard_normal.log_prob, {}), _rates(posteriors)
    prior = log_r(draws.z.double())
    rate = _mean(draws.log_own - prior, samples, "upper") if rates is None else _mean(rates[:scored], 1, "upper")
    above_prior = draws.log_own - mixed.x.raw - prior  # ln p̂(z)/r(z)
    if of == "sample":
        i_xz, slack = _own_value(mixed.x, samples), _slack(above_prior, above_prior, samples, of)
    else:
        i_xz = _between(mixed.x, mixed.x.gap, samples, own_is_below=True)
        slack = _slack(above_prior - mixed.x.gap, above_prior, samples, of)
        if i_xz.upper.value > rate.value:
            i_xz, slack = replace(i_xz, upper=rate), replace(slack, lower=NOTHING)
    if mixed.y is None or (posteriors.reals is not None and of == "sample"):  # whose p(y) is not N(0, I)
        return InformationBudget(rate, i_xz, slack, None, None, None)
    gap = mixed.y.gap
    if of == "sample":
        gap = torch.zeros_like(gap)
    elif others is not None and posteriors.labels is not None:
        gap = mixtures.decode(draws, posteriors.labels, others) - mixed.y.raw
    decoded = None if log_q is None else _decoded(posteriors, draws, log_q)
    return InformationBudget(rate, i_xz, slack, *_of_target(mixed.y, gap, decoded, samples, of))


def _decoded(posteriors: Posteriors, draws: Draws, log_q: LogQ) -> Tensor:
    """ln q(y|z)/p(y) of each draw, y as its own input has it: (S·n,)."""
    found, own = log_q(draws.z).double(), draws.own
    if posteriors.reals is not None:
        return found - mixtures.log_normal(posteriors.reals.y[own])
    assert posteriors.labels is not None
    return expected(posteriors.labels.odds[own], found - posteriors.labels.log_prior)


def _of_target(
    y: Side, gap: Tensor, decoded: Tensor | None, samples: int, of: Scope
) -> tuple[Estimate | None, Interval, Interval | None]:
    """H(Y) − D, I(Y;Z) and the slack between; `gap` leads from the decoder that holds the own input to the other."""
    i_zy = _own_value(y, samples) if of == "sample" else _between(y, gap, samples, own_is_below=False)
    if decoded is None:
        return None, i_zy, None
    bound = _mean(decoded, samples, "lower")
    slack = _slack(y.raw + gap - decoded, y.raw - decoded, samples, of)
    if of == "population" and y.steady and slack.lower.value < 0:  # q(y|z) is the better decoder, draw by draw
        lower, ahead = i_zy.lower, slack.lower
        lower = replace(lower, value=lower.value - ahead.value, stderr=lower.stderr + ahead.stderr)
        i_zy, slack = replace(i_zy, lower=lower), replace(slack, lower=NOTHING)
    elif of == "population" and not y.steady and bound.value > i_zy.lower.value:
        i_zy, slack = replace(i_zy, lower=bound), replace(slack, lower=NOTHING)
    return bound, i_zy, slack


def _rates(of: Posteriors) -> Tensor:
    """KL(p(z|x) ‖ N(0, I)) of every input, (n,), in double precision."""
    scale = of.scale.double()
    kl = standard_normal.kl_per_dim({}, of.mu.double(), of.posterior.deviations(scale))
    return kl.sum(1) + total_correlation(of.posterior, scale)


def _check(posteriors: Posteriors) -> None:
    mu, sigma = posteriors.mu, posteriors.posterior.deviations(posteriors.scale)
    if mu.dim() != 2 or mu.shape != sigma.shape:
        raise ConfigError("mu, sigma", (tuple(mu.shape), tuple(sigma.shape)), "two of shape (N, K)", "Pass one model.")
    if not 2 <= len(mu) <= EXACT_UP_TO:
        raise ConfigError("inputs", len(mu), f"2 to {EXACT_UP_TO} for the mixture", "Use the sandwich bounds.")


def sandwich(of: Posteriors, batch: int, generator: torch.Generator) -> tuple[Estimate, Estimate]:
    """Lower and upper bound of I(X;Z) from batches of K inputs, with the encoder known (Poole et al. 2019, sec. 2).

    Lower: denominator 1/K Σ_j, at most ln K (eq. 12's InfoNCE with the true conditional). Upper: leave-one-out,
    1/(K−1) Σ_{j≠i}; very loose where posteriors separate. Errors are over batches.
    """
    n, posterior = len(of.mu), of.posterior
    if not 2 <= batch <= n:
        raise ConfigError("batch", batch, f"2 to {n}", "A bound needs at least one other input.")
    order = torch.randperm(n, generator=generator)[: n // batch * batch].view(-1, batch)
    lower, upper = [], []
    for rows in order:
        mu, scale = of.mu[rows].double(), of.scale[rows].double()
        eps = torch.randn(mu.shape, generator=generator, dtype=torch.float64).to(mu.device)
        pairs = posterior.log_densities(posterior.sample(mu, scale, eps), mu, scale)  # (K, K)
        own = pairs.diagonal()
        others = pairs.masked_fill(torch.eye(batch, dtype=torch.bool, device=mu.device), -math.inf)
        lower.append((own - pairs.logsumexp(1) + math.log(batch)).mean())
        upper.append((own - others.logsumexp(1) + math.log(batch - 1)).mean())
    return _mean(torch.stack(lower), 1, "lower"), _mean(torch.stack(upper), 1, "upper")


def log_n_ceiling(n: int) -> float:
    """ln N: no representation of N equally likely inputs carries more about them."""
    return math.log(n)


def _between(side: Side, gap: Tensor, samples: int, own_is_below: bool) -> Interval:
    """From the mixture that holds the own input to the one that does not, or the other way."""
    own, apart = _value(side, samples), _mean(gap, samples, "monte_carlo")
    other = Estimate(own.value + apart.value, own.stderr + apart.stderr, own.kind)
    lower, upper = (own, other) if own_is_below else (other, own)
    inputs = len(gap) // samples
    return Interval(replace(lower, kind="lower"), replace(upper, kind="upper"), inputs, "population")


def _own_value(side: Side, samples: int) -> Interval:
    """The value of the inputs as the whole world."""
    value = _value(side, samples)
    return Interval(value, value, len(side.value) // samples, "sample")


def _slack(low: Tensor, high: Tensor, samples: int, of: Scope) -> Interval:
    return Interval(_mean(low, samples, "lower"), _mean(high, samples, "upper"), len(low) // samples, of)


def _value(side: Side, samples: int) -> Estimate:
    """Mean of an information over draws, and its error over inputs and draws.

    The variance of one draw is that given z plus that over z; several draws an input share the part over inputs.
    """
    n = len(side.value) // samples
    value = float(side.value.mean())
    one = max(0.0, float(side.square.mean()) - value**2)
    within = float(side.raw.view(samples, n).var(0).mean()) if samples > 1 else 0.0
    variance = max(one / samples, one - within * (1 - 1 / samples))
    return Estimate(value, math.sqrt(variance / (n - 1)) if n > 1 else math.nan, "monte_carlo")


def _mean(draws: Tensor, samples: int, kind: Kind) -> Estimate:
    """Mean over S samples of each of n inputs, (S·n,), and its error over inputs and draws."""
    each = draws.double().reshape(samples, -1).mean(0)  # (n,)
    error = float(each.std() / math.sqrt(len(each))) if len(each) > 1 else math.nan
    return Estimate(float(each.mean()), error, kind)
