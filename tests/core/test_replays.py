"""python -m vibcore replay: what is no curve, or has nobody to draw it, is said in one line before any work."""

import json
import subprocess
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.core.test_cli import refused, status
from vibcore import replays
from vibcore.config import Config, DatasetSpec

CONFIG = Config(DatasetSpec("iris", flip=0.0), encoder=(8,), decoder=(), batch=32, betas=(0.01, 1.0), steps=6)


@pytest.fixture
def curve(tmp_path: Path) -> Path:
    found = tmp_path / "curve.json"
    found.write_text(json.dumps({"config": json.loads(CONFIG.to_json()), "points": []}))
    return found


def changed(curve: Path, **changes: object) -> Path:
    tree = json.loads(curve.read_text())
    tree["config"] |= changes
    curve.write_text(json.dumps(tree))
    return curve


def test_a_curve_becomes_a_replay_by_the_page_in_another_process(
    curve: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = curve.with_name("replay.html")
    assert status("replay", curve, "--out", out) == 0
    assert 10**5 < out.stat().st_size < 3_000_000 and "iris, seed 0, 6 steps" in out.read_text()
    said = capfd.readouterr()
    assert "bytes" in said.out and "/" in said.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("beta,split\n0.1,test\n", "curve.json: got 'no JSON', expected a curve's JSON"),
        ("[1, 2]", "got 'JSON that is no curve', expected a curve, with config and points"),
        ('{"i_x": [], "i_y": []}', "got 'JSON that is no curve'"),
        ("[" * 200_000, "got 'no JSON'"),
    ],
)
def test_what_is_no_curve_is_refused(curve: Path, capsys: pytest.CaptureFixture[str], text: str, says: str) -> None:
    curve.write_text(text)
    assert says in refused(capsys, "replay", curve, "--out", curve.with_name("a.html"))


def test_another_version_an_own_table_and_a_wrong_name_are_refused(
    curve: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = curve.with_name("a.html")
    assert "no file" in refused(capsys, "replay", curve.with_name("none.json"), "--out", out)
    assert "ends in .html" in refused(capsys, "replay", curve, "--out", curve.with_name("a.json"))
    assert "can be written" in refused(capsys, "replay", curve, "--out", curve.parent / "none" / "a.html")
    own = json.loads(CONFIG.to_json())["dataset"] | {"name": "own", "digest": "0" * 64}
    assert "the curve of an own table" in refused(capsys, "replay", changed(curve, dataset=own), "--out", out)
    assert "a config of another version" in refused(capsys, "replay", changed(curve, annealing=3), "--out", out)
    assert not out.exists()


def test_without_the_page_it_says_what_to_install(
    curve: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    without = {"plotly"}
    monkeypatch.setattr(replays, "find_spec", lambda name: None if name in without else find_spec(name))
    said = refused(capsys, "replay", curve, "--out", curve.with_name("a.html"))
    assert "plotly not installed" in said and "pip install 'bottleneck-lab[app]'" in said


def test_where_the_page_fails_the_command_fails_with_it(curve: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda command: SimpleNamespace(returncode=2))
    assert status("replay", curve, "--out", curve.with_name("a.html")) == 2
