"""A kept run on screen is kept on as it trains: whoever is killed has what was finished some seconds before."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboard import controls, keeper, keeping, kept, registry, session
from dashboard.pages import EXPLORE
from dashboard.run import Run
from dashboard.state import Session
from tests.app.driving import until
from tests.app.test_kept import keep, place, visitor  # noqa: F401 (a fixture)
from tests.app.test_player import CHOICES, alone, assert_same
from tests.servers import ROOT
from vibcore.trajectory import load_trajectory

EVERY, BEHIND = 0.3, 3.0  # seconds between two savings, and that a killed one may have lost on a busy machine
VISITOR = """
import sys, time
from dashboard import controls, keeper, keeping, session
from dashboard.pages import EXPLORE
from dashboard.run import Run
from dashboard.state import Session
from tests.app.test_player import CHOICES
from vibcore import data
keeper.EVERY, keeper.SHARE = float(sys.argv[1]), 1
mine = Session(CHOICES, [], phase=session.OPEN)
config = controls.config(mine.choices)
run = mine.runs["classify"] = Run(config, data.load(config.dataset))
run.advance(20, 20)
keeping.keep(mine, EXPLORE, "goes on")
mine.keeping.done.wait(30)
while True:
    run.train_on(10**6, [0], ())
    run.drain_snapshots([0], ())
    keeper.keep_on(mine)
    print(run.step, time.monotonic(), flush=True)
    time.sleep(0.1)
"""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EVERY", "LOOK", "SHARE"):
        monkeypatch.setattr(keeper, name, 0.01)


def goes_on(mine: Session, steps: int = 30) -> Run:
    """Train on, with a tick."""
    run: Run = mine.runs["classify"]
    run.advance(steps, 10_000)
    keeper.keep_on(mine)
    return run


def ends(of: keeper.Keeper) -> None:
    """Nobody looks on any more."""
    of.until = 0.0
    if of.thread is not None:
        of.thread.join(20)
        assert not of.thread.is_alive()


def test_who_is_killed_while_a_kept_run_trains_on_has_all_that_was_finished_seconds_before(place: Path) -> None:  # noqa: F811
    about = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", VISITOR, str(EVERY)]
    with subprocess.Popen(command, env=about, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        said: list[tuple[int, float]] = []
        for line in server.stdout:
            number, when = line.split()
            said.append((int(number), float(when)))
            if said[-1][1] > said[0][1] + 1.5 * BEHIND:
                break
        server.send_signal(signal.SIGKILL)
    (run,) = kept.runs()
    finished = [step for step, when in said if when < said[-1][1] - BEHIND]
    assert run.step >= finished[-1] > 20, (run.step, said)
    mine = Session(controls.DEFAULTS, [], phase=session.OPEN)
    registry.forget()
    keeping.open_kept(mine, run.id, EXPLORE)
    shown = mine.runs["classify"]
    assert shown.step == run.step and len(shown.training.trajectory.light) > 2
    found = load_trajectory(kept.file_of(run, "classify"))
    for step in (20, max(step for step in found.light if step <= min(run.step, 400))):
        assert_same(found.at(step), alone(shown.config, step))


def test_it_is_kept_on_under_its_name_until_its_end_and_a_list_of_before_still_opens_it(
    place: Path,  # noqa: F811
    quick: None,
) -> None:
    mine = visitor(seed=11, steps=75)
    run = keep(mine, "mine")
    mine.choices = replace(mine.choices, steps=90, beta=0.4)  # raised meanwhile, and another β looked at
    goes_on(mine)
    until(lambda: kept.find(run.id).step == 90, lambda: keeper.keep_on(mine))
    now = kept.find(run.id)
    assert (now.name, now.kept_at) == ("mine", run.kept_at) and "steps=90" in now.link and "beta=0.4" not in now.link
    assert len(list(place.with_name("runs.sqlite.runs").iterdir())) == 1, "the shorter one has gone"
    assert mine.keeper is not None
    ends(mine.keeper)
    registry.forget()
    other = Session(controls.DEFAULTS, [], phase=session.OPEN)
    keeping.open_kept(other, run.id, EXPLORE)
    assert other.runs["classify"].step == 90 and other.choices.steps == 90
    assert_same(other.runs["classify"].moment, alone(other.runs["classify"].config, 90))
    goes_on(other, 10)
    until(lambda: kept.find(run.id).step == 100, lambda: keeper.keep_on(other))
    goes_on(mine, 5)
    until(lambda: mine.keeper is not None and mine.keeper.step == 95, lambda: keeper.keep_on(mine))
    assert kept.find(run.id).step == 100, "who comes behind takes nothing back"
    assert other.keeper is not None
    ends(other.keeper)


def test_another_run_is_not_kept_under_that_name(place: Path, quick: None) -> None:  # noqa: F811
    mine = visitor(seed=12)
    run = keep(mine)
    held = mine.runs["classify"]
    held.edit(replace(held.config, edits=((60, "lr", 0.5),)))
    goes_on(mine)
    assert mine.keeper is None and kept.find(run.id).step == 60
    again = keep(mine, "with another rate")
    session.restart(mine, "")
    keeper.keep_on(mine)
    assert mine.keeper is None and kept.find(again.id).step == 90


def test_two_names_of_one_run_are_kept_on_apart_and_who_deletes_one_ends_it_alone(place: Path, quick: None) -> None:  # noqa: F811
    one = visitor(seed=13)
    other = Session(one.choices, [], phase=session.OPEN)
    other.runs["classify"] = Run(one.runs["classify"].config, one.runs["classify"].dataset)
    other.runs["classify"].moment = None  # at the front, too
    first, second = keep(one, "one"), keep(other, "other")
    keeping.delete(one, first.id)
    goes_on(one)
    other.runs["classify"].moment = None
    until(lambda: kept.find(second.id).step == 90, lambda: (keeper.keep_on(one), keeper.keep_on(other)))
    assert one.keeper is None and [run.name for run in kept.runs()] == ["other"]
    kept.delete(second.id)  # by somebody else
    goes_on(one)
    until(lambda: other.keeper is None, lambda: keeper.keep_on(other))
    assert kept.runs() == [] and not list(place.with_name("runs.sqlite.runs").iterdir())


def test_what_cannot_be_kept_on_is_said_and_kept_once_there_is_room(
    place: Path,  # noqa: F811
    quick: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = visitor(seed=14)
    run = keep(mine)
    whole, is_full = os.fsync, threading.Event()

    def full(descriptor: int) -> None:
        if is_full.is_set():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        whole(descriptor)

    is_full.set()
    monkeypatch.setattr(os, "fsync", full)
    goes_on(mine)
    until(lambda: mine.keeper is not None and mine.keeper.said != "", lambda: keeper.keep_on(mine))
    assert mine.keeper is not None and mine.keeper.said == "Not kept beyond step 60. No space left on device."
    assert kept.find(run.id) == run and kept.file_of(run, "classify").exists()
    is_full.clear()
    until(lambda: kept.find(run.id).step == 90, lambda: keeper.keep_on(mine))
    ends(mine.keeper)
    assert mine.keeper.said == ""


def test_a_tick_never_waits_for_the_disk(place: Path, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    mine = visitor(seed=15)
    keep(mine)
    go_on, real = threading.Event(), kept.update

    def slow(*about: Any) -> bool:
        assert go_on.wait(20)
        return real(*about)

    monkeypatch.setattr(kept, "update", slow)
    goes_on(mine)
    begin, steps = time.monotonic(), CHOICES.steps
    for _ in range(20):
        goes_on(mine, 1)
    assert time.monotonic() - begin < 5 and steps, "while it is being written"
    threads = [each for each in threading.enumerate() if each is mine.keeper.thread]
    assert len(threads) == 1, "one writer"
    go_on.set()
    ends(mine.keeper)
    assert kept.runs()[0].step == 110, "and the last of it is kept when nobody looks on"
