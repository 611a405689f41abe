"""The browser's scripts by themselves, in Node.js: their own tests, their types, and a linter."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WANTED = HERE / "package.json"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "bottleneck-lab"


def missing(what: str) -> NoReturn:
    """Ends a test that lacks what only CI must have."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="module")
def node() -> str:
    """Path of Node.js: of this environment, or the machine's."""
    found = shutil.which("node", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found is None:
        missing("Node.js is not installed: pip install -r requirements-dev.txt")
    return found


@pytest.fixture(scope="module")
def tools(node: str) -> Path:
    """Where the tools of package.json are installed, in a folder that is kept until they change."""
    kept = CACHE / f"stage-tools-{hashlib.sha1(WANTED.read_bytes(), usedforsecurity=False).hexdigest()[:10]}"
    if not (kept / "done").exists():
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copy(WANTED, kept)
        npm = [str(Path(node).with_name("npm")), "install", "--prefix", str(kept), "--no-audit", "--no-fund"]
        done = subprocess.run(npm, capture_output=True, text=True, timeout=120, cwd=kept)
        if done.returncode:
            missing(f"npm could not install the tools of {WANTED.name}: {done.stderr[-300:]}")
        (kept / "done").touch()
    return kept / "node_modules"


def run(*command: object) -> None:
    environment = os.environ | {"PYTHON": sys.executable}
    done = subprocess.run([*map(str, command)], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]


def test_the_scripts_do_what_they_say(node: str) -> None:
    files = sorted(HERE.glob("*.test.mjs"))
    assert len(files) >= 7
    run(node, "--test", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", *files)


def test_the_scripts_agree_with_the_protocols_types(node: str, tools: Path) -> None:
    scripts = sorted((ROOT / "dashboard/stage").glob("*.js"))
    assert all(path.read_text("utf-8").startswith("// @ts-check\n") for path in scripts)
    run(node, tools / "typescript/bin/tsc", "-p", HERE)


def test_the_linter_finds_nothing(node: str, tools: Path) -> None:
    run(node, tools / "eslint/bin/eslint.js", "-c", HERE / "eslint.config.mjs", "dashboard/stage", "tests/stage")
