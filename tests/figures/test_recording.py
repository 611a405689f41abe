"""A run as one HTML file: exact moments, under its size, and nothing of a name in it can break out."""

import base64
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dashboard import controls, picture, replay
from dashboard.pages import COMPARE, EXPLORE
from dashboard.stage import parts, unpack
from tests.app.test_player import CHOICES, ahead, alone, opened
from vibcore import training
from vibcore.types import ConfigError


def messages(text: str) -> list:  # type: ignore[type-arg]
    found = re.search(r'id="messages">([^<]*)</script>', text)
    assert found is not None
    return [unpack(each) for each in parts(base64.b64decode(found[1]))]


def test_its_moments_are_those_of_trainings_that_stopped_there() -> None:
    choices = replace(CHOICES, steps=60)
    (document, *_), *_ = found = messages(replay.replay(EXPLORE, choices))
    assert document and [header["step"] for _, header, _ in found] == found[0][1]["moments"]
    assert found[0][1]["moments"][0] == 0 and found[-1][1]["step"] == 60
    for _, header, arrays in found[:: len(found) // 3]:
        weights = training.weights(alone(controls.config(choices), header["step"]))
        np.testing.assert_array_equal(arrays["decoder_0_weight"], weights["decoder.0.weight"].half().numpy())
    assert "step 60 " in found[-1][1]["texts"]["status"][0]


def test_as_many_moments_as_there_is_room_for_and_too_little_room_is_said() -> None:
    run = opened()
    ahead(run, 200)
    text = replay.recorded(EXPLORE, CHOICES, [run], 300_000)
    steps = [header["step"] for _, header, _ in messages(text)]
    assert len(text) < 300_000 and 4 <= len(steps) < 20 and (steps[0], steps[-1]) == (0, 200)
    assert steps == sorted(set(steps)) and run.step == 200, "the visitor's cursor stays"
    with pytest.raises(ConfigError, match=r"bytes a moment', expected room for 4 of them in 190,000 bytes"):
        replay.recorded(EXPLORE, CHOICES, [run], 190_000)


def test_two_runs_of_a_page_are_recorded_together() -> None:
    found = messages(replay.replay(COMPARE, replace(CHOICES, steps=12, compare=True)))
    assert len(found) >= 4 and {"point_mu", "vib_point_mu"} <= set(found[-1][2])


def test_nothing_of_a_name_ends_a_script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script>$title"
    shown = picture.document
    monkeypatch.setattr(picture, "document", lambda *of: shown(*of).replace("Explore", evil.replace("/", "\\/")))
    text = replay.replay(EXPLORE, replace(CHOICES, steps=8))
    assert "alert(1)" not in text and evil in messages(text)[0][0].replace("\\/", "/")
    assert "&lt;/script&gt;" in replay.written(replace(CHOICES, dataset=evil), [])


def test_the_command_writes_a_file_or_says_why_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run.html"
    assert replay.main(["dataset=iris&stops=3&steps=5&colour=red&pins=5~seed~1", "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert out.stat().st_size < 3_000_000 and "bytes" in said.out and "colour" in said.err
    assert "Left out: pinned runs" in said.err
    assert replay.main(["dataset=iris&stops=3&steps=5", "--out", str(tmp_path / "none" / "run.html")]) == 2
    assert "none" in capsys.readouterr().err
