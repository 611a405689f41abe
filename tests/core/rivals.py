"""Encoders found without the exact room: hard partitions by joining rows and by moving them, one price for both."""

import numpy as np
from scipy.special import xlogy


def worth(p, beta):
    """What a cluster p(t, y), (..., C), adds to I(Y;T) − β I(X;T), up to a constant of the table."""
    odds = p.sum(-1)
    return xlogy(p, p).sum(-1) - (1 - beta) * xlogy(odds, odds)


def informations(p, label):
    """I(X;T) and I(Y;T) of a partition."""
    t = np.array([p[label == k].sum(0) for k in np.unique(label)])
    odds = t.sum(1)
    i_x = -xlogy(odds, odds).sum()
    return i_x, i_x + xlogy(t, t).sum() - xlogy(p.sum(0), p.sum(0)).sum()


def joined(p, beta):
    """Agglomerative bottleneck (Slonim & Tishby 1999) of the whole Lagrangian: labels (n, n), of n clusters to 1."""
    rows, label, own = p.copy(), np.arange(len(p)), worth(p, beta)
    alive = np.ones(len(p), dtype=bool)

    def prices(i):
        cost = own[i] + own - worth(rows[i] + rows, beta)
        cost[~alive] = np.inf
        cost[i] = np.inf
        return cost

    cost = np.array([prices(i) for i in range(len(p))])
    found = [label.copy()]
    for _ in range(len(p) - 1):
        i, j = np.unravel_index(cost.argmin(), cost.shape)
        rows[i] += rows[j]
        own[i] = worth(rows[i], beta)
        alive[j] = False
        label[label == j] = i
        cost[j] = cost[:, j] = np.inf
        cost[i] = cost[:, i] = prices(i)
        found.append(label.copy())
    return np.array(found)


def moved(p, label, beta, sweeps=5):
    """Sequential bottleneck (Slonim, Friedman & Tishby 2002): each row in turn goes where it is worth most."""
    label = np.unique(label, return_inverse=True)[1]
    rows = np.array([p[label == k].sum(0) for k in range(label.max() + 1)])
    own = worth(rows, beta)
    for _ in range(sweeps):
        before = label.copy()
        for x, row in enumerate(p):
            rows[label[x]] = np.maximum(rows[label[x]] - row, 0)
            own[label[x]] = worth(rows[label[x]], beta)
            with_row = worth(rows + row, beta)
            label[x] = np.argmax(with_row - own)
            rows[label[x]] += row
            own[label[x]] = with_row[label[x]]
        if (before == label).all():
            break
    return label
