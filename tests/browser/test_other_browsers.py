"""Browsers without WebGL, and a stock Firefox, show the same pages."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import missing
from tests.browser.driving import QUICK, at_rest

pytestmark = pytest.mark.browser
SCRIPT = Path(__file__).with_name("firefox.mjs")
DRIVER = "puppeteer-core@25.16.0"
KEPT = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "bottleneck-lab" / DRIVER


def test_no_page_depends_on_webgl(server: str, launch: Any) -> None:
    browser = launch("--disable-3d-apis")
    pages = [browser.new_page(viewport={"width": 1366, "height": 768}) for _ in range(3)]
    for page, path in zip(pages, ("?", "vae?dataset=moons&", "vae?dataset=digits&compare=1&"), strict=True):
        page.set_default_timeout(60_000)
        page.goto(f"{server}/{path}{QUICK}", wait_until="commit")
    for page in pages:
        at_rest(page)
        assert not page.evaluate("() => document.createElement('canvas').getContext('webgl')")
        assert "WebGL" not in page.inner_text("body")
        points = "() => document.querySelectorAll('.js-plotly-plot .scatterlayer .point').length"
        assert page.evaluate(points) > 200, "every input is there"
    browser.close()


@pytest.fixture(scope="module")
def firefox() -> tuple[str, str]:
    """Paths of Node.js and Firefox, with what drives one from the other installed in a folder that is kept."""
    node = shutil.which("node", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    found = shutil.which("firefox-esr") or shutil.which("firefox")
    if node is None:
        missing("Node.js is not installed: pip install -r requirements-dev.txt")
    if found is None:
        missing("no Firefox found: install the package firefox-esr")
    if not (KEPT / "node_modules" / "puppeteer-core").exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        npm = [str(Path(node).with_name("npm")), "install", "--prefix", str(KEPT), "--no-audit", "--no-fund", DRIVER]
        done = subprocess.run(npm, capture_output=True, text=True, timeout=120)
        if done.returncode:
            missing(f"npm could not install {DRIVER}: {done.stderr[-300:]}")
    return node, found


def test_firefox_opens_both_pages(server: str, firefox: tuple[str, str]) -> None:
    node, found = firefox
    paths = ["?steps=60&stops=3&n=300", "vae?dataset=digits&steps=60&stops=3"]
    command = [node, str(SCRIPT), found, server, *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=KEPT)
    assert done.returncode == 0, done.stderr[-2000:]
    for line in done.stdout.splitlines():
        seen = json.loads(line)
        assert seen["errors"] == [] and seen["charts"] >= 2, seen["path"]
        assert all(char.isdigit() for char in seen["numbers"][0].replace(".", "")), seen["numbers"]
        assert "WebGL" not in seen["text"]
