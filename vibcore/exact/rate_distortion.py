"""What is known of a VAE's rate and distortion before any training. Nats. NumPy alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vibcore.exact import linear
from vibcore.types import Array


@dataclass(frozen=True)
class RateDistortion:
    """Limits of the plane of rate and distortion, nats; None where not known.

    ceiling: distortion of the best model that keeps nothing; floor: of a perfect reconstruction; linear: rate and
    distortion of the best linear model at every price; depth: how far K linear dimensions may lead down from the
    ceiling, and `reach`, how many nats about x they may take.
    """

    ceiling: float
    floor: float | None
    depth: float
    reach: float
    linear: tuple[Array, Array] | None


def pixels_known(x: Array, k: int, least: float) -> RateDistortion:
    """Of images x (n, d) in [0, 1] as the odds of coins, and K latent dimensions; `least`: smallest β above 0."""
    ceiling, floor = _coins(x.mean(0)[None]), _coins(x)
    return RateDistortion(ceiling, floor, _share(x, k) * (ceiling - floor), 0.55 * min(k, 4) * np.log(25 / least), None)


def reals_known(x: Array, k: int, variance: float | None, betas: Array) -> RateDistortion:
    """Of real inputs x (n, d) with a decoder of that variance, or a learned one (None), at some β, (M,)."""
    least, spread = float(betas[betas > 0].min()), linear.variances(x)
    typical = variance or max(float(spread[k:].mean()) if k < len(spread) else 0.0, 0.05)
    ceiling = _gaussian(x.var(0), variance)
    reach = float(linear.water_filling(spread, k, typical, np.array([least]))[0][0])
    if variance is None:
        return RateDistortion(ceiling, None, 0.8 * reach, reach, None)
    floor = _gaussian(np.zeros(x.shape[1]), variance)
    stops = np.geomspace(least, max(betas.max(), spread[0] / variance), 200)
    curve = linear.water_filling(spread, k, variance, stops)
    return RateDistortion(ceiling, floor, _share(x, k) * (ceiling - floor), reach, curve)


def pca_error(train: Array, test: Array, k: int) -> float:
    """Mean square error per feature of K principal components fitted to train (n, d), on test (m, d)."""
    if k >= train.shape[1]:
        return 0.0  # exactly: no rounding error is a result
    mean = train.mean(0)
    directions = np.linalg.svd(train - mean, full_matrices=False)[2][:k]
    rest = test - mean
    return float(((rest - rest @ directions.T @ directions) ** 2).mean())


def _share(x: Array, k: int) -> float:
    """Of the variance of x, the first K principal components'."""
    spread = linear.variances(x)
    return float(spread[:k].sum() / spread.sum())


def _coins(p: Array) -> float:
    """Mean entropy of pixels taken as the odds of coins: p (n, d)."""
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-(p * np.log(p) + (1 - p) * np.log(1 - p)).sum(1).mean())


def _gaussian(error: Array, variance: float | None) -> float:
    """Distortion of a Gaussian decoder with this mean square error in every feature, (d,)."""
    v = np.maximum(error, 1e-6) if variance is None else np.full_like(error, variance)
    return float(0.5 * (linear.LOG_2PI + np.log(v) + error / v).sum())
