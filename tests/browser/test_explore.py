"""Explore as its users meet it: it trains by itself, stops, is dragged, clicked, linked, reset, shown."""

from typing import Any

import pytest

from tests.browser.driving import (
    CHOOSE,
    NEXT,
    QUICK,
    at_rest,
    numbers,
    settled,
    status_says,
    step,
    wait_past,
)

pytestmark = pytest.mark.browser
WATCH = """() => { window.seen = new Set(); (function look() {
  document.querySelectorAll('.js-plotly-plot').forEach((node) => window.seen.add(node));
  requestAnimationFrame(look); })(); }"""
# the dot of the plane that stands furthest from all others: its stop and its place on the page
LONELY = """() => { const { charts, state } = window.labStage, { div } = charts.get('plane'), f = div._fullLayout;
  const box = div.getBoundingClientRect(), test = div.data.find((trace) => trace.name === 'test');
  const places = Array.from(test.x, (x, i) => [box.x + f.xaxis._offset + f.xaxis.l2p(x),
    box.y + f.yaxis._offset + f.yaxis.l2p(test.y[i])]);
  const inside = ([u]) => u < box.x + f.xaxis._offset + f.xaxis._length - 12;
  const alone = ([u, v], i) => Math.min(...places.map(([a, b], j) => (i === j ? Infinity : Math.hypot(a - u, b - v))));
  const found = places.map((at, i) => [i === state.chosen || !inside(at) ? -1 : alone(at, i), i, ...at]);
  return found.reduce((a, b) => (b[0] > a[0] ? b : a)); }"""


def test_it_trains_by_itself_without_rebuilding_a_chart_and_stop_stops(visit: Any) -> None:
    page = visit()
    page.wait_for_selector(".js-plotly-plot .xtick", state="attached")
    page.evaluate(WATCH)
    wait_past(page, step(page) + 300)
    assert page.evaluate("() => window.seen.size") == page.locator(".js-plotly-plot").count()
    page.keyboard.press("Space")
    shown = page.evaluate(
        f"async () => {{ {NEXT} {NEXT} return document.querySelector('.lab-play').dataset.playing; }}"
    )
    assert shown == "false", "a button shows what its key did at the next frame, before the server has heard of it"
    status_says(page, "paused")
    at = step(page)
    page.wait_for_function("() => /\\d % *$/.test(document.querySelectorAll('.lab-numbers dd')[2].innerText)")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "(step) => document.querySelector('.lab-status').textContent.includes(step)", arg=f"step {at + 1:,} "
    )
    page.keyboard.press("Space")
    wait_past(page, at + 60)


def test_at_rest_dragging_needs_no_server_and_a_dot_of_the_plane_chooses_its_beta(visit: Any) -> None:
    page = visit("?steps=100&stops=12&n=300")
    at_rest(page, 100)
    page.context.set_offline(True)
    try:
        moved = page.evaluate(
            f"""async () => {{ const places = new Set();
            const frame = () => new Promise((done) => requestAnimationFrame(done));
            for (let i = 0; i < 12; i++) {{ ({CHOOSE})(i);
              for (let k = 0; k < 12; k++) await frame();
              places.add(window.labStage.charts.get('latent').div.data.find((t) => t.meta?.point).x[0]); }}
            return places.size; }}"""
        )
    finally:
        page.context.set_offline(False)
    assert moved >= 10, "a picture a stop; two that have forgotten everything may be alike"
    settled(page)
    distance, stop, x, y = page.evaluate(LONELY)
    assert distance > 12
    page.mouse.move(x, y)
    page.mouse.click(x, y)
    page.wait_for_function("(stop) => window.labStage.state.chosen === stop", arg=stop)
    page.wait_for_function(
        "(beta) => location.search.includes(`beta=${beta}`)", arg=page.inner_text(".lab-beta").removeprefix("β = ")[:4]
    )


def test_pointing_at_an_input_tells_its_bits_odds_and_picture(visit: Any) -> None:
    page = visit(f"?dataset=digits&{QUICK}")
    at_rest(page)
    page.evaluate("() => window.labStage.pin(3)")
    page.wait_for_selector(".lab-card:not([hidden])")
    assert "bits" in page.inner_text(".lab-card")
    assert page.locator(".lab-card canvas").count() == 1
    assert page.locator(".lab-odds i").count() == 10


def test_link_reload_and_reset_lead_to_the_same_numbers_and_a_new_seed_in_one_tab_to_others(visit: Any) -> None:
    one = visit("?dataset=moons&n=300&encoder=8&decoder=linear&batch=32&steps=60&stops=5&beta=0.1&units=nats")
    first = at_rest(one)
    assert "units=nats" in one.url and "steps=60" in one.url
    two = visit(one.url.split("/")[-1])
    assert at_rest(two) == first
    two.reload()
    assert at_rest(two) == first
    one.click(".lab-reset")
    status_says(one, "same seed")
    assert at_rest(one) == first
    one.click(".lab-seed")
    status_says(one, "new seed, 1")
    assert at_rest(one) != first
    assert "seed=1" in one.url
    assert (step(two), numbers(two)) == (60, first), "tabs never share a run: the other has stood still"


def test_all_that_matters_is_seen_without_scrolling_in_words_and_in_light_ink_on_dark(visit: Any) -> None:
    page = visit(f"?{QUICK}", width=1920, height=1080)
    for width, height in ((1920, 1080), (1366, 768)):
        page.set_viewport_size({"width": width, "height": height})
        at_rest(page)
        page.wait_for_function(
            "() => document.querySelector('.lab-status').getBoundingClientRect().bottom <= innerHeight"
        )
        for selector in (".lab-play", ".lab-range", ".lab-beta", ".lab-numbers", ".lab-status"):
            box = page.locator(selector).bounding_box()
            assert box and box["y"] >= 0 and box["y"] + box["height"] <= height, selector
        charts = [chart for chart in page.locator(".lab-panels:not(.lab-more) .lab-chart").all() if chart.is_visible()]
        assert len(charts) >= (3 if width == 1920 else 2)
        assert all(chart.bounding_box()["width"] >= 400 for chart in charts)
    for chart in page.locator(".lab-chart").all():
        assert len(chart.get_attribute("aria-label") or "") > 20
    assert "β" in (page.get_attribute(".lab-range", "aria-valuetext") or "")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("""() => { const { color } = document.querySelector('.js-plotly-plot')._fullLayout.font;
      return Math.min(...color.match(/\\d+/g).slice(0, 3)) > 180; }""")
