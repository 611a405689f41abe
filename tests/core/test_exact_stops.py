"""What a frontier says at a stop of β: of a closed form, at small β, above the collapse, and where it is silent."""

import numpy as np
import pytest

from vibcore import densities
from vibcore.config import DatasetSpec
from vibcore.exact import annealing, discrete, gaussian, merging
from vibcore.frontiers import frontier_at
from vibcore.types import Curve, Joint


def test_stops_of_a_closed_form_are_its_points():
    curve, betas = gaussian.frontier((0.9, 0.5)), np.array([1e-3, 0.02, 0.3, 0.7, 0.81, 0.9, 1.5])
    i_x, i_y = frontier_at(curve, betas)
    expected = np.array([gaussian.point((0.9, 0.5), b) if b < 0.81 else (0.0, 0.0) for b in betas])
    assert np.stack([i_x, i_y], axis=1) == pytest.approx(expected, abs=3e-4)


def test_stops_below_the_least_that_was_solved_are_silent():
    curve = Curve(np.array([0, 1, 3.0]), np.array([0, 0.5, 0.6]), np.array([0.6, 0.2, 0.0]), "drawn", least=0.2)
    i_x, i_y = frontier_at(curve, np.array([0.0, 0.1, 0.2, np.sqrt(0.12), 0.6, 0.9]))
    assert np.isnan(i_x[:2]).all() and np.isnan(i_y[:2]).all()
    assert i_x[2:] == pytest.approx([1, 0.5, 0, 0]) and i_y[2:] == pytest.approx([0.5, 0.25, 0, 0])


@pytest.mark.parametrize("flip", [0.05, 0.2])
def test_small_stops_of_a_symmetric_channel_are_its_closed_form(flip):
    curve = discrete.frontier(Joint(np.array([[1 - flip, flip], [flip, 1 - flip]]) / 2, None, "a bit"))
    betas = np.array([1e-4, 1e-3, 0.01, 0.1, 0.25])
    expected = np.array([discrete.binary_symmetric(flip, b) for b in betas])
    assert curve.least <= 1e-4 * (1 + 1e-9)
    assert np.stack(frontier_at(curve, betas), axis=1) == pytest.approx(expected, abs=2e-3)


def test_the_default_problem_is_solved_where_its_dots_are_drawn():
    """At a small β, against iterations from twice as many clusters, on rows merged four times as finely."""
    p = densities.joint(DatasetSpec())
    curve = discrete.frontier(p)
    assert curve.least <= 0.0025
    beta = 0.005
    (i_x,), (i_y,) = frontier_at(curve, np.array([beta]))
    finer = merging.merge(p.p, 1e-5)
    start = annealing.softened(merging.merge(finer, 0.08 * beta / 1.228), finer)
    slow = annealing.settled(finer, beta, start, 12)
    assert i_y - beta * i_x >= slow.i_y - beta * slow.i_x - 3e-4
    assert i_x == pytest.approx(slow.i_x, abs=0.08)
    assert i_y <= 1.22786
