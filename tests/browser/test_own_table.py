"""A table of one's own: refused in words, shown, and found again by its link and the file."""

import numpy as np
import pytest

from tests.browser.conftest import open_sidebar
from tests.browser.test_explore import STEP

pytestmark = pytest.mark.browser
LINK = "?steps=60&n=400&encoder=8&batch=32"


def upload(page, text: str) -> None:  # type: ignore[no-untyped-def]
    open_sidebar(page)
    page.get_by_role("combobox", name="Dataset").click()
    page.get_by_role("option", name="own").click()
    page.wait_for_selector("input[type=file]", state="attached")
    page.locator("input[type=file]").set_input_files({"name": "t.csv", "mimeType": "text/csv", "buffer": text.encode()})


def table() -> str:
    rng = np.random.default_rng(3)
    rows = [
        f"{rng.normal(i % 3):.3f},{rng.normal(-(i % 3)):.3f},{('cat', 'dog', '<b>x</b>')[i % 3]}" for i in range(150)
    ]
    return "\n".join(["width,height,kind", *rows])


def finished(page, steps: int = 60) -> list[str]:  # type: ignore[no-untyped-def]
    page.wait_for_function(
        f"() => /own table|default problem|finished/.test(document.body.innerText) && ({STEP})() === {steps} "
        "&& document.querySelector('.lab-play').dataset.playing === 'false'"
    )
    page.wait_for_timeout(1500)
    return page.locator(".lab-numbers dd").all_inner_texts()


def test_a_bad_table_is_refused_and_a_good_one_shown_and_linked(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit(LINK)
    upload(page, "a,b,kind\n" + "1,x*y,z\n" * 100)
    page.wait_for_selector("[data-testid=stAlert]")
    said = page.inner_text("[data-testid=stAlert]")
    assert "line 2" in said and "x*y" in said and "expected a finite number" in said
    page.locator("input[type=file]").set_input_files(
        {"name": "good.csv", "mimeType": "text/csv", "buffer": table().encode()}
    )
    page.wait_for_function("() => /own table changed/.test(document.querySelector('.lab-status').textContent)")
    first = finished(page)
    assert "dataset=own" in page.url and "table=" in page.url
    assert "‹b›x" in page.evaluate("() => JSON.stringify(window.labStage.document.classes.names)")

    other = visit(page.url.split("/")[-1])
    assert "does not travel" in other.inner_text("[data-testid=stAlert]")
    upload(other, table())
    other.wait_for_function("() => /own table changed/.test(document.querySelector('.lab-status').textContent)")
    assert finished(other) == first
