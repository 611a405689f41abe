"""What moves is drawn where it is, and a place of the latent plane is told as the model decodes it."""

from typing import Any

import pytest

from tests.browser.driving import CHOOSE, at_rest, pause, settled, wait_past

pytestmark = pytest.mark.browser
# colour of the moving picture at the chosen model's point of the information plane, and whether Plotly's is hidden
DOT = """() => { const { charts, state } = window.labStage, { div } = charts.get('plane');
  const canvas = div.querySelector('.lab-sketch');
  const layer = div.querySelector('.scatterlayer'); // not there until Plotly has drawn
  if (!canvas || !layer || !div._fullLayout) return null;
  const { xaxis, yaxis } = div._fullLayout, of = (name) => state.arrays[name].values[state.chosen];
  const at = [[xaxis, of('chosen_x')], [yaxis, of('chosen_y')]].map(([axis, value]) =>
    Math.round((axis._offset + axis.l2p(value)) * window.devicePixelRatio));
  return { ink: [...canvas.getContext('2d').getImageData(...at, 1, 1).data],
    hidden: getComputedStyle(layer).visibility === 'hidden' }; }"""


def test_a_moving_picture_has_the_chosen_model_where_plotly_puts_it(visit: Any) -> None:
    page = visit("?steps=100&stops=9&n=300")
    at_rest(page, 100)  # the picture is Plotly's alone
    for stop in (4, 5, 6):
        seen = page.evaluate(
            f"""async () => {{ // in one go: at rest, soon after, Plotly takes over
            for (let attempt = 0, seen; attempt < 10; attempt++) {{
              ({CHOOSE})(attempt % 2 ? 3 : {stop});
              for (let frame = 0; frame < 20; frame++) {{
                await new Promise(requestAnimationFrame);
                if ((seen = ({DOT})())) return seen;
              }}
            }} }}"""
        )
        assert seen == {"ink": [189, 31, 1, 255], "hidden": True}, "the chosen red, and nothing twice"
    page.wait_for_function("() => !document.querySelector('.lab-sketch, .lab-moving')")
    the_cursor_tells_what_a_place_means(page)


def test_training_is_drawn_by_hand_and_can_be_pointed_at(visit: Any) -> None:
    page = visit("?steps=100000&stops=9&n=300")
    wait_past(page, 50)
    page.wait_for_function(f"() => ({DOT})()?.ink[0] === 189")
    point_at_a_corner(page)
    assert page.get_attribute(".lab-play", "data-playing") == "true" and "z1" in page.inner_text(".lab-card")
    pause(page)
    settled(page)


def point_at_a_corner(page: Any) -> None:
    """Of the latent plane, where no input is near, by its own axes: how wide it is depends on the words around it."""
    x, y = page.evaluate(
        """() => { const { div, plan: { x, y } } = window.labStage.charts.get('latent');
        const { left, top } = div.getBoundingClientRect();
        return [left + x.start + 0.06 * x.length, top + y.start + 0.1 * y.length]; }"""
    )
    page.mouse.move(x, y)
    page.wait_for_selector(".lab-card:not([hidden])")


def the_cursor_tells_what_a_place_means(page: Any) -> None:
    point_at_a_corner(page)
    assert "z1 = −" in page.inner_text(".lab-card").replace("-", "−") and "q(y|z)" in page.inner_text(".lab-card")
    same = page.evaluate(
        """() => { const { state, card, document: doc } = window.labStage, code = state.arrays.latent_code;
        const from = code.models.indexOf(state.chosen) * 48 * 48, centre = (k) => -3.2 + (6.4 * (k + 0.5)) / 48;
        let same = 0;
        for (const [row, column] of [[4, 4], [10, 40], [24, 30], [40, 12], [44, 44]]) {
          state.place = [centre(column), centre(row)];
          card.show(doc);
          const bars = [...document.querySelectorAll('.lab-card .lab-odds i')];
          const odds = bars.map((bar) => parseFloat(bar.style.width));
          same += odds.indexOf(Math.max(...odds)) === Math.floor(code.values[from + 48 * row + column] / 25);
        }
        return same; }"""
    )
    assert same == 5, "the class of the map"
    page.mouse.move(5, 5)
    page.wait_for_selector(".lab-card", state="hidden")
