"""Like rows of a joint p(x, y) become one, for as few nats of I(X;Y) as are asked, by splitting or by joining. Nats.

Only the posterior p(y|x) matters to the bottleneck, and merging is itself an encoder: what a merged table allows, the
first table allows too. Both ways say what they lose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from vibcore.exact.joints import entropy, mutual_information
from vibcore.types import Array

TOLERANCE = 1e-4  # of I(X;Y), the part that merging may lose
ROUNDING = 1e-13  # nats: rows that differ by less are equal


def merge(p: Array, tolerance: float = TOLERANCE, most: int | None = None) -> Array:
    """Rows with nearly the same p(y|x) as one: (X, C) → (X', C), losing at most `tolerance` · I(X;Y) nats.

    All rows begin as one, and the groups that lose most are halved along their widest direction until the loss is
    small enough. With `most`, that many rows at the most, whatever is lost.
    """
    p = p[p.sum(1) > 1e-12]
    p = p / p.sum()
    allowed = max(tolerance * mutual_information(p), ROUNDING)
    own, label, count = _nats(p), np.zeros(len(p), dtype=np.int64), 1
    while True:
        sums = _sums(p, label, count)
        lost = np.bincount(label, own, count) - _nats(sums)
        order = np.argsort(-lost)
        left = lost.sum() - np.cumsum(lost[order])
        worst = order[: 1 + int(np.argmax(left <= allowed / 2))]  # those without whom too little would be lost
        if most is not None:
            worst = worst[: most - count]
        found = count if lost.sum() <= allowed or len(worst) == 0 else _halve(p, label, worst, count)
        if found == count:
            return sums
        count = found


def _halve(p: Array, label: Array, groups: Array, count: int) -> int:
    """Each of the groups in two, at its mean along its widest direction: `label` in place; how many there are now."""
    rank = np.full(count, -1)
    rank[groups] = np.arange(len(groups))
    rows = np.flatnonzero(rank[label] >= 0)
    rows = rows[np.argsort(rank[label[rows]], kind="stable")]
    of = rank[label[rows]]
    starts = np.searchsorted(of, np.arange(len(groups)))
    weight = p[rows].sum(1, keepdims=True)
    root = np.sqrt(p[rows] / weight)  # Hellinger's coordinates: nats lost are about their squared spread
    away = root - (np.add.reduceat(weight * root, starts) / np.add.reduceat(weight, starts))[of]
    widest = np.argmax(np.add.reduceat(weight * away**2, starts), axis=1)
    along = np.take_along_axis(away, widest[of][:, None], axis=1)
    direction = np.add.reduceat(weight * along * away, starts)  # a column of the covariance: nearly the first axis
    side = (away * direction[of]).sum(1) > 0
    others = np.add.reduceat(side.astype(np.int64), starts)
    parted = (others > 0) & (others < np.diff(np.append(starts, len(rows))))
    fresh = count + np.cumsum(parted) - 1
    moved = side & parted[of]
    label[rows[moved]] = fresh[of[moved]]
    return count + int(parted.sum())


@dataclass(frozen=True)
class Partitions:
    """Hard encoders of a table p (n, C): labels (n, n), of which row T−1 has T clusters; I(X;T) and I(Y;T), (n,)."""

    p: Array
    labels: Array
    i_x: Array
    i_y: Array

    def best(self, beta: float) -> Array:
        """p(t, y) of the partition with the least β I(X;T) − I(Y;T), (T, C)."""
        count = int(np.argmin(beta * self.i_x - self.i_y)) + 1
        return _sums(self.p, self.labels[count - 1], count)


def greedy(p: Array) -> Partitions:
    """Agglomerative information bottleneck (Slonim & Tishby 1999): always merge the two rows that cost least I(Y;T)."""
    n = len(p)
    rows, nats, alive = p.copy(), _nats(p), np.ones(n, dtype=bool)
    cost = np.full((n, n), np.inf)
    for i in range(n - 1):
        cost[i, i + 1 :] = nats[i] + nats[i + 1 :] - _nats(rows[i] + rows[i + 1 :])
    label = np.arange(n)
    labels = np.zeros((n, n), dtype=np.int64)
    i_x, i_y = np.zeros(n), np.zeros(n)
    nearest, least = cost.argmin(1), cost.min(1)
    for count in range(n, 0, -1):
        labels[count - 1] = np.unique(label, return_inverse=True)[1].ravel()
        i_x[count - 1] = entropy(rows[alive].sum(1))
        i_y[count - 1] = mutual_information(rows[alive])
        if count > 1:
            i = int(np.argmin(least))
            j = int(nearest[i])  # always i < j
            rows[i] += rows[j]
            label[label == j] = i
            alive[j] = False
            _update(cost, nearest, least, rows, alive, i, j)
    return Partitions(p, labels, i_x, i_y)


def _update(cost: Array, nearest: Array, least: Array, rows: Array, alive: Array, i: int, j: int) -> None:
    """What it costs to merge row i, which has swallowed j, with each that is left: in place."""
    cost[j, :] = cost[:, j] = np.inf
    least[j] = np.inf
    others = np.flatnonzero(alive)
    others = others[others != i]
    found = _nats(rows[i]) + _nats(rows[others]) - _nats(rows[i] + rows[others])
    cost[np.minimum(i, others), np.maximum(i, others)] = found
    stale = np.flatnonzero(alive & (np.isin(nearest, (i, j)) | (np.arange(len(rows)) <= i)))
    nearest[stale], least[stale] = cost[stale].argmin(1), cost[stale].min(1)


def _nats(p: Array) -> Array:
    """Σ_y p ln p(y|x) of each row: what its merging with others loses is the difference of these. (..., C) → (...)."""
    found: Array = xlogy(p, p).sum(-1) - xlogy(p.sum(-1), p.sum(-1))
    return found


def _sums(p: Array, label: Array, count: int) -> Array:
    """Rows of one label added up, (count, C)."""
    return np.stack([np.bincount(label, column, count) for column in p.T], axis=1)
