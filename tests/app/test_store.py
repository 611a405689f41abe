"""Two servers with one folder: what one has finished the other has at once, and no file there can do harm."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dashboard import controls, registry, store
from dashboard.figures import words
from dashboard.run import Run
from tests.app.test_player import CHOICES, alone, assert_same, opened
from tests.servers import ROOT
from vibcore import training
from vibcore.trajectory import make_trajectory

ANOTHER = """
import time, torch
torch.set_num_threads(1)  # as every server has it: sums in another order differ in their last bits
from tests.app.test_player import opened
run = opened()
for goal in (150, 300):  # however fast it is, there is a moment between
    while run.step < goal:
        run.train_on(goal, [1], ())
        time.sleep(0.02)
    run.stop()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(store.FOLDER, str(tmp_path / "shared"))
    return tmp_path / "shared"


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(state: training.TrainState, data: object, steps: int) -> None:
        assert steps == 0, "trained, though another server has"

    monkeypatch.setattr(training, "advance", none)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file that another process has left."""
    folder = tmp_path_factory.mktemp("finished")
    about = {**os.environ, store.FOLDER: str(folder), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", ANOTHER], cwd=ROOT, env=about, check=True, timeout=300)
    (file,) = folder.iterdir()
    yield file


def copied(finished: Path, folder: Path, part: float = 1.0) -> Path:
    folder.mkdir(exist_ok=True)
    data = finished.read_bytes()
    (folder / finished.name).write_bytes(data[: int(part * len(data))])
    return folder / finished.name


def test_what_another_process_has_finished_is_shown_at_once(finished: Path, folder: Path, no_training: None) -> None:
    copied(finished, folder)
    run = opened(replace(CHOICES, steps=300))
    assert run.training.step == 300 and run.config.steps == 300
    pictures, deadline = [], time.monotonic() + 20
    while run.step < 300:
        assert time.monotonic() < deadline
        run.train_on(300, [1], ())
        pictures += run.drain_snapshots([1], ())
    assert len(pictures) > 1, "its past is there, too"
    assert run.training.worker is None
    assert "finished: all 3 stops · step 300 · trained elsewhere" in words.status(pictures[-1], False, 0.0, 0, 0, 300)


def test_it_is_the_same_training_to_the_bit_and_goes_on_as_such(finished: Path, folder: Path) -> None:
    copied(finished, folder)
    run = opened()
    assert_same(run.training.trajectory.at(300), alone(run.config, 300))
    assert_same(run.training.trajectory.at(320), alone(run.config, 320))


def test_nothing_is_kept_or_looked_for_without_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(store.FOLDER, raising=False)
    run = opened()
    assert store.path_of(run.config) is None and store.find(run.config, run.dataset) is None
    store.share(run.training.trajectory)


def test_a_visitors_own_table_and_a_run_that_is_left_are_never_kept(folder: Path) -> None:
    own, left = opened(is_private=True), opened(replace(CHOICES, seed=5))
    own.train_on(20, [1], ())
    own.training.worker.join(20)  # type: ignore[union-attr]
    left.train_on(10_000_000, [1], ())
    while left.step < 20:
        time.sleep(0.01)
    left.stop()
    assert own.step == 20 and not folder.exists()


@pytest.mark.parametrize("part", [0.0, 0.4, 0.999])
def test_a_truncated_file_is_passed_over_said_in_the_log_and_replaced(
    finished: Path, folder: Path, part: float, caplog: pytest.LogCaptureFixture
) -> None:
    file = copied(finished, folder, part)
    with caplog.at_level(logging.WARNING, store.__name__):
        run = opened()
    assert run.training.step == 0 and "store: passed over" in caplog.text and "a broken file" in caplog.text
    run.train_on(40, [1], ())
    run.training.worker.join(20)  # type: ignore[union-attr]
    joined()
    assert store._step_of(file) == 40


def joined() -> None:
    for thread in threading.enumerate():
        if getattr(thread, "_target", None) is store.keep:
            thread.join(20)


def test_the_file_of_another_config_or_without_a_beginning_is_passed_over(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = controls.config(CHOICES)
    other = make_trajectory(replace(config, seed=9))
    other.checkpoint()
    mine = make_trajectory(config)
    mine.advance(5)
    mine.checkpoint()
    path = store.path_of(config)
    assert path is not None
    folder.mkdir()
    for wrong, says in ((other, "another config"), (mine, "do not go from 0")):
        wrong.save(path)
        assert store.find(config, mine.problem.dataset) is None and says in caplog.text


def test_a_file_that_was_pickled_is_data_and_never_code(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(folder / "hacked"),)

    run = opened()
    path = store.path_of(run.config)
    assert path is not None
    folder.mkdir()
    np.savez(path, meta=np.array([Evil()], dtype=object), allow_pickle=True)
    registry.forget()
    assert store.find(run.config, run.dataset) is None and "broken file" in caplog.text
    assert store._step_of(path) == -1 and not (folder / "hacked").exists()


def test_two_who_write_at_once_leave_one_whole_file_and_the_longer_stays(folder: Path) -> None:
    made = []
    for steps in (30, 60):
        found = make_trajectory(controls.config(CHOICES))
        found.checkpoint()
        found.advance(steps)
        found.checkpoint()
        made.append(found)
    threads = [threading.Thread(target=store.keep, args=(made[i % 2],)) for i in range(6)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        path = store.path_of(made[0].config)
        assert path is not None
        if path.exists():
            assert store._step_of(path) in (30, 60), "whole at any time"
    store.keep(made[1])
    store.keep(made[0])
    assert [file.name for file in folder.iterdir()] == [path.name] and store._step_of(path) == 60


def test_the_longest_unused_go_where_there_is_too_much_and_a_use_counts(
    finished: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = copied(finished, folder)
    data = used.read_bytes()
    for i in range(3):
        (folder / f"{i}.npz").write_bytes(data)
        os.utime(folder / f"{i}.npz", (1e9 + i, 1e9 + i))
    (folder / ".old.part").write_bytes(data)
    os.utime(folder / ".old.part", (1e9, 1e9))
    os.utime(used, (9e8, 9e8))
    assert opened().training.step == 300  # a use
    monkeypatch.setattr(store, "MOST_BYTES", 2 * len(data) + 1)
    store._make_room(folder)
    assert {path.name for path in folder.iterdir()} == {used.name, "2.npz"}


def test_a_folder_that_cannot_be_written_to_is_said_in_the_log_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(store.FOLDER, str(tmp_path / "file" / "shared"))
    run: Run = opened()
    run.train_on(10, [1], ())
    run.training.worker.join(20)  # type: ignore[union-attr]
    joined()
    assert run.training.step == 10 and run.training.failures == 0 and "was not kept" in caplog.text
