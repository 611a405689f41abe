"""One model led through β: where the optimum jumps it stays behind, up and down; where it bends, both ways are one."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from vibcore import data, densities, populations, training
from vibcore.config import Config, DatasetSpec
from vibcore.evaluation import evaluate
from vibcore.parts import categorical
from vibcore.problem import make_problem
from vibcore.types import Array, ConfigError, Point
from vibcore.warm import DRAWN, SETTLED, Walk, walk

SMALL = Config(encoder=(16,), decoder=(16,), batch=256, lr=0.005, averaging=0.99)
MANY = DatasetSpec("blobs", 2000, noise=0.1, flip=0.45, classes=10)  # that of the story “many classes”
TWO = DatasetSpec("blobs", 600, noise=0.1, flip=0.1, classes=2)
STEP = 0.01  # of β, where there are many classes
SHARE = 0.04  # of the collapse, where there are two


@cache
def many() -> Walk:
    return walk(replace(SMALL, dataset=MANY), np.arange(0.21, 0.2901, STEP).tolist(), 300)


@cache
def two() -> Walk:
    return walk(replace(SMALL, dataset=TWO), (0.64 * np.arange(0.84, 1.07, SHARE)).tolist(), 300)


def rates(branch: tuple[Point, ...]) -> Array:
    return np.array([point.rate.value for point in branch])


def test_where_the_optimum_jumps_the_model_falls_above_and_comes_back_below_the_beta_at_which_nothing_is_unstable() -> (
    None
):
    known = densities.reference(MANY)
    assert known is not None and known.collapse > 1.2 * known.unstable
    assert known.unstable < many().falls <= known.collapse, "what pays is kept beyond ρ², and not beyond the collapse"
    assert many().returns < known.unstable, "nothing stays nothing as long as it is stable"
    assert many().falls - many().returns > 2 * STEP


def test_between_the_two_the_same_model_knows_much_on_its_way_up_and_nothing_on_its_way_down() -> None:
    betas = np.array([point.beta for point in many().up])
    between = (betas > many().returns) & (betas <= 0.2501)
    up, down = rates(many().up)[between], rates(many().down)[between]
    assert between.sum() >= 2 and (up > 0.2).all() and (up > 8 * down).all()


def test_of_two_classes_up_and_down_are_one_and_fall_where_the_collapse_is_predicted() -> None:
    known = densities.reference(TWO)
    assert known is not None and known.collapse == pytest.approx(0.64)
    assert abs(two().falls - two().returns) <= 1.01 * SHARE * known.collapse, "a stop is what a walk can tell"
    for found in (two().falls, two().returns):
        assert abs(found / known.collapse - 1) < 1.5 * SHARE
    apart = np.abs(rates(two().up) - rates(two().down))
    assert apart.max() < 0.12 < 0.25 * np.abs(rates(many().up) - rates(many().down)).max()


def test_no_point_of_a_walk_lies_above_the_frontier_by_more_than_its_error() -> None:
    for spec, found in ((MANY, many()), (TWO, two())):
        known = densities.reference(spec)
        assert known is not None
        for point in (*found.up, *found.down):
            best = np.interp(point.rate.value, known.frontier.i_x, known.frontier.i_y)
            assert point.i_zy_bound is not None
            assert point.i_zy_bound.value <= best + 4 * (point.i_zy_bound.stderr + point.rate.stderr) + 1e-3


def test_the_first_stop_is_a_training_at_that_beta_and_each_stop_says_its_own() -> None:
    config = replace(SMALL, dataset=TWO)
    found = walk(config, [0.3, 0.5], 5)
    assert [p.beta for p in found.up] == [p.beta for p in found.down] == [0.3, 0.5]
    alone, dataset = replace(config, betas=(0.3,)), data.load(TWO)
    problem, state = make_problem(alone, dataset), training.init(alone, dataset)
    drawn, fresh = (populations.population(TWO, n) for n in (DRAWN, populations.INPUTS))
    assert drawn is not None and fresh is not None
    training.advance(state, populations.split_of_population(drawn, problem), SETTLED * 5)
    (point,) = evaluate(training.weights(state), problem, populations.split_of_population(fresh, problem))
    assert found.up[0] == point and point.inputs == 20_000
    assert walk(config, [0.3, 0.5], 5) == found, "a walk is a function of its arguments"


def test_without_a_density_a_walk_is_of_the_sample_and_its_test_inputs() -> None:
    spec = DatasetSpec("iris", flip=0.0)
    found = walk(replace(SMALL, dataset=spec, batch=20), [0.1, 0.2], 3)
    assert {point.inputs for point in (*found.up, *found.down)} == {len(data.load(spec).test)}


@pytest.mark.parametrize("betas", [[0.2], [0.2, 0.2], [0.3, 0.2], [-0.1, 0.2], []])
def test_stops_that_do_not_ascend_are_refused(betas: list[float]) -> None:
    with pytest.raises(ConfigError, match=r"betas: got .*, expected at least two of 0 or more, ascending. Sort them."):
        walk(SMALL, betas, 3)


def test_a_branch_that_never_falls_or_never_knows_has_no_edge() -> None:
    point = many().up[0]
    high = tuple(replace(point, beta=beta) for beta in (0.1, 0.2))
    low = tuple(replace(each, rate=replace(point.rate, value=0.0)) for each in high)
    assert Walk(high, low).falls == float("inf") and Walk(high, low).returns == float("-inf")


def test_known_odds_are_learnt_as_classes_are_and_both_paths_agree() -> None:
    torch.manual_seed(0)
    logits, classes = torch.randn(3, 20, 4), torch.randint(4, (20,))
    odds = torch.nn.functional.one_hot(classes, 4).float()
    torch.testing.assert_close(
        categorical.distortion({}, logits, odds, None), categorical.distortion({}, logits, classes, None)
    )
    mixed = torch.rand(20, 4).softmax(-1)
    flat = logits.clone().requires_grad_()
    categorical.distortion({}, flat, mixed, None).mean(-1).sum().backward()  # type: ignore[no-untyped-call]
    found = torch.empty(3, 4, 20)
    categorical.gradient(logits.mT.contiguous(), mixed, None, {}, {}, found)
    torch.testing.assert_close(found.mT, flat.grad)
