"""Laws that hold across the exact room: every legal argument, closed forms against tables, merging, underflow."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core import geometry
from tests.core.joints import binary, joints
from vibcore import densities
from vibcore.config import DatasetSpec
from vibcore.exact import collapse, deterministic, discrete, gaussian
from vibcore.types import Joint

BIT = np.log(2)
few = settings(max_examples=10, deadline=None, derandomize=True)
many = settings(max_examples=300, deadline=None, derandomize=True)


def bit_information(odds):
    """ln 2 − h(q) without losing a q close to ½."""
    odds = np.asarray(odds, dtype=float)
    return np.log(2) + np.sum([np.where(q > 0, q * np.log(np.maximum(q, 1e-300)), 0) for q in (odds, 1 - odds)], axis=0)


@many
@given(flip=st.floats(0, 0.5), beta=st.floats(0, 1, exclude_min=True))
def test_the_binary_closed_form_beats_every_flip_at_every_legal_argument(flip, beta):
    """A search over a grid of encoders, dense at both of its ends."""
    a = np.concatenate([np.geomspace(1e-12, 0.25, 300), 0.5 - np.geomspace(1e-9, 0.25, 300), [0, 0.5]])
    searched = (beta * bit_information(a) - bit_information(a * (1 - flip) + flip * (1 - a))).min()
    i_x, i_y = discrete.binary_symmetric(flip, beta)
    assert 0 <= i_y <= i_x + 1e-12 and i_x <= BIT + 1e-12
    assert beta * i_x - i_y <= searched + 1e-9
    assert searched <= beta * i_x - i_y + 1e-4  # the grid is not much worse: no value out of reach is claimed


@many
@given(flip=st.floats(0.001, 0.49), below=st.floats(0, 1e-10))
def test_the_binary_closed_form_ends_smoothly_at_its_collapse(flip, below):
    beta = (1 - 2 * flip) ** 2 * (1 - below)
    assert discrete.binary_symmetric(flip, beta) == pytest.approx((0, 0), abs=1e-6)


@few
@given(flip=st.floats(0.01, 0.4), share=st.floats(0.05, 0.95))
def test_the_iterations_on_a_two_by_two_table_meet_the_binary_closed_form(flip, share):
    beta = share * (1 - 2 * flip) ** 2
    (found,) = discrete.solve(binary(flip), np.array([beta]))
    i_x, i_y = discrete.binary_symmetric(flip, beta)
    assert beta * found.i_x - found.i_y == pytest.approx(beta * i_x - i_y, abs=1e-8)
    assert (found.i_x, found.i_y) == pytest.approx((i_x, i_y), abs=2e-4)  # flat in I_X near the collapse


@few
@given(classes=st.integers(2, 10), share=st.floats(0, 1), seed=st.integers(0, 10**6))
def test_label_flips_collapse_as_the_svd_of_a_flipped_table_does(classes, share, seed):
    """Separable classes of several cells each, of any weights within a class; flips below the uniform label."""
    flip = share * (classes - 1) / classes
    weights = np.random.default_rng(seed).dirichlet(np.ones(3), classes) / classes  # (C, 3)
    labels = np.full((classes, classes), flip / (classes - 1)) + np.eye(classes) * (1 - flip - flip / (classes - 1))
    p = weights.reshape(-1, 1) * np.repeat(labels, 3, axis=0)
    singular = np.linalg.svd(p / np.sqrt(np.outer(p.sum(1), p.sum(0))), compute_uv=False)
    assert singular[0] == pytest.approx(1)
    assert collapse.label_flip(flip, classes)[1] == pytest.approx(singular[1] ** 2, abs=1e-9)
    assert collapse.unstable_beta(p) == pytest.approx(singular[1] ** 2, abs=1e-9)


@few
@given(p=joints(rows=12), tolerance=st.sampled_from([0.3, 0.03, 1e-4]))
def test_merging_rows_loses_what_it_may_and_never_labels(p, tolerance):
    """A merged table is an encoder of the first: nothing that it allows lies above the first one's frontier."""
    merged, betas = discrete.merge(p, tolerance), np.array([0.1, 0.3, 0.6])
    whole = discrete.mutual_information(p)
    loss = whole - discrete.mutual_information(merged)
    assert -1e-12 <= loss <= tolerance * whole + 1e-12
    assert len(merged) <= len(p) and merged.sum(0) == pytest.approx(p.sum(0), abs=1e-12)
    found, after = (discrete.solve(q, betas) for q in (p, merged))
    gaps = [b * (m.i_x - s.i_x) - (m.i_y - s.i_y) for b, s, m in zip(betas, found, after, strict=True)]
    assert min(gaps) >= -1e-6 and max(gaps) <= loss + 1e-6  # and its Lagrangian is not much worse: p(t|x) sees less


@few
@given(p=joints(rows=6), seed=st.integers(0, 10**6))
def test_rows_of_one_posterior_merge_without_loss(p, seed):
    share = np.random.default_rng(seed).dirichlet(np.ones(3), len(p))  # each row in three
    split = (share[:, :, None] * p[:, None]).reshape(-1, p.shape[1])
    merged = discrete.merge(split, 1e-10)
    assert len(merged) <= len(p)
    assert discrete.mutual_information(merged) == pytest.approx(discrete.mutual_information(split), abs=1e-9)


@few
@given(p=joints())
def test_the_frontier_stays_below_rate_and_entropy_and_informations(p):
    curve = discrete.frontier(Joint(p, None, "drawn"), np.array([0.05, 0.1, 0.2, 0.4, 0.6, 0.8]))
    ceiling = deterministic.frontier(discrete.entropy_y(p), 5.0)  # the same labels, if the input told them all
    assert (curve.i_y <= np.interp(curve.i_x, ceiling.i_x, ceiling.i_y) + 1e-9).all()
    assert curve.i_x[-1] <= discrete.entropy(p.sum(1)) + 1e-9
    assert ((curve.beta >= 0) & (curve.beta <= 1)).all() and (np.diff(curve.beta) <= 1e-9).all()
    assert curve.beta[0] >= collapse.unstable_beta(p) - 1e-9
    assert (curve.i_y <= curve.beta[0] * curve.i_x + 1e-7).all()  # the slope at the origin is the steepest


def test_more_gaussian_components_than_are_active_add_nothing():
    assert gaussian.point((0.9, 0.3), 0.1) == pytest.approx(gaussian.point((0.9,), 0.1))
    both = gaussian.point((0.9, 0.6), 0.05)
    apart = np.add(gaussian.point((0.9,), 0.05), gaussian.point((0.6,), 0.05))
    assert both == pytest.approx(apart, abs=1e-12)


@pytest.mark.parametrize("name", geometry.NAMES)
@pytest.mark.parametrize("noise", [0.01, 0.03])
def test_cells_too_far_from_every_class_for_double_precision_break_nothing(name, noise):
    """At this noise the classes are separate, so the flips alone are between X and Y: closed forms."""
    spec = DatasetSpec(name, noise=noise, flip=0.05, classes=4)
    p = densities.joint(spec, densities.enough_cells(spec)).p
    classes = geometry.classes_of(spec)
    flipped = discrete.entropy(np.array([0.95, *[0.05 / (classes - 1)] * (classes - 1)]))
    assert discrete.mutual_information(p) == pytest.approx(np.log(classes) - flipped, abs=1e-6)
    assert collapse.unstable_beta(p) == pytest.approx(collapse.label_flip(0.05, classes)[1], abs=1e-6)


def test_rows_and_columns_of_nothing_change_nothing():
    p = np.array([[0.3, 0.1], [0.2, 0.4]])
    wide = np.zeros((4, 3))
    wide[1:3, :2] = p
    wide[0, 0] = 5e-324  # the least positive number: its products are zero
    assert discrete.mutual_information(wide) == pytest.approx(discrete.mutual_information(p), abs=1e-12)
    assert collapse.collapse_beta(wide) == pytest.approx(collapse.collapse_beta(p), abs=1e-9)
    curves = [discrete.frontier(Joint(q, None, "drawn"), np.array([0.02, 0.05])) for q in (p, wide)]
    assert curves[1].i_y == pytest.approx(curves[0].i_y, abs=1e-7)
