"""Bounds bound, and nothing of fresh data stands above the frontier: on whatever problem and model hypothesis draws.

Seeds differ from run to run; hypothesis prints the case that fails, and how to run it again.
"""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import vibcore
from vibcore import budgets, densities, populations, snapshot, training
from vibcore import data as datasets
from vibcore.config import Config, DatasetSpec
from vibcore.evaluation import evaluate
from vibcore.populations import split_of_population
from vibcore.problem import Problem, Split, make_problem
from vibcore.types import Array, Estimate, Interval, Reference

SIGMAS = 6.0  # standard errors: hundreds of comparisons a run, and no run like the one before
GRID = 5e-3  # nats by which the grid of a density may understate its frontier
TABLES = ("iris", "wine", "breast_cancer", "digits")
KNOWN = ("spirals", "moons", "circles", "blobs", "xor")
drawn = settings(deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))


def specs(names: tuple[str, ...]) -> st.SearchStrategy[DatasetSpec]:
    return st.builds(
        DatasetSpec,
        name=st.sampled_from(names),
        n=st.sampled_from([300, 600]),
        noise=st.sampled_from([0.1, 0.2, 0.4]),
        flip=st.sampled_from([0.0, 0.05, 0.2, 0.45]),
        classes=st.sampled_from([2, 3, 5]),
        seed=st.integers(0, 2**32 - 1),
    )


def configs(names: tuple[str, ...], tasks: tuple[str, ...]) -> st.SearchStrategy[Config]:
    return st.builds(
        Config,
        dataset=specs(names),
        task=st.sampled_from(tasks),
        encoder=st.sampled_from([(), (8,), (16, 8)]),
        decoder=st.sampled_from([(), (8,)]),
        latent_dim=st.sampled_from([1, 2, 3]),
        betas=st.just((0.0, 1e-3, 0.1, 0.5)),
        batch=st.just(64),
        seed=st.integers(0, 2**32 - 1),
        variance=st.sampled_from([None, 0.1]),
    )


def trained(config: Config, steps: int = 150) -> tuple[training.TrainState, Problem]:
    dataset = datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), steps)
    return state, make_problem(state.config, dataset)


def exceeds(low: float, low_error: float, high: float, high_error: float) -> bool:
    """Whether what should be the smaller is the larger one by more than chance."""
    return low > high + SIGMAS * math.hypot(low_error, high_error) + 1e-4


def check_interval(interval: Interval, top: Estimate) -> None:
    """Ends in their order, and neither above what bounds the value."""
    lower, upper = interval.lower, interval.upper
    assert not exceeds(lower.value, lower.stderr, upper.value, upper.stderr)
    assert not exceeds(lower.value, lower.stderr, top.value, top.stderr)
    assert not exceeds(0.0, 0.0, upper.value, upper.stderr)


@settings(drawn, max_examples=12)
@given(configs((*KNOWN, "gaussian", *TABLES), ("classify", "reconstruct")))
def test_the_rate_bounds_above_and_the_cross_entropy_below(config: Config) -> None:
    state, view = trained(config, 60 if config.dataset.name in TABLES else 150)
    fresh = populations.population(config.dataset, 3000)
    for i in range(len(config.betas)):
        found = [
            budgets.training_budget(training.moment(state), view, i),
            budgets.held_out_budget(training.moment(state), view, i),
        ]
        found += [] if fresh is None else [budgets.population_budget(training.moment(state), view, i, fresh, 1500)]
        for account, n in zip(found, (len(view.train.x), len(view.test.x), 1500), strict=False):
            assert account is not None
            check_interval(account.i_xz, account.rate)
            assert account.i_xz.lower.value <= np.log(n) + 1e-6
            if account.i_zy is not None:
                assert not exceeds(0.0, 0.0, account.i_zy.upper.value, account.i_zy.upper.stderr)
                ends = account.i_zy.lower, account.i_xz.upper
                assert not exceeds(ends[0].value, ends[0].stderr, ends[1].value, ends[1].stderr)
            if account.i_zy is not None and account.i_zy_bound is not None:
                check_interval(account.i_zy, account.i_zy.upper)
                bound = account.i_zy_bound
                assert not exceeds(bound.value, bound.stderr, account.i_zy.upper.value, account.i_zy.upper.stderr)


def best(reference: Reference, rate: float) -> float:
    """I(Y;Z) of the frontier at a rate, nats."""
    return float(np.interp(rate, reference.frontier.i_x, reference.frontier.i_y))


def above(reference: Reference, rate: Estimate, known: Estimate) -> bool:
    """Whether a point lies above the frontier by more than its error."""
    reach = best(reference, rate.value + SIGMAS * rate.stderr)
    return known.value > reach + SIGMAS * known.stderr + GRID


@settings(drawn, max_examples=8)
@given(configs(KNOWN, ("classify",)))
def test_no_point_of_fresh_data_lies_above_the_frontier(config: Config) -> None:
    state, view = trained(config)
    reference = densities.reference(config.dataset)
    fresh = populations.population(config.dataset)
    assert reference is not None and fresh is not None
    everyone = list(range(len(config.betas)))
    population = evaluate(training.weights(state), view, split_of_population(fresh, view), 12, everyone)
    for i, (point, wide) in enumerate(
        zip(snapshot.take_snapshot(training.moment(state), view).test, population, strict=True)
    ):
        assert point.i_zy_bound is not None and wide.i_zy_bound is not None
        assert not above(reference, point.rate, point.i_zy_bound)
        assert not above(reference, wide.rate, wide.i_zy_bound)
        account = budgets.population_budget(training.moment(state), view, i, fresh, 2000)
        assert account.i_zy is not None
        for known in (account.i_zy.lower, account.i_zy.upper):  # both ends of what the page draws
            assert not above(reference, account.i_xz.upper, known) or known.kind == "upper"
            assert known.kind == "upper" or known.value <= reference.i_xy + SIGMAS * known.stderr + GRID
        assert account.i_zy.low <= best(reference, account.i_xz.high) + GRID + 3 * account.i_zy.lower.stderr


def test_the_population_says_on_twenty_thousand_inputs_what_a_small_sample_only_hints_at() -> None:
    config = Config(DatasetSpec("moons", 300, 0.2, 0.05), encoder=(8,), batch=64, betas=(1e-3, 0.1))
    state, view = trained(config, 300)
    fresh = populations.population(config.dataset)
    assert fresh is not None
    points = evaluate(training.weights(state), view, split_of_population(fresh, view), 12, [0, 1])
    for point, small in zip(points, snapshot.take_snapshot(training.moment(state), view).test, strict=True):
        assert (point.inputs, small.inputs) == (20_000, 100)
        for wide, narrow, most in ((small.rate, point.rate, 0.02), (small.i_zy_bound, point.i_zy_bound, 0.007)):
            assert wide is not None and narrow is not None
            assert narrow.stderr < min(most, wide.stderr / 5)  # the bound to 0.01 bits
            assert abs(wide.value - narrow.value) < 5 * wide.stderr


def test_an_error_is_the_same_whoever_states_it() -> None:
    """The rate of the same 50 inputs by the points and by the accounts: value and error, from N − 1."""
    state, view = trained(Config(DatasetSpec("moons", 150, 0.2), encoder=(8,), batch=64, betas=(0.05,)), 50)
    point = evaluate(training.weights(state), view, view.test)[0]
    account = budgets.held_out_budget(training.moment(state), view, 0)
    assert point.inputs == account.i_xz.inputs == 50
    assert point.rate.stderr == pytest.approx(account.rate.stderr, rel=1e-5)
    assert point.i_zy_bound is not None and account.i_zy_bound is not None
    assert point.rate.value == pytest.approx(account.rate.value, rel=1e-5)
    alone = evaluate(training.weights(state), view, Split(view.test.x[:1], view.test.target[:1]), 1)[0]
    assert math.isnan(alone.rate.stderr)


def test_stops_from_numpy_are_as_good_as_any() -> None:
    config = Config(DatasetSpec("moons", 150, 0.2), encoder=(8,), batch=64, betas=tuple(np.geomspace(0.01, 1, 3)))
    state, view = trained(config, 2)
    assert len(evaluate(training.weights(state), view, view.test)) == 3


def test_known_odds_are_scored_as_many_labels_would_be() -> None:
    config = Config(DatasetSpec("blobs", 300, 0.5, 0.2, 4), encoder=(8,), batch=64, betas=(0.05,))
    state, view = trained(config, 300)
    fresh = populations.population(config.dataset, 4000)
    assert fresh is not None
    rng = np.random.default_rng(0)
    labels: Array = np.array([rng.multinomial(50, p) for p in fresh.target]) / 50
    told = populations.Population(fresh.x, labels)
    by_odds, by_labels = (
        evaluate(training.weights(state), view, split_of_population(p, view), 6, [0])[0] for p in (fresh, told)
    )
    for name in ("distortion", "i_zy_bound", "error_1", "error_mc"):
        a, b = getattr(by_odds, name), getattr(by_labels, name)
        assert abs(a.value - b.value) < 5 * b.stderr / 7, name


def test_the_public_names_are_there() -> None:
    for name in vibcore.__all__:
        assert getattr(vibcore, name) is not None
    assert not hasattr(vibcore, "nothing_of_the_kind")
