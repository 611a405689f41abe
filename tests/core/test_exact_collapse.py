"""The collapse β: singular values against closed forms, a plain SVD and correlations of drawn functions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.joints import FIVE_POINTS, binary, joints
from vibcore.exact import collapse, discrete
from vibcore.types import ConfigError

few = settings(max_examples=15, deadline=None, derandomize=True)


@pytest.mark.parametrize(("flip", "expected"), [(0.0, 1.0), (0.1, 0.64), (0.25, 0.25), (0.5, 0.0)])
def test_a_binary_symmetric_channel_collapses_at_its_closed_form(flip, expected):
    assert collapse.unstable_beta(binary(flip)) == pytest.approx(expected, abs=1e-12)


def test_the_five_point_law_has_two_equal_halves():
    assert collapse.maximal_correlations(FIVE_POINTS)[0] == pytest.approx(0.5)


@pytest.mark.parametrize(("classes", "flip", "expected"), [(2, 0.1, 0.64), (10, 0.2, 0.605)])
def test_label_flips_collapse_at_the_closed_form(classes, flip, expected):
    table = np.full((classes, classes), flip / (classes - 1))
    np.fill_diagonal(table, 1 - flip)
    assert collapse.label_flip(flip, classes)[1] == pytest.approx(expected, abs=5e-4)
    assert collapse.unstable_beta(table / classes) == pytest.approx(collapse.label_flip(flip, classes)[1])


@few
@given(p=joints())
def test_the_squares_are_those_of_a_plain_svd(p):
    scaled = p / np.sqrt(np.outer(p.sum(1), p.sum(0)))
    squares = np.linalg.svd(scaled, compute_uv=False)[1:] ** 2
    found = collapse.maximal_correlations(p)
    assert found[: len(squares)] == pytest.approx(squares[: len(found)], abs=1e-9)


@few
@given(p=joints(), seed=st.integers(0, 10**6))
def test_no_two_functions_correlate_more(p, seed):
    rng = np.random.default_rng(seed)
    f, g = rng.standard_normal(p.shape[0]), rng.standard_normal(p.shape[1])
    f, g = f - p.sum(1) @ f, g - p.sum(0) @ g
    squared = (f @ p @ g) ** 2 / max((p.sum(1) @ f**2) * (p.sum(0) @ g**2), 1e-300)
    assert squared <= collapse.unstable_beta(p) + 1e-9


@few
@given(p=joints())
def test_nothing_below_the_origin_slope_is_missed(p):
    # the slope of the frontier at the origin is at least ρ_m², and no point lies above that slope's line
    slope = discrete.frontier(discrete.Joint(p, None, "drawn"), np.array([0.1, 0.3, 0.5])).beta[0]
    found = discrete.solve(p, np.array([0.1, 0.3, 0.5]))
    assert slope >= collapse.unstable_beta(p) - 1e-9
    assert all(s.i_y <= slope * s.i_x + 1e-7 for s in found)


def test_independence_collapses_at_once():
    assert collapse.unstable_beta(np.outer([0.2, 0.8], [0.3, 0.3, 0.4])) == pytest.approx(0, abs=1e-12)
    assert collapse.unstable_beta(np.array([[0.5], [0.5]])) == 0


def test_impossible_label_flips_are_refused():
    with pytest.raises(ConfigError, match=r"label flips: got \(1.5, 2\), expected 0 ≤ ε ≤ 1.*Correct them"):
        collapse.label_flip(1.5, 2)
    with pytest.raises(ConfigError, match="at least 2 classes"):
        collapse.label_flip(0.1, 1)
