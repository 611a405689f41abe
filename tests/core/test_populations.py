"""Fresh inputs of a problem: of its very density, with the p(y|x) that it has, apart from every sample."""

import numpy as np
import pytest

from tests.core import geometry
from vibcore import data as datasets
from vibcore import populations
from vibcore.config import DatasetSpec

SPECS = [
    DatasetSpec("spirals", noise=0.2, flip=0.1, classes=3),
    DatasetSpec("moons", noise=0.15, flip=0.05),
    DatasetSpec("blobs", noise=0.5, flip=0.3, classes=4),
]


def places(spec: DatasetSpec, c: int) -> np.ndarray:
    """2,000 places of a class's curve, evenly along it: (2000, 2)."""
    return geometry.curve(spec, c, (np.arange(2000) + 0.5) / 2000)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_the_odds_are_those_of_blurred_curves_and_flips(spec: DatasetSpec) -> None:
    """By the plain mean over a curve's places, and labels that are another's with odds of `flip` in all."""
    fresh = populations.population(spec, 300)
    assert fresh is not None and fresh.mean is None and fresh.x.dtype == np.float32
    classes, x = geometry.classes_of(spec), fresh.x.astype(float)
    squares = [((x[:, None] - places(spec, c)) ** 2).sum(-1) for c in range(classes)]
    density = np.stack([np.exp(-s / 2 / spec.noise**2).mean(1) for s in squares], 1)
    true = density / density.sum(1, keepdims=True)
    told = true * (1 - spec.flip) + (1 - true) * spec.flip / (classes - 1)
    np.testing.assert_allclose(fresh.target, told, atol=2e-4)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_the_inputs_have_the_mean_and_covariance_of_the_density(spec: DatasetSpec) -> None:
    fresh = populations.population(spec)
    assert fresh is not None and len(fresh.x) == 20_000 and len(fresh.target) == 20_000
    curves = np.concatenate([places(spec, c) for c in range(geometry.classes_of(spec))])
    spread = np.cov(curves.T) + spec.noise**2 * np.eye(2)
    off = np.sqrt(np.diag(spread) / 20_000)
    assert (np.abs(fresh.x.mean(0) - curves.mean(0)) < 5 * off).all()
    np.testing.assert_allclose(np.cov(fresh.x.T), spread, atol=8 * spread.max() / np.sqrt(20_000))
    np.testing.assert_allclose(fresh.target.mean(0), 1 / geometry.classes_of(spec), atol=0.02)


def test_no_row_is_one_of_a_sample_whatever_its_seed() -> None:
    for seed in (0, 1, populations.SEED):
        spec = DatasetSpec("moons", 1000, 0.2, 0.05, seed=seed)
        fresh, sample = populations.population(spec, 1000), datasets.load(spec)
        assert fresh is not None
        assert not set(map(tuple, fresh.x.tolist())) & set(map(tuple, sample.x.tolist()))


def test_correlated_pairs_have_their_correlations() -> None:
    fresh = populations.population(DatasetSpec("gaussian", rho=(0.9, 0.5)))
    assert fresh is not None and fresh.mean is not None and fresh.deviation is not None
    np.testing.assert_allclose(fresh.mean, fresh.x * [0.9, 0.5], atol=1e-6)
    np.testing.assert_allclose(fresh.deviation**2, [0.19, 0.75])
    found = [np.corrcoef(fresh.x[:, k], fresh.target[:, k])[0, 1] for k in (0, 1)]
    np.testing.assert_allclose(found, (0.9, 0.5), atol=0.03)
    np.testing.assert_allclose(fresh.x.std(0), 1, atol=0.03)


def test_an_unknown_density_has_no_population() -> None:
    assert populations.population(DatasetSpec("iris")) is None
