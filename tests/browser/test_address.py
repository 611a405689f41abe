"""The address names what is on screen, without filling the history; Back goes back; what cannot be had is said."""

import re

import pytest

from tests.browser.conftest import open_sidebar

pytestmark = pytest.mark.browser
SHORT = "stops=6&steps=40&n=300&encoder=8&batch=32"
LENGTH = "() => history.length"


def finished(page, steps: int = 40) -> list[str]:  # type: ignore[no-untyped-def]
    """The key numbers, once training is over."""
    page.wait_for_function(
        f"() => document.querySelector('.lab-status').textContent.includes('finished: all 6 stops · step {steps}')"
    )
    page.wait_for_timeout(800)
    return page.locator(".lab-numbers dd").all_inner_texts()


def widgets_show(page, dataset: str) -> None:  # type: ignore[no-untyped-def]
    page.wait_for_function(f"() => document.querySelector('input[aria-label*=Dataset]')?.value === '{dataset}'")


def numbers_become(page, numbers: list[str]) -> None:  # type: ignore[no-untyped-def]
    page.wait_for_function(
        "(all) => [...document.querySelectorAll('.lab-numbers dd')].map((n) => n.innerText).join() === all.join()",
        arg=numbers,
    )


def test_a_drag_over_all_stops_adds_no_entry_to_the_history(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("?steps=30&stops=25")
    page.wait_for_function("() => /finished/.test(document.querySelector('.lab-status').textContent)")
    before = page.evaluate(LENGTH)
    page.evaluate(
        """async () => { const range = document.querySelector('.lab-range');
        for (let i = 0; i < 25; i++) { range.value = i; range.dispatchEvent(new Event('input', { bubbles: true }));
          await new Promise((done) => setTimeout(done, 160)); } }"""
    )
    page.wait_for_url(re.compile("beta=1.5"))
    assert page.evaluate(LENGTH) == before


def test_back_shows_the_earlier_dataset_with_its_widgets_and_forward_the_later(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit(f"?dataset=moons&{SHORT}&embed_options=x&utm_source=a&fbclid=b&__sign=c")
    first = finished(page)
    assert not page.locator("[data-testid=stAlert]").count(), "nobody asked for what a sharing service appends"
    assert "__sign=c" in page.url and "utm_source" not in page.url
    open_sidebar(page)
    entries = page.evaluate(LENGTH)
    page.get_by_role("combobox", name="Dataset").click()
    page.get_by_role("option", name="circles").click()
    page.wait_for_url(re.compile("dataset=circles"))
    second = finished(page)
    assert page.evaluate(LENGTH) == entries + 1
    page.go_back()
    page.wait_for_function("() => /earlier address/.test(document.querySelector('.lab-status').textContent)")
    widgets_show(page, "moons")
    numbers_become(page, first)
    assert "dataset=moons" in page.evaluate("() => location.search")
    page.go_forward()
    page.wait_for_url(re.compile("dataset=circles"))
    widgets_show(page, "circles")
    numbers_become(page, second)
    assert page.evaluate(LENGTH) == entries + 1


def test_back_from_the_other_page_and_a_copied_link_show_the_same_run(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit(f"?dataset=moons&{SHORT}")
    first, entries = finished(page), page.evaluate(LENGTH)
    page.get_by_role("link", name="VAE").click()
    page.wait_for_url(re.compile("/vae.*dataset=moons"))
    finished(page)
    assert page.evaluate(LENGTH) == entries + 1
    page.go_back()
    page.wait_for_url(lambda url: "/vae" not in url and "dataset=moons" in url)
    page.wait_for_selector(".lab-panel[aria-label='Information plane']")
    numbers_become(page, first)
    assert finished(visit(page.url.split("/")[-1])) == first


def test_what_cannot_be_had_goes_back_with_its_reason_beside_it(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("?steps=30&colour=red&stops=6")
    page.wait_for_function("() => /finished/.test(document.querySelector('.lab-status').textContent)")
    said = page.locator("[data-testid=stAlert]")
    assert "colour" in said.inner_text()
    page.get_by_role("button", name="×").click()
    said.wait_for(state="detached")
    open_sidebar(page)
    field = page.get_by_role("spinbutton", name="Examples")
    field.fill("100")
    field.press("Enter")
    said.wait_for()
    assert "got 128, expected 1 to 66" in said.inner_text()
    page.wait_for_function("(field) => field.value === '1500'", arg=field.element_handle())
    below = said.bounding_box()["y"] - field.bounding_box()["y"]
    assert 0 < below < 120, "beside its widget"


def test_pickers_of_latent_axes_count_from_one_and_follow_k(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("?steps=30&stops=6&latent_dim=3&dims=0,2")
    page.wait_for_function("() => /finished/.test(document.querySelector('.lab-status').textContent)")
    open_sidebar(page)
    first, second = (page.get_by_role("combobox", name=f"{name} axis") for name in ("First", "Second"))
    assert (first.input_value(), second.input_value()) == ("z1", "z3")
    first.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)  # an open list closes when the page scrolls
    first.click()
    page.get_by_role("option", name="z3").click()
    page.wait_for_url(re.compile("dims=2,0"))
    page.get_by_role("button", name="Model", exact=True).or_(page.get_by_text("Model", exact=True)).first.click()
    field = page.get_by_role("spinbutton", name="Latent dimensions")
    field.fill("2")
    field.press("Enter")
    page.wait_for_url(lambda url: "dims" not in url)
    page.wait_for_function("() => document.querySelector('.lab-status').textContent.includes('two of the model’s 2')")
    assert not first.count() and not page.locator("[data-testid=stException]").count()
