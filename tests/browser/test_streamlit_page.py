"""The page around the stage: what our style changes of Streamlit's is changed, and another stage may stand on it."""

from typing import Any

import pytest

from tests.browser.driving import QUICK, at_rest

pytestmark = pytest.mark.browser
STYLE = """(selector) => { const { paddingLeft, opacity } = getComputedStyle(document.querySelector(selector));
  return [paddingLeft, opacity]; }"""
# a second stage with the document of the first and no arrays, whose choices are kept in `window.chosen`
ANOTHER = """async () => { const { document: doc, header } = window.labStage;
  const script = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/mount.js')).name;
  const { mount } = await import(script), text = (value) => new TextEncoder().encode(JSON.stringify(value));
  const parts = [text(doc), text({ ...header, arrays: {}, chosen: 1 })], lengths = parts.map((part) => part.length);
  const bytes = new Uint8Array(16 + Math.ceil((lengths[0] + lengths[1]) / 8) * 8), view = new DataView(bytes.buffer);
  [1, bytes.length - 8, ...lengths].forEach((value, i) => view.setUint32(4 * i, value, true));
  parts.forEach((part, i) => bytes.set(part, 16 + i * lengths[0]));
  const deflated = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const place = document.createElement('div');
  place.innerHTML = '<div class="lab-stage" data-key="stage.other"></div>';
  document.querySelector('.lab-stage').parentElement.append(place);
  window.chosen = [];
  mount({ data: new Uint8Array(await new Response(deflated).arrayBuffer()), parentElement: place,
    setStateValue: (_, value) => window.chosen.push(value), setTriggerValue: () => undefined }); }"""


def test_what_is_changed_of_streamlits_page_is_changed(visit: Any) -> None:
    page = visit("vae?" + QUICK)
    at_rest(page)
    assert page.evaluate(STYLE, ".stMainBlockContainer")[0] == "25.6px"
    assert page.evaluate(STYLE, "[data-testid=stCaptionContainer]")[1] == "0.85"
    holder = "[data-stale]:has(.lab-stage)"
    assert page.locator(holder).count() > 0
    page.evaluate("(selector) => document.querySelector(selector).setAttribute('data-stale', 'true')", holder)
    assert page.evaluate(STYLE, holder)[1] == "1", "no fading while the page is laid out anew"


def test_two_stages_on_a_page_choose_apart_and_keys_go_to_the_one_that_was_pressed(visit: Any) -> None:
    page = visit("?" + QUICK)
    at_rest(page)
    first = page.evaluate("() => window.labStage.state.chosen")
    page.evaluate(ANOTHER)
    page.wait_for_function("() => window.labStages.get('stage.other').phase === 'shown'")
    assert page.evaluate("() => window.labStage.pageKey") == "stage.explore"
    page.locator(".lab-range").nth(1).fill("4")
    page.wait_for_function("() => window.chosen.includes(4)")
    assert page.evaluate("() => window.labStage.state.chosen") == first, "the other stays where it was"
    page.locator(".lab-status").nth(1).dispatch_event("pointerdown")
    page.keyboard.press("[")
    page.wait_for_function("() => window.chosen.includes(3)")
    page.keyboard.press("Space")
    assert page.evaluate("() => window.labStage.outbox.waiting.at(-1).stage") == "stage.other"
