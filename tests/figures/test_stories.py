"""What a story's sentence says is what its run shows."""

import math
from dataclasses import replace

import numpy as np
import pytest

from dashboard import controls, links, stories
from dashboard.figures import planes
from dashboard.lesson import steps
from dashboard.state import Session
from dashboard.stories import STORIES, Story
from vibcore import data as datasets
from vibcore import densities, populations, training
from vibcore.evaluation import evaluate
from vibcore.frontiers import frontier_at
from vibcore.populations import split_of_population
from vibcore.problem import make_problem
from vibcore.types import Reference

BIT = math.log(2)


def told(name: str) -> Story:
    return next(story for story in STORIES if story.name == name)


def places(name: str, betas: tuple[float, ...]) -> np.ndarray:
    """Rate and I(Z;Y) bound, bits, on the population at the stops nearest to some β: (stops, 2)."""
    config = controls.config(told(name).choices())
    config = replace(config, betas=tuple(config.betas[controls.nearest(config.betas, beta)] for beta in betas))
    dataset = datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), config.steps)
    problem, fresh = make_problem(config, dataset), populations.population(config.dataset, 5000)
    assert fresh is not None
    points = evaluate(training.moment(state).weights, problem, split_of_population(fresh, problem))
    return np.array([(p.rate.value, p.i_zy_bound.value) for p in points if p.i_zy_bound]) / BIT


def known(name: str) -> Reference:
    found = densities.reference(controls.config(told(name).choices()).dataset)
    assert found is not None
    return found


def test_bend_each_price_buys_bits_at_about_its_worth() -> None:
    assert told("bend").choices() == controls.DEFAULTS
    (x, y) = places("bend", (0.516, 0.276, 0.148)).T
    slopes = np.diff(y) / np.diff(x)
    assert x[0] < x[1] < x[2] and y[0] < y[1] < y[2]
    assert 0.276 < slopes[0] < 0.516 and slopes[1] < slopes[0] / 1.5, "the chord's slope lies between both prices"


def test_memorise_rises_above_all_that_x_tells_and_falls_on_fresh_inputs_all_within_the_plane() -> None:
    config, reference = controls.config(told("memorise").choices()), known("memorise")
    dataset = datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), config.steps)
    problem, fresh = make_problem(config, dataset), populations.population(config.dataset, 5000)
    assert fresh is not None
    weights, right_top = training.moment(state).weights, planes.reach(dataset, reference.i_xy)
    (left, right), (low, top) = planes.box(*right_top)
    heights = []
    for split in (problem.train, split_of_population(fresh, problem)):
        points = evaluate(weights, problem, split)
        heights.append(np.array([p.i_zy_bound.value for p in points if p.i_zy_bound]))
        assert all(left < p.rate.value < right for p in points)
        assert ((heights[-1] > low) & (heights[-1] < top)).all()
    train, test = heights
    assert train[0] > reference.i_xy + 0.15 * BIT and test[0] < test.max() - 0.08 * BIT
    assert train[0] == pytest.approx(train.max(), abs=0.05) and len(dataset.train) == 200


def test_corner_is_the_run_that_the_lesson_is_held_to() -> None:
    assert controls.config(told("corner").choices()) == controls.config(steps.choices(9))


def test_collapse_is_where_it_is_said_to_be() -> None:
    assert known("collapse").collapse == pytest.approx(0.63, abs=0.005)
    alive, dead = places("collapse", (0.548, 0.74))
    assert alive[0] > 0.2 and dead[0] < 0.02


def test_many_classes_jump_where_a_gaussian_code_grows_slowly() -> None:
    reference = known("many classes")
    below, above = frontier_at(reference.frontier, np.array([0.999, 1.001]) * reference.collapse)[0] / BIT
    assert reference.collapse == pytest.approx(0.302, abs=0.001) and below > 1.1 and above == 0
    rates = places("many classes", (0.4, 0.306, 0.267))[:, 0]
    assert rates[0] < 0.02 and (np.diff(rates) < 0.5).all()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_story_opens_without_a_complaint_and_is_known_however_it_is_looked_at(story: Story) -> None:
    choices, said = links.read(links.parse(story.link))
    assert said == [] and links.opened(links.parse(story.link), "", lambda _: None)[0] == choices
    mine = Session(replace(story.choices(), beta=0.5, units="nats", show="value"), [])
    assert stories.shown(mine.choices) == story
    assert stories.shown(replace(choices, seed=7)) is None
    assert story.choices(replace(choices, present=True, units="nats")).present
