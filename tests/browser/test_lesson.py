"""The lesson as a class meets it: walked by keyboard, its lines in step with the stage, and the stories of Explore."""

from typing import Any

import pytest

from tests.browser.driving import CHOOSE, DRAWN, QUICK, at_rest

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
    for key, words in [
        ("", "What is a representation?"),
        ("PageDown", "What we want of it"),
        ("PageDown", "Why that is hard"),
        ("PageDown", "First bound: a decoder"),
        ("PageDown", "Second bound: a fixed prior"),
        ("PageDown", "The loss"),
        ("PageDown", "β up, β down"),
        ("PageDown", "The VAE is the case Y = X"),
        ("PageDown", "When it breaks: a corner"),
        ("PageDown", "What it is good for"),
        ("PageUp", "When it breaks: a corner"),
    ]:
        if key:
            page.keyboard.press(key)
        title_becomes(page, words)
        page.wait_for_selector(".lab-panel .lab-chart")
        assert page.locator(BROKEN).count() == 0, words
    page.wait_for_function("() => new URLSearchParams(location.search).get('lesson') === '9'")
    page.go_back()
    title_becomes(page, "What it is good for")


def test_its_lines_say_the_key_numbers_and_follow_beta(visit: Any) -> None:
    page = visit(f"lesson?lesson=4&{QUICK}&embed=true")
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


@pytest.mark.parametrize(("width", "height", "query"), [(1920, 1080, "&present=1"), (390, 844, "")])
def test_it_stands_on_a_projector_and_on_a_phone(visit: Any, width: int, height: int, query: str) -> None:
    page = visit(f"lesson?lesson=5&{QUICK}{query}", width=width, height=height)
    page.wait_for_function(f"() => {DRAWN}")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    text, stage = (page.locator(name).bounding_box() for name in (".st-key-lesson", ".lab-stage"))
    beside = stage["x"] >= text["x"] + text["width"]
    assert beside if width > 1000 else stage["y"] >= text["y"] + text["height"] - 1
    size = page.evaluate("() => parseFloat(getComputedStyle(document.querySelector('.st-key-lesson p')).fontSize)")
    assert size >= (18 if query else 14)


def test_a_story_is_one_click_and_the_lesson_of_a_link_opens_from_the_first_page(visit: Any) -> None:
    page = visit("?" + QUICK)
    page.get_by_role("button", name="corner").or_(page.get_by_role("radio", name="corner")).first.click()
    page.wait_for_url("**dataset=moons**")
    page.wait_for_function("() => document.body.innerText.includes('one corner is best at every β')")
    page = visit("?lesson=2")
    title_becomes(page, "What we want of it")
    page.wait_for_url("**/lesson?**lesson=2**")
