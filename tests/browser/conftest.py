"""The real app, served by Streamlit and driven in Debian's Chromium: one server, one browser, a tab a visit."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest

from tests.servers import serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
]
Visit = Callable[..., Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser may be seconds late on a busy machine: what fails has a second go, which is printed as R."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of a running app."""
    with serving() as app:
        yield app.address


@pytest.fixture(scope="session")
def launch() -> Iterator[Any]:
    """Starts a Chromium with flags more. Missing it is a failure in CI, and a reason to skip elsewhere."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed: pip install -r requirements-dev.txt")
    if CHROMIUM is None:
        missing("no Chromium found: install the package chromium")
    with sync_playwright() as playwright:
        yield lambda *flags: playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])


def missing(what: str) -> NoReturn:
    """Ends a test that lacks what only CI must have."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def chromium(launch: Any) -> Iterator[Any]:
    """A browser for all tests."""
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def context(chromium: Any) -> Any:
    """What all tabs share: scripts that were loaded once, the clipboard."""
    shared = chromium.new_context()
    shared.grant_permissions(["clipboard-read", "clipboard-write"])
    return shared


@pytest.fixture
def visit(server: str, context: Any) -> Iterator[Visit]:
    """Opens a page of the app in a tab of its own; any error on it fails the test. `script` runs before the page's."""
    tabs, errors = [], []

    def go(
        path: str = "",
        theme: str = "light",
        width: int = 1366,
        height: int = 768,
        script: str = "",
        prepare: Callable[[Any], None] = lambda page: None,
        **media: str,
    ) -> Any:
        page = context.new_page()
        tabs.append(page)
        page.set_default_timeout(120_000)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme, **media)
        page.on("pageerror", lambda error: errors.append(str(error)))
        if script:
            page.add_init_script(script)
        prepare(page)
        page.goto(f"{server}/{path}", wait_until="commit")
        return page

    yield go
    for page in tabs:
        page.close()
    assert not errors
