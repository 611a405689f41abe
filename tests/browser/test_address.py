"""The address names what is on screen, without filling the history; Back goes back; what cannot be had is said."""

import re
from typing import Any

import pytest

from tests.browser.driving import CHOOSE, QUICK, at_rest, numbers_become, open_sidebar, pick, status_says

pytestmark = pytest.mark.browser
LENGTH = "() => history.length"
ALERT = "[data-testid=stAlert]"
# the number of examples is back at what it was, and the reason stands under it
REFUSED_BESIDE = """(reason) => { const field = document.querySelector('input[aria-label^=Examples]');
  const said = document.querySelector('[data-testid=stAlert]');
  const below = said && field ? said.getBoundingClientRect().y - field.getBoundingClientRect().y : 0;
  return said?.innerText.includes(reason) && field.value === '300' && below > 0 && below < 120; }"""


def test_a_drag_over_all_stops_adds_no_entry_to_the_history(visit: Any) -> None:
    page = visit("?steps=30&stops=25&n=300")
    status_says(page, "finished")
    before = page.evaluate(LENGTH)
    page.evaluate(
        f"""async () => {{ for (let i = 0; i < 25; i++) {{ ({CHOOSE})(i);
          await new Promise((done) => setTimeout(done, 130)); }} }}"""  # longer than between two of its messages
    )
    page.wait_for_url(re.compile("beta=1.8"))
    assert page.evaluate(LENGTH) == before


def test_back_shows_the_earlier_dataset_with_its_widgets_and_forward_the_later(visit: Any) -> None:
    page = visit(f"?dataset=blobs&{QUICK}&embed_options=x&utm_source=a&fbclid=b&__sign=c")
    first = at_rest(page)
    assert not page.locator(ALERT).count(), "nobody asked for what a sharing service appends"
    assert "__sign=c" in page.url and "utm_source" not in page.url
    open_sidebar(page)
    entries = page.evaluate(LENGTH)
    pick(page, "Dataset", "moons")
    page.wait_for_url(re.compile("dataset=moons"))
    status_says(page, "dataset changed")
    second = at_rest(page)
    assert "seed 0" in page.inner_text(".lab-status")
    assert page.evaluate("() => window.labStage.document.classes.names") == ["0", "1"], "two moons, not five blobs"
    assert page.evaluate(LENGTH) == entries + 1
    page.go_back()
    status_says(page, "earlier address")
    widgets_show(page, "blobs")
    numbers_become(page, first)
    assert "dataset=blobs" in page.evaluate("() => location.search")
    page.go_forward()
    page.wait_for_url(re.compile("dataset=moons"))
    widgets_show(page, "moons")
    numbers_become(page, second)
    assert page.evaluate(LENGTH) == entries + 1


def widgets_show(page: Any, dataset: str) -> None:
    page.wait_for_function(f"() => document.querySelector('input[aria-label*=Dataset]')?.value === '{dataset}'")


def test_the_pages_lead_to_each_other_with_the_same_problem_and_back(visit: Any) -> None:
    page = visit(f"?dataset=moons&{QUICK}")
    first, entries = at_rest(page), page.evaluate(LENGTH)
    page.get_by_role("link", name="VAE").click()
    page.wait_for_url(re.compile("/vae.*dataset=moons"))
    page.wait_for_selector(".lab-panel[aria-label='Rate and distortion']")
    at_rest(page)
    assert page.evaluate(LENGTH) == entries + 1
    page.go_back()
    page.wait_for_url(lambda url: "/vae" not in url and "dataset=moons" in url)
    page.wait_for_selector(".lab-panel[aria-label='Information plane']")
    numbers_become(page, first)


def test_what_cannot_be_had_is_said_and_goes_back_with_its_reason_beside_it(visit: Any) -> None:
    page = visit(f"?dataset=circles&{QUICK}&colour=red&lr=huge")
    status_says(page, "finished")
    said = page.locator(ALERT)
    words = said.inner_text()
    assert "colour" in words and "huge" in words and "expected a number from" in words
    page.get_by_role("button", name="×").click()
    said.wait_for(state="detached")
    open_sidebar(page)
    field = page.get_by_role("spinbutton", name="Examples")
    field.fill("100")
    field.press("Enter")
    page.wait_for_function(REFUSED_BESIDE, arg="got 128, expected 1 to 67")
    page.reload()
    at_rest(page)
    assert "dataset=circles" in page.url and "lr=" not in page.url and "colour" not in page.url


def test_pickers_of_latent_axes_count_from_one_and_follow_k(visit: Any) -> None:
    page = visit(f"?{QUICK}&latent_dim=3&dims=z1,z3")
    status_says(page, "finished")
    open_sidebar(page)
    first, second = (page.get_by_role("combobox", name=f"{name} axis") for name in ("First", "Second"))
    assert (first.input_value(), second.input_value()) == ("z1", "z3")
    first.scroll_into_view_if_needed()
    pick(page, "First axis", "z3")
    page.wait_for_url(re.compile("dims=z3,z1"))
    page.get_by_test_id("stSidebar").get_by_text("Model", exact=True).click()
    field = page.get_by_role("spinbutton", name="Latent dimensions")
    field.fill("2")
    field.press("Enter")
    page.wait_for_url(lambda url: "dims" not in url)
    status_says(page, "two of the model’s 2")
    assert not first.count() and not page.locator("[data-testid=stException]").count()
