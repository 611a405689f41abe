"""The known p(y|x) at any place and fresh draws of it: against cells, a slow quadrature, and counted labels."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2

from tests.core import geometry
from vibcore import data as datasets
from vibcore import densities
from vibcore.config import DatasetSpec
from vibcore.types import ConfigError

SETS = [
    DatasetSpec(),
    DatasetSpec("moons", noise=0.2, flip=0.05),
    DatasetSpec("circles", noise=0.15, flip=0.1),
    DatasetSpec("blobs", noise=0.6, flip=0.45, classes=10),
    DatasetSpec("xor", noise=0.5, flip=0.0),
]
each_set = pytest.mark.parametrize("spec", SETS, ids=lambda s: s.name)


@each_set
def test_the_posterior_is_that_of_fine_cells(spec):
    cells = densities.joint(spec, 480)
    usual = np.flatnonzero(cells.p.sum(1) > 1e-8)[::301]
    expected = cells.p[usual] / cells.p[usual].sum(1, keepdims=True)
    width = np.diff(np.unique(cells.centres[:, 1])[:2])[0]
    found = densities.posterior(spec, cells.centres[usual])
    assert found == pytest.approx(expected, abs=0.5 * (width / spec.noise) ** 2)  # a mean over a cell: second order
    assert found.sum(1) == pytest.approx(np.ones(len(usual)), abs=1e-12)


@each_set
def test_the_density_of_a_place_is_the_integral_along_the_curve(spec):
    places = densities.sample(spec, 3, np.random.default_rng(1))[0]
    logs = densities.log_densities(spec, places)
    for c in range(geometry.classes_of(spec)):
        for place, log in zip(places, logs[:, c], strict=True):

            def kernel(t, place=place, c=c):
                square = ((place - geometry.curve(spec, c, np.array([t]))[0]) ** 2).sum()
                return np.exp(-square / (2 * spec.noise**2)) / (2 * np.pi * spec.noise**2)

            expected, _ = quad(kernel, 0, 1, points=[0.25, 0.5, 0.75], epsabs=1e-13, epsrel=1e-10, limit=200)
            assert np.exp(log) == pytest.approx(expected, rel=1e-8, abs=1e-13)


@each_set
def test_fresh_labels_occur_as_often_as_the_posterior_says(spec):
    """Bayes by simulation: labels counted in cells of the plane, against the mean posterior there. Seeded."""
    x, y = densities.sample(spec, 40_000, np.random.default_rng(7))
    known = densities.posterior(spec, x)
    cell = (np.floor(x[:, 0] / 0.3) * 100 + np.floor(x[:, 1] / 0.3)).astype(int)
    _, where = np.unique(cell, return_inverse=True)
    counts, expected = (np.zeros((where.max() + 1, known.shape[1])) for _ in range(2))
    np.add.at(counts, (where, y), 1)
    np.add.at(expected, where, known)
    usual = expected >= 10
    statistic = ((counts - expected)[usual] ** 2 / expected[usual]).sum()
    assert statistic < chi2.ppf(1 - 1e-3, usual.sum())  # a bound: probabilities in a cell have one degree less


@each_set
def test_fresh_inputs_have_the_moments_of_the_density(spec):
    x, y = densities.sample(spec, 40_000, np.random.default_rng(11))
    cells = densities.joint(spec, 240)
    classes = geometry.classes_of(spec)
    spread = 1 / np.sqrt(len(x) / classes)
    for c in range(classes):
        odds = cells.p[:, c] / cells.p[:, c].sum()
        mean = odds @ cells.centres
        deviation = np.sqrt(odds @ (cells.centres - mean) ** 2)
        assert x[y == c].mean(0) == pytest.approx(mean, abs=5 * spread * deviation.max())
        assert x[y == c].std(0) == pytest.approx(deviation, abs=5 * spread * deviation.max())
    assert np.bincount(y) / len(y) == pytest.approx(np.full(classes, 1 / classes), abs=5 / np.sqrt(len(y) * classes))


def test_fresh_draws_are_other_than_the_sets_own_and_follow_their_generator():
    spec = SETS[1]
    first, second, again = (densities.sample(spec, 50, np.random.default_rng(s))[0] for s in (0, 1, 0))
    assert (first == again).all() and not np.isin(first, second).any()
    assert not np.isin(first.astype(np.float32), datasets.load(spec).x).any()


def test_places_far_from_every_class_still_have_a_posterior():
    spec = DatasetSpec("moons", noise=0.01, flip=0.1)
    far = densities.posterior(spec, np.array([[0.0, 40.0], [0.5, -40.0]]))
    assert far == pytest.approx(np.array([[0.9, 0.1], [0.1, 0.9]]), abs=1e-12)


def test_gaussian_pairs_correlate_as_asked():
    x, y = densities.sample(DatasetSpec("gaussian", rho=(0.9, 0.3)), 40_000, np.random.default_rng(3))
    found = np.corrcoef(x.T, y.T)
    assert found[:2, 2:] == pytest.approx(np.diag([0.9, 0.3]), abs=0.02)
    assert found[:2, :2] == pytest.approx(np.eye(2), abs=0.02) and y.std(0) == pytest.approx([1, 1], abs=0.02)


def test_sets_without_a_density_have_neither_posterior_nor_fresh_draws():
    refused = r"density: got 'iris', expected one of spirals, moons.*Other sets have none"
    with pytest.raises(ConfigError, match=refused):
        densities.posterior(DatasetSpec("iris"), np.zeros((1, 2)))
    with pytest.raises(ConfigError, match=refused):
        densities.sample(DatasetSpec("iris"), 5, np.random.default_rng(0))
    with pytest.raises(ConfigError, match=r"dataset noise: got 0\.0"):
        densities.posterior(DatasetSpec(noise=0.0), np.zeros((1, 2)))


@pytest.mark.parametrize("name", geometry.NAMES)
def test_no_curve_is_faster_than_its_speed_says(name):
    spec, t = DatasetSpec(name), np.linspace(0, 0.49, 2000)
    fastest = max(
        (np.linalg.norm(np.diff(geometry.curve(spec, c, s), axis=0), axis=1) / np.diff(s)).max()
        for c in range(geometry.classes_of(spec))
        for s in (t, t + 0.5)
    )
    assert fastest <= geometry.speed(DatasetSpec(name)) * (1 + 1e-9) and fastest >= 0.95 * geometry.speed(
        DatasetSpec(name)
    )


@pytest.mark.parametrize("noise", [0.01, 0.02, 0.05])
def test_the_entropy_of_separate_blobs_is_that_of_a_gaussian_and_of_their_choice(noise):
    """h(X) = ln C + ln(2πe σ²): −3.872 bits at σ = .02 with ten of them."""
    found = densities.input_entropy(DatasetSpec("blobs", noise=noise, classes=10))
    assert found == pytest.approx(np.log(10) + np.log(2 * np.pi * math.e * noise**2), abs=1e-9)


@pytest.mark.parametrize("name", geometry.NAMES)
def test_the_entropy_of_x_is_the_mean_log_density_of_fresh_inputs(name):
    rng = np.random.default_rng(list(name.encode()))
    spec = DatasetSpec(name, noise=float(rng.uniform(0.03, 0.6)), flip=0.1, classes=int(rng.integers(2, 7)))
    logs = densities.log_densities(spec, densities.sample(spec, 20_000, rng)[0])
    surprise = np.log(logs.shape[1]) - np.log(np.exp(logs).sum(1))
    spread = surprise.std() / np.sqrt(len(surprise))
    assert densities.input_entropy(spec) == pytest.approx(surprise.mean(), abs=4 * spread), spec
    assert spread < 0.02
