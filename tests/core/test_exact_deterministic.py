"""Deterministic labels: the closed-form optima against a search along the frontier."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vibcore.exact import deterministic
from vibcore.types import ConfigError

H_Y = float(np.log(5))
RATES = np.linspace(0, 3 * H_Y, 30_001)
DISTORTION = H_Y - np.minimum(RATES, H_Y)  # on the frontier, H(Y) − D = min(R, H(Y))
betas = st.floats(0.05, 3.0)
few = settings(max_examples=30, deadline=None, derandomize=True)


def searched(penalty):
    return RATES[np.argmin(DISTORTION + penalty)]


def test_the_frontier_is_the_smaller_of_rate_and_entropy():
    curve = deterministic.frontier(H_Y, 4.0)
    assert curve.i_y == pytest.approx(np.minimum(curve.i_x, H_Y))
    assert H_Y in curve.i_x and curve.i_x[-1] == 4.0
    assert set(curve.beta[curve.i_x > H_Y]) == {0.0}


@few
@given(beta=st.floats(0.01, 0.99))
def test_the_linear_lagrangian_reaches_only_the_corner(beta):
    assert searched(beta * RATES) == pytest.approx(H_Y, abs=2e-4)


@few
@given(beta=betas)
def test_the_squared_lagrangian_reaches_its_optimum(beta):
    assert deterministic.squared_optimum(H_Y, beta) == pytest.approx(searched(beta * RATES**2), abs=2e-4)


@few
@given(beta=betas, alpha=st.floats(0.3, 3.0))
def test_the_power_lagrangian_reaches_its_optimum(beta, alpha):
    found = searched(beta * RATES ** (1 + alpha))
    assert deterministic.power_optimum(H_Y, beta, alpha) == pytest.approx(found, abs=2e-4)


@few
@given(beta=betas, eta=st.floats(0.3, 3.0))
def test_the_exponential_lagrangian_reaches_its_optimum(beta, eta):
    found = searched(beta * np.exp(eta * RATES))
    assert deterministic.exponential_optimum(H_Y, beta, eta) == pytest.approx(found, abs=2e-4)


def test_the_squared_optimum_is_the_power_optimum_of_one():
    assert deterministic.squared_optimum(H_Y, 0.8) == pytest.approx(deterministic.power_optimum(H_Y, 0.8, 1.0))


@pytest.mark.parametrize("beta", [0.0, -1.0, float("nan")])
def test_a_beta_of_zero_is_refused(beta):
    with pytest.raises(ConfigError, match=r"got .*expected a number above 0. Raise it"):
        deterministic.squared_optimum(H_Y, beta)
