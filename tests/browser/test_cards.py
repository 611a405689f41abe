"""A card's own menu, the line above the toolbar, presenter mode, and an error that stays in its chart."""

import re
from typing import Any

import pytest

from tests.browser.test_explore import STEP, wait_past

pytestmark = pytest.mark.browser
AT_REST = f"""() => ({STEP})() === 60 && document.querySelector('.js-plotly-plot .xtick')
  && !document.querySelector('.lab-sketch')"""
NAME = r"explore-plane-spirals-beta-[\d.e-]+-step-60\."
CORNER = """async (bytes) => { const image = await createImageBitmap(new Blob([Uint8Array.from(bytes)]));
  const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  const data = pen.getImageData(0, 0, image.width, image.height).data; let dark = 0;
  for (let i = 0; i < data.length; i += 4) dark += data[i] < 90 && data[i + 1] < 90 && data[i + 2] < 90;
  return { corner: [...data.slice(0, 4)], width: image.width, dark }; }"""


def pick(page: Any, item: str) -> None:
    page.click(".lab-menu >> nth=0")
    page.get_by_role("menuitem", name=item).click()


def test_a_card_saves_copies_and_resets(visit: Any) -> None:
    page = visit("?steps=60&stops=5&n=300", theme="dark")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.wait_for_function(AT_REST)
    with page.expect_download() as png:
        pick(page, "Save as PNG")
    assert re.fullmatch(NAME + "png", png.value.suggested_filename)
    drawn = page.evaluate(CORNER, list(png.value.path().read_bytes()))
    width = page.locator(".lab-chart").first.bounding_box()["width"]
    assert drawn["corner"] == [255, 255, 255, 255] and drawn["width"] == pytest.approx(2 * width, abs=3)
    assert drawn["dark"] > 1500, "dark ink, though the page is dark"
    with page.expect_download() as svg:
        pick(page, "Save as SVG")
    text = svg.value.path().read_text()
    assert text.startswith("<svg") and "Information plane: spirals" in text and "step 60" in text
    pick(page, "Copy data as CSV")
    page.wait_for_function("() => /Data copied/.test(window.labStage.voice.textContent)")
    rows = page.evaluate("() => navigator.clipboard.readText()").splitlines()
    assert rows[0].startswith("trace,") and sum(row.startswith("test,") for row in rows) == 5
    before = page.evaluate("() => [...window.labStage.charts.get('plane').div._fullLayout.xaxis.range]")
    page.evaluate("() => window.Plotly.relayout(window.labStage.charts.get('plane').div, { 'xaxis.range': [1, 2] })")
    pick(page, "Reset view")
    page.wait_for_function(f"() => window.labStage.charts.get('plane').div._fullLayout.xaxis.range[1] === {before[1]}")


def test_the_header_names_the_page_and_shares_its_link(visit: Any) -> None:
    page = visit("?dataset=moons&steps=60&stops=5&n=300")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.wait_for_function(AT_REST)
    assert page.inner_text("h1") == "Bottleneck Lab · Explore · moons"
    assert "price of remembering" in page.inner_text(".lab-sentence")
    page.click(".lab-share")
    page.wait_for_function("() => /copied/.test(document.querySelector('.lab-share').textContent)")
    assert page.evaluate("() => navigator.clipboard.readText()") == page.url
    page.keyboard.press("?")
    words = page.inner_text(".lab-about")
    assert "Space" in words and "Information plane" in words and "red dashes" in words
    page.keyboard.press("?")
    assert page.locator(".lab-about[open]").count() == 0


def test_presenter_mode_fills_the_height_and_has_a_way_out(visit: Any) -> None:
    page = visit("?present=1&steps=60&stops=5&n=300", width=1920, height=1080)
    page.wait_for_function(AT_REST)
    lowest = page.evaluate(
        "() => Math.max(...[...document.querySelectorAll('.lab-stage > *')]"
        ".map((n) => n.getBoundingClientRect().bottom))"
    )
    assert 0.9 * 1080 < lowest <= 1080
    size = "(s) => parseFloat(getComputedStyle(document.querySelector(s)).fontSize)"
    assert page.evaluate(size, ".lab-beta") >= page.evaluate(size, ".lab-numbers dd") >= 28
    assert "Explore · spirals" in page.inner_text("h1")
    page.click(".lab-tab:has-text('Input')")
    page.wait_for_selector(".contourlabels text")
    contours = "(all) => Math.min(...all.map((t) => parseFloat(getComputedStyle(t).fontSize)))"
    assert page.locator(".contourlabels text").evaluate_all(contours) >= 18
    page.keyboard.press("Escape")
    page.wait_for_selector("[data-testid=stSidebar] [data-testid=stExpander]", state="attached")
    page.wait_for_url(re.compile(r"^(?!.*present)"))
    page.wait_for_selector(".lab-stage:not(.lab-present)")


def test_an_error_in_one_chart_stops_neither_the_others_nor_the_controls(server: str, chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.set_default_timeout(60_000)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "Bottleneck Lab" in message.text else None)
    page.goto(f"{server}/?steps=100000&stops=5&n=300")
    wait_past(page, 0)
    page.evaluate("""() => { const chart = window.labStage.charts.get('latent');
      chart.bound = () => { throw new Error('cannot be laid out'); }; }""")
    wait_past(page, page.evaluate(STEP) + 50)
    page.wait_for_selector("[data-testid=stSidebar] [data-testid=stExpander]")
    page.wait_for_selector(".lab-chart >> nth=0 >> .lab-sketch")
    assert 1 <= len(said) <= 2 and "cannot be laid out" in said[0], "once by each hand"
    page.keyboard.press("Space")
    page.wait_for_function("() => /paused/.test(document.querySelector('.lab-status').textContent)")
    context.close()


def test_before_training_a_chart_shows_nothing_where_nothing_is_known(visit: Any) -> None:
    page = visit("?steps=60&stops=5&n=300")
    page.wait_for_function("() => window.labStage?.charts.size")
    drawn = page.evaluate("""() => window.labStage.charts.get('plane').bound({ type: 'bar', y: ['rate', 'I(Z;Y)'],
      meta: { bind: { x: 'account_known' } } }, { arrays: {}, texts: {}, chosen: 0, theme: {} }).x""")
    assert drawn == [], "and not 1, 2, 3, which Plotly would take"
