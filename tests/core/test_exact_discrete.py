"""The discrete frontier: published laws, theorems on drawn tables, and the plain iteration as its slow twin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import entr

from tests.core.joints import FIVE_POINTS, binary, joints
from vibcore.exact import annealing, discrete
from vibcore.types import ConfigError, Joint

BIT = np.log(2)
BETAS = np.array([0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9])
few = settings(max_examples=12, deadline=None, derandomize=True)


def best(p, betas=BETAS):
    """The least Lagrangian β I_X − I_Y found at each β."""
    return np.array([b * s.i_x - s.i_y for b, s in zip(betas, discrete.solve(p, betas), strict=True)])


BINARY = [(0.4, (0.882381, 0.491988)), (0.5, (0.696433, 0.407234)), (0.6, (0.300072, 0.186493))]


@pytest.mark.parametrize(("beta", "bits"), [*BINARY, (0.64, (0, 0)), (1.0, (0, 0))])
def test_the_binary_closed_form_matches_its_published_values(beta, bits):
    assert np.array(discrete.binary_symmetric(0.1, beta)) / BIT == pytest.approx(bits, abs=5e-7)


@pytest.mark.parametrize(("beta", "bits"), [*BINARY, (0.65, (0, 0))])  # at .64 itself they never quite arrive
def test_the_iterations_find_the_binary_optimum(beta, bits):
    (found,) = discrete.solve(binary(0.1), np.array([beta]))
    assert np.array([found.i_x, found.i_y]) / BIT == pytest.approx(bits, abs=2e-5)


def test_the_mutual_informations_match_their_published_values():
    assert discrete.mutual_information(binary(0.1)) / BIT == pytest.approx(0.531004, abs=5e-7)
    assert discrete.mutual_information(FIVE_POINTS) / BIT == pytest.approx(0.570951, abs=5e-7)
    assert discrete.entropy_y(binary(0.1)) == pytest.approx(BIT)


@pytest.mark.parametrize(("beta", "bits"), [(1 / 2.5, (0.8, 0.4)), (1 / 10, (1.512903, 0.570161)), (0.52, (0, 0))])
def test_the_five_point_law_jumps_where_it_must(beta, bits):
    (found,) = discrete.solve(FIVE_POINTS, np.array([beta]))
    assert np.array([found.i_x, found.i_y]) / BIT == pytest.approx(bits, abs=1e-5)


def test_the_five_point_frontier_is_straight_up_to_its_corner():
    curve = discrete.frontier(Joint(FIVE_POINTS, None, "five points"))
    assert curve.beta[0] == pytest.approx(0.5, abs=1e-9)
    assert np.interp(0.4 * BIT, curve.i_x, curve.i_y) == pytest.approx(0.2 * BIT, abs=1e-6)
    assert curve.source == "lower bound by Blahut–Arimoto, five points, 0.0e+00 nats lost by merging"


@few
@given(p=joints())
def test_the_frontier_is_concave_rising_and_bounded(p):
    curve = discrete.frontier(Joint(p, None, "drawn"), np.linspace(0.02, 0.95, 12))
    slopes = np.diff(curve.i_y) / np.diff(curve.i_x)
    assert (curve.i_x[0], curve.i_y[0]) == (0, 0)
    assert curve.i_y[-1] == pytest.approx(discrete.mutual_information(p), abs=1e-9)
    assert (np.diff(curve.i_x) > 0).all() and (np.diff(curve.i_y) > 0).all()
    assert (np.diff(slopes) <= 1e-7).all()
    ceiling = min(discrete.mutual_information(p), discrete.entropy_y(p))
    assert (curve.i_y <= np.minimum(curve.i_x, ceiling) + 1e-9).all()


@pytest.mark.parametrize("flip", [0.01, 0.2])
def test_the_binary_curve_hugs_its_closed_form_between_its_points_too(flip):
    """Chords sag below a frontier that bends: never by more than 2 · 10⁻⁴ of I(X;Y), of any encoder's own flip."""
    curve = discrete.frontier(Joint(binary(flip), None, "a bit"))
    own = 0.5 * np.linspace(0, 1, 2001)[1:] ** 3
    i_x, i_y = (BIT - entr(q) - entr(1 - q) for q in (own, own * (1 - flip) + flip * (1 - own)))
    gap = i_y - np.interp(i_x, curve.i_x, curve.i_y)
    assert gap.max() <= 2e-4 * discrete.mutual_information(binary(flip)) and gap.min() >= -1e-9


@few
@given(p=joints())
def test_the_slope_is_beta(p):
    curve = discrete.frontier(Joint(p, None, "drawn"), np.linspace(0.02, 0.95, 12))
    gaps = np.diff(curve.i_x)
    slopes, wide = np.diff(curve.i_y) / gaps, gaps > 1e-3  # narrower ones divide the iteration's error by nothing
    assert (slopes[wide] <= curve.beta[:-1][wide] + 1e-4).all()
    assert (slopes[wide] >= curve.beta[1:][wide] - 1e-4).all()


@few
@given(p=joints(), seed=st.integers(0, 10**6), sharpness=st.sampled_from([0.3, 2.0, 10.0]))
def test_no_encoder_lies_above_the_frontier(p, seed, sharpness):
    encoder = np.exp(sharpness * np.random.default_rng(seed).standard_normal((len(p), 4)))
    encoder /= encoder.sum(1, keepdims=True)
    i_x = discrete.mutual_information(p.sum(1)[:, None] * encoder)
    i_y = discrete.mutual_information(encoder.T @ p)
    assert (BETAS * i_x - i_y >= best(p) - 1e-6).all()


@few
@given(p=joints(), beta=st.floats(0.05, 0.9), seed=st.integers(0, 10**6))
def test_the_free_energy_never_rises(p, beta, seed):
    rng = np.random.default_rng(seed)
    state = annealing.Clusters(np.log(rng.dirichlet(np.ones(3))), np.log(rng.dirichlet(np.ones(p.shape[1]), 3) + 1e-9))
    energies = []
    for _ in range(15):
        state, encoder, energy = annealing.iterate(p, beta, state)
        energies.append(energy)
        assert encoder.sum(0) == pytest.approx(1)
    assert (np.diff(energies)[1:] <= 1e-12).all()  # the first state need not be normalised


@few
@given(p=joints(), beta=st.floats(0.1, 0.8), seed=st.integers(0, 10**6))
def test_the_leaps_never_end_above_the_plain_iteration(p, beta, seed):
    """The slow twin: 2,000 plain steps from a random encoder, which may stop at a worse fixed point."""
    p_x, p_y_x = p.sum(1), p / p.sum(1, keepdims=True)
    encoder = np.random.default_rng(seed).dirichlet(np.ones(4), len(p))  # (X, T)
    for _ in range(2000):
        p_t = np.maximum(p_x @ encoder, 1e-300)
        p_y_t = (encoder.T @ p + 1e-300) / p_t[:, None]
        divergence = (p_y_x[:, None] * np.log((p_y_x[:, None] + 1e-300) / p_y_t)).sum(-1)
        encoder = p_t * np.exp(-(divergence - divergence.min(1, keepdims=True)) / beta)
        encoder /= encoder.sum(1, keepdims=True)
    slow = beta * discrete.mutual_information(p_x[:, None] * encoder) - discrete.mutual_information(encoder.T @ p)
    assert best(p, np.array([beta]))[0] <= slow + 1e-6


@few
@given(p=joints())
def test_rows_with_one_posterior_count_as_one(p):
    split = np.concatenate([0.3 * p, 0.7 * p[::-1]])
    assert best(discrete.merge(split, 1e-10)) == pytest.approx(best(p), abs=1e-6)


@settings(few, max_examples=5)
@given(classes=st.integers(2, 4), each=st.integers(1, 3), seed=st.integers(0, 10**6))
def test_deterministic_labels_give_the_corner_alone(classes, each, seed):
    weights = np.random.default_rng(seed).dirichlet(np.full(classes * each, 3.0))
    p = np.zeros((classes * each, classes))
    p[np.arange(len(p)), np.arange(len(p)) % classes] = weights
    curve = discrete.frontier(Joint(p, None, "a function"))
    h_y = discrete.entropy_y(p)
    assert curve.i_y == pytest.approx(curve.i_x, abs=1e-6)
    assert curve.i_x[-1] == pytest.approx(h_y, abs=1e-6)


def test_the_envelope_drops_what_lies_under_a_chord():
    keep = discrete.concave_hull(np.array([0, 1, 1, 2, 3.0]), np.array([0, 0.5, 0.9, 1.0, 1.0]))
    assert keep.tolist() == [0, 2, 3]


def test_independent_variables_leave_the_origin():
    curve = discrete.frontier(Joint(np.outer([0.5, 0.5], [0.4, 0.6]), None, "independent"))
    assert curve.i_y == pytest.approx([0])


BAD = [
    ([[0.5, 0.2], [0.2, 0.2]], r"joint: got 'a sum of 1.1', expected probabilities that sum to 1. Divide by the sum"),
    ([[0.7, -0.1], [0.2, 0.2]], r"joint: got -0.1, expected probabilities of at least 0. Remove the negative"),
    ([[np.nan, 0.5], [0.25, 0.25]], r"joint: got 'NaN or infinite entries', expected finite.*Remove or repair"),
    ([0.5, 0.5], r"joint: got 'shape \(2,\)', expected a table.*Give one row for each x"),
]


@pytest.mark.parametrize(("table", "message"), BAD)
def test_a_table_that_is_no_joint_is_refused(table, message):
    with pytest.raises(ConfigError, match=message):
        discrete.frontier(Joint(np.array(table), None, "bad"))


@pytest.mark.parametrize("beta", [0.0, -0.5, 1.2, np.nan])
def test_a_beta_without_an_optimum_is_refused(beta):
    with pytest.raises(ConfigError, match=r"beta: got .*expected 0 < β ≤ 1. Leave the others out"):
        discrete.frontier(Joint(FIVE_POINTS, None, "five points"), np.array([0.3, beta]))
    with pytest.raises(ConfigError, match=r"β and flip: got .*expected 0 < β ≤ 1 and 0 ≤ δ ≤ ½. Choose"):
        discrete.binary_symmetric(0.1, beta)
