"""The self-consistent iterations of the information bottleneck (Tishby, Pereira & Bialek 1999), annealed in β.

They minimise β I(X;T) − I(Y;T) over encoders p(t|x), in log space, from both ends of β, and accelerated. Nats.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import rel_entr

from vibcore.exact.collapse import contraction
from vibcore.exact.merging import Partitions, greedy, merge
from vibcore.types import Array

TINY = 1e-300
FINER = 0.05  # of the first β: hard clusters that are worth it there are finer than soft ones that are at that β
TINY_TABLE = 200
SMALL = 400  # rows of a table that is solved with every care
TOLERANCE = 1e-11  # nats of the Lagrangian that one more iteration would gain, of a table of TINY_TABLE entries


@dataclass(frozen=True)
class Clusters:
    """What determines an encoder at a given β: ln p(t) (T,) and ln p(y|t) (T, C)."""

    log_t: Array
    log_y: Array


@dataclass(frozen=True)
class Solution:
    """Where an encoder stands: its own clusters, the β it was found at, I(X;T) and I(Y;T)."""

    clusters: Clusters
    beta: float
    i_x: float
    i_y: float


def solve(
    p: Array,
    betas: Array,
    clusters: int = 48,
    parts: Partitions | None = None,
    tilted: Clusters | None = None,
    quick: bool = False,
) -> list[Solution]:
    """The best encoder found at each β (ascending), of many that the iterations lead to.

    They start from the one before, on the way up from the best greedy partition, where clusters die or merge; on the
    way down, where each is split in two before every β and may part or merge again; from the best greedy partition
    at that β; and from the tilt whose slope is the collapse. An encoder found at one β is a candidate at every other.
    `quick` is the way up, nearly always the best, and one β in three of the way down.
    """
    p = p[p.sum(1) > 0]
    parts = parts or greedy(p if len(p) <= SMALL else merge(p, 0, SMALL))
    nothing = Clusters(np.zeros(1), np.log(np.maximum(p.sum(0, keepdims=True), TINY)))
    found = [Solution(nothing, float(betas[-1]), 0.0, 0.0)]

    def visit(beta: float, state: Clusters) -> Clusters:
        found.append(settled(p, beta, state))
        return found[-1].clusters

    state = softened(parts.best(FINER * float(betas[0])), p)
    for beta in betas:
        state = visit(float(beta), state)
        if not quick:
            visit(float(beta), softened(parts.best(float(beta)), p))
    tilted = tilted or rare(p, contraction(p)[1])
    for beta in betas[betas > 0.8 * betas[-1]]:
        visit(float(beta), tilted)
    for beta in betas[:: -3 if quick else -1]:
        state = visit(float(beta), _split(state, min(clusters, len(p))))
    return [min(found, key=lambda s: beta * s.i_x - s.i_y) for beta in betas]


def settled(p: Array, beta: float, state: Clusters, leaps: int | None = None) -> Solution:
    """The encoder to which clusters lead that may have been found at another β, or on another table."""
    leaps = leaps or (2000 if p.size <= 10 * TINY_TABLE else 100)  # of a larger one, more gain under 10⁻⁵ of I(X;Y)
    return evaluated(p, beta, _pruned(descend(p, beta, state, leaps)))


def iterate(p: Array, beta: float, state: Clusters) -> tuple[Clusters, Array, float]:
    """One self-consistent iteration: new clusters, the encoder p(t|x) (T, X) between, and the free energy before.

    p(t|x) ∝ p(t) exp(−KL(p(y|x) ‖ p(y|t))/β); the free energy −β E_x ln Σ_t p(t) exp(Σ_y p(y|x) ln p(y|t)/β) is
    the Lagrangian up to a constant, and never rises (Tishby et al. 1999, eqs. 28–31).
    """
    p_x = p.sum(1)
    encoder = (state.log_y / beta) @ (p / p_x[:, None]).T + state.log_t[:, None]  # (T, X): long rows are fast to sum
    top = encoder.max(0)
    np.exp(np.subtract(encoder, top, out=encoder), out=encoder)
    total = encoder.sum(0)
    encoder /= total
    log_t = np.log(np.maximum(encoder @ p_x, TINY))
    log_y = np.log(np.maximum(encoder @ p, TINY)) - log_t[:, None]
    return Clusters(log_t, log_y), encoder, -beta * float(p_x @ (top + np.log(total)))


def descend(p: Array, beta: float, state: Clusters, leaps: int) -> Clusters:
    """Iterate until the Lagrangian stands still, in leaps: two steps, an extrapolation, and a third step to settle.

    The leap is SQUAREM's (Varadhan & Roland 2008, scheme S3) on the logarithms; it is kept only if it lowers the
    Lagrangian, so the descent stays monotone, and takes a tenth of the iterations near a collapse.
    """
    tolerance = TOLERANCE if p.size <= TINY_TABLE else 100 * TOLERANCE
    for _ in range(leaps):
        one, _, before = iterate(p, beta, state)
        two, _, after = iterate(p, beta, one)
        if before - after < tolerance:
            return two
        settled, _, leapt = iterate(p, beta, _leap(state, one, two))
        state = settled if leapt <= after else two
    return state


def _leap(zero: Clusters, one: Clusters, two: Clusters) -> Clusters:
    """Extrapolate three successive states, as far as their first over their second difference says."""
    step_t, step_y = one.log_t - zero.log_t, one.log_y - zero.log_y
    bend_t, bend_y = two.log_t - one.log_t - step_t, two.log_y - one.log_y - step_y
    p_t, p_y = np.exp(two.log_t), np.exp(two.log_t[:, None] + two.log_y)  # entries count as much as they weigh
    step = (p_t * step_t**2).sum() + (p_y * step_y**2).sum()
    bend = (p_t * bend_t**2).sum() + (p_y * bend_y**2).sum()
    a = float(np.clip(np.sqrt(step / max(bend, TINY)), 1.0, 100.0))
    return _normal(zero.log_t + 2 * a * step_t + a**2 * bend_t, zero.log_y + 2 * a * step_y + a**2 * bend_y)


def _normal(log_t: Array, log_y: Array) -> Clusters:
    """Logarithms of distributions again; −690 stands for zero."""
    log_t, log_y = np.maximum(log_t, -690.0), np.maximum(log_y, -690.0)
    return Clusters(log_t - _log_sum(log_t), log_y - _log_sum(log_y))


def _log_sum(logs: Array) -> Array:
    """ln Σ exp over the last axis, which stays as one entry: for small tables SciPy's own takes many times as long."""
    top = logs.max(-1, keepdims=True)
    found: Array = top + np.log(np.exp(logs - top).sum(-1, keepdims=True))
    return found


def _pruned(state: Clusters) -> Clusters:
    """Without the clusters that no x uses, and with those of one and the same p(y|t) made one."""
    root, p_t = np.exp(state.log_y / 2), np.exp(state.log_t)
    near = root @ root.T > 1 - 0.5e-8  # unit vectors, less than 10⁻⁴ apart
    left = p_t > 1e-9
    kept, weights = [], []
    for i in np.argsort(-p_t):
        if left[i]:
            same = left & near[i]
            left &= ~same
            weights.append(p_t[same].sum())
            kept.append(i)
    return _normal(np.log(weights), state.log_y[kept])


def _split(state: Clusters, most: int) -> Clusters:
    """Every cluster as two that differ a little, the heaviest first where `most` leaves too few places. Seeded."""
    room = max(0, most - len(state.log_t))
    twice = np.argsort(-state.log_t)[:room]
    noise = 0.05 * np.random.default_rng(0).standard_normal((len(twice), state.log_y.shape[1]))
    log_t, log_y = state.log_t.copy(), state.log_y.copy()
    log_t[twice] -= np.log(2)
    log_y[twice] += noise
    return _normal(np.append(log_t, log_t[twice]), np.concatenate([log_y, state.log_y[twice] - noise]))


def evaluated(p: Array, beta: float, state: Clusters) -> Solution:
    """The informations of the encoder that these clusters give, with its own marginal and decoder."""
    own, encoder, energy = iterate(p, beta, state)
    p_t, p_ty = np.exp(own.log_t), encoder @ p
    # E ln p(t|x), without the logarithm of every entry: it is ln p(t) + Σ_y p(y|x) ln p(y|t)/β less its normaliser
    i_x = float(p_t @ (state.log_t - own.log_t) + ((p_ty * state.log_y).sum() + energy) / beta)
    i_y = float(rel_entr(p_ty, p_ty.sum(1, keepdims=True) * p.sum(0)).sum())
    if min(i_x, i_y) < 1e-12:  # nothing but rounding: the same as no encoder at all
        i_x = i_y = 0.0
    return Solution(own, beta, i_x, i_y)


def softened(p_ty: Array, p: Array) -> Clusters:
    """The clusters of a hard partition p(t, y), 2 % softer: a zero in p(y|t) would shut out other x for ever."""
    p_t = p_ty.sum(1)
    soft = 0.98 * p_ty / p_t[:, None] + 0.02 * p.sum(0)
    return _normal(np.log(p_t), np.log(np.maximum(soft, TINY)))


def rare(p: Array, tilt: Array) -> Clusters:
    """A rare cluster, p(y) tilted by `tilt` (C,) as the collapse asks, and the rest: half as heavy as p(y) allows."""
    p_y = p.sum(0)
    weight = 0.5 * float(np.exp(-max(tilt.max(), 0.0)))
    tilted = p_y * np.exp(tilt)
    tilted = tilted / tilted.sum()
    rest = (p_y - weight * tilted) / (1 - weight)
    return _normal(np.log([weight, 1 - weight]), np.log(np.maximum(np.stack([tilted, rest]), TINY)))
