"""Who cannot see, point or read quickly: axe finds nothing; keys, focus, words aloud, nothing moves unasked."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.driving import CONTROLS, QUICK, STEP, at_rest, open_sidebar, status_says, wait_past

pytestmark = pytest.mark.browser
FOCUS = "() => document.activeElement.className || document.activeElement.tagName"
# Streamlit fades from one theme's colours into the other's: what is behind the words has come to the theme's side
FADED = """(dark) => [...document.querySelectorAll('summary')].every((words) => {
  for (let node = words; node; node = node.parentElement) {
    const colour = getComputedStyle(node).backgroundColor.match(/[\\d.]+/g).map(Number);
    if (colour.length < 4 || colour[3] > 0.5) return (Math.max(...colour.slice(0, 3)) < 90) === dark;
  }
  return true; })"""
INK = """(light) => { const { color } = getComputedStyle(document.querySelector('.lab-stage'));
  return (Math.min(...color.match(/\\d+/g).slice(0, 3)) > 128) === light; }"""
PRESSED = (
    ".lab-reset",
    ".lab-seed",
    ".lab-tab >> nth=1",
    ".lab-explained >> nth=1",
    ".lab-range",
    "button:has-text('nats')",
    ".lab-step",
)


@pytest.mark.parametrize("path", ["?present=1&", "vae?present=1&", "vae?dataset=digits&compare=1&", "lesson?lesson=5&"])
def test_axe_finds_nothing_in_light_or_dark_nor_in_presenter_mode(visit: Any, path: str) -> None:
    page = visit(path + QUICK)
    at_rest(page)
    nothing_is_found(page, ("light", "dark"))
    if "present" in path:
        page.keyboard.press("Escape")
        page.wait_for_selector(CONTROLS, state="attached")
        nothing_is_found(page, ("dark", "light"))


def nothing_is_found(page: Any, themes: tuple[str, str]) -> None:
    axe = Axe()
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(INK, arg=theme == "dark")
        page.wait_for_function(FADED, arg=theme == "dark")
        at_rest(page)
        assert found(axe.run(page)) == [], theme
        page.keyboard.press("?")  # and with the words of help open, which nothing else can be reached behind
        assert page.locator(".lab-about[open] dt").count() > 15
        assert found(axe.run(page, ".lab-about")) == [], theme
        page.keyboard.press("?")
        page.wait_for_selector(".lab-about:not([open])", state="attached")  # else the next Esc closes it


def found(results: Any) -> list[Any]:
    violations = results.response["violations"]
    return [(v["id"], node["html"][:120], node["any"][:1]) for v in violations for node in v["nodes"]]


def test_space_plays_and_the_right_arrow_steps_whatever_was_pressed_last(visit: Any) -> None:
    page = visit("?speed=10&stops=5&n=300&steps=100000")
    wait_past(page, 10)
    open_sidebar(page)
    for pressed in PRESSED:
        page.click(pressed)
        page.wait_for_function("() => document.activeElement === document.body")
        before = page.get_attribute(".lab-play", "data-playing")
        page.keyboard.press("Space")
        page.wait_for_function(
            f"() => document.querySelector('.lab-play').dataset.playing !== '{before}'", timeout=5000
        )
    page.focus(".lab-range")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => window.labStage.outbox.waiting.length === 0 && window.labStage.header.settled")
    at, beta = page.evaluate(STEP), page.inner_text(".lab-beta")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => ({STEP})() === {at + 10}")
    assert page.inner_text(".lab-beta") == beta, "a step, and no other β"
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("(beta) => document.querySelector('.lab-beta').innerText !== beta", arg=beta)


def test_keys_reach_play_and_beta_first_then_tabs_and_inputs(visit: Any) -> None:
    page = visit("?" + QUICK)
    at_rest(page)
    page.wait_for_selector(CONTROLS, state="attached")
    order = []
    for _ in range(2):
        page.keyboard.press("Tab")
        order.append(page.evaluate(FOCUS))
    assert "lab-play" in order[0] and "lab-range" in order[1]
    page.locator(".lab-body:has([aria-label^='Latent']), .lab-body[tabindex]").first.focus()
    seen = set()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
        seen.add(page.evaluate("() => window.labStage.state.point"))
    assert None not in seen and len(seen) >= 3
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => window.labStage.pinned && /spent on this input/.test(window.labStage.voice.textContent)"
    )
    page.keyboard.press("Escape")
    page.wait_for_selector(".lab-card", state="hidden")
    for words in page.locator(".lab-chart").evaluate_all("(all) => all.map((c) => c.getAttribute('aria-label'))"):
        assert any(letter.isdigit() for letter in words), words

    page.focus(".lab-tab >> nth=1")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.getAttribute('aria-selected')") == "true"
    assert page.locator(".modebar-btn").count() == 0
    widths = set()
    for _ in range(5):
        widths.add(page.locator(".lab-range").bounding_box()["width"])
        page.keyboard.press("[")
    assert len(widths) == 1, "the slider does not change its width with its readout"


def test_the_status_is_read_out_every_few_seconds_at_most(visit: Any) -> None:
    page = visit("?stops=5&n=300&steps=1000000")
    wait_past(page, 20)
    page.evaluate("""() => { window.spoken = 0; new MutationObserver(() => window.spoken++)
      .observe(document.querySelector('.lab-voice'), { childList: true, characterData: true, subtree: true }); }""")
    page.wait_for_timeout(6000)
    assert 1 <= page.evaluate("() => window.spoken") <= 2
    assert page.locator("[role=status] >> visible=true").count() <= 1


def test_who_wants_no_motion_finds_it_paused(visit: Any) -> None:
    page = visit("?" + QUICK, reduced_motion="reduce")
    page.wait_for_selector(CONTROLS, state="attached")
    status_says(page, "paused")
    page.wait_for_selector(".js-plotly-plot .xtick", state="attached")
    assert page.evaluate(STEP) == 0
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => ({STEP})() === 1")
