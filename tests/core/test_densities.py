"""Densities of the synthetic sets: against their sampler, a second quadrature, and published frontiers."""

import math
from functools import cache

import numpy as np
import pytest
from scipy.stats import chi2

from tests.core import geometry
from vibcore import data, densities
from vibcore import data as datasets
from vibcore.config import DatasetSpec
from vibcore.exact import annealing, collapse, discrete
from vibcore.types import ConfigError, Joint

SPIRALS = DatasetSpec("spirals", noise=0.18, flip=0.05, classes=5)
SETS = [
    SPIRALS,
    DatasetSpec("moons", noise=0.2, flip=0.05),
    DatasetSpec("circles", noise=0.15, flip=0.1),
    DatasetSpec("blobs", noise=0.6, flip=0.2, classes=4),
    DatasetSpec("xor", noise=0.5, flip=0.0),
]
each_set = pytest.mark.parametrize("spec", SETS, ids=lambda s: s.name)


def moons(noise, flip=0.0):
    return DatasetSpec("moons", noise=noise, flip=flip)


def points(spec, betas):
    found = discrete.solve(discrete.merge(densities.joint(spec).p), np.array(betas))
    return np.array([[s.i_x, s.i_y] for s in found])


@each_set
def test_a_density_is_a_joint_with_balanced_labels(spec):
    p = densities.joint(spec, 96)
    classes = geometry.classes_of(spec)
    assert p.p.shape == (96 * 96, classes) and p.centres.shape == (96 * 96, 2)
    assert p.p.sum(0) == pytest.approx(np.full(classes, 1 / classes), abs=1e-6)
    assert discrete.entropy_y(p.p) == pytest.approx(np.log(classes), abs=1e-9)


@cache
def sampled(spec, seeds):
    """Points (N, 2) and labels of several seeds."""
    every = [
        datasets.load(DatasetSpec(spec.name, 20_000, spec.noise, spec.flip, spec.classes, seed))
        for seed in range(seeds)
    ]
    return np.concatenate([each.x for each in every]), np.concatenate([each.y for each in every])


def misfit(spec, noise_of_density=None, flip_of_density=None, seeds=8, cells=24):
    """Pearson's χ² of drawn points against cell masses, and its degrees of freedom."""
    other = DatasetSpec(
        spec.name, noise=noise_of_density or spec.noise, flip=flip_of_density or spec.flip, classes=spec.classes
    )
    p = densities.joint(other, cells * 4)
    classes = geometry.classes_of(spec)
    mass = p.p.reshape(cells, 4, cells, 4, classes).sum((1, 3)).ravel()
    low, high = p.centres.min(0), p.centres.max(0)
    step = (high - low) / (4 * cells - 1)
    x, y = sampled(spec, seeds)
    cell = ((x - (low - step / 2)) / (4 * step)).astype(int).clip(0, cells - 1)
    counts = np.bincount((cell[:, 0] * cells + cell[:, 1]) * classes + y, minlength=len(mass))
    expected = mass * counts.sum()
    usual = expected >= 10
    observed = np.append(counts[usual], counts[~usual].sum())  # rare cells count as one
    expected = np.append(expected[usual], expected[~usual].sum())
    return float(((observed - expected) ** 2 / expected).sum()), len(observed) - 1


@each_set
def test_the_sampler_draws_from_the_density(spec):
    statistic, freedom = misfit(spec)
    assert statistic < chi2.ppf(1 - 1e-3, freedom)  # level 0.1 % a set, at fixed seeds


@each_set
def test_the_goodness_of_fit_would_notice_another_noise_or_flip(spec):
    for changed in ({"noise_of_density": 1.07 * spec.noise}, {"flip_of_density": spec.flip + 0.02}):
        statistic, freedom = misfit(spec, **changed)
        assert statistic > chi2.ppf(1 - 1e-6, freedom), changed


@pytest.mark.parametrize("spec", [SPIRALS, moons(0.2, 0.05)], ids=lambda s: s.name)
def test_finer_cells_converge_at_second_order_to_another_quadrature(spec):
    coarse, middle, fine = (discrete.mutual_information(densities.joint(spec, c).p) for c in (60, 120, 240))
    assert coarse < middle < fine  # merging points of the plane only loses information
    assert (middle - coarse) / (fine - middle) == pytest.approx(4, rel=0.1)
    assert fine + (fine - middle) / 3 == pytest.approx(midpoint_information(spec), abs=2e-5)


def midpoint_information(spec, cells=84):
    """I(X;Y) from densities at the centres of cells, whose error falls exponentially: Gaussians are smooth."""
    centres = densities.joint(spec, cells).centres
    classes = geometry.classes_of(spec)
    t = (np.arange(250) + 0.5) / 250
    squares = [((centres[:, None] - geometry.curve(spec, c, t)) ** 2).sum(-1) for c in range(classes)]
    p = np.stack([np.exp(-s / (2 * spec.noise**2)).sum(1) for s in squares], axis=-1)
    true = p / p.sum() * (1 - spec.flip * classes / (classes - 1))
    return discrete.mutual_information(true + spec.flip / (classes - 1) * p.sum(1, keepdims=True) / p.sum())


def test_five_spirals_have_their_published_informations():
    known = densities.reference(SPIRALS)
    assert known.h_y == pytest.approx(np.log(5))
    assert known.i_xy == pytest.approx(1.2281, abs=5e-4)
    assert midpoint_information(SPIRALS) == pytest.approx(1.2281, abs=5e-5)
    assert (known.collapse, known.unstable) == pytest.approx((0.8262, 0.8262), abs=5e-4)  # they hardly differ
    assert known.frontier_kind == "lower" and "lower bound" in known.frontier.source
    squares = collapse.maximal_correlations(densities.joint(SPIRALS).p)
    assert squares == pytest.approx([0.8262, 0.8262, 0.7593, 0.7593], abs=5e-4)
    assert known.source == "spirals on a 240×240 grid" and known.source in known.frontier.source


def test_the_frontier_of_five_spirals_is_the_published_one():
    expected = {
        0.1: (1.87, 1.20),
        0.2: (1.672, 1.170),
        0.3: (1.579, 1.149),
        0.4: (1.554, 1.140),
        0.5: (1.499, 1.115),
        0.6: (1.384, 1.051),
        0.7: (1.139, 0.890),
        0.8: (0.446, 0.363),
    }
    assert points(SPIRALS, list(expected)) == pytest.approx(np.array(list(expected.values())), abs=4e-3)


MOONS = {  # noise, flip: I(X;Y), collapse, and points by β, as found on a coarse grid
    (0.1, 0.0): (0.6912, 0.998, {0.1: (0.705, 0.690), 0.5: (0.693, 0.688)}),
    (0.2, 0.0): (0.616, 0.912, {0.1: (0.873, 0.596), 0.5: (0.665, 0.552)}),
    (0.3, 0.0): (0.4816, 0.747, {0.1: (0.953, 0.445), 0.5: (0.524, 0.344)}),
    (0.2, 0.05): (
        0.4463,
        0.7385,
        {
            0.01: (1.074, 0.445),
            0.1: (0.769, 0.434),
            0.3: (0.670, 0.419),
            0.4: (0.640, 0.408),
            0.5: (0.578, 0.380),
            0.6: (0.457, 0.313),
        },
    ),
}


@pytest.mark.parametrize(("noise", "flip"), MOONS)
def test_two_moons_have_their_published_frontier(noise, flip):
    i_xy, top, expected = MOONS[noise, flip]
    p = densities.joint(moons(noise, flip)).p
    assert discrete.mutual_information(p) == pytest.approx(i_xy, abs=1.5e-3)
    assert collapse.unstable_beta(p) == pytest.approx(top, abs=1.5e-3)
    betas = [b for b in expected if b >= 0.1]  # far down, I_X alone is hardly determined
    assert points(moons(noise, flip), betas) == pytest.approx(np.array([expected[b] for b in betas]), abs=3e-3)
    for b, (i_x, i_y) in zip(expected, points(moons(noise, flip), list(expected)), strict=True):
        assert b * i_x - i_y <= b * expected[b][0] - expected[b][1] + 1e-3


@pytest.mark.parametrize("spec", [SPIRALS, moons(0.3, 0.05)], ids=lambda s: s.name)
def test_merging_cells_does_not_move_the_curve(spec):
    p, betas = densities.joint(spec, 40).p, np.array([0.1, 0.3, 0.6])
    whole, merged = (annealing.solve(q, betas, 16, quick=True) for q in (p[p.sum(1) > 0], discrete.merge(p)))
    of = [np.array([b * s.i_x - s.i_y for b, s in zip(betas, found, strict=True)]) for found in (whole, merged)]
    assert len(discrete.merge(p)) < len(p) / 2
    assert of[1] == pytest.approx(of[0], abs=3e-4)


def test_separate_blobs_collapse_at_the_label_flips_alone():
    known = densities.known(densities.joint(DatasetSpec("blobs", noise=0.1, flip=0.1, classes=4), 60))
    assert (known.collapse, known.unstable) == pytest.approx(collapse.label_flip(0.1, 4), abs=1e-6)
    flip = np.array([0.9, *[0.1 / 3] * 3])
    assert known.i_xy == pytest.approx(np.log(4) - discrete.entropy(flip), abs=1e-6)


def test_other_synthetic_frontiers_are_concave_and_bounded():
    for spec in SETS[2:4]:
        known = densities.reference(spec)
        curve = known.frontier
        assert (np.diff(np.diff(curve.i_y) / np.diff(curve.i_x)) < 1e-9).all()
        assert (curve.i_y <= np.minimum(curve.i_x, min(known.i_xy, known.h_y)) + 1e-9).all()
        assert curve.i_y[-1] == pytest.approx(known.i_xy, abs=3e-4)
        assert curve.beta[0] >= known.collapse - 1e-3


def test_the_gaussian_set_is_known_in_closed_form():
    known = densities.reference(DatasetSpec("gaussian", rho=(0.9, 0.6)))
    assert known.i_xy == pytest.approx(-0.5 * np.log((1 - 0.81) * (1 - 0.36)))
    assert known.h_y == pytest.approx(np.log(2 * np.pi * math.e))
    assert (known.collapse, known.unstable) == pytest.approx((0.81, 0.81)) and known.frontier_kind == "exact"


def test_sets_without_a_density_have_no_reference():
    assert densities.reference(DatasetSpec("iris")) is None
    assert [data.has_density(DatasetSpec(n)) for n in ("spirals", "gaussian", "iris")] == [True, True, False]
    with pytest.raises(ConfigError, match=r"density: got 'iris', expected one of spirals, moons.*Other sets have none"):
        densities.joint(DatasetSpec("iris"))


def test_cells_that_are_too_coarse_are_refused():
    with pytest.raises(ConfigError, match=r"grid cells: got 72, expected cells no wider than 1.5 σ.*Use more cells"):
        densities.joint(moons(0.02), 72)
    assert densities.joint(moons(0.02), densities.enough_cells(moons(0.02))).p.sum() == pytest.approx(1)


@pytest.mark.parametrize("noise", [0.0, -0.1, float("nan")])
def test_a_set_without_noise_has_no_density(noise):
    for ask in (densities.joint, densities.reference):
        with pytest.raises(ConfigError, match=r"dataset noise: got .*expected a number from 0.01.*Move it into"):
            ask(moons(noise))


def test_the_curves_start_and_end_where_their_formulas_say():
    ends = geometry.curve(SPIRALS, 1, np.array([0.0, 1.0]))
    angle = 2 * np.pi * (1 / 5 + np.array([0, 0.3]))
    radius = np.array([0.25, 2.0])
    assert ends == pytest.approx(np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1))
    both = geometry.curve(moons(0.1), 0, np.array([0.5])), geometry.curve(moons(0.1), 1, np.array([0.5]))
    assert np.concatenate(both) == pytest.approx(np.array([[0, 1], [1, -0.5]]), abs=1e-12)


def test_a_joint_without_places_has_a_frontier_too():
    assert discrete.frontier(Joint(np.eye(2) / 2, None, "a bit")).i_x[-1] == pytest.approx(np.log(2))
