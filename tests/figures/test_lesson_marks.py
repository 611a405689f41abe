"""What is shown of a line on the planes is as long as its number says, and stands where the dots do."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from dashboard import controls
from dashboard.lesson import lines, marks, steps
from dashboard.lesson.step import Step
from dashboard.panel import Facts, Moment
from dashboard.run import Run
from tests.figures.small import BITS, REFERENCE, moment
from vibcore import data as datasets

SMALL: dict[str, Any] = {"n": 300, "stops": 3, "encoder": (8,), "decoder": (8,), "batch": 50, "beta_min": 0.01}
STEPS = [step for step in steps.STEPS if step.lines(lines.ANY)]
ONLY_THE_WAY = {"bayes", "fitted"}  # these show how far the dot moves
OTHERWISE = {"h_z", "h_z_given_x", "cross"}  # entropies of z: rings of the latent plane
RINGS = {"h_z", "h_z_given_x", "cross", "fitted", "gap_fitted"}


@cache
def seen(number: int, units: str = "bits") -> Moment:
    """A step's own problem, hardly trained, with its informations."""
    choices = replace(steps.choices(number), **SMALL, units=units)
    page = steps.PAGES[number - 1]
    config = page.runs[0].config(choices)
    run = Run(config, datasets.load(config.dataset))
    run.advance(5, 10_000)
    run.estimate([0, 1, 2], 60)
    return moment([run], choices, Facts(REFERENCE, 3.0)).with_estimates()


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.id)
@pytest.mark.parametrize("units", ["bits", "nats"])
def test_a_length_on_a_plane_is_the_number_of_its_line_and_rings_show_the_rest(step: Step, units: str) -> None:
    now = seen(steps.STEPS.index(step) + 1, units)
    shown = lines.texts(step, now)
    compared = 0
    for index in now.everyone:
        told = lines.told_of(now, index)
        for line in step.lines(told):
            shapes = shown[f"mark_{line.key}"][index]
            assert shapes, line.key
            spans = [np.array(points) for panel, kind, points in shapes if kind == "span" and panel == marks.PLANE]
            assert len(spans) == (line.key not in OTHERWISE), line.key
            if spans and line.key not in ONLY_THE_WAY:
                assert line.value is not None
                value: Any = line.value
                ends = (value.low, value.high) if hasattr(value, "low") else (value.value,) * 2
                length = np.abs(spans[0][1] - spans[0][0]).sum()
                assert length == pytest.approx(abs(sum(ends)) / 2 / BITS[units], abs=2e-3), line.key
                compared += 1
    assert compared >= 3 * 3


def test_help_names_violet_on_the_charts_that_a_step_draws_over_and_nowhere_else() -> None:
    for number, (page, step) in enumerate(zip(steps.PAGES, steps.STEPS, strict=True), 1):
        now = seen(number)
        named, asked = (
            {page.place + each.id for each in page.panels if words[0] in each.about(now.still)}
            for words in (marks.POINTED_AT, marks.GUESSED)
        )
        of_lines = [shapes for key, shapes in lines.texts(step, now).items() if key.startswith("mark_")]
        drawn = {panel for of_line in of_lines for shapes in of_line for panel, *_ in shapes}
        assert drawn <= named and bool(drawn) == bool(named), step.id
        aim = None if step.question is None else step.question.aim
        assert asked == (set() if aim is None else {marks.PLANE}), step.id


def test_the_bars_of_every_term_are_named_and_those_of_one_information_add_up() -> None:
    assert set(marks.BARS) < {line.key for step in STEPS for line in step.lines(lines.ANY)}
    for whole, bound, gap in (("bound_x", "i_zx", "gap_x"), ("i_zy", "bound_y", "gap_y")):
        (row, parts), (_, first), (_, second) = marks.BARS[whole], marks.BARS[bound], marks.BARS[gap]
        assert marks.BARS[bound][0] == marks.BARS[gap][0] == row and set(parts) == {*first, *second}


def test_fitted_rings_are_the_moments_of_draws_from_the_codes() -> None:
    now = seen(5)
    told = lines.told_of(now, 1)
    assert told.codes is not None
    (_, _, (place, spread, (rho,))) = next(
        shape for shape in marks.shapes("h_z", told, {}, now) if shape[0] == marks.LATENT
    )
    draws = np.random.default_rng(0).multivariate_normal(told.codes.mean, told.codes.covariance, 40_000)
    np.testing.assert_allclose(draws.mean(0), place, atol=0.03)
    np.testing.assert_allclose(draws.std(0), spread, rtol=0.03)
    assert np.asarray(np.corrcoef(draws.T))[0, 1] == pytest.approx(rho, abs=0.03)


def test_a_real_valued_problem_has_dashes_and_no_marks() -> None:
    """A link may ask a step for another problem."""
    step = next(each for each in STEPS if each.id == "first")
    choices = replace(controls.Choices("gaussian", 150, encoder=(8,), latent_dim=1, batch=50), lesson=4, stops=3)
    config = controls.config(choices)
    run = Run(config, datasets.load(config.dataset))
    shown = lines.texts(step, moment([run], choices, Facts(REFERENCE)))
    assert all(len(value) == 3 for value in shown.values())
    assert np.isfinite([points for _, kind, points in shown["mark_bound_y"][0] if kind == "span"]).all()
