"""Who cannot see, point or read quickly: axe finds nothing; keys, focus, words aloud, nothing moves unasked."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.test_explore import STEP, wait_past

pytestmark = pytest.mark.browser
QUICK = "steps=60&stops=5&n=300"
AT_REST = f"""() => ({STEP})() === 60 && document.querySelector('.js-plotly-plot .xtick')
  && !document.querySelector('.lab-sketch')"""
FOCUS = "() => document.activeElement.className || document.activeElement.tagName"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["?", "?present=1&", "vae?", "vae?present=1&", "vae?dataset=digits&compare=1&"])
def test_axe_finds_nothing(visit: Any, path: str, theme: str) -> None:
    page = visit(path + QUICK, theme=theme)
    page.wait_for_function(AT_REST)
    violations = Axe().run(page).response["violations"]
    found = [(v["id"], node["html"][:120], node["any"][:1]) for v in violations for node in v["nodes"]]
    assert not found
    if "digits" not in path:  # and with the words of help open
        page.keyboard.press("?")
        assert page.locator(".lab-about[open] dt").count() > 15
        assert Axe().run(page).response["violations"] == []


def test_space_plays_and_the_right_arrow_steps_whatever_was_pressed_last(visit: Any) -> None:
    page = visit("?speed=10&stops=5&n=300&steps=100000")
    wait_past(page, 10)
    for pressed in (
        ".lab-seed",
        ".lab-tab >> nth=1",
        ".lab-explained >> nth=1",
        ".lab-range",
        "button:has-text('nats')",
    ):
        page.click(pressed)
        page.wait_for_function("() => document.activeElement === document.body")
        before = page.get_attribute(".lab-play", "data-playing")
        page.keyboard.press("Space")
        assert page.get_attribute(".lab-play", "data-playing") != before, pressed
    page.focus(".lab-range")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => window.labStage.outbox.waiting.length === 0")
    page.wait_for_function("() => /paused/.test(document.querySelector('.lab-status').textContent)")
    at, beta = page.evaluate(STEP), page.inner_text(".lab-beta")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => ({STEP})() === {at + 10}")
    assert page.inner_text(".lab-beta") == beta, "a step, and no other β"
    page.keyboard.press("ArrowLeft")
    assert page.inner_text(".lab-beta") != beta


def test_play_and_beta_come_first_and_a_tab_keeps_the_focus(visit: Any) -> None:
    page = visit("?" + QUICK)
    page.wait_for_function(AT_REST)
    page.wait_for_selector("[data-testid=stSidebar] [data-testid=stExpander]")
    order = []
    for _ in range(2):
        page.keyboard.press("Tab")
        order.append(page.evaluate(FOCUS))
    assert "lab-play" in order[0] and "lab-range" in order[1]
    page.focus(".lab-tab >> nth=1")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.getAttribute('aria-selected')") == "true"
    assert page.locator(".modebar-btn").count() == 0


def test_the_slider_does_not_change_its_width_with_its_readout(visit: Any) -> None:
    page = visit("?" + QUICK)
    page.wait_for_function(AT_REST)
    widths = set()
    for _ in range(5):
        widths.add(page.locator(".lab-range").bounding_box()["width"])
        page.keyboard.press("[")
    assert len(widths) == 1


def test_inputs_are_walked_through_by_key_and_charts_say_their_values(visit: Any) -> None:
    page = visit("?" + QUICK)
    page.wait_for_function(AT_REST)
    page.locator(".lab-body:has([aria-label^='Latent']), .lab-body[tabindex]").first.focus()
    seen = set()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
        seen.add(page.evaluate("() => window.labStage.scene.point"))
    assert None not in seen and len(seen) >= 3
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => window.labStage.pinned && /spent on this input/.test(window.labStage.voice.textContent)"
    )
    page.keyboard.press("Escape")
    page.wait_for_selector(".lab-card", state="hidden")
    for words in page.locator(".lab-chart").evaluate_all("(all) => all.map((c) => c.getAttribute('aria-label'))"):
        assert any(letter.isdigit() for letter in words), words


def test_the_status_is_read_out_every_few_seconds_at_most(visit: Any) -> None:
    page = visit("?stops=5&n=300&steps=1000000")
    wait_past(page, 20)
    page.evaluate("""() => { window.spoken = 0; new MutationObserver(() => window.spoken++)
      .observe(document.querySelector('.lab-voice'), { childList: true, characterData: true, subtree: true }); }""")
    page.wait_for_timeout(6000)
    assert 1 <= page.evaluate("() => window.spoken") <= 2
    assert page.locator("[role=status] >> visible=true").count() <= 1


def test_who_wants_no_motion_finds_it_paused(server: str, chromium: Any) -> None:
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{server}/?{QUICK}")
    page.wait_for_selector("[data-testid=stSidebar] [data-testid=stExpander]")
    page.wait_for_function("() => /paused/.test(document.querySelector('.lab-status')?.textContent)")
    page.wait_for_selector(".js-plotly-plot .xtick", state="attached")
    assert page.evaluate(STEP) == 0
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => ({STEP})() === 1")
    context.close()
