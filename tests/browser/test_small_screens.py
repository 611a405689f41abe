"""Phones and tablets: nothing collides, charts are wide enough, and a finger finds inputs, places and words of help."""

from typing import Any

import pytest

from tests.browser.driving import QUICK, at_rest

pytestmark = pytest.mark.browser
SIZES = ((390, 844), (768, 1024), (1024, 768), (844, 390))
# pairs of upright words of a chart that lie on each other, words that are cut, charts that are narrow
FAULTS = """() => { const found = [];
  const seen = (t) => { const s = getComputedStyle(t); return s.visibility !== 'hidden' && s.display !== 'none' && +s.opacity > 0.05; };
  const upright = (t) => { const { a, b } = t.getScreenCTM(); return Math.abs(a) < 0.02 || Math.abs(b) < 0.02; };
  if (document.documentElement.scrollWidth > innerWidth + 1) found.push('the page scrolls sideways');
  for (const chart of document.querySelectorAll('.js-plotly-plot')) {
    const frame = chart.getBoundingClientRect(), name = chart.getAttribute('aria-label').slice(0, 40);
    if (!frame.width) continue;
    if (frame.width < 300) found.push(`${name}: ${frame.width} px wide`);
    const words = [...chart.querySelectorAll('text')].filter((t) => t.textContent.trim() && seen(t) && upright(t)
      && !t.closest('.contourlabels, .hoverlayer')).map((t) => [t.textContent.trim(), t.getBoundingClientRect()]);
    words.forEach(([a, r], i) => {
      if (r.left < frame.left - 2 || r.right > frame.right + 2 || r.bottom > frame.bottom + 2) found.push(`${name}: ${a} is cut`);
      for (const [b, q] of words.slice(i + 1)) {
        const w = Math.min(r.right, q.right) - Math.max(r.left, q.left), h = Math.min(r.bottom, q.bottom) - Math.max(r.top, q.top);
        if (w > 3 && h > 3) found.push(`${name}: ${a} lies on ${b}`);
      } }); }
  return found; }"""  # noqa: E501
COLLIDE = """() => { const boxes = [...document.querySelectorAll('.lab-head > *, .lab-toolbar > *, .lab-numbers > *')]
    .filter((n) => n.offsetParent).map((n) => [n.className || n.textContent, n.getBoundingClientRect()]);
  return boxes.flatMap(([a, r], i) => boxes.slice(i + 1).filter(([, q]) =>
    Math.min(r.right, q.right) - Math.max(r.left, q.left) > 3
    && Math.min(r.bottom, q.bottom) - Math.max(r.top, q.top) > 3)
    .map(([b]) => `${a} lies on ${b}`)); }"""
# every chart that is seen has been drawn at the size that it has now
FITS = """(width) => innerWidth === width && window.labStage?.document && window.labStage.phase === 'shown'
  && [...window.labStage.charts.values()].every(({ div, isStale }) => !div.offsetParent || (!isStale
    && Math.abs(div._fullLayout?.width - div.clientWidth) < 1
    && Math.abs(div._fullLayout.height - div.clientHeight) < 1))"""
COLUMNS = "() => getComputedStyle(document.querySelector('.lab-panels')).gridTemplateColumns.split(' ').length"


@pytest.mark.parametrize("path", ["?", "vae?dataset=moons&", "vae?dataset=digits&compare=1&"])
def test_nothing_collides_and_no_chart_is_narrow(visit: Any, path: str) -> None:
    page = visit(f"{path}{QUICK}", width=390, height=844)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(FITS, arg=width)
        at_rest(page)
        assert page.evaluate(FAULTS) == [], (width, height)
        assert page.evaluate(COLLIDE) == [], (width, height)
        if width < 700:
            assert page.evaluate(COLUMNS) == 1


def test_a_finger_finds_inputs_places_and_help(server: str, chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{server}/?{QUICK}")
    at_rest(page)
    page.tap(".lab-numbers .lab-explained")
    assert "upper bound" in page.inner_text(".lab-popover") or "I(X;Z)" in page.inner_text(".lab-popover")
    page.tap(".lab-status")
    assert page.locator(".lab-popover").is_hidden()
    page.locator(".lab-chart >> nth=1").scroll_into_view_if_needed()
    place = """(at) => { const chart = window.labStage.charts.get('latent'), box = chart.div.getBoundingClientRect();
      const inputs = inputsOfTest(chart), { xaxis, yaxis } = chart.div._fullLayout;
      return at === 'input' ? [box.x + inputs[0].u, box.y + inputs[0].v]
        : [box.x + xaxis._offset + xaxis.l2p(-2.9), box.y + yaxis._offset + yaxis.l2p(2.9)]; }"""
    place = place.replace("inputsOfTest(chart)", INPUTS)
    page.touchscreen.tap(*page.evaluate(place, "input"))
    page.wait_for_function("() => /spent on this input/.test(document.querySelector('.lab-card').textContent)")
    page.touchscreen.tap(*page.evaluate(place, "place"))
    page.wait_for_function("() => /z1 =/.test(document.querySelector('.lab-card').textContent)")
    context.close()


INPUTS = """chart.panel.figure.data.filter((t) => t.meta?.point).flatMap((t) => Array.from(t.x, (x, i) => ({
  u: chart.div._fullLayout.xaxis._offset + chart.div._fullLayout.xaxis.l2p(x),
  v: chart.div._fullLayout.yaxis._offset + chart.div._fullLayout.yaxis.l2p(t.y[i]) })))"""
