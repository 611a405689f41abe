"""What a press in the sidebar makes comes as a file, and the stage is never rebuilt by it."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.driving import SIDEBAR, at_rest, open_sidebar

pytestmark = pytest.mark.browser
HELD = (
    "() => { window.held = [...document.querySelectorAll('.lab-stage, .js-plotly-plot')]; return window.held.length; }"
)
STANDS = """() => window.held.every((node, i) => node.isConnected
  && node === [...document.querySelectorAll('.lab-stage, .js-plotly-plot')][i])"""


def unfold(page: Any) -> None:
    """Open the place of it, which a page that is laid out anew meanwhile may close again."""
    open_sidebar(page)
    kinds = page.get_by_role("combobox", name="Take home")
    for _ in range(20):
        page.locator(f"{SIDEBAR} summary", has_text="Export").click()
        page.wait_for_timeout(500)
        if kinds.is_visible():
            return


def choose(page: Any, kind: str) -> None:
    """Choose a kind of file by its name and Enter: a list that opens while its place unfolds may close again."""
    kinds = page.get_by_role("combobox", name="Take home")
    kinds.fill(kind)
    kinds.press("Enter")
    expect(kinds).to_have_value(kind, timeout=60_000)


def made(page: Any, kind: str) -> Any:
    """A file of a kind, made and saved."""
    choose(page, kind)
    page.get_by_role("button", name="Make", exact=True).click()
    with page.expect_download() as coming:
        page.locator(f"{SIDEBAR} [data-testid=stDownloadButton] button").click()
    return coming.value


def test_files_are_made_and_saved_while_the_stage_stands(visit: Any, chromium: Any, tmp_path: Path) -> None:
    page = visit("?steps=60&stops=15&n=300&seed=5")  # nobody else's: a replay of it is not made at once
    at_rest(page)
    unfold(page)
    assert page.evaluate(HELD) > 2
    curve = made(page, "Curve as JSON")
    assert curve.suggested_filename == "explore-spirals-seed-5-step-60.json"
    assert json.loads(curve.path().read_bytes())["config"]["steps"] == 60
    figures = made(page, "Figures as HTML")
    assert figures.suggested_filename.startswith("explore-figures-spirals-seed-5-beta-0.")
    choose(page, "Replay as HTML")
    page.get_by_role("button", name="Make", exact=True).click()
    page.locator(f"{SIDEBAR} [data-testid=stProgress]").wait_for()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.locator(f"{SIDEBAR} [data-testid=stAlert]", has_text="Cancelled.").wait_for()
    assert page.evaluate(STANDS), "not rebuilt"
    figures.save_as(tmp_path / "figures.html")
    context = chromium.new_context(offline=True)
    alone, wrong = context.new_page(), []
    alone.on("pageerror", lambda error: wrong.append(str(error)))
    alone.on("request", lambda request: wrong.append(request.url) if request.url.startswith("http") else None)
    alone.goto((tmp_path / "figures.html").as_uri())
    alone.wait_for_function("() => document.querySelectorAll('.js-plotly-plot .main-svg').length > 12")
    context.close()
    assert not wrong
