"""Pairs (X_i, Y_i) of standard normals with correlation ρ_i: the set whose frontier Chechik et al. 2005 give."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from vibcore.config import Dataset, DatasetSpec
from vibcore.data.source import SMALL, ClosedForm, Source
from vibcore.exact import gaussian
from vibcore.labels import split
from vibcore.streams import stream
from vibcore.types import Array, Reference


def pairs(rho: Sequence[float], n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Standard normals x and y, both (n, d) float64, that correlate by ρ_i in each dimension and not across."""
    r = np.array(rho)
    x = rng.standard_normal((n, len(r)))
    return x, r * x + np.sqrt(1 - r**2) * rng.standard_normal(x.shape)


def _load(spec: DatasetSpec) -> Dataset:
    x, y = pairs(spec.rho, spec.n, stream(spec.seed, "sample"))
    thirds = np.searchsorted([-0.43, 0.43], y[:, 0])  # colour: low, middle and high third of the first target
    train, test = split(thirds, spec.seed)
    features = tuple(f"x{i + 1}" for i in range(len(spec.rho)))
    return Dataset(spec, x.astype(np.float32), y.astype(np.float32), train, test, features, (), colour=thirds)


def _sample(spec: DatasetSpec, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    return pairs(spec.rho, n, rng)


def _channel(spec: DatasetSpec, x: Array) -> tuple[Array, Array]:
    """p(y|x) = N(ρx, 1 − ρ²) in each dimension."""
    rho = np.array(spec.rho)
    return rho * x, np.sqrt(1 - rho**2)


def _entropy(spec: DatasetSpec) -> float:
    """h(X) = h(Y), nats."""
    return float(0.5 * len(spec.rho) * np.log(2 * np.pi * math.e))


def _reference(spec: DatasetSpec) -> Reference:
    top, i_xy = gaussian.collapse(spec.rho), gaussian.mutual_information(spec.rho)
    return Reference(gaussian.frontier(spec.rho), i_xy, _entropy(spec), top, "closed form", top, "exact")


SOURCE = Source(
    _load,
    fields=("n", "rho"),
    preset={**SMALL, "n": 5000, "encoder": (), "latent_dim": 1, "rho": (0.9,)},
    density=ClosedForm(_sample, _reference, _entropy, channel=_channel),
)
