"""The β above which nothing is learnt (Wu, Fischer, Chuang & Tegmark 2019, arXiv 1907.07331)."""

from __future__ import annotations

import numpy as np

from vibcore.exact.joints import checked
from vibcore.types import Array, ConfigError


def maximal_correlations(p: Array) -> Array:
    """Squared singular values of p(x,y)/√(p(x)p(y)) without the trivial first one, descending.

    The first is ρ_m², the squared maximal correlation (Rényi 1959; Witsenhausen 1975), and the collapse β.
    """
    p = checked(p)
    p = p[p.sum(1) > 0][:, p.sum(0) > 0]
    scaled = p / np.sqrt(p.sum(1, keepdims=True) * p.sum(0, keepdims=True))
    # the small Gram matrix has the same squares: classes are few, cells are many
    gram = scaled.T @ scaled
    squares: Array = np.linalg.eigvalsh(gram)[::-1][1:]
    return np.clip(squares, 0.0, 1.0)


def collapse_beta(p: Array) -> float:
    """ρ_m² of a joint p(x, y), (cells, classes)."""
    squares = maximal_correlations(p)
    return float(squares[0]) if len(squares) else 0.0


def label_flip(flip: float, classes: int) -> float:
    """(1 − εk/(k−1))²: labels of k balanced separable classes, flipped to another with probability ε."""
    if classes < 2 or not 0 <= flip <= 1:
        raise ConfigError("label flips", (flip, classes), "0 ≤ ε ≤ 1 and at least 2 classes", "Correct them.")
    return float((1 - flip * classes / (classes - 1)) ** 2)
