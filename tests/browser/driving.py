"""How the tests drive a page, and what they wait for: never for a time, always for what is to be seen."""

from typing import Any

QUICK = "steps=60&stops=5&n=300"
STEP = (
    "() => +(document.querySelector('.lab-status')?.textContent.match(/step ([\\d,]+)/)?.[1].replace(/,/g, '') ?? -1)"
)
DRAWN = (
    "document.querySelectorAll('.js-plotly-plot .xtick').length > 4"
    " && ![...document.querySelectorAll('.lab-sketch')].some((sketch) => sketch.offsetParent)"
)
AT_REST = f"(steps) => ({STEP})() === steps && window.labStage?.header.settled && {DRAWN}"
NEXT = "await new Promise((done) => requestAnimationFrame(done));"
CONTROLS = "[data-testid=stSidebar] [data-testid=stExpander]"
SIDEBAR = "[data-testid=stSidebar]"
CHOOSE = """(i) => { const range = document.querySelector('.lab-range'); range.value = i;
  range.dispatchEvent(new Event('input', { bubbles: true })); }"""


def step(page: Any) -> int:
    return int(page.evaluate(STEP))


def wait_past(page: Any, steps: int) -> None:
    page.wait_for_function(f"() => ({STEP})() > {steps}")


def status_says(page: Any, words: str) -> None:
    """Wait until the line under the pictures says some words."""
    page.wait_for_function("(words) => document.querySelector('.lab-status')?.textContent.includes(words)", arg=words)


def pause(page: Any) -> None:
    """Stop training by its button, and wait until the server has stopped."""
    if page.get_attribute(".lab-play", "data-playing") == "true":
        page.click(".lab-play")
    page.wait_for_function("() => /paused|finished/.test(document.querySelector('.lab-status').textContent)")


def settled(page: Any) -> None:
    """Wait until nothing changes any more by itself, and Plotly has drawn it."""
    page.wait_for_function(f"() => window.labStage.header.settled && {DRAWN}")


def at_rest(page: Any, steps: int = 60) -> list[str]:
    """The key numbers, once training is over and nothing changes any more by itself."""
    page.wait_for_function(AT_REST, arg=steps)
    return numbers(page)


def numbers(page: Any) -> list[str]:
    return list(page.locator(".lab-numbers dd").all_inner_texts())


def numbers_become(page: Any, wanted: list[str]) -> None:
    page.wait_for_function(
        "(all) => [...document.querySelectorAll('.lab-numbers dd')].map((n) => n.innerText).join() === all.join()",
        arg=wanted,
    )


def open_sidebar(page: Any) -> None:
    """Show the controls, which are folded away at first."""
    page.wait_for_selector(CONTROLS, state="attached")
    if page.locator(SIDEBAR).bounding_box()["x"] < 0:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.wait_for_function(f"() => document.querySelector('{SIDEBAR}').getBoundingClientRect().x === 0")


def pick(page: Any, label: str, option: str) -> None:
    """Choose from a list of the sidebar."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).click()
