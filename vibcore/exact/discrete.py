"""The information-bottleneck frontier of a discrete joint: annealed iterations, then their concave envelope. Nats.

Every point is attained by a real encoder, so the curve never overstates the frontier.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from vibcore.exact.annealing import SMALL, solve
from vibcore.exact.collapse import collapse_beta
from vibcore.exact.joints import EQUAL, LEVELS, checked, entropy, entropy_y, merge, mutual_information
from vibcore.types import Array, ConfigError, Curve, Joint

__all__ = ["binary_symmetric", "checked", "concave_hull", "default_betas", "entropy", "entropy_y", "frontier", "merge",
           "mutual_information", "solve"]  # fmt: skip


def frontier(joint: Joint, betas: Array | None = None, clusters: int = 24) -> Curve:
    """The concave frontier F(R) = max I(Y;T) s.t. I(X;T) ≤ R, and the β = dF/dR of each of its points.

    Large tables are merged first (see `merge`); small ones only where rows have one and the same posterior. From
    (0, 0), whose β is the collapse, to the sufficient statistic of X, whose β is 0. With 0 < β ≤ 1 in `betas`.
    """
    p = checked(joint.p)
    p = merge(p, LEVELS if len(p) > SMALL else EQUAL)
    betas = default_betas(p) if betas is None else np.sort(np.asarray(betas, dtype=float))
    if not ((betas > 0) & (betas <= 1)).all():
        raise ConfigError("beta", betas.tolist(), "0 < β ≤ 1", "Leave the others out: above 1 nothing is learnt.")
    found = solve(p, betas, clusters)
    i_x = np.array([0.0, *[s.i_x for s in found], entropy(p.sum(1))])
    i_y = np.array([0.0, *[s.i_y for s in found], mutual_information(p)])
    keep = concave_hull(i_x, i_y)
    beta = np.array([_collapse(p, i_x, i_y), *betas, 0.0])
    return Curve(i_x[keep], i_y[keep], beta[keep], f"Blahut–Arimoto, {joint.source}")


def _collapse(p: Array, i_x: Array, i_y: Array) -> float:
    """Slope at the origin: ρ_m², or that of the best chord where the optimum jumps."""
    far = i_x > 1e-6
    return min(1.0, max(collapse_beta(p), float((i_y[far] / i_x[far]).max(initial=0.0))))


def default_betas(p: Array, count: int = 36) -> Array:
    """β from well below to the collapse of the joint, closer where the curve bends."""
    top = min(max(collapse_beta(p), 0.02), 1.0)
    return np.union1d(
        np.geomspace(0.01, top, count // 2, endpoint=False), np.linspace(0.1 * top, 0.995 * top, count - count // 2)
    )


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
