"""The information bottleneck of a discrete joint, by the self-consistent iterations (Tishby, Pereira & Bialek 1999).

Minimises β I(X;T) − I(Y;T) over encoders p(t|x), in log space and annealed in β from both ends. Whatever encoder
it stops at is a real one, so every returned point is attained: the curve never overstates the frontier. Nats.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, rel_entr

from vibcore.types import Array, ConfigError, Curve, Joint

TINY = 1e-300


@dataclass(frozen=True)
class Solution:
    """An encoder p(t|x) and where it stands: log_encoder (X, T), informations, β I_X − I_Y."""

    log_encoder: Array
    i_x: float
    i_y: float
    lagrangian: float


def checked(p: Array) -> Array:
    """A joint as float64; ConfigError unless finite, non-negative and summing to one."""
    p = np.asarray(p, dtype=float)
    if p.ndim != 2 or p.size == 0:
        raise ConfigError("joint", f"shape {p.shape}", "a table (x values, y values)", "Give one row for each x.")
    if not np.isfinite(p).all():
        raise ConfigError("joint", "NaN or infinite entries", "finite probabilities", "Remove or repair them.")
    if (p < 0).any():
        raise ConfigError("joint", float(p.min()), "probabilities of at least 0", "Remove the negative entries.")
    if abs(p.sum() - 1) > 1e-6:
        raise ConfigError("joint", f"a sum of {p.sum():.6g}", "probabilities that sum to 1", "Divide by the sum.")
    return p / p.sum()


def entropy(p: Array) -> float:
    """−Σ p ln p of a distribution, nats."""
    p = np.asarray(p, dtype=float).ravel()
    return float(-(p[p > 0] * np.log(p[p > 0])).sum())


def mutual_information(p: Array) -> float:
    """I(X;Y) of a joint, nats."""
    p = checked(p)
    return float(rel_entr(p, p.sum(1, keepdims=True) * p.sum(0, keepdims=True)).sum())


def merge(p: Array, levels: int = 32) -> Array:
    """Rows with nearly the same p(y|x) become one: (X, C) → (X', C), X' ≤ X.

    Only the posterior matters to the bottleneck. Rounding √p(y|x) to 1/levels loses about 10⁻⁴ nats of I(X;Y),
    and as merging is itself an encoder, the merged frontier can only lie below the true one, by no more than that.
    """
    p = p[p.sum(1) > 1e-12]
    keys = np.rint(np.sqrt(p / p.sum(1, keepdims=True)) * levels).astype(np.int64)
    _, where = np.unique(keys, axis=0, return_inverse=True)
    merged = np.zeros((int(where.max()) + 1, p.shape[1]))
    np.add.at(merged, where.ravel(), p)
    return merged / merged.sum()


def frontier(joint: Joint, betas: Array | None = None, clusters: int = 16) -> Curve:
    """The concave frontier F(R) = max I(Y;T) s.t. I(X;T) ≤ R, and the β = dF/dR of each of its points."""
    p = merge(checked(joint.p)) if len(joint.p) > 400 else checked(joint.p)
    betas = default_betas(p) if betas is None else np.sort(np.asarray(betas, dtype=float))
    if not ((betas > 0) & (betas <= 1)).all():
        raise ConfigError("beta", betas.tolist(), "0 < β ≤ 1", "Leave the others out: above 1 nothing is learnt.")
    found = solve(p, betas, clusters)
    i_x = np.array([0.0, *[s.i_x for s in found], entropy(p.sum(1))])
    i_y = np.array([0.0, *[s.i_y for s in found], mutual_information(p)])
    keep = concave_hull(i_x, i_y)
    return Curve(i_x[keep], i_y[keep], np.array([1.0, *betas, 0.0])[keep], f"Blahut–Arimoto, {joint.source}")


def default_betas(p: Array, count: int = 36) -> Array:
    """β from well below to the collapse of the joint, closer where the curve bends."""
    from vibcore.exact.collapse import collapse_beta

    top = min(max(collapse_beta(p), 0.02), 1.0)
    return np.union1d(np.geomspace(0.01, top, count // 2), np.linspace(0.1 * top, 0.995 * top, count - count // 2))


def solve(p: Array, betas: Array, clusters: int = 16) -> list[Solution]:
    """The best encoder found at each β (ascending): annealed upwards from a fine partition and downwards from none."""
    up, down = [], []
    state = _fine_start(p, min(clusters, len(p)))
    for beta in betas:
        up.append(_descend(p, float(beta), state))
        state = up[-1].log_encoder
    for beta in betas[::-1]:
        down.append(_descend(p, float(beta), _shaken(state)))
        state = down[-1].log_encoder
    return [min(pair, key=lambda s: s.lagrangian) for pair in zip(up, down[::-1], strict=True)]


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


def _descend(p: Array, beta: float, log_encoder: Array) -> Solution:
    """Self-consistent iterations until the Lagrangian stands still; it never rises (Tishby et al. 1999, thm. 5)."""
    p_x = p.sum(1)
    p_y_x = p / np.maximum(p_x[:, None], TINY)
    tolerance, most = (1e-13, 5000) if len(p) < 100 else (1e-8, 400)  # a small table is taken to its last digit
    before = np.inf
    for _ in range(most):
        log_t, log_y_t = _decoder(p, p_x, log_encoder)
        scores = log_t + p_y_x @ log_y_t.T / beta  # (X, T)
        norm = logsumexp(scores, axis=1, keepdims=True)
        log_encoder = scores - norm
        now = -beta * float(p_x @ norm[:, 0])
        if before - now < tolerance:
            break
        before = now
    return _evaluated(p, p_x, log_encoder, beta)


def _decoder(p: Array, p_x: Array, log_encoder: Array) -> tuple[Array, Array]:
    """ln p(t), ln p(y|t) of an encoder: (T,), (T, C)."""
    encoder = np.exp(log_encoder)
    p_t = p_x @ encoder
    p_ty = encoder.T @ p
    return np.log(np.maximum(p_t, TINY)), np.log(np.maximum(p_ty / np.maximum(p_t[:, None], TINY), TINY))


def _evaluated(p: Array, p_x: Array, log_encoder: Array, beta: float) -> Solution:
    encoder = np.exp(log_encoder)
    log_t, log_y_t = _decoder(p, p_x, log_encoder)
    used = log_t > np.log(1e-12)
    i_x = float((p_x[:, None] * encoder * (log_encoder - log_t))[:, used].sum())
    p_ty, log_y = encoder.T @ p, np.log(np.maximum(p.sum(0), TINY))
    i_y = float((p_ty * (log_y_t - log_y))[used].sum())
    return Solution(log_encoder, max(i_x, 0.0), max(i_y, 0.0), beta * i_x - i_y)


def _fine_start(p: Array, clusters: int) -> Array:
    """A soft partition around posteriors far from each other: (X, T) in logs."""
    p_x = p.sum(1)
    root = np.sqrt(p / np.maximum(p_x[:, None], TINY))
    chosen = [int(np.argmax(p_x))]
    distance = np.full(len(p), np.inf)
    while len(chosen) < clusters:
        distance = np.minimum(distance, ((root - root[chosen[-1]]) ** 2).sum(1))
        chosen.append(int(np.argmax(distance * np.sqrt(p_x))))
    scores = -200 * ((root[:, None] - root[chosen]) ** 2).sum(-1)
    normal: Array = scores - logsumexp(scores, axis=1, keepdims=True)
    return normal


def _shaken(log_encoder: Array) -> Array:
    """A small seeded disturbance: identical clusters could never part again by themselves."""
    noise = 0.02 * np.random.default_rng(0).standard_normal(log_encoder.shape)
    scores = np.logaddexp(log_encoder, np.log(1e-3 / log_encoder.shape[1])) + noise
    normal: Array = scores - logsumexp(scores, axis=1, keepdims=True)
    return normal


def binary_symmetric(flip: float, beta: float) -> tuple[float, float]:
    """(I_X, I_Y) of a fair bit seen through a flip of probability δ, at 0 < β ≤ 1.

    The optimal encoder is itself a binary symmetric channel of flip a: I_X = ln 2 − h(a),
    I_Y = ln 2 − h(a(1−δ) + δ(1−a)); a solves dI_Y/dI_X = β, and is ½ from the collapse (1−2δ)² on.
    """
    if not 0 < beta <= 1 or not 0 <= flip <= 0.5:
        raise ConfigError("β and flip", (beta, flip), "0 < β ≤ 1 and 0 ≤ δ ≤ ½", "Choose them in those ranges.")
    from scipy.optimize import brentq

    if beta >= (1 - 2 * flip) ** 2:
        return 0.0, 0.0
    through = lambda a: a * (1 - flip) + flip * (1 - a)  # noqa: E731
    slope = lambda a: (1 - 2 * flip) * np.log1p(1 / through(a) - 2) / np.log1p(1 / a - 2)  # noqa: E731
    a = brentq(lambda a: slope(a) - beta, 1e-15, 0.5 - 1e-6)
    information = lambda q: float(np.log(2) - entropy(np.array([q, 1 - q])))  # noqa: E731
    return information(a), information(through(a))
