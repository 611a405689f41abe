"""The lesson as Streamlit runs it: a link opens a step, words follow the run, a guess is kept and explained."""

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import controls, session
from dashboard.lesson import steps
from tests.app.driving import frame, lab, opened, until

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
QUICK = {"steps": "40", "stops": "3", "n": "300", "encoder": "8", "decoder": "8"}


def at_rest(at: AppTest) -> AppTest:
    """Training is over, and all numbers are there."""
    until(lambda: frame(at)[1].get("settled"), at.run, 60)
    return at


def rows(at: AppTest) -> dict[str, str]:
    """Formula → number of the lines on the page."""
    table = next(each.value for each in at.markdown if "| line |" in each.value)
    return dict(re.findall(r"^\| \$\\;(.*)\$ \| (.*?) \|", table, re.M))


def number(at: AppTest, name: str) -> str:
    """A key number of the stage, of the chosen model."""
    header = frame(at)[1]
    return str(header["texts"][name][header["chosen"]])


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click()
    return at.run()


def said(at: AppTest) -> str:
    return "\n".join(each.value for each in at.markdown)


def test_a_link_opens_its_step_and_lines_show_the_key_numbers_of_the_stage() -> None:
    at = at_rest(opened(lesson="4", **QUICK))
    assert lab(at).choices.lesson == 4 and at.header[0].value == steps.step(4).title
    found = rows(at)
    assert found[r"\ge H(Y)-\mathrm{CE}"] == number(at, "number_known") != "–"
    assert not any("p(y\\mid z)" in formula and formula.startswith("=") for formula in found)
    at.toggle[0].set_value(True).run()
    bayes = next(value for formula, value in rows(at).items() if formula.startswith("=H(Y)+"))
    assert bayes == rows(at)["I(Z;Y)"] and 4 in lab(at).walk.done
    at = at_rest(opened(lesson="5", **QUICK))
    found = rows(at)
    rate = next(value for formula, value in found.items() if formula.startswith(r"\le \mathbb{E}"))
    assert rate == number(at, "number_rate") and "–" not in found.values()
    assert at.header[0].value == steps.step(5).title and not at.toggle[0].value


def test_a_guess_is_kept_explained_and_cannot_be_taken_back() -> None:
    at = opened(lesson="2", **QUICK)
    question: Any = steps.step(2).question
    at.radio[0].set_value(0).run()
    assert "It is: to the left and down" in said(at) and question.explained in said(at) and not at.radio
    assert 2 in lab(at).walk.done
    at_rest(at)
    assert "The run beside it: β =" in said(at)
    press(press(at, "Next"), "Back")
    assert f"You said: *{question.choices[0]}*" in said(at)


def test_a_step_starts_its_problem_and_the_next_of_the_same_problem_goes_on() -> None:
    at = opened(lesson="6")
    assert "1,380 parameters" in said(at) and "1,446: 66 more" in said(at)
    run = lab(at).runs["classify"]
    press(at, "Next")
    assert lab(at).runs["classify"] is run, "the same spirals"
    press(press(at, "Next"), "Next")
    assert lab(at).choices.dataset == "moons" and lab(at).choices.flip == 0
    assert not at.exception


def test_who_leaves_the_lesson_takes_the_problem_along_and_comes_back_to_the_step() -> None:
    mine = session.from_link({"lesson": "9"})
    mine.walk.left_at = 9
    session.leave_lesson(mine)
    assert mine.choices.lesson == 0 and mine.choices.dataset == "moons" and "lesson" not in session.link(mine)
    assert controls.config(mine.choices) == controls.config(steps.choices(9))
