"""The collapse β: singular values against closed forms, a plain SVD and correlations of drawn functions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import rel_entr, softmax

from tests.core.joints import FIVE_POINTS, binary, joints
from vibcore.exact import collapse
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


def test_independence_collapses_at_once():
    assert collapse.unstable_beta(np.outer([0.2, 0.8], [0.3, 0.3, 0.4])) == pytest.approx(0, abs=1e-12)
    assert collapse.unstable_beta(np.array([[0.5], [0.5]])) == 0


def test_impossible_label_flips_are_refused():
    with pytest.raises(ConfigError, match=r"label flips: got \(1.5, 2\), expected 0 ≤ ε ≤ 1.*Correct them"):
        collapse.label_flip(1.5, 2)
    with pytest.raises(ConfigError, match="at least 2 classes"):
        collapse.label_flip(0.1, 1)


TABLE = [
    (2, 0.1, 0.64, 0.64),
    (3, 0.1, 0.7225, 0.7270),
    (5, 0.05, 0.8789, 0.8867),
    (10, 0.2, 0.6049, 0.6489),
    (10, 0.45, 0.25, 0.3023),
]


@pytest.mark.parametrize(("classes", "flip", "unstable", "top"), TABLE)
def test_label_flips_have_their_published_collapse_and_instability(classes, flip, unstable, top):
    p = np.full((classes, classes), flip / (classes - 1)) + np.eye(classes) * (1 - flip - flip / (classes - 1))
    p /= classes
    assert collapse.label_flip(flip, classes) == pytest.approx((top, unstable), abs=6e-5)
    assert collapse.collapse_beta(p) == pytest.approx(collapse.label_flip(flip, classes)[0], abs=1e-7)
    assert collapse.unstable_beta(p) == pytest.approx(unstable, abs=6e-5)


@settings(few, max_examples=6)
@given(p=joints(), seed=st.integers(0, 10**6))
def test_no_tilt_of_x_has_a_steeper_quotient(p, seed):
    """By another route: quotients at drawn q, and the best that a simplex search makes of them."""
    p = p[p.sum(1) > 0]
    p_x, channel = p.sum(1), p / p.sum(1, keepdims=True)

    def loss(logits):
        q = softmax(logits)
        moved = rel_entr(q, p_x).sum()
        return -rel_entr(q @ channel, p.sum(0)).sum() / moved if moved > 1e-6 else 0.0

    rng = np.random.default_rng(seed)
    starts = [np.log(p_x) + s * rng.standard_normal(len(p)) for s in (0.3, 1, 3, 6)]
    best = -min(minimize(loss, s, method="Nelder-Mead", options={"maxiter": 400}).fun for s in starts)
    found, tilt = collapse.contraction(p)
    assert best <= collapse.collapse_beta(p) + 2e-6
    q = p_x * np.exp(channel @ tilt / found) if found > 0 else p_x  # a fixed point: its own image and quotient
    q = q / q.sum()
    if rel_entr(q, p_x).sum() > 1e-5:
        assert -loss(np.log(q)) == pytest.approx(found, abs=1e-4)


@pytest.mark.parametrize("shift", [0.3, 2.0])
def test_shifted_gaussians_all_have_the_squared_correlation_as_quotient(shift):
    """KL(N(ρm, 1) ‖ N(0, 1))/KL(N(m, 1) ‖ N(0, 1)) = ρ² for every m, here on a grid: no slope is steeper."""
    rho, x = 0.8, np.linspace(-6, 6, 61)
    p = np.exp(-(x[:, None] ** 2 - 2 * rho * x[:, None] * x + x**2) / (2 * (1 - rho**2)))
    p /= p.sum()
    assert collapse.collapse_beta(p) == pytest.approx(rho**2, abs=2e-3)
    q = np.exp(-((x - shift) ** 2) / 2)
    q /= q.sum()
    q_y = q @ (p / p.sum(1, keepdims=True))
    assert rel_entr(q_y, p.sum(0)).sum() / rel_entr(q, p.sum(1)).sum() == pytest.approx(rho**2, abs=2e-3)


def test_columns_of_nothing_have_no_tilt():
    p = np.array([[0.3, 0.1, 0.0], [0.2, 0.4, 0.0]])
    found, tilt = collapse.contraction(p)
    assert tilt[2] == 0 and found == pytest.approx(collapse.contraction(p[:, :2])[0])
