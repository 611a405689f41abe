"""Two β of a joint: from the collapse on the best that is learnt is nothing; below ρ_m² "nothing" is unstable.

The collapse is the slope of the frontier at the origin, which is the contraction coefficient of p(y|x) at p(x)
(Anantharam, Gohari, Kamath & Nair 2013, arXiv 1304.6133): β_c = sup_q KL(q_Y ‖ p_Y)/KL(q_X ‖ p_X) ≥ ρ_m². Where it is
larger than ρ_m² the optimum jumps, and between the two "nothing" is a local optimum still.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import rel_entr, softmax

from vibcore.exact.joints import checked
from vibcore.types import Array, ConfigError

LEAST = 1e-7  # nats of KL(q_X ‖ p_X), below which the quotient is rounding
STANDS = 1e-13  # gain of the quotient in one iteration
TRIED, KEPT = 25, 6  # iterations of every start, and how many starts go on
STRENGTHS = (0.7, 3.0)  # of the tilts with which a search starts


def maximal_correlations(p: Array) -> Array:
    """Squared singular values of p(x,y)/√(p(x)p(y)) without the trivial first one, descending.

    The first is ρ_m², the squared maximal correlation (Rényi 1959; Witsenhausen 1975).
    """
    return _singular(_used(p))[0]


def unstable_beta(p: Array) -> float:
    """ρ_m² of a joint p(x, y), (cells, classes): below it, a model that has learnt nothing starts to learn."""
    squares = maximal_correlations(p)
    return float(squares[0]) if len(squares) else 0.0


def collapse_beta(p: Array) -> float:
    """β_c of a joint p(x, y), (cells, classes): the largest quotient found from many starts, at least ρ_m²."""
    return max(unstable_beta(p), contraction(p)[0])


def contraction(p: Array, most: int = 1000) -> tuple[float, Array]:
    """The largest KL(q_Y‖p_Y)/KL(q_X‖p_X) found, and ln(q_Y/p_Y) of its q, (C,): never more than β_c.

    q(x) ∝ p(x) exp(Σ_y p(y|x) ln(q_Y(y)/p_Y(y))/β), and then β is the quotient of the new q. KL(q_Y‖p_Y) is convex in
    q, and the step maximises its tangent less β KL(q_X‖p_X), so that the quotient never falls.
    """
    used = p.sum(0) > 0
    p = _used(p)
    tilts = _starts(p)
    beta, before, best = np.full(len(tilts), 0.5), np.zeros(len(tilts)), (0.0, np.zeros(p.shape[1]))
    for step in range(most):
        moved, quotient, tilts = _tilted(p, tilts / beta[:, None])
        if quotient.max() > best[0]:
            best = float(quotient.max()), tilts[np.argmax(quotient)]
        going = (moved > LEAST) & (quotient - before > STANDS)
        if step >= TRIED:
            going &= quotient >= np.sort(quotient)[-min(KEPT, len(quotient))]
        if not going.any():
            break
        tilts, beta, before = tilts[going], quotient[going], quotient[going]
    whole = np.zeros(len(used))
    whole[used] = best[1]
    return min(best[0], 1.0), whole


def _tilted(p: Array, tilts: Array) -> tuple[Array, Array, Array]:
    """For q(x) ∝ p(x) exp(Σ_y p(y|x) tilt_y): KL(q_X‖p_X), the quotient (S,) and ln(q_Y/p_Y) (S, C)."""
    p_x, p_y = p.sum(1), p.sum(0)
    channel = p / p_x[:, None]
    q = softmax(tilts @ channel.T + np.log(p_x), axis=1)  # (S, X)
    q_y = q @ channel
    moved = rel_entr(q, p_x).sum(1)
    quotient = np.where(moved > LEAST, rel_entr(q_y, p_y).sum(1) / np.maximum(moved, LEAST), 0.0)
    return moved, quotient, np.log(np.maximum(q_y, 1e-300) / p_y)


def _starts(p: Array, vectors: int = 4, single: int = 12) -> Array:
    """Tilts of p(y), (S, C): along singular vectors, towards their leading classes, and towards single rows."""
    p_x, p_y = p.sum(1), p.sum(0)
    along = _singular(p)[1][:, :vectors].T / np.sqrt(p_y)
    along = np.concatenate([along, -along])
    order = np.argsort(-along, axis=1)
    counts = np.unique(np.geomspace(1, max(len(p_y) - 1, 1), 6).astype(int))
    groups = np.zeros((len(order), len(counts), len(p_y)))
    for i, count in enumerate(counts):
        np.put_along_axis(groups[:, i], order[:, :count], 1.0, axis=1)
    singles = np.eye(len(p_y))[np.argsort(p_y)[:single]]
    tilts = np.concatenate([along, groups.reshape(-1, len(p_y)), singles])
    channel = p / p_x[:, None]
    telling = np.argsort(rel_entr(channel, p_y).sum(1) / np.log(np.minimum(p_x, 1 - 1e-9)))[:single]
    rows = np.log(np.maximum(channel[telling], 1e-12) / p_y)
    return np.concatenate([*(s * tilts for s in STRENGTHS), rows])


def _used(p: Array) -> Array:
    """Without rows and columns of no weight."""
    p = checked(p)
    used: Array = p[p.sum(1) > 0][:, p.sum(0) > 0]
    return used


def _singular(p: Array) -> tuple[Array, Array]:
    """Squared singular values without the trivial one, descending, and their right vectors (C, C − 1)."""
    scaled = p / np.sqrt(p.sum(1, keepdims=True) * p.sum(0, keepdims=True))
    # the small Gram matrix has the same squares: classes are few, cells are many
    squares, vectors = np.linalg.eigh(scaled.T @ scaled)
    return np.clip(squares[::-1][1:], 0.0, 1.0), vectors[:, ::-1][:, 1:]


def label_flip(flip: float, classes: int) -> tuple[float, float]:
    """β_c and ρ_m² of k balanced separable classes whose labels are flipped to another with probability ε.

    ρ_m² = (1 − εk/(k−1))². β_c is the best quotient of the encoders that make one class heavier and leave the others
    alike; the two are equal for k = 2.
    """
    if classes < 2 or not 0 <= flip <= 1:
        raise ConfigError("label flips", (flip, classes), "0 ≤ ε ≤ 1 and at least 2 classes", "Correct them.")
    unstable = float((1 - flip * classes / (classes - 1)) ** 2)
    if classes == 2:
        return unstable, unstable

    def loss(odds: float) -> float:
        after = odds * (1 - flip) + (1 - odds) * flip / (classes - 1)
        return -_heavier(after, classes) / _heavier(odds, classes)

    shares = 1 / classes + np.linspace(1e-3, 1, 200) * (1 - 1 / classes)  # one class heavier ...
    lighter = np.linspace(0, 0.999, 200) / classes  # ... or lighter
    best = min((loss(a), a) for a in np.concatenate([shares, lighter]))[1]
    around = (max(0.0, best - 0.01), min(1.0, best + 0.01))
    found = minimize_scalar(loss, bounds=around, method="bounded", options={"xatol": 1e-10})
    return max(unstable, -float(found.fun), -loss(best)), unstable


def _heavier(odds: float, classes: int) -> float:
    """KL from uniform of a distribution with one entry `odds` and the others equal, nats."""
    rest = (1 - odds) / (classes - 1)
    return float(rel_entr(odds, 1 / classes) + (classes - 1) * rel_entr(rest, 1 / classes))
