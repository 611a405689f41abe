"""The lesson as Streamlit runs it: a link opens a step, words follow the run, a guess is kept and explained."""

import math
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import controls, presses, session
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
    return {
        formula: number(at, name)
        for formula, name in re.findall(r'^\| \$\\;(.*)\$ \| .*?data-name="(\w+)"', table, re.M)
    }


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


def test_lines_are_of_the_picture_that_they_come_with_and_noise_has_its_entropy_in_training() -> None:
    at = opened(lesson="5", **QUICK | {"steps": "100000"})
    seen: set[int] = set()
    until(lambda: len(seen) > 3, lambda: seen.add(picture_of_lines(at.run())))
    header = frame(at)[1]
    noise = header["texts"]["line_h_z_given_x"]
    assert noise[header["chosen"]] != "–" and noise.count("–") == 2, "of the chosen model alone"
    assert "in training that is done for the chosen β alone" in header["texts"]["line_at"][header["chosen"] - 1]


def picture_of_lines(at: AppTest) -> int:
    """The step that lines and status both name."""
    steps = [re.search(r"step (\d+(?:,\d+)*)", number(at, name)) for name in ("line_at", "status")]
    assert steps[0] and steps[1] and steps[0][1] == steps[1][1]
    return int(steps[0][1].replace(",", ""))


def test_a_place_is_kept_once_and_its_distance_is_that_of_the_dots_on_screen() -> None:
    at = opened(lesson="2", **QUICK)
    for value in ("here", [1], [1, "2"], [math.nan, 0.5], [1e9, 0.5]):
        presses.transport(lab(at), {"action": "guess", "value": value}, "classify")
    assert not lab(at).walk.places and frame(at)[1]["guess"]["place"] is None
    for value in ([1.5, 0.1], [9, 9]):
        presses.transport(lab(at), {"action": "guess", "value": value}, "classify")
    at_rest(at.run())
    _, header, arrays = frame(at)
    answer = [float(arrays[f"plane_test_{axis}"][1]) for axis in "xy"]  # of β = 0.516's nearest of three stops
    assert header["guess"]["place"] == pytest.approx([1.5, 0.1])
    assert header["guess"]["answer"] == pytest.approx(answer, abs=1e-5)
    off = [1.5 - answer[0], 0.1 - answer[1]]
    sides = [("right", "left"), ("high", "low")]
    wanted = [
        f"{abs(by):.2f} bits too {'far ' * (k == 0)}{sides[k][by < 0]}" for k, by in enumerate(off) if abs(by) >= 0.05
    ]
    assert f"Your cross stands {' and '.join(wanted)}: the dot of β" in said(at)
    assert 2 in lab(at).walk.done and not at.radio


def test_who_drags_through_time_before_the_guess_is_still_asked_for_it() -> None:
    at = at_rest(opened(lesson="2", **QUICK))
    look = {"step": 0, "chosen": 0, "lacks": [0]}
    presses.transport(lab(at), {"action": "look", "value": look}, "classify")
    _, header, _ = frame(at.run())
    assert header["moment"] and header["guess"]["place"] is None, "its dots stay hidden"


def test_hands_are_counted_for_one_visitor_and_never_below_none() -> None:
    at = opened(lesson="4", **QUICK)

    def press_key(key: str) -> None:
        at.button(key=key).click().run()

    for key in ("more.4.0", "more.4.0", "more.4.1", "fewer.4.2"):
        press_key(key)
    assert lab(at).walk.hands[4] == [2, 1, 0]
    assert [f"width: {px}px" in said(at) for px in (80, 40)] == [True, True], "shares of a bar of 120"
