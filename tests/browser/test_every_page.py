"""Every dataset on every page at both sizes, by link and by reload: it trains, and has its charts and controls."""

from typing import Any

import pytest
from playwright.sync_api import TimeoutError

from tests.browser.driving import CONTROLS, STEP

pytestmark = pytest.mark.browser
DATASETS = ("spirals", "moons", "circles", "blobs", "xor", "gaussian", "digits", "iris", "wine", "breast_cancer")
SIZES = ((1366, 768), (1920, 1080))
LIKE_OTHERS = ("moons", "circles", "blobs", "xor", "wine", "breast_cancer")  # as spirals or iris: by link alone
PAGES = ("?", "vae?")
BESIDE = "vae?compare=1&"  # a VIB beside the VAE: the same page with other charts
QUICK = "steps=60&stops=3&n=300&batch=32"
# it has the layout of its size; a chart is a sketch, or Plotly's; the sketch of a figure that stands still may wait for
# Plotly for as long as it likes
STANDS = f"""([width, height]) => ({STEP})() >= 50 && innerWidth === width && document.querySelector('{CONTROLS}')
  && window.labStage.room.high === (height > 1000)
  && [...document.querySelectorAll('.lab-chart')].every((chart) => !chart.offsetParent
    || chart.querySelector('.lab-sketch, .main-svg .xaxislayer-above')
    && (!chart._fullLayout || Math.abs(chart._fullLayout.width - chart.clientWidth) < 2))"""
MISSING = """() => { const { document: doc, charts } = window.labStage;
  return doc.panels.filter(({ id }) => !charts.get(id)?.div.isConnected).map(({ id }) => id); }"""

# charts that Plotly has drawn elsewhere than it was planned
MISPLACED = """() => [...window.labStage.charts.values()].filter(({ div, plan }) => {
  const { xaxis, yaxis, width } = div._fullLayout ?? {};
  if (!plan || !div.offsetParent || width !== plan.width) return false;
  return [[plan.x, xaxis], [plan.y, yaxis]].some(([{ start, length, range }, axis]) => `${range}` !== `${axis.range}`
    || Math.abs(start - axis._offset) > 1 || Math.abs(length - axis._length) > 1);
}).map(({ panel }) => panel.id)"""


def stand(pages: list[Any], size: tuple[int, int], told: list[str]) -> None:
    """Every page comes to stand, with all its charts; if not, with what is on it instead."""
    for page in pages:
        try:
            page.wait_for_function(STANDS, arg=size, polling=100, timeout=60_000)
        except TimeoutError as error:
            raise AssertionError(f"{page.url} at {size}: {page.inner_text('body')[:600]} {told}") from error
        assert page.evaluate(MISSING) == [] and told == [], (page.url, size, told)
        assert page.evaluate(MISPLACED) == [], (page.url, size)


def resize(pages: list[Any], size: tuple[int, int]) -> None:
    for page in pages:
        page.set_viewport_size({"width": size[0], "height": size[1]})


@pytest.mark.parametrize("dataset", DATASETS)
def test_it_trains_with_charts_and_controls_by_link_and_by_reload(visit: Any, dataset: str) -> None:
    """By link it opens at one size, and after a change by reload at the other: every second dataset the other way. The
    comparison is opened by link alone, at the size of the reload. What is like others is opened once."""
    one, other = SIZES if DATASETS.index(dataset) % 2 else SIZES[::-1]  # digits by link at the larger
    told: list[str] = []

    def listen(page: Any) -> None:
        page.on("console", lambda said: told.append(said.text) if said.text.startswith("Bottleneck") else None)

    def opened(path: str, size: tuple[int, int]) -> Any:
        return visit(f"{path}{QUICK}&dataset={dataset}", width=size[0], height=size[1], prepare=listen)

    pages = [opened(path, one) for path in PAGES]  # at once: half is waiting
    stand(pages, one, told)
    if dataset in LIKE_OTHERS:
        return
    resize(pages, other)
    for page in pages:
        page.reload(wait_until="commit")
    stand([*pages, opened(BESIDE, other)], other, told)
