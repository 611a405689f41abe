"""The lesson as a class meets it: walked by keyboard, its lines in step with the stage, and the stories of Explore."""

from collections.abc import Callable
from typing import Any

import pytest

from dashboard.lesson import steps
from tests.browser.driving import CHOOSE, QUICK, at_rest

pytestmark = pytest.mark.browser
TITLE = ".st-key-lesson h2"
# lines and key numbers at one moment: the bound of I(Z;Y) and the rate, as both say them
ALIKE = """([line, name]) => { const rows = [...document.querySelectorAll('.st-key-lesson tbody tr')];
  const row = rows.find((each) => each.querySelector('annotation')?.textContent.includes(line));
  const said = document.querySelector(`.lab-numbers [data-name=${name}]`)?.textContent;
  return !!row && row.cells[1].textContent.trim() === said && /\\d/.test(said); }"""
BOUND = [r"\ge H(Y)-\mathrm{CE}", "number_known"]
RATE = [r"\le \mathbb{E}\,\mathrm{KL}(p(z\mid x)\,\Vert\,r(z))", "number_rate"]
BROKEN = "[data-testid=stException], [data-testid=stAlert]"


def title_becomes(page: Any, words: str) -> None:
    page.wait_for_function(f"(words) => document.querySelector('{TITLE}')?.textContent === words", arg=words)


def test_it_is_walked_by_keyboard_from_the_first_step_to_the_last_and_back(visit: Any) -> None:
    page = visit("lesson")
    for number, step in enumerate(steps.STEPS, 1):
        stands(page, number, step.title)
        page.keyboard.press("PageDown")
    page.keyboard.press("PageUp")
    stands(page, 9, steps.step(9).title)
    page.go_back()
    stands(page, 10, steps.step(10).title)


def stands(page: Any, number: int, title: str) -> None:
    """A step is there with its charts and its address, and nothing is wrong."""
    title_becomes(page, title)
    page.wait_for_function(f"() => new URLSearchParams(location.search).get('lesson') === '{number}'")
    page.wait_for_selector(".lab-panel .lab-chart")
    assert page.locator(BROKEN).count() == 0, title


def test_on_a_projector_its_lines_say_the_key_numbers_and_follow_beta_and_on_a_phone_it_stands_in_one_column(
    visit: Any,
) -> None:
    page = visit(f"lesson?lesson=4&{QUICK}&present=1", width=1920, height=1080)
    at_rest(page)
    page.wait_for_function(ALIKE, arg=BOUND)
    before = page.inner_text(".lab-numbers")
    page.evaluate(f"() => ({CHOOSE})(3)")
    page.wait_for_function("(before) => document.querySelector('.lab-numbers').innerText !== before", arg=before)
    page.wait_for_function(ALIKE, arg=BOUND)
    page.keyboard.press("PageDown")
    title_becomes(page, "Second bound: a fixed prior")
    page.wait_for_function(ALIKE, arg=RATE)
    assert page.locator(BROKEN).count() == 0
    stands_at(page, 1920, 1080, lambda text, stage: stage["x"] >= text["x"] + text["width"])
    stands_at(page, 390, 844, lambda text, stage: stage["y"] >= text["y"] + text["height"] - 1)


def stands_at(page: Any, width: int, height: int, is_apart: Callable[[Any, Any], bool]) -> None:
    """Words and stage are apart at a size, the page does not scroll sideways, and the words are large."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
    text, stage = (page.locator(name).bounding_box() for name in (".st-key-lesson", ".lab-stage"))
    assert is_apart(text, stage)
    size = "() => parseFloat(getComputedStyle(document.querySelector('.st-key-lesson p')).fontSize)"
    assert page.evaluate(size) >= 18


def test_a_story_is_one_click_and_the_lesson_of_a_link_opens_from_the_first_page(visit: Any) -> None:
    page = visit("?" + QUICK)
    page.get_by_role("button", name="corner").or_(page.get_by_role("radio", name="corner")).first.click()
    page.wait_for_url("**dataset=moons**")
    page.wait_for_function("() => document.body.innerText.includes('one corner is best at every β')")
    page = visit("?lesson=2")
    title_becomes(page, "What we want of it")
    page.wait_for_url("**/lesson?**lesson=2**")
