"""The VAE page as its users meet it."""

from typing import Any

import pytest

from tests.browser.driving import CHOOSE, QUICK, at_rest

pytestmark = pytest.mark.browser
DECODED = """() => { const { state, card, document: doc } = window.labStage, { grid } = state.arrays;
  const side = 8 * 9 - 1, from = grid.models.indexOf(state.chosen) * side * side; // tiles of 8 × 8 and gaps of 1
  let worst = 0;
  for (const [row, column] of [[0, 0], [3, 4], [7, 7], [2, 6]]) {
    const z = (k) => -3.2 + (6.4 * (6 + 5 * k + 0.5)) / 48;
    state.place = [z(column), z(row)];
    card.show(doc);
    const drawn = document.querySelector('.lab-card canvas').getContext('2d').getImageData(0, 0, 8, 8).data;
    for (let i = 0; i < 64; i++) {
      const y = 9 * row + 7 - Math.floor(i / 8), x = 9 * column + (i % 8); // the table's rows go up
      const ink = (255 * grid.values[from + y * side + x]) / 254;
      worst = Math.max(worst, Math.abs(ink - (255 - drawn[4 * i])));
    } }
  return worst; }"""


def test_the_elbo_is_the_sum_of_its_parts_places_are_decoded_and_dragging_needs_no_server(visit: Any) -> None:
    page = visit(f"vae?dataset=digits&encoder=32&decoder=32&{QUICK}")
    values = at_rest(page)
    named = list(zip(page.locator(".lab-numbers dt").all_inner_texts(), values, strict=True))
    elbo, rate, cost = (
        next(float(value.replace("−", "-").replace(",", "")) for caption, value in named if caption.startswith(name))
        for name in ("ELBO", "rate", "distortion")
    )
    assert elbo == pytest.approx(-(rate + cost), abs=0.02)
    assert "ELBO" in page.inner_text(".lab-ticks")
    assert page.evaluate(DECODED) <= 3, "bytes; half precision and rounding"
    dragging_needs_no_server(page)


def dragging_needs_no_server(page: Any) -> None:
    before = page.inner_text(".lab-numbers")
    page.context.set_offline(True)
    try:
        page.evaluate(f"() => ({CHOOSE})(1)")
        page.wait_for_function(f"() => document.querySelector('.lab-numbers').innerText !== {before!r}")
        assert page.evaluate("() => window.labStage.state.chosen") == 1
    finally:
        page.context.set_offline(False)
