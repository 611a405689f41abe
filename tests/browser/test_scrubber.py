"""The slider over training time: the past is drawn as it was, and play goes on from there."""

from typing import Any

import pytest

from tests.browser.driving import STEP, settled

pytestmark = pytest.mark.browser
RUN = "dataset=moons&n=300&stops=9&steps=800&speed=100"
FINISHED = f"() => ({STEP})() === 800 && window.labStage.header.settled && window.labStage.header.moments.length > 6"
# through all moments and back, a move in every frame: how many pictures there were
DRAG = """async (slider) => { const stage = window.labStage, range = document.querySelector(slider);
  let drawn = 0; const draw = stage.picture.bind(stage); stage.picture = () => { drawn++; draw(); };
  const begin = performance.now();
  for (let k = 0; k < 150; k++) {
    const last = +range.max;
    range.value = Math.round(last * (0.5 + 0.5 * Math.cos(k / 12)));
    range.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((done) => requestAnimationFrame(done));
  }
  stage.picture = draw;
  return { drawn, ms: (performance.now() - begin) / 150 }; }"""
GO = """(index) => { const range = document.querySelector('.lab-moments'); range.value = index;
  range.dispatchEvent(new Event('input', { bubbles: true })); return window.labStage.header.moments[index]; }"""
AT = f"""(step) => ({STEP})() === step && window.labStage.scrubber.wanted === null && window.labStage.header.settled
  && window.labStage.header.step === step"""
DOT = """() => { const { arrays, chosen } = window.labStage.state, { chosen_x: x, point_mu: mu } = arrays;
  const of = (array, length) => [...array.values.slice(array.models.indexOf(chosen) * length).slice(0, length)];
  return { models: mu.models.length, x: of(x, 1), mu: of(mu, mu.shape[1] * 2), numbers: document.querySelector('.lab-status').textContent }; }"""  # noqa: E501


def test_the_past_is_dragged_picture_by_picture_and_is_what_the_server_has(visit: Any) -> None:
    page = visit(f"?{RUN}")
    page.wait_for_function(FINISHED)
    settled(page)
    found = page.evaluate(DRAG, ".lab-moments")
    assert found["drawn"] >= 100, found
    page.wait_for_function("() => window.labStage.scrubber.wanted === null && window.labStage.header.settled")
    page.wait_for_function("() => window.labStage.scrubber.frames.size > 3")
    # a moment that the browser draws by itself, and the same from the server, which stopped there
    step = page.evaluate(GO, 3)
    page.wait_for_function(f"(step) => ({STEP})() === step", arg=step)
    page.wait_for_function(AT, arg=step)
    said = page.evaluate(DOT)
    assert f"step {step:,} of 800, a past moment" in said["numbers"] and said["models"] == 9
    film = page.evaluate(f"async () => {{ window.labStage.scrubber.look(3); return ({DOT})(); }}")
    assert film["models"] == 1 and film["mu"] == said["mu"]
    page.wait_for_function(AT, arg=step)
    # β is dragged there without the server, and time goes on from it by keyboard and by play
    assert page.evaluate(DRAG, ".lab-range")["drawn"] >= 100 and page.evaluate(STEP) == step
    before = page.evaluate("() => window.labStage.header.moments[2]")
    page.keyboard.press(",")
    page.wait_for_function(AT, arg=before)
    assert page.get_attribute(".lab-moments", "aria-valuetext") == f"step {before} of 800, a past moment"
    page.keyboard.press(" ")
    page.wait_for_function(FINISHED)


def test_a_look_back_pauses_training_and_play_trains_on(visit: Any) -> None:
    page = visit("?dataset=moons&n=300&stops=5&steps=100000")
    page.wait_for_function(f"() => ({STEP})() > 300 && window.labStage.header.moments?.length > 5")
    step = page.evaluate(GO, 2)
    page.wait_for_function(AT, arg=step)
    assert page.get_attribute(".lab-play", "data-playing") == "false"
    front = page.evaluate("() => window.labStage.header.moments.at(-1)")
    page.focus(".lab-moments")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"(step) => ({STEP})() > step && ({STEP})() < {front}", arg=step)
    page.keyboard.press("Home")
    page.wait_for_function(AT, arg=0)
    page.keyboard.press(" ")
    page.wait_for_function(f"() => ({STEP})() > {front}")
