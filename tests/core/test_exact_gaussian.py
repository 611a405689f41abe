"""The Gaussian frontier against published values, and against a direct search over linear encoders."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from vibcore.exact import gaussian
from vibcore.types import ConfigError

few = settings(max_examples=25, deadline=None, derandomize=True)
correlations = st.lists(st.floats(0.05, 0.99), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("beta", "expected"),
    [
        (0.1, (1.823617, 0.777685)),
        (0.25, (1.274311, 0.686525)),
        (0.5, (0.725005, 0.483792)),
        (0.7, (0.301356, 0.228379)),
        (0.81, (0, 0)),
        (1.0, (0, 0)),
    ],
)
def test_one_component_matches_the_closed_form(beta, expected):
    assert gaussian.point([0.9], beta) == pytest.approx(expected, abs=5e-7)


def test_three_components_match_the_closed_form():
    assert gaussian.point((0.9, 0.6, 0.3), 0.05) == pytest.approx((3.697164, 1.023725), abs=5e-7)
    assert gaussian.mutual_information([0.9]) == pytest.approx(0.830366, abs=5e-7)


@few
@given(rho=st.floats(0.05, 0.99), beta=st.floats(0.01, 1.0))
def test_no_linear_encoder_does_better(rho, beta):
    # T = aX + N(0, 1): the whole family of encoders of one component, searched over its own rate
    def lagrangian(rate):
        return beta * rate + 0.5 * np.log(1 - rho**2 * (1 - np.exp(-2 * rate)))

    i_x, i_y = gaussian.point([rho], beta)
    best = minimize_scalar(lagrangian, bounds=(0, 20), method="bounded", options={"xatol": 1e-9})
    assert beta * i_x - i_y <= min(best.fun, 0.0) + 1e-9
    assert lagrangian(i_x) == pytest.approx(beta * i_x - i_y, abs=1e-9)


@few
@given(rho=correlations)
def test_the_frontier_is_concave_and_bounded(rho):
    curve = gaussian.frontier(rho)
    slopes = np.diff(curve.i_y) / np.diff(curve.i_x)
    assert (np.diff(curve.i_x) > 0).all() and (np.diff(curve.i_y) > 0).all()
    assert (np.diff(slopes) < 1e-6).all()
    assert (curve.i_y <= curve.i_x + 1e-12).all()
    assert curve.i_y.max() <= gaussian.mutual_information(rho) + 1e-12


@few
@given(rho=correlations)
def test_the_slope_is_beta(rho):
    curve = gaussian.frontier(rho)
    slopes = np.diff(curve.i_y) / np.diff(curve.i_x)
    assert (slopes <= curve.beta[:-1] * (1 + 1e-6)).all()
    assert (slopes >= curve.beta[1:] * (1 - 1e-6)).all()


def test_the_frontier_ends_at_the_mutual_information():
    curve = gaussian.frontier((0.9, 0.5))
    assert curve.i_y[-1] == pytest.approx(gaussian.mutual_information((0.9, 0.5)), abs=1e-5)
    assert (curve.i_x[0], curve.i_y[0]) == (0, 0)


def test_collapse_is_the_largest_squared_correlation():
    assert gaussian.collapse((0.3, 0.9, 0.6)) == pytest.approx(0.81)
    assert gaussian.point((0.3, 0.9, 0.6), 0.811) == (0, 0)
    assert min(gaussian.point((0.3, 0.9, 0.6), 0.809)) > 0


@pytest.mark.parametrize("beta", [0.0, -0.1, 1.5, float("nan")])
def test_a_beta_without_an_optimum_is_refused(beta):
    with pytest.raises(ConfigError, match=r"beta: got .*expected 0 < β ≤ 1.*Choose a β"):
        gaussian.point([0.9], beta)


@pytest.mark.parametrize("rho", [[], [1.0], [-0.2], [float("nan")]])
def test_impossible_correlations_are_refused(rho):
    with pytest.raises(ConfigError, match=r"rho: got .*expected a list of correlations, each 0 ≤ ρ < 1.*Correct"):
        gaussian.mutual_information(rho)
