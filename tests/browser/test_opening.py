"""How the page opens: the first picture is drawn by hand, before Plotly is there, and stands where Plotly's will."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser
WRITTEN = """window.written = new Set(); const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
  if (/^[−\\d.]+$/.test(text)) window.written.add(text); return write.call(this, text, ...rest); };"""
PLACES = """() => Object.fromEntries(['plane', 'latent'].map((id) => { const { charts } = window.labStage;
  const { x, y } = charts.get(id).renderer; return [id, [x(0), x(2), y(0), y(2)]]; }))"""


@pytest.mark.parametrize("large", [False, True])
def test_the_first_picture_needs_no_plotly_and_stands_where_plotlys_will(visit: Any, large: bool) -> None:
    held: list[Any] = []
    page = visit(
        f"?steps=100000&beta=0.3{'&present=1' if large else ''}",
        script=WRITTEN,
        prepare=lambda page: page.route("**/plotly.min.js", lambda route: held.append(route)),
    )
    page.wait_for_function("() => /step [1-9]/.test(document.querySelector('.lab-status')?.textContent)")
    assert not page.evaluate("() => 'Plotly' in window") and page.locator(".js-plotly-plot").count() == 0
    page.wait_for_function("() => document.querySelectorAll('.lab-sketch').length >= 2")
    if not large:  # a projector's page has none
        page.wait_for_selector("[data-testid=stSidebar] [data-testid=stSlider]", state="attached")
    page.wait_for_function("() => Boolean(window.__plotlyLoading)")
    for _ in range(300):
        page.wait_for_timeout(0 if held else 100)
    assert held, "Plotly was asked for, and has not come"
    before, written = page.evaluate(PLACES), set(page.evaluate("() => [...window.written]"))
    held[0].continue_()
    page.wait_for_function("() => document.querySelectorAll('.js-plotly-plot .xtick').length > 4")
    page.wait_for_function("""() => ['plane', 'latent'].every((id) =>
      window.labStage.charts.get(id).renderer.canvas.nextSibling?.matches('.main-svg'))""")  # now upon Plotly's axes
    assert page.locator(".lab-sketch").first.is_visible()
    for id, places in page.evaluate(PLACES).items():
        assert places == pytest.approx(before[id], abs=1.0), id
    ticks = page.evaluate("() => [...document.querySelectorAll('.xtick text, .ytick text')].map((n) => n.textContent)")
    shown = {tick for tick in ticks if tick}
    assert len(shown) > 5 and shown <= written, "the same numbers along the axes"
