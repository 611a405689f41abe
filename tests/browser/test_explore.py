"""Explore as its users meet it: open, train, drag, step, reset, link, reload, dark, two tabs."""

import re

import pytest

from tests.browser.conftest import open_sidebar

pytestmark = pytest.mark.browser

STEP = (
    "() => +(document.querySelector('.lab-status')?.textContent.match(/step ([\\d,]+)/)?.[1].replace(/,/g, '') ?? -1)"
)
WATCH = """() => { window.seen = new Set(); (function look() {
  document.querySelectorAll('.js-plotly-plot').forEach((node) => window.seen.add(node));
  requestAnimationFrame(look); })(); }"""


def step(page) -> int:  # type: ignore[no-untyped-def]
    return int(page.evaluate(STEP))


def wait_past(page, steps: int) -> None:  # type: ignore[no-untyped-def]
    page.wait_for_function(f"() => ({STEP})() > {steps}")


def pause(page) -> None:  # type: ignore[no-untyped-def]
    if page.get_attribute(".lab-play", "data-playing") == "true":
        page.click(".lab-play")
    page.wait_for_selector(".lab-play[data-playing=false]")


def chosen(page) -> str:  # type: ignore[no-untyped-def]
    return str(page.inner_text(".lab-beta"))


def test_it_trains_by_itself_without_rebuilding_a_chart(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit()
    wait_past(page, 0)
    page.evaluate(WATCH)
    before = step(page)
    wait_past(page, before + 30)
    page.wait_for_timeout(5000)
    assert page.evaluate("() => window.seen.size") == page.locator(".js-plotly-plot").count()
    numbers = page.locator(".lab-numbers dd").all_inner_texts()
    assert re.fullmatch(r"\d+\.\d\d", numbers[0]) and numbers[2].endswith("%")


def test_keys_pause_step_and_choose(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("?speed=10")
    wait_past(page, 0)
    page.keyboard.press("Space")
    page.wait_for_selector(".lab-play[data-playing=false]")
    page.wait_for_timeout(1500)
    at_rest = step(page)
    page.wait_for_timeout(1500)
    assert step(page) == at_rest, "stop stops"
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => ({STEP})() === {at_rest + 10}")
    page.keyboard.press("Space")
    wait_past(page, at_rest + 60)  # play goes on by itself, tick after tick
    before = chosen(page)
    page.keyboard.press("]")
    page.wait_for_function(f"() => document.querySelector('.lab-beta').textContent !== '{before}'")
    page.wait_for_url(re.compile("beta="))


def test_dragging_at_rest_needs_no_server(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit()
    wait_past(page, 20)
    pause(page)
    page.wait_for_function("() => window.labStage.scene.arrays.point_mu.models.length === 25")
    page.context.set_offline(True)
    moved = page.evaluate(
        """async () => { const range = document.querySelector('.lab-range'), places = new Set();
        for (let i = 0; i < 25; i++) { range.value = i; range.dispatchEvent(new Event('input', { bubbles: true }));
          await new Promise((done) => setTimeout(done, 250));
          places.add(window.labStage.charts.get('latent').div.data.find((t) => t.meta?.point).x[0]); }
        return places.size; }"""
    )
    page.context.set_offline(False)
    assert moved > 20


def test_a_dot_of_the_plane_chooses_its_beta(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit()
    wait_past(page, 50)
    pause(page)
    page.wait_for_timeout(1000)
    x, y = page.evaluate(
        """() => { const div = window.labStage.charts.get('plane').div, f = div._fullLayout;
        const t = div.data.find((t) => t.name === 'test'), box = div.getBoundingClientRect(), i = 21;
        return [box.x + f.xaxis._offset + f.xaxis.l2p(t.x[i]), box.y + f.yaxis._offset + f.yaxis.l2p(t.y[i])]; }"""
    )
    page.mouse.move(x, y)
    page.mouse.click(x, y)
    page.wait_for_timeout(1000)
    assert page.evaluate("() => window.labStage.scene.chosen") == 21


def test_pointing_at_an_input_tells_its_bits_and_odds(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("?dataset=digits")
    wait_past(page, 20)
    pause(page)
    page.wait_for_timeout(1000)
    page.evaluate("() => window.labStage.pin(3)")
    page.wait_for_selector(".lab-card:not([hidden])")
    assert "bits" in page.inner_text(".lab-card")
    assert page.locator(".lab-card canvas").count() == 1
    assert page.locator(".lab-odds i").count() == 10


def test_a_link_reproduces_the_same_final_numbers(visit) -> None:  # type: ignore[no-untyped-def]
    link = "?dataset=moons&n=400&encoder=8&decoder=linear&batch=32&steps=150&beta=0.1&units=nats"
    numbers = []
    for _ in range(2):
        page = visit(link)
        page.wait_for_function(
            f"() => ({STEP})() === 150 && document.querySelector('.lab-play').dataset.playing === 'false'"
        )
        page.wait_for_timeout(1500)
        numbers.append(page.locator(".lab-numbers dd").all_inner_texts())
        assert "units=nats" in page.url and "steps=150" in page.url
    assert numbers[0] == numbers[1]


def test_same_seed_starts_the_same_run_and_a_new_seed_another(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("?n=400&batch=32&steps=40&encoder=8")

    def finished():  # type: ignore[no-untyped-def]
        page.wait_for_function(
            f"() => ({STEP})() === 40 && document.querySelector('.lab-play').dataset.playing === 'false'"
        )
        page.wait_for_timeout(1500)
        page.wait_for_selector(".lab-numbers dd")
        return page.locator(".lab-numbers dd").all_inner_texts()

    first = finished()
    page.click(".lab-reset")
    page.wait_for_function("() => /same seed/.test(document.querySelector('.lab-status').textContent)")
    assert finished() == first
    page.click(".lab-seed")
    page.wait_for_function("() => /new seed, 1/.test(document.querySelector('.lab-status').textContent)")
    assert finished() != first
    assert "seed=1" in page.url


def test_reload_keeps_the_choices_and_says_what_a_link_cannot_have(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("?dataset=circles&lr=huge&beta=0.3")
    said = page.locator("[data-testid=stAlert]").first.inner_text()
    assert "huge" in said and "expected" in said
    page.reload()
    page.wait_for_selector(".js-plotly-plot")
    assert "dataset=circles" in page.url and "lr=" not in page.url


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768)])
def test_everything_that_matters_is_seen_without_scrolling(visit, width: int, height: int) -> None:  # type: ignore[no-untyped-def]
    page = visit(width=width, height=height)
    wait_past(page, 0)
    for selector in (".lab-play", ".lab-range", ".lab-beta", ".lab-numbers", ".lab-status"):
        box = page.locator(selector).bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= height, selector
    charts = [chart for chart in page.locator(".lab-panels:not(.lab-more) .lab-chart").all() if chart.is_visible()]
    assert len(charts) >= (3 if width == 1920 else 2)
    assert all(chart.bounding_box()["width"] >= 400 for chart in charts)


def test_dark_mode_has_light_ink(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit(theme="dark")
    wait_past(page, 0)
    ink = page.evaluate(
        "() => document.querySelector('.js-plotly-plot')._fullLayout.font.color.match(/\\d+/g).map(Number)"
    )
    assert min(ink[:3]) > 180


def test_a_projector_gets_large_type_everywhere(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit("?present=1&steps=200", width=1920, height=1080)
    page.wait_for_function("() => window.labStage.scene.arrays.point_mu?.models.length === 25")
    page.wait_for_timeout(1500)
    sizes = page.evaluate(
        """() => { const seen = (node) => node.offsetParent !== null || node.closest('svg')?.parentElement.offsetParent;
        const text = '.lab-numbers dt, .lab-status, .lab-meaning, .lab-title, .lab-title small, .lab-tab, .lab-button, '
          + '.lab-chart .xtick text, .lab-chart .xtitle, .lab-chart .ytitle, .lab-chart .annotation-text';
        return [...document.querySelectorAll(text)].filter((node) => seen(node) && node.textContent)
          .map((node) => parseFloat(getComputedStyle(node).fontSize)); }"""
    )
    assert len(sizes) > 30 and min(sizes) >= 17, sorted(sizes)[:5]
    assert page.evaluate("() => parseFloat(getComputedStyle(document.querySelector('.lab-numbers dd')).fontSize)") >= 28
    assert page.evaluate("() => document.documentElement.scrollHeight <= window.innerHeight + 1")


def test_every_chart_has_words_and_every_control_a_name(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit()
    wait_past(page, 0)
    for chart in page.locator(".lab-chart").all():
        assert len(chart.get_attribute("aria-label") or "") > 20
    assert "β" in (page.get_attribute(".lab-range", "aria-valuetext") or "")


def test_two_tabs_never_share_a_run(visit) -> None:  # type: ignore[no-untyped-def]
    one, two = visit(), visit("?dataset=moons")
    wait_past(one, 20)
    wait_past(two, 20)
    pause(one)
    one.wait_for_timeout(1000)
    rest = step(one)
    wait_past(two, step(two) + 20)
    assert step(one) == rest
    two.close()


def test_changing_the_problem_restarts_and_says_why(visit) -> None:  # type: ignore[no-untyped-def]
    page = visit()
    wait_past(page, 20)
    open_sidebar(page)
    page.get_by_role("combobox", name="Dataset").click()
    page.get_by_role("option", name="moons").click()
    page.wait_for_function("() => /dataset changed/.test(document.querySelector('.lab-status').textContent)")
    page.wait_for_url(re.compile("dataset=moons"))
    wait_past(page, 5)
    assert "seed 0" in page.inner_text(".lab-status")
    assert page.evaluate("() => window.labStage.document.classes.names") == ["0", "1"], "two moons, not five arms"
