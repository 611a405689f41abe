"""Joints for tests: named laws, and a strategy that draws any small table."""

import numpy as np
from hypothesis import strategies as st

FIVE_POINTS = np.array([[1, 0, 1], [0, 0, 1], [0, 1, 1]]) / 5  # the law {00, 02, 12, 21, 22}


def binary(flip):
    """A fair bit through a symmetric channel."""
    return np.array([[1 - flip, flip], [flip, 1 - flip]]) / 2


@st.composite
def joints(draw, rows=5, columns=4):
    """p(x, y) of up to rows × columns entries, some of them zero, no row or column empty."""
    shape = draw(st.integers(2, rows)), draw(st.integers(2, columns))
    seed = draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    p = rng.gamma(draw(st.sampled_from([0.3, 1.0, 5.0])), size=shape) + 1e-6
    p[(rng.random(shape) < 0.2) & (p < p.max(0))] = 0
    p += (p.sum(1, keepdims=True) == 0) * 0.1
    return p / p.sum()
