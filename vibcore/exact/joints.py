"""Discrete joints p(x, y), (x values, y values): checks, entropies. Nats."""

from __future__ import annotations

import numpy as np
from scipy.special import rel_entr

from vibcore.types import Array, ConfigError


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
    return max(0.0, float(-(p[p > 0] * np.log(p[p > 0])).sum()))


def entropy_y(p: Array) -> float:
    """H(Y) of a joint p(x, y), (cells, classes), nats."""
    return entropy(checked(p).sum(0))


def mutual_information(p: Array) -> float:
    """I(X;Y) of a joint p(x, y), (cells, classes), nats."""
    p = checked(p)
    return max(0.0, float(rel_entr(p, p.sum(1, keepdims=True) * p.sum(0, keepdims=True)).sum()))
