"""What is pressed reaches the server: once, in order, and also when a call is lost or the server is busy."""

from typing import Any

import pytest

from tests.browser.driving import CONTROLS, STEP, status_says, step, wait_past

pytestmark = pytest.mark.browser
# the stage's first call to the server goes nowhere, as one that is sent while a component mounts sometimes does
FORGETFUL = """window.lost = 0; let stage;
Object.defineProperty(window, 'labStage', { configurable: true, get: () => stage, set: (value) => {
  stage = value; let trigger = null;
  if (value) Object.defineProperty(value.outbox, 'trigger', { get: () => trigger && ((...call) => window.lost++ ? trigger(...call) : null),
    set: (real) => { trigger = real; } }); } });"""  # noqa: E501
PRESS = """async ([key, times]) => { for (let i = 0; i < times; i++) {
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true }));
  await new Promise((done) => setTimeout(done, 15)); } }"""
COUNTED = "() => window.labStage.outbox.waiting.length === 0"
# the stage, which counts its keys from now on: it also asks by itself, for a document that it has not got
WATCHED = """() => { const stage = window.labStage, press = stage.outbox.press.bind(stage.outbox);
  window.keys = 0;
  stage.outbox.press = (action, value) => { window.keys += ['play', 'pause', 'step'].includes(action); press(action, value); };
  return stage; }"""  # noqa: E501


def test_a_lost_call_is_made_again(visit: Any) -> None:
    page = visit("?steps=60&stops=3&n=300", script=FORGETFUL)
    page.wait_for_selector(CONTROLS, state="attached")
    wait_past(page, 0)
    page.wait_for_function("() => window.lost >= 3")  # one that went nowhere, and both calls after it


def test_of_two_hundred_keys_none_is_lost_while_training(visit: Any) -> None:
    page = visit("?speed=1&stops=3&n=300&steps=100000")
    wait_past(page, 5)
    stage = page.evaluate_handle(WATCHED)
    page.evaluate(PRESS, [" ", 100])
    assert page.get_attribute(".lab-play", "data-playing") == "true", "a button shows at once what its key will do"
    page.wait_for_function(COUNTED)
    assert page.get_attribute(".lab-play", "data-playing") == "true", "an even number of times"
    page.evaluate(PRESS, ["ArrowRight", 1])
    status_says(page, "paused")
    page.wait_for_function("() => window.labStage.header.settled")  # the step is done, too
    at_rest = step(page)
    page.evaluate(PRESS, ["ArrowRight", 99])
    page.wait_for_function(f"() => ({STEP})() === {at_rest + 99}")
    page.wait_for_function(COUNTED)
    assert page.evaluate("() => window.keys") == 200
    assert page.evaluate("(stage) => stage === window.labStage", stage), "the stage and its charts are still the same"
