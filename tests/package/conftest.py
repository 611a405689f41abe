"""Wheel and sdist, built once, and what is installed of them."""

import sys
from pathlib import Path

import pytest

from tests.package.environments import ROOT, make, run


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "hatchling", "build", "-d", str(folder), cwd=ROOT)
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="session")
def library(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel and what the library needs."""
    return make(wheel, tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="session")
def everything(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the page, what the notebook needs, and what runs it."""
    return make(wheel, tmp_path_factory.mktemp("everything"), ("app", "examples"), ("nbclient",))
