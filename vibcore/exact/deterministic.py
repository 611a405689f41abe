"""Labels that are a function of the input: F(R) = min(R, H(Y)) (Kolchinsky, Tracey & Van Kuyk 2018, arXiv 1808.07593).

The linear Lagrangian reaches only the corner; these reach every point. Nats: here β depends on the unit.
"""

from __future__ import annotations

import numpy as np

from vibcore.types import ConfigError, Curve


def frontier(h_y: float, right: float, count: int = 200) -> Curve:
    """min(R, H(Y)) for R from 0 to `right`; slope 1 before the corner, 0 after."""
    rates = np.union1d(np.linspace(0, right, count), [h_y])
    return Curve(rates, np.minimum(rates, h_y), np.where(rates <= h_y, 1.0, 0.0), "deterministic labels")


def squared_optimum(h_y: float, beta: float) -> float:
    """Rate that minimises D + βR²: min(1/(2β), H(Y)) (Kolchinsky et al. 2018, eq. 10)."""
    return min(1 / (2 * _positive(beta)), h_y)


def power_optimum(h_y: float, beta: float, alpha: float) -> float:
    """Rate that minimises D + βR^(1+α): ((1+α)β)^(−1/α), at most H(Y) (Rodríguez Gálvez et al. 2020)."""
    return float(min(((1 + _positive(alpha)) * _positive(beta)) ** (-1 / alpha), h_y))


def exponential_optimum(h_y: float, beta: float, eta: float) -> float:
    """Rate that minimises D + βe^{ηR}: −ln(βη)/η, within [0, H(Y)] (Rodríguez Gálvez et al. 2020)."""
    return float(np.clip(-np.log(_positive(beta) * _positive(eta)) / eta, 0.0, h_y))


def _positive(value: float) -> float:
    if not value > 0:
        raise ConfigError("β, α or η", value, "a number above 0", "Raise it.")
    return value
