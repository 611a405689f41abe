"""The Gaussian information bottleneck in closed form (Chechik, Globerson, Tishby & Weiss 2005). Nats."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vibcore.types import Array, ConfigError, Curve


def mutual_information(rho: Sequence[float]) -> float:
    """I(X;Y) of canonical correlations ρ: −½ Σ ln(1 − ρ²)."""
    return float(-0.5 * np.log1p(-(_checked(rho) ** 2)).sum())


def collapse(rho: Sequence[float]) -> float:
    """The β above which the best representation is none: the largest ρ²."""
    return float((_checked(rho) ** 2).max())


def point(rho: Sequence[float], beta: float) -> tuple[float, float]:
    """(I_X, I_Y) of the optimum at 0 < β ≤ 1: component i is active iff β < ρ_i² (sec. 3, with β = 1/β_T)."""
    if not 0 < beta <= 1:
        raise ConfigError("beta", beta, "0 < β ≤ 1: at β = 0 the rate has no bound", "Choose a β in that range.")
    squares = _checked(rho) ** 2
    active = squares[squares > beta]
    i_x = 0.5 * np.log((1 - beta) * active / (beta * (1 - active))).sum()
    return float(i_x), float(i_x - 0.5 * np.log(active / beta).sum())


def frontier(rho: Sequence[float], betas: Array | None = None) -> Curve:
    """The frontier at each of `betas` (by default a fine grid), by increasing I_X."""
    top = collapse(rho)
    grid = np.geomspace(max(top, 1e-5), 1e-6, 600) if betas is None else np.sort(np.asarray(betas, dtype=float))[::-1]
    points = np.array([point(rho, float(b)) for b in grid])
    return Curve(points[:, 0], points[:, 1], grid, "Gaussian information bottleneck, closed form")


def _checked(rho: Sequence[float]) -> Array:
    values = np.asarray(rho, dtype=float)
    if values.ndim != 1 or len(values) == 0 or not np.all((values >= 0) & (values < 1)):
        raise ConfigError("rho", rho, "a list of correlations, each 0 ≤ ρ < 1", "Correct the list.")
    return values
