"""Samplers, tables and splits: repeatable, stratified, and with the odds, spreads and correlations asked for."""

from dataclasses import replace

import numpy as np
import pytest
import sklearn.datasets as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from tests.core import geometry
from vibcore import data as datasets
from vibcore.config import DatasetSpec
from vibcore.data import bundled
from vibcore.labels import flip_labels, split
from vibcore.types import ConfigError

LARGE = 20_000
LOADERS = {"iris": sk.load_iris, "wine": sk.load_wine, "breast_cancer": sk.load_breast_cancer, "digits": sk.load_digits}
TABLES = ("iris", "wine", "breast_cancer", "digits")
every_set = pytest.mark.parametrize("name", datasets.names())
synthetic = pytest.mark.parametrize("name", geometry.NAMES)
tables = pytest.mark.parametrize("name", TABLES)
few = settings(max_examples=40, deadline=None, derandomize=True)


def pearson(counts, expected):
    """P-value bound: whether χ² of counts stays under the 0.1 % level."""
    statistic = ((counts - expected) ** 2 / expected).sum()
    return statistic < chi2.ppf(1 - 1e-3, len(counts) - 1)


@every_set
def test_equal_specs_give_equal_arrays_and_other_seeds_do_not(name):
    spec = DatasetSpec(name, n=300, flip=0.1)
    one, same, other = (datasets.load(s) for s in (spec, replace(spec), replace(spec, seed=1)))
    for field in ("x", "y", "train", "test", "labels"):
        np.testing.assert_array_equal(getattr(one, field), getattr(same, field))
    assert (one.feature_names, one.class_names) == (same.feature_names, same.class_names)
    assert not np.array_equal(one.y, other.y)  # a seed draws the label flips of a table, and all of a sample
    assert not np.array_equal(one.train, other.train)


@every_set
def test_loading_leaves_the_global_generator_alone(name):
    before = np.random.get_state(legacy=False)["state"]["key"].copy()
    datasets.load(DatasetSpec(name, n=60))
    np.testing.assert_array_equal(np.random.get_state(legacy=False)["state"]["key"], before)


@every_set
def test_a_dataset_has_the_shapes_and_types_it_promises(name):
    found = datasets.load(DatasetSpec(name, n=301))
    n, d = found.x.shape
    assert found.x.dtype == np.float32 and np.isfinite(found.x).all() and len(found.feature_names) == d
    assert found.labels.shape == (n,) and found.labels.dtype == np.int64
    assert n == 301 or name in TABLES
    if name == "gaussian":
        assert found.y.shape == (n, 1) and found.y.dtype == np.float32 and found.class_names == ()
    else:
        assert set(found.y) == set(range(len(found.class_names)))


@every_set
def test_train_and_test_part_the_rows_in_every_class_alike(name):
    found = datasets.load(DatasetSpec(name, n=500))
    both = np.concatenate([found.train, found.test])
    np.testing.assert_array_equal(np.sort(both), np.arange(len(found.x)))  # disjoint and covering
    for c in np.unique(found.labels):
        total, tested = (found.labels == c).sum(), (found.labels[found.test] == c).sum()
        assert abs(tested - total / 3) <= 0.5


@few
@given(sizes=st.lists(st.integers(2, 40), min_size=1, max_size=6), seed=st.integers(0, 10**6))
def test_any_labels_are_split_by_thirds(sizes, seed):
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    train, test = split(y, seed)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(y)))
    for c, size in enumerate(sizes):
        tested = (y[test] == c).sum()
        assert tested >= 1 and abs(tested - size / 3) <= 0.5 + 1e-9
        assert (y[train] == c).sum() >= 1
    np.testing.assert_array_equal(train, split(y, seed)[0])


@tables
def test_a_table_is_the_librarys_own_up_to_its_units(name):
    bunch, found = LOADERS[name](), datasets.load(DatasetSpec(name, flip=0.0))
    np.testing.assert_array_equal(found.y, bunch.target)
    if name == "digits":
        np.testing.assert_allclose(found.x, bunch.data / 16, atol=1e-7)
        assert found.image_shape == (8, 8) and found.x.min() == 0 and found.x.max() == 1
    else:
        rows = bunch.data[found.train]
        np.testing.assert_allclose(found.x * rows.std(0) + rows.mean(0), bunch.data, rtol=1e-4, atol=1e-4)


def test_standardisation_sees_the_training_rows_alone():
    rng = np.random.default_rng(0)
    x, y, spec = rng.normal(5, 3, (120, 4)), np.arange(120) % 3, DatasetSpec("iris")
    found = bundled.from_table(x, y, spec, "abcd", "pqr")
    assert found.x[found.train].mean(0) == pytest.approx(np.zeros(4), abs=1e-6)
    assert found.x[found.train].std(0) == pytest.approx(np.ones(4), abs=1e-6)
    moved = x.copy()
    moved[found.test] += 1e4  # what is only tested may be anything
    again = bundled.from_table(moved, y, spec, "abcd", "pqr")
    np.testing.assert_array_equal(again.x[found.train], found.x[found.train])
    assert not np.allclose(again.x[found.test], found.x[found.test])


def test_a_feature_that_never_changes_stays_finite():
    x = np.stack([np.arange(60.0), np.full(60, 7.0)], axis=1)
    found = bundled.from_table(x, np.arange(60) % 2, DatasetSpec("iris"), "ab", "pq")
    np.testing.assert_array_equal(found.x[:, 1], np.zeros(60))


@synthetic
@pytest.mark.parametrize("flip", [0.0, 0.05, 0.4])
def test_labels_are_flipped_as_often_as_asked(name, flip):
    spec = DatasetSpec(name, n=LARGE, flip=flip)
    classes = geometry.classes_of(spec)
    truth = np.arange(LARGE) % classes
    flipped = datasets.load(spec).y != truth
    assert flipped.mean() == pytest.approx(flip, abs=4 * np.sqrt(flip * (1 - flip) / LARGE) + 1e-12)


@pytest.mark.parametrize("classes", [2, 5, 10])
def test_a_flipped_label_is_any_other_with_equal_odds(classes):
    y = np.arange(LARGE) % classes
    noisy = flip_labels(y, classes, 0.45, np.random.default_rng(0))
    shifts = np.bincount((noisy - y) % classes, minlength=classes)
    expected = LARGE * np.array([0.55, *[0.45 / (classes - 1)] * (classes - 1)])
    assert pearson(shifts, expected)


@tables
def test_labels_of_a_table_are_flipped_too(name):
    target = LOADERS[name]().target
    rate = (datasets.load(DatasetSpec(name, flip=0.3)).y != target).mean()
    assert rate == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / len(target)))


@synthetic
def test_classes_are_balanced_before_the_flips(name):
    counts = np.bincount(datasets.load(DatasetSpec(name, n=1003, flip=0.0)).y)
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("classes", [2, 4, 10])
def test_blobs_lie_where_asked_with_the_noise_asked_for(classes):
    found = datasets.load(DatasetSpec("blobs", n=LARGE, noise=0.25, flip=0.0, classes=classes))
    angle = 2 * np.pi * np.arange(classes) / classes
    centres = 1.5 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    apart = found.x - centres[found.y]
    each = LARGE / classes
    for c in range(classes):
        assert np.abs(apart[found.y == c].mean(0)).max() < 4.5 * 0.25 / np.sqrt(each)
    assert apart.std() == pytest.approx(0.25, rel=4 / np.sqrt(4 * LARGE))  # 2n values; σ̂ varies by σ/√(2·2n)


@pytest.mark.parametrize("name", ["moons", "circles"])
def test_moons_and_circles_have_the_librarys_geometry(name):
    make = {"moons": sk.make_moons, "circles": lambda **k: sk.make_circles(factor=0.5, **k)}[name]
    x, y = make(n_samples=200, noise=None, shuffle=False)
    t = np.linspace(0, 1, 100, endpoint=name == "moons")
    for c in (0, 1):
        assert geometry.curve(DatasetSpec(name), c, t) == pytest.approx(x[y == c], abs=1e-12)


@pytest.mark.parametrize("rho", [(0.9,), (0.0, 0.5), (0.95, 0.6, 0.3)])
def test_the_gaussian_set_has_the_correlations_asked_for(rho):
    found = datasets.load(DatasetSpec("gaussian", n=LARGE, rho=rho))
    k = len(rho)
    both = np.corrcoef(found.x.T, found.y.T)
    expected = np.eye(2 * k)
    expected[:k, k:] = expected[k:, :k] = np.diag(rho)
    off = ~np.eye(2 * k, dtype=bool)
    apart = np.arctanh(both[off]) - np.arctanh(expected[off])  # Fisher's z: its deviation is 1/√(n−3) at any ρ
    assert np.abs(apart).max() < 4.5 / np.sqrt(LARGE - 3)
    variances = np.concatenate([found.x.var(0), found.y.var(0)])
    assert variances == pytest.approx(np.ones(2 * k), abs=4.5 * np.sqrt(2 / LARGE))


def test_the_gaussian_set_is_coloured_by_thirds_of_its_first_target():
    found = datasets.load(DatasetSpec("gaussian", n=LARGE, rho=(0.9, 0.5)))
    assert np.bincount(found.labels) / LARGE == pytest.approx(np.full(3, 1 / 3), abs=4.5 * np.sqrt(2 / 9 / LARGE))
    tops = [found.y[found.labels == c, 0].max() for c in range(3)]
    floors = [found.y[found.labels == c, 0].min() for c in range(3)]
    assert tops[0] <= floors[1] <= tops[1] <= floors[2]


BAD = [
    (DatasetSpec("rings"), r"dataset: got 'rings', expected one of spirals, moons.*digits\. Choose one of these"),
    (DatasetSpec(flip=0.5), r"dataset flip: got 0.5, expected a number from 0 to 0.45\. Move it into that range"),
    (DatasetSpec(flip=-0.1), r"dataset flip: got -0.1, expected a number from 0 to 0.45\. Move it"),
    (DatasetSpec("iris", flip=float("nan")), r"dataset flip: got nan, expected a number from 0 to 0.45\. Move it"),
    (DatasetSpec(noise=0.0), r"dataset noise: got 0.0, expected a number from 0.01 to 1\. Move it"),
    (DatasetSpec(noise=float("inf")), r"dataset noise: got inf, expected a number from 0.01 to 1\. Move it"),
    (DatasetSpec(n=59), r"dataset n: got 59, expected a whole number from 60 to 20000\. Move it"),
    (DatasetSpec(n=20_001), r"dataset n: got 20001, expected a whole number from 60 to 20000\. Move it"),
    (DatasetSpec(seed=-1), r"dataset seed: got -1, expected a whole number from 0 to \d+\. Move it"),
    (DatasetSpec(classes=1), r"classes: got 1, expected 2 to 8 for spirals\. Choose more or fewer"),
    (DatasetSpec("blobs", classes=11), r"classes: got 11, expected 2 to 10 for blobs\. Choose more or fewer"),
    (DatasetSpec("gaussian", rho=(1.0,)), r"rho: got \(1.0,\), expected one to eight.*Correct the list"),
    (DatasetSpec("gaussian", rho=()), r"rho: got \(\), expected one to eight correlations, each 0 ≤ ρ < 1\. Correct"),
    (DatasetSpec("gaussian", rho=(0.1,) * 9), r"rho: got .*expected one to eight correlations.*Correct the list"),
]


@pytest.mark.parametrize(("spec", "message"), BAD)
def test_a_spec_that_cannot_be_met_says_what_it_got_expected_and_what_to_do(spec, message):
    with pytest.raises(ConfigError, match=message):
        datasets.load(spec)
