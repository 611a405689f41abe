"""The lesson as a class meets it: walked by keyboard, its lines in step with the stage, and the stories of Explore."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError

from dashboard.lesson import steps
from tests.browser.driving import CHOOSE, QUICK, at_rest
from tests.browser.test_reach import found
from tests.figures.test_teachers_guide import LINKS
from vibcore import derivation

pytestmark = pytest.mark.browser
TITLE = ".st-key-lesson h2"
AT_STEP = "(number) => (new URLSearchParams(location.search).get('lesson') ?? '1') === number"
# lines and key numbers at one moment: the bound of I(Z;Y) and the rate, as both say them
ALIKE = """([line, name]) => { const rows = [...document.querySelectorAll('.st-key-lesson tbody tr')];
  const row = rows.find((each) => each.querySelector('annotation')?.textContent.includes(line));
  const said = document.querySelector(`.lab-numbers [data-name=${name}]`)?.textContent;
  return !!row && row.cells[1].textContent.trim() === said && /\\d/.test(said); }"""
BOUND = [r"\ge H(Y)-\mathrm{CE}", "number_known"]
RATE = [rf"\le {derivation.RATE}", "number_rate"]
AT_ONCE = f"""async (pair) => {{ ({CHOOSE})(3);
  for (let i = 0; i < 3; i++) await new Promise((done) => requestAnimationFrame(done));
  return document.querySelector('.lab-range').value === '3' && ({ALIKE})(pair); }}"""
POINTED = """() => { const bar = document.querySelector('.bars:nth-of-type(3) .point:nth-of-type(3) path');
  const isOutlined = !!bar && getComputedStyle(bar).strokeWidth === '4px';
  const spans = document.querySelectorAll('.lab-marks .lab-span').length;
  return [window.labStage.root.dataset.term ?? '', spans, isOutlined]; }"""
POINT = f"""(term) => {{ const before = window.labStage.phase;
  const row = document.querySelector(`tr[data-term=${{term}}]`) ?? document.body;
  row.dispatchEvent(new MouseEvent('mouseover', {{ bubbles: true }}));
  return [...({POINTED})(), window.labStage.phase === before]; }}"""
BROKEN = "[data-testid=stException], [data-testid=stAlert]"


def title_becomes(page: Any, words: str) -> None:
    page.wait_for_function(f"(words) => document.querySelector('{TITLE}')?.textContent === words", arg=words)


def test_it_is_walked_by_keyboard_from_the_first_step_to_the_last_and_back_on_a_phone(visit: Any) -> None:
    page, axe = visit("lesson", reduced_motion="reduce"), Axe()
    for number, step in enumerate(steps.STEPS, 1):
        walk_to(page, "PageDown", number)
        assert found(axe.run(page)) == [], step.id
    walk_to(page, "PageUp", 9)
    page.go_back()
    stands(page, 10, steps.step(10).title)
    page.set_viewport_size({"width": 390, "height": 844})
    for number in range(9, 0, -1):
        walk_to(page, "PageUp", number)
        page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
    page = visit("glossary")
    page.wait_for_selector(".st-key-glossary .katex")
    assert found(axe.run(page)) == []


def test_axe_finds_nothing_in_any_step_on_a_dark_projector(visit: Any) -> None:
    page, axe = visit("lesson?lesson=1&present=1", "dark", 1920, 1080, reduced_motion="reduce"), Axe()
    for number, step in enumerate(steps.STEPS, 1):
        walk_to(page, "PageDown", number)
        assert found(axe.run(page)) == [], step.id


def walk_to(page: Any, key: str, number: int) -> None:
    """To a step by a key, pressed again where it was lost: a page that is just laid out anew does not hear it."""
    page.wait_for_selector(TITLE)
    for _ in range(4):
        if page.evaluate(AT_STEP, str(number)):
            break
        page.keyboard.press(key)
        with suppress(TimeoutError):
            page.wait_for_function(AT_STEP, arg=str(number), timeout=20_000)
    stands(page, number, steps.step(number).title)


def stands(page: Any, number: int, title: str) -> None:
    """A step is there with its charts and its address, and nothing is wrong."""
    title_becomes(page, title)
    page.wait_for_function(AT_STEP, arg=str(number))
    page.wait_for_selector(".lab-panel .lab-chart")
    assert page.locator(BROKEN).count() == 0, title


def test_on_a_projector_its_lines_say_the_key_numbers_and_follow_beta_and_on_a_phone_it_stands_in_one_column(
    visit: Any,
) -> None:
    page = visit(f"lesson?lesson=4&{QUICK}&present=1", width=1920, height=1080)
    at_rest(page)
    page.wait_for_function(ALIKE, arg=BOUND)
    before = page.inner_text(".lab-numbers")
    assert page.evaluate(AT_ONCE, BOUND), "a dragged β changes lines and key numbers in the same picture"
    assert page.inner_text(".lab-numbers") != before
    shows_what_is_pointed_at(page)
    page.keyboard.press("PageDown")
    title_becomes(page, "Second bound: a fixed prior")
    page.wait_for_function(ALIKE, arg=RATE)
    assert page.locator(BROKEN).count() == 0
    stands_at(page, 1920, 1080, lambda text, stage: stage["x"] >= text["x"] + text["width"])
    stands_at(page, 390, 844, lambda text, stage: stage["y"] >= text["y"] + text["height"] - 1)


def shows_what_is_pointed_at(page: Any) -> None:
    """A line under the mouse or with the focus is marked on the plane and in the bars; no chart is drawn anew."""
    page.mouse.move(2, 2)
    assert page.evaluate(POINT, "gap_y") == ["gap_y", 1, True, True]
    assert page.evaluate(POINT, "nothing") == ["", 0, False, True]
    page.focus("tr[data-term=ce]")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.wait_for_function(f"() => `${{({POINTED})()}}` === 'ce,1,false'")
    page.evaluate("() => document.activeElement.blur()")
    page.wait_for_function(f"() => `${{({POINTED})()}}` === ',0,false'")


def test_a_guess_by_keyboard_is_shown_beside_the_answer_and_told_in_bits(visit: Any) -> None:
    page = visit(f"lesson?lesson=2&{QUICK}")
    at_rest(page)
    page.focus(".lab-asking")
    dots = "() => window.labStage.charts.get('lesson.plane').panel.figure.data.find((t) => t.name === 'test').x"
    assert page.evaluate(f"() => [...({dots})()].filter((x) => !Number.isNaN(x)).length") == 1, (
        "no other dot is seen yet"
    )
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    page.wait_for_function("() => /bits about X, .* bits about Y/.test(window.labStage.voice.textContent)")
    aim = page.evaluate("() => window.labStage.state.aim")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.querySelectorAll('.lab-marks :is(.lab-cross, .lab-dot, .lab-dash)').length === 3"
    )
    page.wait_for_function(f"() => [...({dots})()].every((x) => !Number.isNaN(x))")
    answer = page.evaluate("() => window.labStage.header.guess.answer")
    off = [abs(a - b) for a, b in zip(aim, answer, strict=True)]
    right = f"{off[0]:.2f} bits too far {'right' if aim[0] > answer[0] else 'left'}"
    page.wait_for_function("(words) => document.querySelector('.st-key-lesson').innerText.includes(words)", arg=right)
    assert page.locator(".lab-asking").count() == 0


def test_every_other_link_of_the_teachers_guide_opens(visit: Any) -> None:
    page = visit("glossary")
    root = page.url.removesuffix("/glossary")
    for path, query in [*LINKS[:1], *(link for link in LINKS if link[0] != "lesson")]:
        page.goto(f"{root}/{path}?{query}", wait_until="commit")
        wanted = f"stage.{path or 'explore'}"
        page.wait_for_function("(key) => window.labStage?.document && window.labStage.pageKey === key", arg=wanted)
        page.wait_for_selector(".lab-panel .lab-chart")
        assert page.locator(BROKEN).count() == 0, query


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
