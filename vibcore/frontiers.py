"""A frontier at the stops of a slider, and a point beside it. Nats. NumPy alone: a first picture needs it."""

from __future__ import annotations

import numpy as np

from vibcore.types import Array, Curve, Estimate, Point, Reference

MANY = 2  # standard errors above the frontier from which on a training point has memorised


def below_frontier(reference: Reference, point: Point) -> Estimate | None:
    """Nats by which the frontier lies above a point at the point's own rate: at most so far below is I(Z;Y) itself.

    The error is that of rate and bound together, as if they erred by the same inputs. None without a bound.
    """
    if point.i_zy_bound is None:
        return None
    curve, rate = reference.frontier, point.rate
    best, best_beside = np.interp([rate.value, rate.value + rate.stderr], curve.i_x, curve.i_y)
    error = point.i_zy_bound.stderr + float(best_beside - best)
    return Estimate(float(best - point.i_zy_bound.value), error, "upper")


def is_memorised(reference: Reference, train: Point) -> bool:
    """Whether a training point stands above the population's frontier by more than its error."""
    below = below_frontier(reference, train)
    return below is not None and below.value < -MANY * below.stderr


def frontier_at(curve: Curve, betas: Array) -> tuple[Array, Array]:
    """(I_X, I_Y) of a frontier at each of `betas`: nothing from its collapse on, NaN where it was not solved.

    It was solved down to `curve.least`. Between two of its points both informations are taken as linear in ln β, so
    that what is returned lies on the curve.
    """
    betas = np.asarray(betas, dtype=float)
    order = np.flatnonzero(curve.beta > 0)[::-1]
    solved = betas >= max(curve.least, 1e-300)
    place = np.log(np.where(solved, betas, 1.0))
    i_x, i_y = (np.interp(place, np.log(curve.beta[order]), values[order]) for values in (curve.i_x, curve.i_y))
    return np.where(solved, i_x, np.nan), np.where(solved, i_y, np.nan)
