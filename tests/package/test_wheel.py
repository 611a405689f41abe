"""What is built is what is installed, and the wheel alone is a library: it trains, sweeps and runs the notebook."""

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

from packaging.requirements import Requirement

import vibcore
from tests.package.environments import ROOT, run

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LIBRARY = """
import importlib.util, runpy, sys, types
import numpy as np
import vibcore
for name in (*vibcore.__all__, *reversed(vibcore.__all__)):
    value = getattr(vibcore, name)
    assert callable(value) and not isinstance(value, types.ModuleType), name
for name in ("streamlit", "plotly", "dask", "tests", "app"):
    assert importlib.util.find_spec(name) is None, name
x = np.random.default_rng(0).standard_normal((300, 2))
y = np.where(x[:, 0] > 0, "right", "left")
path = vibcore.vib_path(x, y, (0.01, 2.0), steps=300, random_state=0)
assert path.i_x[0] < 0.05 and path.i_y[-1] > 0.4, (path.i_x, path.i_y)
assert path.models[-1].score(x, y) > 0.9
np.savetxt("own.csv", np.c_[x, y == "right"], delimiter=",", header="width,height,side", comments="", fmt="%.6f")
sys.argv = ["vibcore", "sweep", "--table", "own.csv", "--label", "side", "--betas", "3", "--steps", "200"]
sys.argv += ["--seed", "0,1", "--out", "out/"]
runpy.run_module("vibcore", run_name="__main__", alter_sys=True)
"""
NOTEBOOK = """
import sys
import nbclient, nbformat
book = nbformat.read(sys.argv[1], as_version=4)
patient = {"timeout": 240, "iopub_timeout": 60, "raise_on_iopub_timeout": True}  # outputs come late on a busy machine
nbclient.NotebookClient(book, kernel_name="python3", **patient).execute()
shown = [o for cell in book.cells for o in cell.get("outputs", ())]
assert sum("image/png" in o.get("data", {}) for o in shown) == 2
print(*(o["text"] for o in shown if o["output_type"] == "stream"))
"""


def members(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_the_wheel_holds_library_page_types_and_licence_and_nothing_else(wheel: Path) -> None:
    names = set(members(wheel))
    tops = {name.split("/")[0] for name in names}
    assert tops == {"vibcore", "dashboard", f"bottleneck_lab-{PROJECT['version']}.dist-info"}
    for room in ("vibcore", "dashboard"):
        sources = {
            p.relative_to(ROOT).as_posix() for p in (ROOT / room).rglob("*") if p.suffix in {".py", ".js", ".css"}
        }
        assert {*sources, f"{room}/py.typed"} <= names
    assert {"dashboard/launch/app.py", "dashboard/launch/.streamlit/config.toml"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_sdist_builds_the_same_wheel_and_brings_tests_docs_and_examples(built: Path, tmp_path: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as file:
        file.extractall(tmp_path, filter="data")
    folder = next(tmp_path.iterdir())
    assert {"tests", "docs", "examples", "CITATION.cff", "CONTRIBUTING.md"} <= {path.name for path in folder.iterdir()}
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "again"), cwd=folder)
    assert members(next((tmp_path / "again").glob("*.whl"))) == members(next(built.glob("*.whl")))


def test_no_public_name_is_a_modules() -> None:
    modules = {path.stem for path in (ROOT / "vibcore").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert not modules & set(vibcore.__all__)


def test_the_wheel_alone_learns_a_path_and_sweeps_a_table_of_ones_own(library: Path, tmp_path: Path) -> None:
    run(str(library / "python"), "-c", LIBRARY, cwd=tmp_path)
    results = [json.loads(path.read_text()) for path in (tmp_path / "out").iterdir()]
    assert sorted(result["config"]["seed"] for result in results) == [0, 1]
    for result in results:
        known = result["points"][0]["test"]["i_zy"]
        assert 0 <= known["low"] <= known["high"] and known["high"] > 0.4


def test_the_notebook_runs_with_the_wheel_and_its_extra(everything: Path, tmp_path: Path) -> None:
    said = run(str(everything / "python"), "-c", NOTEBOOK, str(ROOT / "examples/first_look.ipynb"), cwd=tmp_path)
    assert re.search(r"I\(X;Z\) in \[\d", said)


def test_the_notebook_is_kept_without_outputs() -> None:
    book = json.loads((ROOT / "examples" / "first_look.ipynb").read_text())
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert code and not any(cell["outputs"] or cell["execution_count"] for cell in code)


def test_the_command_without_the_pages_packages_says_what_to_install(library: Path, tmp_path: Path) -> None:
    done = subprocess.run([library / "bottleneck-lab"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == (
        "bottleneck-lab: streamlit and plotly not installed, expected the packages of the page. "
        "Run pip install 'bottleneck-lab[app]'.\n"
    )


def test_what_requirements_pin_lies_within_what_the_wheel_asks_for() -> None:
    lines = (ROOT / "requirements.txt").read_text().split()
    pinned = {each.name: each.specifier for each in map(Requirement, lines)}
    extra = PROJECT["optional-dependencies"]["app"]
    ranges = {each.name: each.specifier for each in map(Requirement, PROJECT["dependencies"] + extra)}
    assert set(pinned) <= set(ranges)
    for name, specifier in pinned.items():
        least = re.search(r"[\d.]+", str(specifier))
        assert specifier == ranges[name] or (least and ranges[name].contains(least[0])), name


def test_the_citation_names_the_version() -> None:
    assert f"\nversion: {PROJECT['version']}\n" in (ROOT / "CITATION.cff").read_text()
