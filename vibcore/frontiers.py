"""A learned point beside the frontier of its problem. Nats. Without PyTorch."""

from __future__ import annotations

import numpy as np

from vibcore.types import Estimate, Point, Reference

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
