"""Every dataset on every page at both sizes, by link and by reload: it trains, and has its charts and controls."""

from typing import Any

import pytest
from playwright.sync_api import Page, TimeoutError

from tests.browser.test_explore import STEP

pytestmark = pytest.mark.browser
DATASETS = ("spirals", "moons", "circles", "blobs", "xor", "gaussian", "digits", "iris", "wine", "breast_cancer")
SIZES = ((1366, 768), (1920, 1080))
PAGES = ("?", "vae?", "vae?compare=1&")
QUICK = "steps=60&stops=3&n=300&batch=32"
# a chart is a sketch, or Plotly's; the sketch of a figure that stands still may wait for Plotly for as long as it likes
STANDS = f"""() => ({STEP})() >= 50 && document.querySelector('[data-testid=stSidebar] [data-testid=stExpander]')
  && [...document.querySelectorAll('.lab-chart')].every((chart) => !chart.offsetParent
    || chart.querySelector('.lab-sketch, .main-svg .xaxislayer-above'))"""
MISSING = """() => { const { document: doc, charts } = window.labStage;
  return doc.panels.filter(({ id }) => !charts.get(id)?.div.isConnected).map(({ id }) => id); }"""


def watched(context: Any, width: int, height: int, told: list[str]) -> Page:
    """A page of a size, whose errors are written down."""
    page: Page = context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda message: told.append(message.text) if message.text.startswith("Bottleneck") else None)
    return page


def stands(page: Page, told: list[str]) -> bool:
    """Whether the page comes to stand; if not, with what is on it instead."""
    try:
        page.wait_for_function(STANDS, polling=100, timeout=60_000)
    except TimeoutError as error:
        raise AssertionError(f"{page.url} at {page.viewport_size}: {page.inner_text('body')[:600]} {told}") from error
    return page.evaluate(MISSING) == [] and told == []


@pytest.mark.parametrize("dataset", DATASETS)
def test_it_trains_with_charts_and_controls_by_link_and_by_reload(server: str, chromium: Any, dataset: str) -> None:
    context, told = chromium.new_context(), []
    pages = [watched(context, width, height, told) for width, height in SIZES]
    for path in PAGES:
        for page in pages:  # both at once: half of opening is waiting
            page.goto(f"{server}/{path}{QUICK}&dataset={dataset}", wait_until="commit")
        assert all([stands(page, told) for page in pages]), (path, told)
        for page in pages:
            page.reload(wait_until="commit")
        assert all([stands(page, told) for page in pages]), (path, told)
    context.close()
