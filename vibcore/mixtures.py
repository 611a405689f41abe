"""Mixtures of posteriors: p̂(z) and the Bayes decoder p̂(y|z) at draws of z, with and without their own input. Nats."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from vibcore.parts import Posterior, diagonal
from vibcore.types import ConfigError

CHUNK = 2**17  # densities held at once: half a megabyte, which stays in the cache
LOG_2PI = math.log(2 * math.pi)
DEAD = 80.0  # nats below the largest density of a mixture, from which on a member counts for nothing


@dataclass(frozen=True)
class Labels:
    """p(y|x) of N inputs, (N, C): one-hot where a label is all that is known; and ln p(y), (C,)."""

    odds: Tensor
    log_prior: Tensor
    soft: bool  # whether p(y|x) itself is known


@dataclass(frozen=True)
class Reals:
    """y (N, O), one drawn for each input from the known N(mean (N, O), diag deviation (O,)²); of all inputs N(0, I)."""

    y: Tensor
    mean: Tensor
    deviation: Tensor


@dataclass(frozen=True)
class Posteriors:
    """p(z|x) of N inputs, mu (N, K) and scale (N, *); and classes, or reals, or nothing known of their targets."""

    mu: Tensor
    scale: Tensor
    labels: Labels | None = None
    reals: Reals | None = None
    posterior: Posterior = diagonal


@dataclass(frozen=True)
class Draws:
    """S draws of z for each of n inputs, sample-major: z (S·n, K), and of each draw its own input's row and density."""

    z: Tensor
    own: Tensor  # (S·n,) int64
    log_own: Tensor  # (S·n,) ln p(z|x), double


@dataclass(frozen=True)
class Side:
    """One information of each draw, (S·n,): what the mixture with the draw's own input says, and what others say.

    `value` and `square` are mean and mean square of the information over the members that may have made z: a draw that
    is rare, as one among the points of another class, then counts by its odds wherever z comes near. `raw` is that of
    the member that did make it, and `gap` what leaving that member out adds.
    """

    value: Tensor
    square: Tensor
    raw: Tensor
    gap: Tensor
    steady: bool = False  # whether a control variate has taken chance off `value`, and not off `raw`


@dataclass(frozen=True)
class Mixed:
    """ln p(z|x)/p̂(z) of each draw, and E ln p̂(y|z)/p(y), y as its own input has it (None without targets)."""

    x: Side
    y: Side | None


def labels_at_hand(y: Tensor, classes: int = -1) -> Labels:
    """Class indices (N,) int64 as labels, ln p(y) that of these very labels; C as they say, or `classes`."""
    if y.dtype != torch.int64 or y.dim() != 1:
        got = f"{y.dtype} of shape {tuple(y.shape)}"
        raise ConfigError("labels", got, "int64 class indices, one for each input", "Leave them out for regression.")
    odds = torch.nn.functional.one_hot(y, classes).double()  # (N, C)
    return Labels(odds, odds.mean(0).log(), soft=False)


def known_odds(odds: Tensor) -> Labels:
    """The known p(y|x) of N inputs (N, C), p(y) their mean."""
    return Labels(odds.double(), odds.double().mean(0).log(), soft=True)


def draw(posteriors: Posteriors, generator: torch.Generator, samples: int = 1, scored: int | None = None) -> Draws:
    """z ~ p(z|x), `samples` for each of the first `scored` inputs (all by default)."""
    posterior, mu, scale = posteriors.posterior, posteriors.mu[:scored], posteriors.scale[:scored]
    eps = torch.randn(samples, *mu.shape, generator=generator, dtype=mu.dtype).to(mu.device)
    z = (mu + posterior.sample(torch.zeros_like(mu), scale, eps)).flatten(0, 1)  # (S·n, K)
    log_own = -0.5 * (eps.double() ** 2 + LOG_2PI).sum(-1) - posterior.log_det(scale.double())  # (S, n)
    return Draws(z, torch.arange(len(mu), device=mu.device).repeat(samples), log_own.flatten())


def mix(draws: Draws, members: Posteriors) -> Mixed:
    """A mixture that holds every draw's own input, as the member of the same row, with it and without."""
    n = len(members.mu)
    sums = _sums(draws.z, members, draws.own)
    whole = torch.logaddexp(sums.total, draws.log_own)  # never below the own density: no draw's I(X;Z) can pass ln N
    others, own = (sums.total - whole).exp(), (draws.log_own - whole).exp()  # their shares of p̂(z)
    raw = draws.log_own - whole + math.log(n)
    shift = sums.top - whole + math.log(n)
    value = others * (sums.mean + shift) + own * raw
    square = others * (sums.square + 2 * shift * sums.mean + shift**2) + own * raw**2
    gap = whole - sums.total + math.log((n - 1) / n)
    x = Side(value, square, raw, gap)
    if members.reals is not None:
        return Mixed(x, _of_reals(draws, members, members.reals, x))
    if members.labels is None or sums.by_class is None:
        return Mixed(x, None)
    odds, log_prior = members.labels.odds[draws.own], members.labels.log_prior
    log_p = torch.logaddexp(sums.by_class, draws.log_own[:, None] + odds.log()) - whole[:, None]  # (S·n, C)
    ratio = torch.where(log_p.isfinite(), log_p - log_prior, 0.0)  # a class that is not there has no weight
    raw = expected(odds, ratio)
    square = others * _square(sums, ratio) + own * raw**2
    gap = decode(draws, members.labels, members, sums) - raw
    return Mixed(x, Side(expected(log_p.exp(), ratio), square, raw, gap))


def _of_reals(draws: Draws, members: Posteriors, reals: Reals, x: Side) -> Side:
    """ln p̂(y|z)/p(y) at the own y of each draw: p̂(y|z) = Σ_j p(z|x_j) p(y|x_j) / Σ_j p(z|x_j) = p̂(z, y)/p̂(z).

    Its chance part that ln p(y|x)/p(y) has as well, whose mean is known, is taken off (a control variate). As for
    classes, one member more knows p(y) alone where the own input is left out.
    """
    own, n = draws.own, len(members.mu)
    widths = reals.deviation.expand_as(reals.mean)
    scale = members.posterior.joined(members.scale, widths)
    both = Posteriors(torch.cat([members.mu, reals.mean], 1), scale, posterior=members.posterior)
    told = log_normal(reals.y[own], reals.mean[own], reals.deviation)  # ln p(y|x)
    joint = mix(Draws(torch.cat([draws.z, reals.y[own]], 1), own, draws.log_own + told), both).x
    above = told - log_normal(reals.y[own])  # ln p(y|x)/p(y), whose mean is −Σ ln deviation
    raw = above - joint.raw + x.raw
    without = torch.logaddexp(raw - joint.gap + x.gap + math.log((n - 1) / n), raw.new_tensor(-math.log(n)))
    chance = above + reals.deviation.double().log().sum()
    steady = raw - chance * ((raw - raw.mean()) @ chance) / chance.square().sum()
    return Side(steady, steady**2, raw, without - raw, steady=True)


def log_normal(y: Tensor, mean: Tensor | float = 0.0, deviation: Tensor | float = 1.0) -> Tensor:
    """ln N(y; mean, diag deviation²) in double precision: (S, O) → (S,)."""
    y, mean, deviation = (torch.as_tensor(value, dtype=torch.float64) for value in (y, mean, deviation))
    return (-0.5 * (((y - mean) / deviation) ** 2 + LOG_2PI) - deviation.log()).sum(1)


def decode(draws: Draws, labels: Labels, members: Posteriors, sums: Sums | None = None) -> Tensor:
    """E ln p̂(y|z)/p(y) by members that are no draw's own input, y and p(y) as `labels` of the inputs say  →  (S·n,).

    One member more knows p(y) alone. Without it, a z among members of another class would cost without end; with it,
    ln(N + 1) at most.
    """
    count = len(members.mu) - (sums is not None)
    sums = _sums(draws.z, members, None) if sums is None else sums
    if members.labels is None or sums.by_class is None:
        raise ConfigError("members", "no labels", "posteriors of labelled inputs", "Give the labels with them.")
    known = sums.by_class - sums.total[:, None] + math.log(count / (count + 1))
    log_p = torch.logaddexp(known, members.labels.log_prior - math.log(count + 1))
    return expected(labels.odds[draws.own], log_p - labels.log_prior)


def expected(odds: Tensor, values: Tensor) -> Tensor:
    """Σ_y p(y) v(y), where p(y) = 0 whatever v: (S, C), (S, C) → (S,)."""
    return torch.where(odds > 0, odds * values, 0.0).sum(1)


@dataclass(frozen=True)
class Sums:
    """Sums over all members but the own one, (S,) each, and means weighted by the members' densities at z."""

    top: Tensor  # the largest ln p(z|x_j)
    total: Tensor  # ln Σ_j p(z|x_j)
    mean: Tensor  # of ln p(z|x_j) − top
    square: Tensor
    by_class: Tensor | None  # (S, C) ln Σ_j p(y|x_j) p(z|x_j)
    by_pair: Tensor | None  # (S, C, C) mean of p(y|x_j) p(y'|x_j); None where each member's class is known


def _sums(z: Tensor, members: Posteriors, own: Tensor | None) -> Sums:
    """By chunks, in log space: z (S, K), `own` (S,) the members that are left out."""
    rows, labels = max(1, CHUNK // len(members.mu)), members.labels
    odds = members.mu.new_zeros(len(members.mu), 0) if labels is None else labels.odds.to(members.mu)
    twice = torch.einsum("nc,nd->ncd", odds, odds).flatten(1) if labels is not None and labels.soft else odds[:, :0]
    table = torch.cat([odds, twice], 1)
    parts = []
    for start in range(0, len(z), rows):
        left_out = None if own is None else own[start : start + rows]
        parts.append(_sums_of_chunk(z[start : start + rows], members, left_out, table))
    top, total, mean, square, by = (torch.cat(column) for column in zip(*parts, strict=True))
    c = odds.shape[1]
    return Sums(
        top,
        total,
        mean,
        square,
        by_class=None if labels is None else total[:, None] + by[:, :c].log(),
        by_pair=by[:, c:].view(-1, c, c) if twice.shape[1] else None,
    )


def _sums_of_chunk(z: Tensor, members: Posteriors, own: Tensor | None, table: Tensor) -> tuple[Tensor, ...]:
    """top, total, mean and square of `Sums`, and the weighted mean of the columns of a `table` (N, T), in double."""
    logs = members.posterior.log_densities(z, members.mu, members.scale)  # (S, N)
    if own is not None:
        logs.scatter_(1, own[:, None], -math.inf)
    top = logs.amax(1, keepdim=True)
    logs.sub_(top).clamp_min_(-DEAD)
    weights = logs.exp()
    if own is not None:
        weights.scatter_(1, own[:, None], 0.0)
    total = weights.sum(1).double()
    by = (weights @ table.to(weights)).double() / total[:, None]
    weights.mul_(logs)
    mean, square = weights.sum(1).double() / total, torch.linalg.vecdot(weights, logs).double() / total
    return top[:, 0].double(), top[:, 0].double() + total.log(), mean, square, by


def _square(sums: Sums, ratio: Tensor) -> Tensor:
    """Mean over the other members of (Σ_y p(y|x_j) ratio_y)², (S,)."""
    if sums.by_pair is not None:
        return torch.einsum("scd,sc,sd->s", sums.by_pair, ratio, ratio)
    share = ratio if sums.by_class is None else (sums.by_class - sums.total[:, None]).exp()
    return expected(share, ratio**2)
