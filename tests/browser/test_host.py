"""Streamlit's own page around the stage: what our style changes of it is changed."""

from typing import Any

import pytest

from tests.browser.driving import QUICK, at_rest

pytestmark = pytest.mark.browser
STYLE = "(selector) => { const style = getComputedStyle(document.querySelector(selector)); return [style.paddingLeft, style.opacity]; }"  # noqa: E501


def test_what_is_changed_of_streamlits_page_is_changed(visit: Any) -> None:
    page = visit("vae?" + QUICK)
    at_rest(page)
    assert page.evaluate(STYLE, ".stMainBlockContainer")[0] == "25.6px"
    assert page.evaluate(STYLE, "[data-testid=stCaptionContainer]")[1] == "0.85"
    holder = "[data-stale]:has(.lab-stage)"
    assert page.locator(holder).count() > 0
    page.evaluate("(selector) => document.querySelector(selector).setAttribute('data-stale', 'true')", holder)
    assert page.evaluate(STYLE, holder)[1] == "1", "no fading while the page is laid out anew"
    page = visit("?present=1&" + QUICK)
    at_rest(page)
    assert page.locator(".stAppHeader:visible, .stSidebar:visible").count() == 0
