"""Pinned runs in a browser: a line with its name that stands where it was, a tab of their own, and a chip."""

from typing import Any

import pytest

from tests.browser.driving import CONTROLS, at_rest

pytestmark = pytest.mark.browser
LINE = """(k) => { const traces = window.labStage.charts.get('plane').div.data ?? [];
  const line = traces.find((t) => t.meta?.bind?.x === `pin_${k}_x`);
  return line && { x: [...line.x], said: (line.text ?? []).find((t) => t.trim()) ?? '' }; }"""
NEWEST = (
    "window.labStage.phase === 'shown'"
    " && ![...window.labStage.charts.values()].some(({ isStale, div }) => isStale && div.offsetParent)"
)
GUARD = """() => { window.moved = 0;
  const count = ({ addedNodes }) => addedNodes.forEach((n) => { if (n.querySelector?.('.lab-stage')) window.moved++; });
  new MutationObserver((all) => all.forEach(count)).observe(document.body, { childList: true, subtree: true }); }"""


def test_a_pinned_run_keeps_its_line_and_its_name_beside_a_new_seed_until_its_chip_is_pressed(visit: Any) -> None:
    page = visit("?steps=60&stops=5&n=300&dataset=moons")
    at_rest(page, 60)
    page.wait_for_selector(CONTROLS, state="attached")
    page.get_by_role("tab", name="Bits").click()
    page.evaluate(GUARD)
    page.get_by_role("button", name="Pin this run").click()
    page.wait_for_function(f"() => ({LINE})(0)?.x.length === 5")
    assert page.get_by_role("tab", name="Bits").get_attribute("aria-selected") == "true", "beside the new tab"
    assert page.evaluate("() => window.moved") == 0, "the stage stands where it stood"
    page.wait_for_function(f"() => window.labStage.header.settled && {NEWEST}")  # of the population, as the dots are
    before = page.evaluate(f"() => ({LINE})(0).x")
    page.get_by_role("button", name="New seed").click()
    page.wait_for_function("() => document.querySelector('.lab-status').textContent.includes('seed 1')")
    at_rest(page, 60)
    after = page.evaluate(f"() => ({LINE})(0)")
    assert after["x"] == before and after["said"].replace("<br>", "") == "seed 0"
    page.get_by_role("tab", name="Pinned").click()
    page.wait_for_function("() => window.labStage.charts.get('pinned')?.div.data?.some((t) => t.x?.length === 100)")
    assert "pins=" in page.url
    page.get_by_role("button", name="seed 0 · step 60").click()
    page.wait_for_function(f"() => !({LINE})(0)")
    page.wait_for_function("() => !location.search.includes('pins')")
