"""The real app, served by Streamlit and driven in Debian's Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run",
         "--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader"]  # fmt: skip


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of a running app."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true",
               "--server.address=127.0.0.1"]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address + "/_stcore/health", process)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the app did not start within 60 s")


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


@pytest.fixture
def visit(server: str, chromium):  # type: ignore[no-untyped-def]
    """Opens a page of the app in a context of its own; any error on it fails the test."""
    contexts, errors = [], []

    def go(path: str = "", theme: str = "light", width: int = 1366, height: int = 768):  # type: ignore[no-untyped-def]
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server}/{path}")
        page.wait_for_selector(".js-plotly-plot")
        return page

    yield go
    for context in contexts:
        context.close()
    assert not errors


SIDEBAR = "[data-testid=stSidebar]"


def open_sidebar(page: Any) -> None:
    """Show the controls, which are folded away at first."""
    page.wait_for_selector("[data-testid=stSidebar] [data-testid=stExpander]", state="attached")
    if page.locator(SIDEBAR).bounding_box()["x"] < 0:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.wait_for_function(f"() => document.querySelector('{SIDEBAR}').getBoundingClientRect().x === 0")
