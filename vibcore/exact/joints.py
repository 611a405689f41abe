"""Discrete joints p(x, y), (x values, y values): checks, entropies and the merging of like rows. Nats."""

from __future__ import annotations

import numpy as np
from scipy.special import rel_entr

from vibcore.types import Array, ConfigError

LEVELS = 32  # of √p(y|x), to which the posteriors of a large table are rounded
EQUAL = 2**40  # levels at which only equal posteriors meet


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
    p = np.where(p < 1e-150, 0.0, p)  # products of smaller ones, far from every class, underflow
    normal: Array = p / p.sum()
    return normal


def entropy(p: Array) -> float:
    """−Σ p ln p of a distribution, nats."""
    p = np.asarray(p, dtype=float).ravel()
    return float(-(p[p > 0] * np.log(p[p > 0])).sum())


def entropy_y(p: Array) -> float:
    """H(Y) of a joint p(x, y), (cells, classes), nats."""
    return entropy(checked(p).sum(0))


def mutual_information(p: Array) -> float:
    """I(X;Y) of a joint p(x, y), (cells, classes), nats."""
    p = checked(p)
    return float(rel_entr(p, p.sum(1, keepdims=True) * p.sum(0, keepdims=True)).sum())


def merge(p: Array, levels: int = LEVELS) -> Array:
    """Rows with nearly the same p(y|x) become one: (X, C) → (X', C), X' ≤ X.

    Only the posterior matters to the bottleneck. Rounding √p(y|x) to 1/levels loses about 10⁻⁴ nats of I(X;Y),
    and as merging is itself an encoder, the merged frontier can only lie below the true one: at its right end by just
    that, elsewhere by a small multiple where p(t|x) is soft.
    """
    p = p[p.sum(1) > 1e-12]
    keys = np.rint(np.sqrt(p / p.sum(1, keepdims=True)) * levels).astype(np.int64)
    _, where = np.unique(keys, axis=0, return_inverse=True)
    merged = np.zeros((int(where.max()) + 1, p.shape[1]))
    np.add.at(merged, where.ravel(), p)
    normal: Array = merged / merged.sum()
    return normal
