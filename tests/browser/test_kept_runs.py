"""A run is kept by name, and opened again after the page was left: the same step and numbers, and nothing trains."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from dashboard.kept import PLACE
from tests.browser.driving import SIDEBAR, at_rest, numbers, open_sidebar, settled, status_says
from tests.servers import serving

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Address of an app that keeps runs, none so far: also where the test has a second go."""
    with serving(environment={**os.environ, PLACE: str(tmp_path / "runs.sqlite")}) as app:
        yield app.address


def unfold(page: Any, label: str) -> None:
    """Open the place of kept runs, which a page that is laid out anew meanwhile may close again."""
    open_sidebar(page)
    inside = page.locator(SIDEBAR).get_by_label(label, exact=True)
    place = page.locator(f"{SIDEBAR} details", has=page.locator("summary", has_text="Kept runs"))
    for _ in range(40):
        if place.get_attribute("open") is None:  # else it is open, and what it holds is on its way
            place.locator("summary").click()
        page.wait_for_timeout(500)
        if inside.is_visible():
            return


def test_a_kept_run_opens_where_it_was_after_its_page_was_left_and_is_deleted_for_good(visit: Any) -> None:
    page = visit("?steps=60&stops=5&n=300&dataset=moons&seed=4&beta=0.05")
    before = at_rest(page)
    unfold(page, "Name")
    name = page.get_by_role("textbox", name="Name", exact=True)
    name.fill("split <b>early</b>")
    name.press("Enter")
    side = page.locator(SIDEBAR)
    side.get_by_role("button", name="Keep", exact=True).press("Enter")
    expect(side.get_by_text("Kept up to step 60")).to_be_visible(timeout=60_000)
    page.goto(page.url.split("?")[0])
    status_says(page, "seed 0")
    unfold(page, "Kept")
    listed = side.get_by_role("combobox", name="Kept", exact=True)
    expect(listed).to_have_value(re.compile("^split <b>early</b> · "), timeout=60_000)
    side.locator("[data-testid=stButton] button", has_text="Open").click()
    status_says(page, "step 60")
    settled(page)
    assert numbers(page) == before and "seed=4" in page.url and "dataset=moons" in page.url
    side.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete it").click()
    expect(side.get_by_text("No run is kept yet.")).to_be_visible(timeout=60_000)
