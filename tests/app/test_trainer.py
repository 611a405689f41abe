"""Training in a process of its own is training here, to the bit; whatever ends that process, nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch

from dashboard import controls
from dashboard.trainer import MOST_STARTS, NICE, Trainer, _read, _write
from tests.app.test_player import CHOICES
from tests.servers import ROOT
from vibcore import data
from vibcore.trajectory import BUFFERS, Trajectory, make_trajectory

READY = 60  # seconds, on a machine that does much else
FOREVER = float("inf")


@pytest.fixture(autouse=True)
def training_in_this_process() -> None:
    """Not here."""


@pytest.fixture(scope="module")
def trainer() -> Iterator[Trainer]:
    made = Trainer()
    made.start()
    assert made._is_ready.wait(READY)
    yield made
    made.stop()


def fresh(**changes: Any) -> Trajectory:
    config = replace(controls.config(CHOICES), **changes)
    return make_trajectory(config, data.load(config.dataset))


def assert_like_one_trained_here(found: Trajectory) -> None:
    whole = fresh(seed=found.config.seed)
    whole.advance(found.step)
    for name in BUFFERS:
        assert torch.equal(getattr(found.state, name), getattr(whole.state, name)), name


@pytest.mark.skipif(sys.platform == "win32", reason="processes have no nice value there")
def test_the_process_that_trains_stands_behind_the_server(trainer: Trainer) -> None:
    assert trainer._process is not None
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, trainer._process.pid) == min(19, own + NICE)


def test_what_is_trained_there_in_pieces_and_in_turns_is_what_is_trained_here(trainer: Trainer) -> None:
    one, other = fresh(), fresh(seed=1)
    for steps in (1, 30, 4, 17):
        trained, seconds = trainer.advance(1, one, steps, FOREVER)
        assert trained == steps and seconds > 0
        trainer.advance(2, other, 11, FOREVER)
    assert (one.step, other.step) == (52, 44)
    one.advance(3)  # here, so that the process is behind
    trainer.advance(1, one, 5, FOREVER)
    for found in (one, other):
        assert_like_one_trained_here(found)


def test_a_budget_ends_a_request_early_and_no_more_is_trained_than_was_asked_for(trainer: Trainer) -> None:
    found = fresh()
    trained, seconds = trainer.advance(5, found, 10**6, 0.05)
    assert 0 < trained == found.step < 10**6 and 0.05 <= seconds < 5
    time.sleep(0.2)  # it has trained further meanwhile
    for _ in range(2):
        assert trainer.advance(5, found, 1, FOREVER)[0] == 1
    assert_like_one_trained_here(found)


def test_a_moment_that_was_kept_does_not_change_as_training_goes_on(trainer: Trainer) -> None:
    found = fresh()
    trainer.advance(6, found, 10, FOREVER)
    kept = {name: weight.clone() for name, weight in found.checkpoint().weights.items()}
    trainer.advance(6, found, 10, FOREVER)
    assert all(torch.equal(found.light[10].weights[name], weight) for name, weight in kept.items())


def test_an_error_there_is_raised_here_and_the_state_is_the_last_whole_one(trainer: Trainer) -> None:
    found = fresh()
    trainer.advance(3, found, 10, FOREVER)
    whole = found.problem
    found.problem = replace(whole, train=replace(whole.train, x=whole.train.x[:, :1]))
    with pytest.raises(RuntimeError, match="size"):
        trainer.advance(4, found, 5, FOREVER)
    found.problem = whole
    trainer.advance(3, found, 5, FOREVER)
    assert_like_one_trained_here(found)


def test_where_the_process_is_killed_training_goes_on_here_and_a_new_one_is_started(trainer: Trainer) -> None:
    found = fresh()
    for _ in range(MOST_STARTS):
        trainer.advance(7, found, 20, FOREVER)
        assert trainer._is_ready.wait(READY)
        assert trainer._process is not None
        os.kill(trainer._process.pid, signal.SIGKILL)
        trainer._process.wait()
        trainer.advance(7, found, 7, FOREVER)
        assert_like_one_trained_here(found)
        if trainer._process is None:
            break
    assert trainer._process is None, "where it ends again and again it is started no more"
    trainer.advance(7, found, 7, FOREVER)
    assert_like_one_trained_here(found)


def test_the_process_ends_with_the_one_that_started_it() -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-m", "dashboard.trainer"], cwd=ROOT, bufsize=0, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.read(1) == b"\n"
        _write(process.stdin, (1, 0, 5, FOREVER))
        assert _read(process.stdout) is None, "it knows nothing of that training"
        process.send_signal(signal.SIGINT)  # as Ctrl-C does, to all of them
        process.stdin.close()  # as the system does where the other has ended, however it has
        assert process.wait(READY) == 0
