"""A link names the step at which a run stands, and opens there, whoever has trained that run before."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from dashboard import presses, registry
from tests.app.driving import frame, lab, opened, until
from tests.app.test_player import alone, assert_same

SHORT = {"dataset": "moons", "n": "300", "stops": "3", "steps": "60", "batch": "50", "encoder": "8", "decoder": "8"}


def stands(at: Any, step: int) -> bool:
    return not lab(at).player.playing and [run.step for run in lab(at).runs.values()] == [step]


def press(at: Any, action: str, value: object = None) -> None:
    presses.transport(lab(at), {"action": action, "value": value}, "classify")
    at.run()


@pytest.mark.parametrize("is_known", [False, True])
def test_who_looks_back_shares_a_link_that_opens_at_that_very_step_and_play_goes_on(is_known: bool) -> None:
    mine = opened(**SHORT, edits="40:lr:0.003")
    until(lambda: stands(mine, 60), mine.run)
    mine.run()
    assert "at=" not in frame(mine)[1]["link"], "at its end nothing is to be said"
    press(mine, "look", {"step": 33, "chosen": 0, "lacks": None})
    until(lambda: stands(mine, 33), mine.run)
    link = frame(mine)[1]["link"]
    assert dict(parse_qsl(link))["at"] == "33"
    if not is_known:
        registry.forget()  # another server
    theirs = opened(**dict(parse_qsl(link)))
    until(lambda: stands(theirs, 33), theirs.run)
    theirs.run()
    _, header, _ = frame(theirs)
    (run,) = lab(theirs).runs.values()
    assert header["step"] == 33 and header["link"] == link and not theirs.exception
    assert_same(run.moment, alone(run.config, 33))
    assert lab(theirs).choices.steps == 60, "the rest is a press away"
    press(theirs, "play")
    until(lambda: stands(theirs, 60), theirs.run)
    theirs.run()
    assert "at=" not in frame(theirs)[1]["link"]
    assert_same(run.moment, alone(run.config, 60))


def test_the_step_of_a_link_stays_in_the_address_until_it_is_reached_or_somebody_takes_over() -> None:
    at = opened(**SHORT | {"steps": "100000", "seed": "9"}, at="90000")
    until(lambda: [run.step > 0 for run in lab(at).runs.values()] == [True], at.run)
    assert "at=90000" in frame(at)[1]["link"] and lab(at).player.playing
    press(at, "pause")
    (run,) = lab(at).runs.values()
    assert f"at={run.step}&" in frame(at)[1]["link"] + "&" and run.step < 90000, "that of what is on screen"
    press(at, "reset")
    at.run()
    assert lab(at).player.playing and "at=" not in frame(at)[1]["link"]
