"""What the lesson says is so: every step's run trains to what its words claim, and its table shows the key numbers."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from dashboard import controls, links
from dashboard.lesson import lines, steps
from dashboard.lesson.step import Step
from tests.core.test_derivation import high, low, named
from vibcore import budgets, densities, derivation, populations, training
from vibcore import data as datasets
from vibcore.codes import codes_of
from vibcore.config import Task
from vibcore.evaluation import evaluate
from vibcore.frontiers import frontier_at
from vibcore.populations import MIXTURE, split_of_population
from vibcore.problem import Problem, make_problem
from vibcore.types import Estimate, Point

BIT = math.log(2)
STOPS = {
    "what": (0.001, 0.00348, 0.0424, 0.148, 0.516, 1.0),  # the spirals of steps 1 to 7
    "vae": (1.0,),
    "breaks": (0.00651, 0.108),
    "good": (0.001, 0.276),
}


def numbered(name: str) -> int:
    return next(number for number, step in enumerate(steps.STEPS, 1) if step.id == name)


@cache
def trained(name: str, count: int) -> tuple[training.Moment, Problem]:
    """The run of a step at the stops that it speaks of: a model of a stack is the same whatever its neighbours."""
    task: Task = "reconstruct" if name == "vae" else "classify"
    config = controls.config(steps.choices(numbered(name)), task)
    betas = tuple(config.betas[controls.nearest(config.betas, beta)] for beta in STOPS[name])
    assert betas == pytest.approx(STOPS[name], rel=5e-3), "the stops that the words name"
    config = replace(config, betas=betas)
    dataset = datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), count or config.steps)
    return training.moment(state), make_problem(config, dataset)


@cache
def _fresh(name: str, beta: float, count: int) -> Point:
    """A model on the population, with its intervals."""
    moment, problem = trained(name, count)
    population = populations.population(problem.config.dataset)
    assert population is not None
    index = STOPS[name].index(beta)
    point = evaluate(moment.weights, problem, split_of_population(population, problem), models=[index])[0]
    return budgets.with_budget(point, budgets.population_budget(moment, problem, index, population, 2500))


def fresh(name: str, beta: float, count: int = 0) -> Point:
    return _fresh(name, beta, count)


@cache
def on_training(name: str, beta: float) -> Point:
    moment, problem = trained(name, 0)
    return evaluate(moment.weights, problem, problem.train, models=[STOPS[name].index(beta)])[0]


def bits(estimate: Estimate | None) -> float:
    assert estimate is not None
    return estimate.value / BIT


def reference(name: str):  # type: ignore[no-untyped-def]
    found = densities.reference(controls.config(steps.choices(numbered(name))).dataset)
    assert found is not None
    return found


def test_1_of_three_places_only_the_wasteful_one_is_possible() -> None:
    known = reference("what")
    assert known.i_xy / BIT == pytest.approx(0.52, abs=0.005) and known.h_y / BIT == pytest.approx(1, abs=1e-3)
    places = [(2, 0.9), (0.3, 0.5), (2, 0.4)]
    possible = [y <= min(x, known.i_xy / BIT) for x, y in places]
    assert possible.index(True) == steps.step(1).question.right and sum(possible) == 1  # type: ignore[union-attr]


def test_2_a_dearer_code_gives_up_first_what_tells_least_about_y() -> None:
    cheap, fair, dear = (fresh("what", beta) for beta in (0.0424, 0.148, 0.516))
    assert bits(cheap.rate) - bits(dear.rate) > 1.2 and bits(cheap.i_zy_bound) - bits(dear.i_zy_bound) > 0.2
    assert bits(cheap.rate) - bits(fair.rate) > 0.5, "far to the left"
    assert bits(cheap.i_zy_bound) - bits(fair.i_zy_bound) < 0.03, "and only then down"
    betas = controls.config(steps.choices(2)).betas
    assert controls.nearest(betas, 0.516) - controls.nearest(betas, 0.0424) == 4, "press ] four times"


def test_3_a_batch_shows_seven_bits_and_the_known_density_takes_ten_million_densities() -> None:
    assert math.log2(128) == 7
    assert (2 * MIXTURE // 5, MIXTURE, 2 * MIXTURE // 5 * MIXTURE) == (2000, 5000, 10_000_000)


def test_4_the_decoders_gap_is_larger_where_bits_are_cheap_and_the_bayes_decoder_closes_it() -> None:
    cheap, fair, shown = (fresh("what", beta) for beta in (0.001, 0.148, 0.00348))
    assert cheap.decoder_slack is not None and fair.decoder_slack is not None and shown.i_zy is not None
    assert cheap.decoder_slack.low > 0.1 * BIT > fair.decoder_slack.high
    turned = named(derivation.about_y(shown, bayes=True))
    assert low(turned["bayes"])[0] - high(turned["bound_y"])[0] > 0.08 * BIT


def test_5_a_trained_encoder_has_the_priors_moments_and_a_young_one_has_not() -> None:
    def closed(count: int = 0) -> float:
        """The share of the gap that fitting r(z) closes."""
        moment, problem = trained("what", count)
        population = populations.population(problem.config.dataset)
        assert population is not None
        point, index = fresh("what", 0.148, count), STOPS["what"].index(0.148)
        codes = codes_of(moment, problem, index, split_of_population(population, problem))
        found = named(derivation.about_x(point, codes, fit=True))
        assert low(found["fitted"])[0] <= low(found["bound_x"])[0]
        return (low(found["bound_x"])[0] - low(found["fitted"])[0]) / high(found["gap_x"])[0]

    assert closed() < 0.05 and closed(10) > 0.3


def test_6_the_bottleneck_adds_one_row_of_66_parameters() -> None:
    from vibcore.codes import parameter_counts

    plain, bottlenecked = parameter_counts(trained("what", 0)[1])
    assert (plain, bottlenecked) == (1380, 1446)


def test_7_high_up_nothing_is_kept_and_low_down_training_labels_are_known_by_heart() -> None:
    known, dead, cheap = reference("what"), fresh("what", 1.0), fresh("what", 0.001)
    assert known.collapse == pytest.approx(0.63, abs=0.005) and abs((1 - 2 * 0.1) ** 2 - 0.64) < 1e-9
    assert bits(dead.rate) < 0.01 and abs(bits(dead.i_zy_bound)) < 0.01 and bits(fresh("what", 0.516).rate) > 0.3
    assert bits(on_training("what", 0.001).i_zy_bound) > known.i_xy / BIT + 0.05, "above all that x tells"
    assert bits(cheap.i_zy_bound) < bits(fresh("what", 0.148).i_zy_bound) - 0.05, "and on fresh inputs it falls"


def test_8_both_approximations_of_one_information_differ_by_both_gaps() -> None:
    point = fresh("vae", 1.0)
    h_x = densities.input_entropy(controls.config(steps.choices(8)).dataset)
    found = named(derivation.same_twice(point, h_x))
    difference, error = low(found["difference"])
    assert difference < -10 * error
    assert low(found["first"])[0] < low(found["i_zx"])[0] and bits(point.rate) > 2


def test_9_one_corner_is_best_at_every_price_and_two_decades_of_beta_buy_nothing() -> None:
    known = reference("breaks")
    betas = np.array([b for b in controls.config(steps.choices(9)).betas if 0.02 < b < 1])
    for values in frontier_at(known.frontier, betas):
        np.testing.assert_allclose(values / BIT, 1, atol=0.02)
    fair, cheap = fresh("breaks", 0.108), fresh("breaks", 0.00651)
    assert bits(fair.i_zy_bound) > 0.97 and bits(cheap.i_zy_bound) - bits(fair.i_zy_bound) < 0.03
    assert fair.i_xz is not None and 0.95 < fair.i_xz.low / BIT < fair.i_xz.high / BIT < 1.1, "the corner itself"
    assert bits(cheap.rate) - bits(fair.rate) > 0.8, "the rate grows and buys nothing"


def test_10_a_fair_price_errs_less_and_is_less_sure_of_itself() -> None:
    fair, cheap, learnt = fresh("good", 0.276), fresh("good", 0.001), on_training("good", 0.001)
    assert fair.error_mc is not None and cheap.error_mc is not None and learnt.error_mc is not None
    assert fair.error_mc.value < cheap.error_mc.value - 0.01
    assert bits(fair.i_zy_bound) > 0 > bits(cheap.i_zy_bound) + 0.2
    assert learnt.error_mc.value < 0.12 < 0.15


@pytest.mark.parametrize("step", steps.STEPS, ids=lambda step: step.id)
def test_a_step_is_whole(step: Step) -> None:
    number = numbered(step.id)
    choices = steps.choices(number)
    assert controls.config(choices) and choices.lesson == number
    assert choices.beta == pytest.approx(controls.config(choices).betas[controls.chosen(choices)], rel=5e-3)
    assert step.question is not None and 0 <= step.question.right < len(step.question.choices) >= 3
    assert step.sources and step.formula and len(step.text.split()) < 100
    described = lines.described(step)
    assert described.count("\n- ") + 1 == len(described.splitlines()) or not described


@pytest.mark.parametrize("number", range(1, len(steps.STEPS) + 1))
def test_a_link_to_a_step_is_short_and_opens_it(number: int) -> None:
    choices = steps.choices(number)
    assert links.text(choices) == f"lesson={number}"
    assert links.read(links.parse(f"lesson={number}")) == (choices, [])
    changed = replace(choices, noise=0.3, units="nats", seed=5)
    assert links.read(links.parse(links.text(changed))) == (changed, [])


def test_a_step_that_is_not_there_is_refused_in_words() -> None:
    assert len(steps.STEPS) == controls.LESSONS
    for text in ("11", "-1", "two"):
        choices, said = links.read({"lesson": text})
        assert choices.lesson == 0 and f"got “{text}”, expected a whole number from 0 to 10" in said[0]


def test_what_a_visitor_sees_a_page_by_is_taken_along() -> None:
    now = replace(controls.DEFAULTS, units="nats", present=True, noise=0.4, lr=0.3)
    there = steps.choices(4, now)
    assert (there.units, there.present, there.noise, there.lr) == ("nats", True, 0.2, 0.01)
