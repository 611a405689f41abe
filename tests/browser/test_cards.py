"""A card's own menu, the line above the toolbar, presenter mode, and an error that stays in its chart."""

import re
from typing import Any

import pytest

from tests.browser.driving import CONTROLS, QUICK, at_rest, status_says, step, wait_past

pytestmark = pytest.mark.browser
NAME = r"explore-plane-moons-beta-[\d.e-]+-step-60\."
CORNER = """async (bytes) => { const image = await createImageBitmap(new Blob([Uint8Array.from(bytes)]));
  const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  const data = pen.getImageData(0, 0, image.width, image.height).data; let dark = 0;
  for (let i = 0; i < data.length; i += 4) dark += data[i] < 90 && data[i + 1] < 90 && data[i + 2] < 90;
  return { corner: [...data.slice(0, 4)], width: image.width, dark }; }"""


LARGE = """() => { const seen = (node) => node.offsetParent !== null || node.closest('svg')?.parentElement.offsetParent;
  const text = '.lab-numbers dt, .lab-status, .lab-meaning, .lab-title, .lab-title small, .lab-tab, .lab-button, '
    + '.lab-chart .xtick text, .lab-chart .xtitle, .lab-chart .ytitle, .lab-chart .annotation-text';
  return [...document.querySelectorAll(text)].filter((node) => seen(node) && node.textContent)
    .map((node) => parseFloat(getComputedStyle(node).fontSize)); }"""
SIZE = "(selector) => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize)"


def pick(page: Any, item: str) -> None:
    page.click(".lab-menu >> nth=0")
    page.get_by_role("menuitem", name=item).click()


def copied(page: Any) -> str:
    return str(page.evaluate("() => navigator.clipboard.readText()"))


def test_a_card_saves_copies_and_resets_and_the_header_names_and_shares_the_page(visit: Any) -> None:
    page = visit(f"?dataset=moons&{QUICK}", theme="dark")
    at_rest(page)
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
    assert text.startswith("<svg") and "Information plane: moons" in text and "step 60" in text
    page.bring_to_front()
    pick(page, "Copy data as CSV")
    page.wait_for_function("() => /Data copied/.test(window.labStage.voice.textContent)")
    rows = copied(page).splitlines()
    assert rows[0].startswith("trace,") and sum(row.startswith("test,") for row in rows) == 5
    before = page.evaluate("() => [...window.labStage.charts.get('plane').div._fullLayout.xaxis.range]")
    page.evaluate("() => window.Plotly.relayout(window.labStage.charts.get('plane').div, { 'xaxis.range': [1, 2] })")
    pick(page, "Reset view")
    page.wait_for_function(f"() => window.labStage.charts.get('plane').div._fullLayout.xaxis.range[1] === {before[1]}")

    assert page.inner_text("h1") == "Bottleneck Lab · Explore · moons"
    assert "price of remembering" in page.inner_text(".lab-sentence")
    page.click(".lab-share")
    page.wait_for_function("() => /copied/.test(document.querySelector('.lab-share').textContent)")
    assert copied(page) == page.url
    page.keyboard.press("?")
    words = page.inner_text(".lab-about")
    assert "Space" in words and "Information plane" in words and "red dashes" in words
    page.keyboard.press("?")
    assert page.locator(".lab-about[open]").count() == 0


def test_presenter_mode_is_large_fills_the_height_and_has_a_way_out(visit: Any) -> None:
    page = visit(f"?present=1&{QUICK}", width=1920, height=1080)
    at_rest(page)
    lowest = page.evaluate(
        "() => Math.max(...[...document.querySelectorAll('.lab-stage > *')]"
        ".map((n) => n.getBoundingClientRect().bottom))"
    )
    assert 0.9 * 1080 < lowest <= 1080
    assert page.evaluate("() => document.documentElement.scrollHeight <= window.innerHeight + 1")
    sizes = page.evaluate(LARGE)
    assert len(sizes) > 30 and min(sizes) >= 17, sorted(sizes)[:5]
    assert page.locator(".stAppHeader:visible, .stSidebar:visible").count() == 0
    assert page.evaluate(SIZE, ".lab-beta") >= page.evaluate(SIZE, ".lab-numbers dd") >= 28
    assert "Explore · spirals" in page.inner_text("h1")
    page.click(".lab-tab:has-text('Input')")
    page.wait_for_selector(".contourlabels text")
    contours = "(all) => Math.min(...all.map((t) => parseFloat(getComputedStyle(t).fontSize)))"
    assert page.locator(".contourlabels text").evaluate_all(contours) >= 18
    page.keyboard.press("Escape")
    page.wait_for_selector(CONTROLS, state="attached")
    page.wait_for_url(re.compile(r"^(?!.*present)"))
    page.wait_for_selector(".lab-stage:not(.lab-present)")


def test_an_error_in_one_chart_stops_neither_the_others_nor_the_controls(visit: Any) -> None:
    page = visit("?steps=100000&stops=5&n=300", width=1920, height=1080)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "Bottleneck Lab" in message.text else None)
    wait_past(page, 0)
    empty = page.evaluate("""() => window.labStage.charts.get('plane').bound({ type: 'bar', y: ['rate', 'I(Z;Y)'],
      meta: { bind: { x: 'account_known' } } }, { arrays: {}, texts: {}, chosen: 0, theme: {} }).x""")
    assert empty == [], "what is not known yet is nothing, and not 1, 2, 3, which Plotly would take"
    page.evaluate("""() => { const chart = window.labStage.charts.get('latent');
      chart.bound = () => { throw new Error('cannot be laid out'); }; }""")
    wait_past(page, step(page) + 50)
    page.wait_for_selector(CONTROLS)
    page.wait_for_selector(".lab-chart >> nth=0 >> .lab-sketch")
    assert 1 <= len(said) <= 2 and "cannot be laid out" in said[0], "once by each hand"
    page.keyboard.press("Space")
    status_says(page, "paused")
