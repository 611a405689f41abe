"""A run as one HTML file: with the network cut it plays, and is dragged, and draws what the app draws."""

from pathlib import Path
from typing import Any

import pytest

from dashboard import replay
from tests.browser.driving import STEP

pytestmark = pytest.mark.browser
LINK = "dataset=moons&n=300&stops=5&steps=200&speed=10"
# what the latent plane is drawn from, and the key numbers beside it
DRAWN = """() => { const { charts, root } = window.labStage;
  window.labStage.picture();
  const dots = charts.get('latent').panel.figure.data.filter((trace) => trace.mode?.includes('markers'));
  return { dots: dots.map(({ x, y }) => [[...x], [...y]]), sketched: charts.get('latent').phase,
    numbers: [...root.querySelectorAll('.lab-numbers dd')].map((n) => n.textContent) }; }"""
DRAG = """async (slider) => { const range = document.querySelector(slider), seen = new Set();
  for (let k = 0; k < 100; k++) {
    range.value = Math.round(+range.max * (0.5 + 0.5 * Math.cos(k / 9)));
    range.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((done) => requestAnimationFrame(done));
    seen.add(document.querySelector('.lab-status').textContent + document.querySelector('.lab-numbers').textContent); }
  return seen.size; }"""
LOOK = """(step) => { const { scrubber, header } = window.labStage; scrubber.look(header.moments.indexOf(step)); }"""
AT = f"(step) => ({STEP})() === step && window.labStage.header.step === step && window.labStage.header.settled"


@pytest.fixture
def offline(chromium: Any, tmp_path: Path) -> Any:
    """The replay, opened from a file in a browser without a network; any error or request fails the test."""
    assert replay.main([LINK, "--out", str(tmp_path / "replay.html")]) == 0
    assert 10**5 < (tmp_path / "replay.html").stat().st_size < 3_000_000
    context = chromium.new_context()
    context.set_offline(True)
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on(
        "request", lambda request: wrong.append(request.url) if not request.url.startswith(("file:", "data:")) else None
    )
    page.goto((tmp_path / "replay.html").as_uri())
    yield page
    context.close()
    assert not wrong


def test_a_replay_plays_and_is_dragged_without_a_network_and_draws_what_the_app_draws(visit: Any, offline: Any) -> None:
    offline.wait_for_function(f"() => ({STEP})() === 200 && !window.labStage.playing()")
    for slider, pictures in ((".lab-moments", 30), (".lab-range", 5)):
        assert offline.evaluate(DRAG, slider) >= pictures, slider
    offline.evaluate(LOOK, 0)
    offline.wait_for_function(AT, arg=0)
    offline.keyboard.press(".")
    offline.wait_for_function(f"() => ({STEP})() > 0")
    offline.keyboard.press(" ")
    offline.wait_for_function(f"() => ({STEP})() === 200 && !window.labStage.playing()")
    box = offline.locator(".lab-chart").nth(1).bounding_box()
    offline.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    offline.wait_for_function("() => /z1 = .*q\\(y\\|z\\)/.test(window.labStage.card.words())")
    offline.click("#present")
    offline.wait_for_function("() => document.querySelector('.lab-stage.lab-present')")
    ink = offline.evaluate("() => window.labStage.state.theme.ink")
    offline.click("#theme")
    offline.wait_for_function("(ink) => window.labStage.state.theme.ink !== ink", arg=ink)
    # the same moments of the same model, in the app
    page = visit(f"?{LINK}")
    page.wait_for_function(f"() => ({STEP})() === 200 && window.labStage.header.settled")
    for step in (0, 50, 200):
        here, there = (drawn(where, step) for where in (offline, page))
        assert here == there and here["sketched"] == "sketched" and len(here["dots"]) > 1, step
        assert sum(number != "–" for number in here["numbers"]) > 3


def drawn(page: Any, step: int) -> dict[str, Any]:
    """What is drawn of a moment, in motion, once all is known of it."""
    page.evaluate(LOOK, step)
    page.wait_for_function(AT, arg=step)
    found: dict[str, Any] = page.evaluate(f"async () => {{ window.labStage.choose(4); return ({DRAWN})(); }}")
    return found
