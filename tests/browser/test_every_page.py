"""Every dataset on every page at both sizes, by link and by reload: it trains, and has its charts and controls."""

import pytest

from tests.browser.test_explore import STEP

pytestmark = pytest.mark.browser
DATASETS = ("spirals", "moons", "circles", "blobs", "xor", "gaussian", "digits", "iris", "wine", "breast_cancer")
SIZES = ((1366, 768), (1920, 1080))
PAGES = ("?", "vae?", "vae?compare=1&")
QUICK = "steps=60&stops=3&n=300&batch=32"
STANDS = f"""() => ({STEP})() >= 50 && document.querySelector('[data-testid=stSidebar] [data-testid=stExpander]')
  && document.querySelectorAll('.js-plotly-plot .xtick').length > 4"""
MISSING = """() => { const { document: doc, charts } = window.labStage;
  return doc.panels.filter(({ id }) => !charts.get(id)?.div.isConnected).map(({ id }) => id); }"""


@pytest.mark.parametrize("dataset", DATASETS)
def test_it_trains_with_charts_and_controls_by_link_and_by_reload(server: str, chromium, dataset: str) -> None:  # type: ignore[no-untyped-def]
    context, told = chromium.new_context(), []
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda message: message.text.startswith("Bottleneck Lab") and told.append(message.text))
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for path in PAGES:
            page.goto(f"{server}/{path}{QUICK}&dataset={dataset}")
            for again in (False, True):
                if again:
                    page.reload()
                page.wait_for_function(STANDS)
                assert page.evaluate(MISSING) == [] and told == [], (path, width, again)
    context.close()
