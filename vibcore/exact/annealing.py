"""The self-consistent iterations of the information bottleneck (Tishby, Pereira & Bialek 1999), annealed in β.

They minimise β I(X;T) − I(Y;T) over encoders p(t|x), in log space, from both ends of β, and accelerated. Nats.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, rel_entr

from vibcore.types import Array

TINY = 1e-300
FIRST = 0.01  # β from which the way up starts
SMALL = 400  # rows of a table that is solved with every care
TOLERANCE = 1e-11  # nats of the Lagrangian that one more iteration would gain; a large table stops at 1e-9


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


def solve(p: Array, betas: Array, clusters: int = 24) -> list[Solution]:
    """The best encoder found at each β (ascending): annealed upwards from a fine partition, then downwards.

    Upwards clusters die or merge; downwards each is split in two before every β, and may part or merge again. An
    encoder found at one β is a candidate at every other. On large tables, where the way up is nearly always the
    better one, the way down visits one β in three.
    """
    p = p[p.sum(1) > 0]
    clusters = min(clusters, len(p))  # more than there are x cannot help
    nothing = Clusters(np.zeros(1), np.log(np.maximum(p.sum(0, keepdims=True), TINY)))
    found = [Solution(nothing, float(betas[-1]), 0.0, 0.0)]
    state = _fine_start(p, clusters)
    for beta in np.geomspace(FIRST, max(FIRST, float(betas[0])), 8)[:-1]:  # wherever the caller's β begin
        state = _pruned(_descend(p, float(beta), state))
    for beta in betas:
        state = _pruned(_descend(p, float(beta), state))
        found.append(_evaluated(p, float(beta), state))
    for beta in betas[:: -1 if len(p) <= SMALL else -3]:
        state = _pruned(_descend(p, float(beta), _split(state, clusters)))
        found.append(_evaluated(p, float(beta), state))
    return [min(found, key=lambda s: beta * s.i_x - s.i_y) for beta in betas]


def iterate(p: Array, beta: float, state: Clusters) -> tuple[Clusters, Array, float]:
    """One self-consistent iteration: new clusters, the encoder p(t|x) (T, X) between, and the free energy before.

    p(t|x) ∝ p(t) exp(−KL(p(y|x) ‖ p(y|t))/β); the free energy −β E_x ln Σ_t p(t) exp(Σ_y p(y|x) ln p(y|t)/β) is
    the Lagrangian up to a constant, and never rises (Tishby et al. 1999, eqs. 28–31).
    """
    p_x = p.sum(1)
    scores = (state.log_y / beta) @ (p / p_x[:, None]).T + state.log_t[:, None]  # (T, X): long rows are fast to sum
    top = scores.max(0)
    encoder = np.exp(scores - top)
    total = encoder.sum(0)
    encoder /= total
    log_t = np.log(np.maximum(encoder @ p_x, TINY))
    log_y = np.log(np.maximum(encoder @ p, TINY)) - log_t[:, None]
    return Clusters(log_t, log_y), encoder, -beta * float(p_x @ (top + np.log(total)))


def _descend(p: Array, beta: float, state: Clusters, most: int = 2000) -> Clusters:
    """Iterate until the Lagrangian stands still, in leaps: two steps, an extrapolation, and a third step to settle.

    The leap is SQUAREM's (Varadhan & Roland 2008, scheme S3) on the logarithms; it is kept only if it lowers the
    Lagrangian, so the descent stays monotone, and takes a tenth of the iterations near a collapse.
    """
    tolerance = TOLERANCE if len(p) <= SMALL else 100 * TOLERANCE
    for _ in range(most):
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
    return Clusters(log_t - logsumexp(log_t), log_y - logsumexp(log_y, axis=1, keepdims=True))


def _pruned(state: Clusters) -> Clusters:
    """Without the clusters that no x uses, and with those of one and the same p(y|t) made one."""
    root = np.exp(state.log_y / 2)
    left = state.log_t > np.log(1e-9)
    log_t, kept = [], []
    for i in np.argsort(-state.log_t):
        if left[i]:
            same = left & (((root - root[i]) ** 2).sum(1) < 1e-8)
            left &= ~same
            log_t.append(logsumexp(state.log_t[same]))
            kept.append(i)
    return _normal(np.array(log_t), state.log_y[kept])


def _split(state: Clusters, most: int) -> Clusters:
    """Every cluster as two that differ a little, the heaviest first where `most` leaves too few places. Seeded."""
    room = max(0, most - len(state.log_t))
    twice = np.argsort(-state.log_t)[:room]
    noise = 0.05 * np.random.default_rng(0).standard_normal((len(twice), state.log_y.shape[1]))
    log_t, log_y = state.log_t.copy(), state.log_y.copy()
    log_t[twice] -= np.log(2)
    log_y[twice] += noise
    return _normal(np.append(log_t, log_t[twice]), np.concatenate([log_y, state.log_y[twice] - noise]))


def _evaluated(p: Array, beta: float, state: Clusters) -> Solution:
    """The informations of the encoder that these clusters give, with its own marginal and decoder."""
    own, encoder, _ = iterate(p, beta, state)
    i_x = float(rel_entr(encoder, np.exp(own.log_t)[:, None]).sum(0) @ p.sum(1))
    p_ty = encoder @ p
    i_y = float(rel_entr(p_ty, p_ty.sum(1, keepdims=True) * p.sum(0)).sum())
    if min(i_x, i_y) < 1e-12:  # nothing but rounding: the same as no encoder at all
        i_x = i_y = 0.0
    return Solution(own, beta, i_x, i_y)


def _fine_start(p: Array, clusters: int) -> Clusters:
    """One cluster each around posteriors that are far from each other and have some weight."""
    p_x = p.sum(1)
    root = np.sqrt(p / p_x[:, None])
    chosen = [int(np.argmax(p_x))]
    distance = np.full(len(p), np.inf)
    while len(chosen) < clusters:
        distance = np.minimum(distance, ((root - root[chosen[-1]]) ** 2).sum(1))
        chosen.append(int(np.argmax(distance * np.sqrt(p_x))))
    soft = 0.98 * root[chosen] ** 2 + 0.02 * p.sum(0)  # a zero in p(y|t) would shut out other x for ever
    return _normal(np.full(clusters, -np.log(clusters)), np.log(np.maximum(soft, TINY)))
