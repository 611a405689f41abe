"""Merging of rows, agglomerative and by halves: against brute force, by what it loses, and as a rival of the curve."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.joints import joints
from vibcore import densities
from vibcore.config import DatasetSpec
from vibcore.exact import discrete, merging
from vibcore.types import Joint

few = settings(max_examples=10, deadline=None, derandomize=True)


def information(p):
    """I of a joint, by its definition over single entries."""
    outer = np.outer(p.sum(1), p.sum(0))
    return sum(a * np.log(a / b) for a, b in zip(p.ravel(), outer.ravel(), strict=True) if a > 0)


def naive_greedy(p):
    """The slow twin: every pair tried, its information recomputed; I(X;T) and I(Y;T) from fine to coarse."""
    rows, points = [*p], []
    while True:
        table = np.array(rows)
        odds = table.sum(1)
        points.append((-(odds * np.log(odds)).sum(), information(table)))
        if len(rows) == 1:
            return np.array(points)
        pairs = itertools.combinations(range(len(rows)), 2)
        merged = [[r for k, r in enumerate(rows) if k not in (i, j)] + [rows[i] + rows[j]] for i, j in pairs]
        rows = max(merged, key=lambda m: information(np.array(m)))


@few
@given(p=joints(rows=7))
def test_greedy_merging_is_its_slow_twin(p):
    parts, slow = merging.greedy(p), naive_greedy(p)[::-1]
    assert parts.i_y == pytest.approx(slow[:, 1], abs=1e-10)
    for count, (label, i_x) in enumerate(zip(parts.labels, parts.i_x, strict=True), 1):
        assert len(set(label)) == count and set(label) == set(range(count))
        table = np.array([p[label == k].sum(0) for k in range(count)])
        assert information(table) == pytest.approx(parts.i_y[count - 1], abs=1e-10)
        assert -(table.sum(1) * np.log(table.sum(1))).sum() == pytest.approx(i_x, abs=1e-10)
    beta = 0.3
    assert parts.best(beta).shape[0] == 1 + int(np.argmin(beta * slow[:, 0] - slow[:, 1]))


def above(curve, i_x, i_y):
    """How far the highest of some encoders stands above a curve."""
    return float((i_y - np.interp(i_x, curve.i_x, curve.i_y)).max())


@pytest.mark.parametrize(
    "spec",
    [DatasetSpec("circles", noise=0.6, flip=0.45), DatasetSpec(), DatasetSpec("blobs", noise=0.6, classes=10)],
    ids=lambda s: f"{s.name}",
)
def test_no_set_loses_more_than_its_tolerance(spec):
    p = densities.joint(spec).p
    whole = discrete.mutual_information(p)
    assert 0 <= whole - discrete.mutual_information(discrete.reduced(p)) <= 1e-4 * whole


def test_few_rounds_of_halving_make_a_merged_table(monkeypatch):
    """About as many as halve one row into so many: each parts all groups that lose too much, not the worst alone."""
    p, rounds, halve = np.random.default_rng(1).gamma(1.0, size=(2000, 3)), [], merging._halve
    monkeypatch.setattr(merging, "_halve", lambda *args: rounds.append(1) or halve(*args))
    merged = merging.merge(p / p.sum())
    assert len(merged) > 1000 and len(rounds) <= 2 * np.log2(len(merged))


@few
@given(p=joints(rows=12), most=st.integers(1, 6))
def test_no_more_rows_are_left_than_were_asked_for(p, most):
    merged = discrete.merge(p, 0.0, most)
    assert len(merged) <= most and merged.sum() == pytest.approx(1)


def test_the_wide_symmetric_channel_is_not_capped_by_its_clusters():
    p = np.full((50, 50), 0.2 / 49 / 50) + np.eye(50) * (0.8 - 0.2 / 49) / 50
    curve = discrete.frontier(Joint(p, None, "channel"))
    assert np.interp(2.858, curve.i_x, curve.i_y) >= 2.011


def test_the_frontier_beside_a_jump_is_its_chord_and_the_branch_below():
    """k = 10, flip .45: the symmetric encoder of one heavier class, by a scalar search, is never above the curve."""
    classes, flip = 10, 0.45
    p = (np.full((classes, classes), flip / 9) + np.eye(classes) * (1 - flip - flip / 9)) / classes
    curve = discrete.frontier(Joint(p, None, "channel"))
    odds = np.linspace(0.1, 1, 400)

    def information_of(own):
        return np.log(classes) - np.array([discrete.entropy(np.array([a, *[(1 - a) / 9] * 9])) for a in own])

    i_x, i_y = information_of(odds), information_of(odds * (1 - flip) + (1 - odds) * flip / 9)
    assert above(curve, i_x, i_y) <= 2e-4
    assert curve.beta[0] == pytest.approx(0.3023, abs=5e-5) and (curve.i_y / np.maximum(curve.i_x, 1e-9))[1] <= 0.30234
    jump = 1 + int(np.argmax(i_y[1:] / i_x[1:]))
    assert np.interp(i_x[jump], curve.i_x, curve.i_y) == pytest.approx(i_y[jump], abs=2e-4)
