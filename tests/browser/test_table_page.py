"""A table of one's own: refused in words, shown, and found again by its link and the file."""

import numpy as np
import pytest

from tests.browser.driving import at_rest, open_sidebar, pick, status_says

pytestmark = pytest.mark.browser
LINK = "?steps=60&stops=5&n=300&encoder=8&batch=32"


def upload(page, text: str) -> None:  # type: ignore[no-untyped-def]
    open_sidebar(page)
    pick(page, "Dataset", "own")
    page.wait_for_selector("input[type=file]", state="attached")
    page.locator("input[type=file]").set_input_files({"name": "t.csv", "mimeType": "text/csv", "buffer": text.encode()})


def table() -> str:
    rng = np.random.default_rng(3)
    rows = [
        f"{rng.normal(i % 3):.3f},{rng.normal(-(i % 3)):.3f},{('cat', 'dog', '<b>x</b>')[i % 3]}" for i in range(150)
    ]
    return "\n".join(["width,height,kind", *rows])


def refused(page) -> str:  # type: ignore[no-untyped-def]
    page.wait_for_selector("[data-testid=stSidebar] [data-testid=stAlert]")
    return " ".join(page.locator("[data-testid=stSidebar] [data-testid=stAlert]").all_inner_texts())


def test_a_bad_table_is_refused_and_a_good_one_shown_and_linked(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit(LINK)
    upload(page, "a,b,kind\n" + "1,x*y,z,w\n" * 3 + "1,x*y,z\n" * 100)
    said = refused(page)
    assert "line 2" in said and "4 cells" in said and "expected 3" in said and "the charts still show spirals" in said
    page.locator("input[type=file]").set_input_files(
        {"name": "good.data", "mimeType": "text/csv", "buffer": table().encode()}
    )
    status_says(page, "own table changed")
    first = at_rest(page)
    assert "dataset=own" in page.url and "table=" in page.url
    assert "‹b›x" in page.evaluate("() => JSON.stringify(window.labStage.document.classes.names)")
    assert "150 rows, 2 features, 3 classes" in page.inner_text("[data-testid=stSidebar]")
    link = page.url.split("/")[-1]

    page.locator("input[type=file]").set_input_files(
        {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"PK\x03\x04 xl/"}
    )
    page.wait_for_function("() => /Excel workbook/.test(document.body.innerText)")
    assert "the charts still show good.data" in refused(page)

    other = visit(link)
    assert "does not travel" in other.inner_text("[data-testid=stAlert]")
    upload(other, table())
    status_says(other, "own table changed")
    assert at_rest(other) == first
    other.get_by_role("link", name="VAE").first.click()
    other.wait_for_function("() => /t.csv: 150 rows/.test(document.body.innerText)")  # remembered across pages
