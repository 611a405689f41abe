"""Nothing chosen is off the picture, and what Plotly shows at rest is what was sketched: without WebGL."""

from typing import Any

import pytest

from tests.browser.driving import CHOOSE, NEXT, QUICK, at_rest, settled

pytestmark = pytest.mark.browser
# class of the field's picture at some cell centres beside the class of the code that was sent, by the nearest colour
FIELD = """async (id) => { const { charts, state, document: doc } = window.labStage, { div } = charts.get(id);
  const found = div._fullLayout.images.find((image) => image.layer === 'below'), picture = new Image();
  await new Promise((done) => { picture.onload = done; picture.src = found.source; });
  const canvas = document.createElement('canvas'), side = 48;
  Object.assign(canvas, { width: picture.width, height: picture.height });
  const pen = canvas.getContext('2d');
  pen.drawImage(picture, 0, 0);
  const codes = state.arrays[`${id}_code`], from = codes.models.indexOf(state.chosen) * side * side, pairs = [];
  const colours = doc.classes.colours.map((c) => [1, 3, 5].map((i) => parseInt(c.slice(i, i + 2), 16)));
  for (let i = 2; i < side; i += 5) for (let j = 3; j < side; j += 7) {
    const [x, y] = [(j + 0.5) / side * canvas.width, (1 - (i + 0.5) / side) * canvas.height].map(Math.floor);
    const [r, g, b] = pen.getImageData(x, y, 1, 1).data;
    const apart = colours.map((c) => Math.hypot(c[0] - r, c[1] - g, c[2] - b));
    pairs.push([apart.indexOf(Math.min(...apart)), Math.floor(codes.values[from + side * i + j] / 25)]);
  }
  const { xaxis, yaxis } = div._fullLayout;
  const wide = found.sizex - xaxis.range[1] + xaxis.range[0];
  return { pairs, x: found.x - xaxis.range[0], y: found.y - yaxis.range[1], wide, width: canvas.width }; }"""


# words at the plane's edge for the chosen stop, the first, beside its rate; whether its whole dot is inside
EDGE = """() => { const { state, charts } = window.labStage, { div } = charts.get('plane');
  const words = [...div.querySelectorAll('.textpoint text')].map((node) => node.textContent);
  const still = !document.querySelector('.lab-sketch') && state.chosen === 0;
  const found = still && words.find((text) => text.includes('→'));
  if (!div._fullLayout) return null;
  const { _offset, _length } = div._fullLayout.xaxis, dots = [...div.querySelectorAll('.points path')];
  return found && { found, rate: state.arrays.plane_test_x.values[0], inside: dots.at(-1).getBoundingClientRect().right
    <= div.getBoundingClientRect().left + _offset + _length + 1 }; }"""


def test_a_dot_beyond_the_plane_is_seen_at_its_edge_and_every_field_has_its_classes(visit: Any) -> None:
    page = visit(f"?{QUICK}", width=1920, height=1080)
    at_rest(page)
    for plane in ("latent", "input"):
        seen = page.evaluate(FIELD, plane)
        assert abs(seen["x"]) < 1e-9 and abs(seen["y"]) < 1e-9 and abs(seen["wide"]) < 1e-9, plane
        assert seen["width"] > 48, "finer than the cells"
        assert sum(a == b for a, b in seen["pairs"]) >= 0.97 * len(seen["pairs"]), plane
    page.evaluate(f"() => ({CHOOSE})(0)")
    edge = page.wait_for_function(EDGE).json_value()
    assert edge["found"] == f"→ {edge['rate']:.1f} bits"
    assert edge["inside"], "the whole dot"
    settled(page)
    assert not page.query_selector("canvas.gl-canvas, .gl-container canvas")


# words of the information plane that lie on a dot, at rest: words by their boxes, dots by their middles
COVERED = """() => { const { div } = window.labStage.charts.get('plane');
  const box = (node) => node.getBoundingClientRect(), seen = (node) => getComputedStyle(node).visibility !== 'hidden';
  const upright = (node) => Math.abs(node.getScreenCTM().b) < 0.02;
  const words = [...div.querySelectorAll('.annotation text, .textpoint text')]
    .filter((node) => node.textContent.trim() && seen(node) && upright(node));
  const dots = [...div.querySelectorAll('.points path')].map(box)
    .map((r) => [(r.left + r.right) / 2, (r.top + r.bottom) / 2]);
  const lies = (r) => dots.some(([x, y]) => x > r.left && x < r.right && y > r.top && y < r.bottom);
  return { said: words.map((node) => node.textContent),
    covered: words.filter((node) => lies(box(node))).map((node) => node.textContent) }; }"""

# the same, once nothing of a stop moves any more: in one breath with the look, as a message may come in between
COVERED_AT_REST = f"""(stop) => {{ const {{ state, charts, header }} = window.labStage;
  const isDrawn = !state.busy && !charts.get('plane').isStale && !document.querySelector('.lab-sketch');
  return state.chosen === stop && header.chosen === stop && header.settled && isDrawn && ({COVERED})(); }}"""


def test_words_of_the_plane_lie_on_no_dot_whatever_is_chosen(visit: Any) -> None:
    page = visit("?steps=150")
    at_rest(page, 150)
    said: list[str] = []
    for stop in (0, 8, 16, 20, 24):
        page.evaluate(f"async () => {{ ({CHOOSE})({stop}); {NEXT} {NEXT} }}")  # sketched, then drawn at rest
        seen = page.wait_for_function(COVERED_AT_REST, arg=stop).json_value()
        said.append(" ".join(seen["said"]))
        assert seen["covered"] == [], stop
    assert all("nothing kept" in words for words in said), "\n".join(said)
    assert all("same loss: slope" in words for words in said), said
