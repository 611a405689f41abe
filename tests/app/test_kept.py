"""Kept runs: whoever is killed, however many write and whatever a file holds, nothing that was kept is lost."""

import errno
import os
import random
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard import controls, keeping, kept, registry, session
from dashboard.pages import EXPLORE, VAE
from dashboard.run import Run
from dashboard.state import Own, Session
from tests.app.driving import lab, opened
from tests.app.test_player import CHOICES, ahead, alone, assert_same
from tests.servers import ROOT
from vibcore import data as datasets
from vibcore import tables, training
from vibcore.tables import Reading
from vibcore.types import ConfigError

WRITER = """
import sys
from dashboard import kept
first, count = int(sys.argv[1]), int(sys.argv[2])
for i in range(first, first + count):
    run = kept.keep(f"run {i}", "explore", f"seed={i}", i, {"classify": f"{i}".encode() * 20_000})
    if i % 4 == 3:
        kept.rename(run, f"renamed {i}")
        kept.delete(kept.keep("passing", "explore", "", i, {"classify": b"x"}))
    print(i, flush=True)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(kept.PLACE, str(tmp_path / "lab" / "runs.sqlite"))
    return tmp_path / "lab" / "runs.sqlite"


def writer(first: int, count: int) -> subprocess.Popen[str]:
    about = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", WRITER, str(first), str(count)]
    return subprocess.Popen(command, env=about, stdout=subprocess.PIPE, text=True)


def assert_whole(run: kept.Kept) -> None:
    assert kept.file_of(run, "classify").read_bytes() == f"{run.step}".encode() * 20_000, run.name


def visitor(**changes: Any) -> Session:
    """Somebody at step 60, whose run was looked at on the way."""
    mine = Session(replace(CHOICES, **changes), [], phase=session.OPEN)
    config = controls.config(mine.choices)
    run = mine.runs["classify"] = Run(config, datasets.load(config.dataset))
    ahead(run, 60)
    return mine


def keep(mine: Session, name: str = "") -> kept.Kept:
    keeping.keep(mine, EXPLORE, name)
    assert mine.keeping is not None and mine.keeping.done.wait(30)
    assert mine.keeping.value is not None, mine.keeping.said
    return next(run for run in kept.runs() if run.id == mine.keeping.value)


def test_an_opened_run_is_at_its_step_with_its_past_and_nothing_is_trained(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = keep(visitor(seed=3, steps=400, beta=0.05), "  my <b>first</b>  run ")
    assert (run.name, run.page, run.step) == ("my <b>first</b> run", "explore", 60)
    registry.forget()  # another server
    real = training.advance
    monkeypatch.setattr(
        training, "advance", lambda state, data, steps: real(state, data, steps) if not steps else 1 / 0
    )
    mine = Session(controls.DEFAULTS, [], phase=session.OPEN)
    keeping.open_run(mine, run, EXPLORE)
    assert mine.choices == replace(CHOICES, seed=3, steps=400, beta=0.05) and not mine.player.playing
    shown = mine.runs["classify"]
    assert (shown.step, shown.furthest, shown.training.step) == (60, 60, 60) and mine.go_to is None
    assert sorted(shown.training.trajectory.light) == list(range(0, 61, 10))
    assert_same(shown.moment, alone_trained(real, shown, 60))
    monkeypatch.setattr(training, "advance", real)
    shown.advance(15, 400)
    assert_same(shown.moment, alone(shown.config, 75))


def alone_trained(advance: Any, run: Run, steps: int) -> training.TrainState:
    state = training.init(run.config, run.dataset)
    advance(state, training.tensors(run.dataset, run.config), steps)
    return state


def test_what_is_trained_further_already_stays_and_the_cursor_goes_to_the_kept_step(place: Path) -> None:
    mine = visitor()
    run = keep(mine)
    ahead(mine.runs["classify"], 40)
    other = Session(controls.DEFAULTS, [], phase=session.OPEN)
    keeping.open_run(other, run, VAE)
    assert other.runs["classify"].training is mine.runs["classify"].training and other.runs["classify"].step == 60
    assert mine.runs["classify"].step == 100 and other.go_to == "explore"
    assert run.name == "Explore: moons, seed 0"


def test_a_run_of_an_own_table_opens_for_who_has_the_table_and_is_never_shared(place: Path) -> None:
    rng = np.random.default_rng(0)
    lines = [f"{rng.normal(i % 2 * 3):.4f},{rng.normal():.4f},{'ab'[i % 2]}" for i in range(90)]
    own = Own(tables.read("\n".join(["x1,x2,kind", *lines]).encode(), Reading("kind")), "mine.csv", Reading("kind"))
    mine = Session(replace(CHOICES, dataset="own", table=own.table.digest, flip=0.0, batch=16), [], own=own)
    config = controls.config(mine.choices)
    run = mine.runs["classify"] = Run(config, session.window(mine, config.dataset).dataset, is_private=True)
    run.advance(30, 400)
    found = keep(mine)
    other = Session(controls.DEFAULTS, [], phase=session.OPEN)
    with pytest.raises(ConfigError, match="no table"):
        keeping.open_run(other, found, EXPLORE)
    other.own = own
    keeping.open_run(other, found, EXPLORE)
    shown = other.runs["classify"]
    assert shown.is_private and shown.training.step == shown.step == 30 and not registry.knows(config)
    assert shown.training is not run.training
    assert_same(shown.moment, run.training.trajectory.state)


def test_runs_are_listed_renamed_and_deleted_with_their_files(place: Path) -> None:
    ids = [kept.keep(f"run {i}", "explore", "", i, {"classify": b"1"}) for i in range(3)]
    kept.rename(ids[0], "a\nb\x00 " + "c" * 200)
    kept.delete(ids[1])
    kept.delete(ids[1])
    assert [run.id for run in kept.runs()] == [ids[2], ids[0]] and kept.runs()[1].name == "a b " + "c" * 76
    assert len(list(place.with_name("runs.sqlite.runs").iterdir())) == 2
    with pytest.raises(ConfigError, match="a run that is gone"):
        kept.rename(ids[1], "x")
    with pytest.raises(ConfigError, match="name: got ' \\\\n', expected 1 to 80 characters"):
        kept.keep(" \n", "explore", "", 0, {})


def test_two_servers_write_at_once_and_every_run_is_whole(place: Path) -> None:
    writers = [writer(first, 16) for first in (0, 100)]
    while any(each.poll() is None for each in writers):
        for run in kept.runs() if place.exists() else []:
            if run.name != "passing":
                assert_whole(run)
    assert [each.wait() for each in writers] == [0, 0]
    found = kept.runs()
    assert {run.step for run in found} == {*range(16), *range(100, 116)}
    assert sum(run.name.startswith("renamed") for run in found) == 8
    assert len(list(place.with_name("runs.sqlite.runs").iterdir())) == 32
    for each in writers:
        assert each.stdout is not None
        each.stdout.close()


def test_servers_that_make_the_list_at_the_same_moment_make_one(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(15):
        monkeypatch.setenv(kept.PLACE, str(place.with_name(f"{i}.sqlite")))
        with ThreadPoolExecutor(6) as threads:
            ids = list(threads.map(lambda n: kept.keep("x", "explore", "", n, {"classify": b"1"}), range(6)))
        assert sorted(ids) == sorted(run.id for run in kept.runs()) == [1, 2, 3, 4, 5, 6]


def test_who_is_killed_while_keeping_loses_nothing_that_was_kept(place: Path) -> None:
    said: set[int] = set()
    for i in range(4):
        each = writer(100 * i, 90)
        assert each.stdout is not None
        said.add(int(each.stdout.readline()))
        time.sleep(random.Random(i).uniform(0.0, 0.05))
        each.kill()
        said |= {int(line) for line in each.stdout.read().split()}
        each.stdout.close()
        each.wait()
    found = [run for run in kept.runs() if run.name != "passing"]
    assert said <= {run.step for run in found} and len(said) >= 4
    for run in found:
        assert_whole(run)
    folder = place.with_name("runs.sqlite.runs")
    for path in folder.iterdir():
        os.utime(path, (1e9, 1e9))
    kept.keep("last", "explore", "", 0, {"classify": b"1"})
    named = {name for run in kept.runs() for name in run.files.values()}
    assert {path.name for path in folder.iterdir()} == named, "what a killed one left behind has gone"


def test_a_full_disk_is_said_and_leaves_all_as_it_was(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = visitor()
    keep(mine, "before")
    files = set(place.with_name("runs.sqlite.runs").iterdir())

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    keeping.keep(mine, EXPLORE, "after")
    assert mine.keeping is not None and mine.keeping.done.wait(30)
    assert mine.keeping.said == "No space left on device."
    monkeypatch.undo()
    monkeypatch.setenv(kept.PLACE, str(place))

    def no_room(db: object, folder: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(kept, "_tidy", no_room)
    with pytest.raises(ConfigError, match=r"got 'database or disk is full'.*Nothing that was kept is lost"):
        kept.keep("after", "explore", "", 1, {"classify": b"1"})
    assert [run.name for run in kept.runs()] == ["before"] and set(files) == set(next(iter(files)).parent.iterdir())


@pytest.mark.parametrize("left", [0, 0.5, 0.999])
def test_a_truncated_trajectory_is_said_and_the_page_stays(place: Path, left: float) -> None:
    run = keep(visitor())
    path = kept.file_of(run, "classify")
    path.write_bytes(path.read_bytes()[: int(left * path.stat().st_size)])
    registry.forget()
    mine = Session(controls.DEFAULTS, [], phase=session.OPEN)
    with pytest.raises(ConfigError, match="a broken file"):
        keeping.open_run(mine, run, EXPLORE)
    assert mine.choices == controls.DEFAULTS and not mine.runs
    path.unlink()
    with pytest.raises(ConfigError, match="no file"):
        keeping.open_run(mine, run, EXPLORE)


def test_what_another_has_put_into_the_list_is_data(place: Path) -> None:
    run = keep(visitor())
    mine = Session(controls.DEFAULTS, [], phase=session.OPEN)
    for bad, says in (
        (replace(run, files={"classify": "../../secret.npz"}), "no trajectory"),
        (replace(run, files={"evaluate": "a.npz"}), "a run of this version's pages"),
        (replace(run, link="dataset=moons&n=200&seed=9"), "the trajectory of another config"),
        (replace(run, link=f"dataset=own&table={'0' * 64}"), "Choose it under Problem"),
    ):
        with pytest.raises(ConfigError, match=says):
            keeping.open_run(mine, bad, EXPLORE)
    assert mine.choices == controls.DEFAULTS
    for broken in ("[1]", "no JSON"):
        db = sqlite3.connect(place)
        db.execute("UPDATE runs SET files = ?", (broken,))
        db.commit()
        db.close()
        with pytest.raises(ConfigError, match="a file of kept runs that can be read"):
            kept.runs()


def test_a_newer_file_is_refused_an_older_one_is_brought_up_to_date_and_others_are_left_alone(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.keep("old", "explore", "", 1, {"classify": b"1"})
    monkeypatch.setattr(kept, "MIGRATIONS", (*kept.MIGRATIONS, ("ALTER TABLE runs ADD COLUMN remark TEXT",)))
    assert [run.name for run in kept.runs()] == ["old"]
    monkeypatch.setattr(kept, "MIGRATIONS", kept.MIGRATIONS[:1])
    before = place.read_bytes()
    with pytest.raises(ConfigError, match=r"got 'a file of version 2', expected at most version 1. Update Bottleneck"):
        kept.keep("new", "explore", "", 1, {"classify": b"1"})
    assert place.read_bytes() == before and len(list(place.with_name("runs.sqlite.runs").iterdir())) == 1
    for name, make in (("text.sqlite", write_text), ("other.sqlite", write_other)):
        monkeypatch.setenv(kept.PLACE, str(place.with_name(name)))
        make(place.with_name(name))
        before = place.with_name(name).read_bytes()
        with pytest.raises(ConfigError, match=r"kept runs: got .*(not a database|another program's file)"):
            kept.runs()
        assert place.with_name(name).read_bytes() == before


def write_text(path: Path) -> None:
    path.write_text("no list, but something of somebody's " * 100)


def write_other(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE mine (a)")
    db.commit()
    db.close()


def test_nothing_is_kept_where_no_place_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(kept.PLACE, raising=False)
    with pytest.raises(ConfigError, match=f"a file named by {kept.PLACE}"):
        kept.keep("x", "explore", "", 0, {})


def test_the_page_keeps_lists_opens_and_deletes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(dataset="moons", n="200", stops="3", steps="40", batch="50", encoder="8")
    at.text_input(key="kept.name").input("<script>alert(1)</script> **x**").run()
    at.button(key="kept.keep").click().run()
    job = lab(at).keeping
    assert job is not None and job.done.wait(30) and job.value is not None, job.said
    at.run()
    (run,) = kept.runs()
    assert run.name == "<script>alert(1)</script> **x**" and not at.exception
    at.button(key="kept.open").click().run()
    assert not at.exception and not at.error and "Opened: <script>" in lab(at).notice
    assert lab(at).runs["classify"].step == run.step and not lab(at).player.playing
    at.button(key="kept.delete").click().run()
    assert not at.exception and not kept.runs()
    place.write_text("broken " * 1000)
    at.run()
    assert not at.exception and any("Nothing that was kept is lost" in error.value for error in at.error)
    monkeypatch.setenv(kept.PLACE, str(place / "runs.sqlite"))  # below a file
    at.run()
    assert not at.exception and at.error and str(place) not in "".join(error.value for error in at.error)
