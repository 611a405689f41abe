"""The information-bottleneck frontier of a discrete joint: annealed iterations, then their concave envelope. Nats.

Every point is attained by a real encoder, so the curve never overstates the frontier.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from scipy.optimize import brentq

from vibcore.exact.annealing import SMALL, Solution, evaluated, rare, settled, softened, solve
from vibcore.exact.collapse import contraction, unstable_beta
from vibcore.exact.joints import checked, entropy, entropy_y, mutual_information
from vibcore.exact.merging import TOLERANCE, greedy, merge
from vibcore.types import Array, ConfigError, Curve, Joint

__all__ = [
    "binary_symmetric",
    "checked",
    "concave_hull",
    "default_betas",
    "entropy",
    "entropy_y",
    "frontier",
    "merge",
    "mutual_information",
    "solve",
]

EQUAL = 1e-10  # of I(X;Y): what merging may lose of a small table
ROWS = 1900  # of a large table that is merged finer than it must be
LEAST = 1e-4  # smallest β that is tried by default
SAG = 2e-4  # of I(X;Y): how far below the frontier a chord may lie before it is looked under
BLUR = 0.03  # nats of I_X that merging may cost at the smallest β
COARSE = 250  # rows of a large table while encoders are searched for
LEAPS = 2  # where β is small
WORK = 1_000_000  # rows times clusters, at most, where β is small


def frontier(joint: Joint, betas: Array | None = None, clusters: int = 48) -> Curve:
    """The concave frontier F(R) = max I(Y;T) s.t. I(X;T) ≤ R, and the β = dF/dR of each of its points.

    A lower bound: every point is an encoder's, and better ones cannot be excluded. From (0, 0), whose β is the
    collapse, to the sufficient statistic of X, whose β is 0. Large tables are merged first, for at most 10⁻⁴ of
    I(X;Y), which `source` states in nats. With 0 < β ≤ 1 in `betas`, those and no others.
    """
    p = checked(joint.p)
    fine = reduced(p)
    large = len(fine) > SMALL
    coarse = merge(fine, 0, COARSE) if large else fine
    slope, tilt = contraction(coarse)
    top = max(unstable_beta(p), slope)
    chosen = default_betas(top) if betas is None else np.sort(np.asarray(betas, dtype=float))
    if not ((chosen > 0) & (chosen <= 1)).all():
        raise ConfigError("beta", chosen.tolist(), "0 < β ≤ 1", "Leave the others out: above 1 nothing is learnt.")
    parts = greedy(coarse)
    found = solve(coarse, chosen, clusters, parts, rare(coarse, tilt), large)
    found = [replace(s, beta=float(b)) for b, s in zip(chosen, found, strict=True)]
    if betas is None:
        found = _refined(coarse, found, mutual_information(p))
    if large:
        once = [evaluated(fine, s.beta, s.clusters) for s in found]
        found = [evaluated(fine, s.beta, s.clusters) for s in once]
    if betas is None:
        found = [*_smaller(fine, float(chosen[0]), mutual_information(p)), *found]
    far = parts.i_x > 1e-9  # all rows in one part tell nothing, but for rounding
    i_x = np.array([0.0, *[s.i_x for s in found], *parts.i_x[far], entropy(fine.sum(1))])
    i_y = np.array([0.0, *[s.i_y for s in found], *parts.i_y[far], mutual_information(fine)])
    lost = max(0.0, mutual_information(p) - mutual_information(fine))
    beta = np.array([top, *[s.beta for s in found], *[np.nan] * int(far.sum()), 0.0])
    source = f"lower bound by Blahut–Arimoto, {joint.source}, {lost:.1e} nats lost by merging"
    return replace(_curve(i_x, i_y, beta, source), least=min(s.beta for s in found))


def reduced(p: Array) -> Array:
    """Rows of like posteriors merged: a small table's where equal, a large one's for 10⁻⁴ of I(X;Y) at most."""
    if len(p) <= SMALL:
        return merge(p, EQUAL)
    finer = merge(p, TOLERANCE / 100, ROWS)
    whole = mutual_information(p)
    return finer if whole - mutual_information(finer) <= TOLERANCE * whole else merge(p)


def default_betas(top: float, count: int = 36) -> Array:
    """β from well below the collapse to just below it, closer where the curve bends or jumps."""
    top = max(top, 0.02)
    return np.union1d(
        np.geomspace(min(0.01, 0.1 * top), top, count // 2, endpoint=False),
        top * np.append(np.linspace(0.1, 0.99, count - count // 2 - 3), [0.997, 0.999, 0.9999]),
    )


def _refined(p: Array, found: list[Solution], i_xy: float) -> list[Solution]:
    """Solutions between two by β whose chord may lie far below the frontier, at the slope of the chord.

    The frontier between two of its points is under both tangents: (β₁ − β₂) ΔI_X / 4 above their chord at most. Where
    nothing better is found the chord stays: a jump.
    """
    for _ in range(3):
        more = list(found)
        for low, high in itertools.pairwise(found):
            width = low.i_x - high.i_x
            if (high.beta - low.beta) * width / 4 > SAG * i_xy:
                slope = float(np.clip((low.i_y - high.i_y) / width, low.beta, high.beta))
                between = min(
                    (settled(p, slope, s.clusters) for s in (low, high)), key=lambda s: s.beta * s.i_x - s.i_y
                )
                if slope * between.i_x - between.i_y < slope * low.i_x - low.i_y - SAG * i_xy / 4:
                    more.append(between)
        if len(more) == len(found):
            break
        found = sorted(more, key=lambda s: s.beta)
    return found


def _smaller(p: Array, below: float, i_xy: float) -> list[Solution]:
    """Solutions at ever smaller β, ascending, as far down as merging and memory allow.

    There the optimal encoder blurs posteriors by no more than √β, so that clusters this close are enough of a start.
    """
    found: list[Solution] = []
    lost = max(0.0, i_xy - mutual_information(p))
    for beta in np.geomspace(LEAST, below, 7)[::-1]:
        start = merge(p, 0.3 * float(beta) / max(i_xy, LEAST))
        if lost > BLUR * beta or len(start) * len(p) > WORK:
            break
        found.append(settled(p, float(beta), softened(start, p), LEAPS))
    return found[::-1]


def _curve(i_x: Array, i_y: Array, beta: Array, source: str) -> Curve:
    """The concave hull of points, each with its β or NaN: between the slopes that it joins, whatever rounding says."""
    keep = concave_hull(i_x, i_y)
    i_x, i_y, beta = i_x[keep], i_y[keep], beta[keep]
    if len(keep) > 1:
        slopes = np.clip(np.diff(i_y) / np.diff(i_x), 0.0, 1.0)
        right, left = np.append(slopes[1:], 0.0), slopes
        beta[1:] = np.clip(np.where(np.isnan(beta[1:]), (left + right) / 2, beta[1:]), right, left)
        beta[0] = max(beta[0], slopes[0])
        beta[-1] = 0.0
    return Curve(i_x, i_y, beta, source)


def concave_hull(i_x: Array, i_y: Array) -> Array:
    """Indices of the points on the upper concave envelope, by increasing i_x."""
    kept: list[int] = []
    for i in np.lexsort((-i_y, i_x)):
        if kept and i_y[i] <= i_y[kept[-1]] + 1e-12:
            continue
        while len(kept) > 1:
            a, b = kept[-2], kept[-1]
            if (i_y[b] - i_y[a]) * (i_x[i] - i_x[a]) > (i_y[i] - i_y[a]) * (i_x[b] - i_x[a]):
                break
            kept.pop()
        kept.append(int(i))
    return np.array(kept)


def binary_symmetric(flip: float, beta: float) -> tuple[float, float]:
    """(I_X, I_Y) of a fair bit seen through a flip of probability δ, at 0 < β ≤ 1.

    The optimal encoder is itself a binary symmetric channel of flip a: I_X = ln 2 − h(a),
    I_Y = ln 2 − h(a(1−δ) + δ(1−a)); a solves dI_Y/dI_X = β, and is ½ from the collapse (1−2δ)² on.
    """
    if not 0 < beta <= 1 or not 0 <= flip <= 0.5:
        raise ConfigError("β and flip", (beta, flip), "0 < β ≤ 1 and 0 ≤ δ ≤ ½", "Choose them in those ranges.")
    if beta >= (1 - 2 * flip) ** 2 * (1 - 1e-9):  # nearer, rounding decides the sign of the excess
        return 0.0, 0.0

    def through(a: float) -> float:
        return a * (1 - flip) + flip * (1 - a)

    def excess(a: float) -> float:
        return float((1 - 2 * flip) * np.log1p(1 / through(a) - 2) / np.log1p(1 / a - 2)) - beta

    def information(q: float) -> float:
        return float(np.log(2)) - entropy(np.array([q, 1 - q]))

    a = brentq(excess, 1e-300, 0.5 - 1e-6) if excess(1e-300) < 0 else 0.0  # 0: keeps all, or nearly
    return information(a), information(through(a))
