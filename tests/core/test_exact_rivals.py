"""No encoder found by other means lies above the frontier by more than 10⁻³ of I(X;Y), on tables of many shapes."""

import numpy as np
import pytest

from tests.core.rivals import informations, joined, moved
from vibcore.exact import discrete
from vibcore.types import Joint


def table(rows, columns, seed, shape):
    """Independent entries, sparse where `shape` is small."""
    p = np.random.default_rng([rows, columns, seed]).gamma(shape, size=(rows, columns)) + 1e-12
    return p / p.sum()


CASES = [(60, 20, 1, 0.5), (120, 30, 1, 0.1), (180, 50, 1, 0.1)]


@pytest.mark.parametrize(("rows", "columns", "seed", "shape"), CASES)
def test_no_partition_of_rows_lies_above_the_curve(rows, columns, seed, shape):
    """Joined at the price of several β, the best of each then improved by moving rows, and from random starts."""
    p = table(rows, columns, seed, shape)
    curve = discrete.frontier(Joint(p, None, "drawn"))
    rng = np.random.default_rng(seed)
    points = []
    for beta in (0.0, 0.5):
        labels = joined(p, beta)
        at = np.array([informations(p, label) for label in labels])
        best = np.argmax(at[:, 1] - max(beta, 0.05) * at[:, 0])
        starts = [labels[best], rng.integers(rows // 3, size=rows)]
        points += [*at, *(informations(p, moved(p, start, max(beta, 0.05))) for start in starts)]
    i_x, i_y = np.array(points).T
    assert (i_y - np.interp(i_x, curve.i_x, curve.i_y)).max() <= 1e-3 * discrete.mutual_information(p)


@pytest.mark.parametrize(("rows", "shape", "least"), [(402, 3.6, 0.13), (500, 1.0, 0.4)])
def test_a_table_of_a_thousand_columns_keeps_its_information(rows, shape, least):
    """Posteriors spread over so many columns differ by little in every one of them, and by much in all."""
    p = table(rows, 1000, 1, shape)
    whole = discrete.mutual_information(p)
    merged = discrete.reduced(p)
    assert whole >= least and len(merged) <= rows
    assert whole * (1 - 1e-4) <= discrete.mutual_information(merged) <= whole + 1e-12
