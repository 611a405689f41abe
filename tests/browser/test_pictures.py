"""What moves is drawn where it is, and a place of the latent plane is decoded as the model decodes it."""

import pytest

from tests.browser.test_explore import pause, wait_past

pytestmark = pytest.mark.browser
AT_REST = "() => window.labStage.scene.arrays.point_mu?.models.length === 25"
CHOOSE = """(i) => { const range = document.querySelector('.lab-range'); range.value = i;
  range.dispatchEvent(new Event('input', { bubbles: true })); }"""
# colour of the moving picture at the chosen model's point of the information plane, and whether Plotly's is hidden
DOT = """() => { const { charts, scene } = window.labStage, { div } = charts.get('plane');
  const canvas = div.querySelector('.lab-sketch');
  if (!canvas) return null;
  const { xaxis, yaxis } = div._fullLayout, of = (name) => scene.arrays[name].values[scene.chosen];
  const at = [[xaxis, of('chosen_x')], [yaxis, of('chosen_y')]].map(([axis, value]) =>
    Math.round((axis._offset + axis.l2p(value)) * window.devicePixelRatio));
  return { ink: [...canvas.getContext('2d').getImageData(...at, 1, 1).data],
    hidden: getComputedStyle(div.querySelector('.scatterlayer')).visibility === 'hidden' }; }"""


def test_a_moving_picture_has_the_chosen_model_where_plotly_puts_it(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("?steps=200")
    page.wait_for_function(AT_REST)
    page.wait_for_function("() => !document.querySelector('.lab-sketch')")  # at rest the picture is Plotly's alone
    for stop in (15, 18, 21):
        seen = page.evaluate(
            f"""() => {{ ({CHOOSE})({stop}); // in one go: at rest, a third of a second later, Plotly takes over
            return new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(({DOT})())))); }}"""
        )
        assert seen == {"ink": [189, 31, 1, 255], "hidden": True}, "the chosen red, and nothing twice"
    page.wait_for_function("() => !document.querySelector('.lab-sketch, .lab-moving')")


def test_training_is_drawn_by_hand_and_can_be_pointed_at(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("?steps=100000")
    wait_past(page, 50)
    page.wait_for_function(f"() => ({DOT})()?.ink[0] === 189")
    box = page.locator(".lab-chart").nth(1).bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.12 * box["height"])
    page.wait_for_selector(".lab-card:not([hidden])")
    assert page.get_attribute(".lab-play", "data-playing") == "true" and "z1" in page.inner_text(".lab-card")
    pause(page)
    page.wait_for_function("() => !document.querySelector('.lab-sketch')")


def test_a_place_is_decoded_as_the_model_decodes_it(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("vae?dataset=digits&encoder=32&decoder=32&steps=60")
    page.wait_for_function(AT_REST)
    furthest = page.evaluate(
        """() => { const { scene, card, document: doc } = window.labStage, { grid } = scene.arrays;
        const side = 8 * 9 - 1, from = grid.models.indexOf(scene.chosen) * side * side; // tiles of 8 × 8 and gaps of 1
        let worst = 0;
        for (const [row, column] of [[0, 0], [3, 4], [7, 7], [2, 6]]) {
          const z = (k) => -3.2 + (6.4 * (6 + 5 * k + 0.5)) / 48;
          scene.place = [z(column), z(row)];
          card.show(doc);
          const drawn = document.querySelector('.lab-card canvas').getContext('2d').getImageData(0, 0, 8, 8).data;
          for (let i = 0; i < 64; i++) {
            const y = 9 * row + 7 - Math.floor(i / 8), x = 9 * column + (i % 8); // the table's rows go up
            const ink = (255 * grid.values[from + y * side + x]) / 254;
            worst = Math.max(worst, Math.abs(ink - (255 - drawn[4 * i])));
          } }
        return worst; }"""
    )
    assert furthest <= 3, "bytes; half precision and rounding"


def test_the_cursor_tells_what_a_place_of_the_latent_plane_means(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("?steps=300")
    page.wait_for_function(AT_REST)
    page.wait_for_timeout(1000)
    box = page.locator(".lab-chart").nth(1).bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.12 * box["height"])  # a corner: no input near
    page.wait_for_selector(".lab-card:not([hidden])")
    assert "z1 = −" in page.inner_text(".lab-card").replace("-", "−") and "q(y|z)" in page.inner_text(".lab-card")
    same = page.evaluate(
        """() => { const { scene, card, document: doc } = window.labStage, code = scene.arrays.latent_code;
        const from = code.models.indexOf(scene.chosen) * 48 * 48, centre = (k) => -3.2 + (6.4 * (k + 0.5)) / 48;
        let same = 0;
        for (const [row, column] of [[4, 4], [10, 40], [24, 30], [40, 12], [44, 44]]) {
          scene.place = [centre(column), centre(row)];
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
