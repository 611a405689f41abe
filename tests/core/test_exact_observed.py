"""What the benchmark calls an observed collapse, on curves whose collapse is known."""

import numpy as np
import pytest

from tests.benchmarks.collapse import vanishing
from vibcore.exact import gaussian


@pytest.mark.parametrize("count", [8, 12, 25])
def test_a_rate_that_falls_in_proportion_vanishes_at_its_zero(count):
    """To a quarter of a percent: of dense stops the last before the zero counts as silent, and the next is the end."""
    betas = 0.8 * np.linspace(0.86, 1.08, count)
    assert vanishing(betas, np.maximum(0, 2.5 * (0.8 - betas))) == pytest.approx(0.8, rel=0.0026)


def test_the_gaussian_rate_vanishes_at_its_collapse():
    betas = 0.81 * np.linspace(0.86, 1.08, 12)
    rates = np.array([gaussian.point((0.9,), float(b))[0] for b in betas])
    assert vanishing(betas, rates) == pytest.approx(0.81, rel=0.01)


def test_a_rate_that_jumps_vanishes_in_the_middle_of_its_step():
    betas = np.linspace(0.26, 0.33, 8)
    rates = np.where(betas < 0.302, 0.8 + 0.1 * (0.302 - betas), 0.0)
    assert vanishing(betas, rates) == pytest.approx(0.305, abs=1e-9)


@pytest.mark.parametrize("rates", [np.zeros(6), np.ones(6), np.array([1, 1, 0, 0, 0, 0.0])])
def test_a_curve_that_does_not_collapse_has_none(rates):
    assert np.isnan(vanishing(np.linspace(0.5, 0.7, 6), rates))
