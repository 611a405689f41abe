"""What goes wrong with one visitor, or with one training, is over for the others before they notice it.

One server serves all of this file, and the last test ends it. Its training of seed 666 breaks once.
"""

import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed

from dashboard import closing, controls, presses, session, trainings
from dashboard.controls import Choices
from dashboard.player import MOST_ONCE, Player
from dashboard.run import Run
from dashboard.state import Session
from tests.app.test_player import alone, assert_same, opened
from tests.servers import ROOT, Server, serving
from tests.visitor import visiting
from vibcore import snapshot, training
from vibcore.training import TrainState

SOON = 45  # seconds for another visitor's picture, on a machine that does much else
LINK = "dataset=moons&n=200&stops=3&encoder=8&decoder=linear&batch=50&steps=100000"
BREAKS = """
if __name__ != "__main__":
    from dashboard.trainer import Trainer

    def broken(self, key, trajectory, steps, budget, whole=Trainer.advance):
        if trajectory.config.seed == 666 and trajectory.step >= 400:
            Trainer.advance = whole
            raise MemoryError("/a/path/of/the/server")
        return whole(self, key, trajectory, steps, budget)

    Trainer.advance = broken
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("faulty")
    (folder / "app.py").write_text((ROOT / "app.py").read_text() + BREAKS)
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    with serving(folder, environment={**os.environ, "PYTHONPATH": str(ROOT)}) as app:
        yield app


def assert_served(app: Server, seed: int) -> None:
    """A visitor who comes now, of a problem of their own, sees training go on."""
    with visiting(app, f"{LINK}&seed={seed}") as other:
        first = other.until(lambda v: v.step > 0, SOON).step
        other.until(lambda v: v.step > first, SOON)


def resident(app: Server) -> float:
    """MiB."""
    line = next(x for x in Path(f"/proc/{app.pid}/status").read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def test_a_connection_that_breaks_in_the_middle_of_a_message_harms_nobody(app: Server) -> None:
    with visiting(app, LINK) as visitor, suppress(ConnectionClosed, OSError):
        visitor.until(lambda v: v.step > 0)
        raw = visitor.socket.socket
        raw.sendall(b"\x82\xfe\xff\xff" + b"1234")  # a frame of 65,535 bytes begins
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # and the line is cut, not closed
        raw.close()
    assert_served(app, 1)


def test_who_comes_back_within_two_minutes_finds_the_same_session_and_the_same_run(app: Server) -> None:
    with visiting(app, f"{LINK}&seed=2") as visitor:
        before = visitor.until(lambda v: v.step > 50)
        before.ask(chosen=1)
        before.until(lambda v: v.header["chosen"] == 1)
        before.socket.socket.shutdown(socket.SHUT_RDWR)
    with visiting(app, f"{LINK}&seed=2", session=before.session) as again:
        again.until(lambda v: v.pictures)
        assert again.session == before.session and again.header["chosen"] == 1, "what was chosen is still chosen"
        assert again.step >= before.step
        again.until(lambda v: v.step > before.step + 10)


def test_who_comes_back_too_late_opens_the_run_of_their_address(app: Server) -> None:
    with visiting(app, f"{LINK}&seed=3", session="00000000-0000-0000-0000-000000000000") as late:
        late.until(lambda v: v.step > 0)
        assert late.session != "00000000-0000-0000-0000-000000000000" and "seed 3" in late.status


def test_who_never_reads_fills_no_memory_and_holds_up_nobody(app: Server) -> None:
    with visiting(app, f"{LINK}&seed=4", max_queue=1) as deaf:
        deaf.until(lambda v: v.step > 0)
        before = resident(app)
        with suppress(ConnectionClosed, OSError, TimeoutError):
            for _ in range(300):
                deaf.ask(deaf.timer[2] if deaf.timer else "")
                time.sleep(0.005)
        assert_served(app, 4)
        assert resident(app) - before < 150


def test_what_no_page_sends_ends_at_most_its_own_connection(app: Server) -> None:
    clear = BackMsg(clear_cache=True).SerializeToString()
    with visiting(app, f"{LINK}&seed=5") as bystander:
        for sent, ends in (
            (b"\xff" * 99, True),
            (b"", False),
            ("text", True),
            (b"\n" * 1_500_000, True),
            (clear, False),
        ):
            with visiting(app, LINK) as odd:
                odd.until(lambda v: v.pictures)
                odd.socket.send(sent)
                with suppress(ConnectionClosed):
                    while ends:
                        odd.socket.recv(timeout=5)
                assert (odd.socket.close_code is not None) == ends, sent[:10]
            before = bystander.step
            bystander.until(lambda v, before=before: v.step > before, SOON)  # type: ignore[misc]


def test_a_flood_of_presses_is_done_a_few_at_a_time_and_the_others_go_on(app: Server) -> None:
    with visiting(app, f"{LINK}&seed=7") as bystander, visiting(app, f"{LINK}&seed=8&speed=100") as flood:
        bystander.until(lambda v: v.step > 0)
        flood.until(lambda v: v.step > 0 and not v.asked)
        flood.pressed, before, begin = 0, bystander.step, time.monotonic()
        for name in ("step", "seed"):
            flood.ask(actions=[{"action": name}] * 5000)
        for _ in range(100):
            flood.ask()
        bystander.until(lambda v: v.step > before + 30, SOON)
        assert time.monotonic() - begin < SOON
        flood.until(lambda v: not v.asked)
        flood.ask(actions=[{"action": "seed"}] * 5000)
        flood.until(lambda v: v.header["heard"][1] > 10_000)
        assert flood.header["heard"][1] == 10_000 + presses.MOST_PRESSES


def test_a_stop_or_a_press_that_is_none_is_passed_over(app: Server) -> None:
    with visiting(app, f"{LINK}&seed=9") as visitor:
        visitor.until(lambda v: v.step > 0)
        chosen: Any
        action: dict[str, Any]
        for chosen in ("x", None, [], {}, float("nan"), -(10**30), 10**30):
            visitor.ask(chosen=chosen)
            visitor.until(lambda v: not v.asked)
        for action in ({"action": {}}, {"n": "x"}, {"n": 10**40}, {"action": "speed", "value": []}):
            visitor.ask(chosen=0, actions=[action])
            visitor.until(lambda v: not v.asked)
        visitor.ask(chosen=1)
        visitor.until(lambda v: v.header["chosen"] == 1)
        assert b"exception" not in visitor.said


def test_a_training_that_breaks_says_so_on_the_page_and_goes_on(app: Server) -> None:
    with visiting(app, f"{LINK}&seed=666&steps=700") as visitor:
        visitor.until(lambda v: "Training failed at step" in v.status)
        assert "(MemoryError). It went on from step" in visitor.status
        visitor.until(lambda v: v.step > 500)
        assert b"/a/path" not in visitor.said
    assert_served(app, 10)


def test_a_step_that_fails_under_the_hand_says_so_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    run, whole = opened(), training.advance
    run.advance(30, 10_000)

    def broken(state: TrainState, *_: Any) -> None:
        state.parameters.fill_(torch.nan)
        monkeypatch.setattr(training, "advance", whole)
        raise MemoryError

    monkeypatch.setattr(training, "advance", broken)
    run.advance(10, 10_000)
    assert run.training.said == "Training failed at step 30 (MemoryError). It went on from step 30."
    run.advance(10, 10_000)
    assert_same(run.moment, alone(run.config, 40))


def test_steps_that_fail_each_time_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    run, tried = opened(), []
    monkeypatch.setattr(training, "advance", lambda *_: tried.append(1) or [][0])
    for _ in range(2 * trainings.MOST_FAILURES):
        run.advance(10, 10_000)
    assert len(tried) == trainings.MOST_FAILURES and "was given up" in run.training.said and run.step == 0


def test_presses_of_step_that_come_by_the_thousand_are_a_thousand_steps() -> None:
    player = Player()
    for _ in range(5000):
        player.step("100")
    assert player.steps_once == MOST_ONCE


def test_a_visitor_who_chooses_while_a_picture_is_taken_breaks_no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other, take = opened(), opened(), snapshot.take_snapshot

    def chosen_meanwhile(*given: Any) -> Any:
        other.watch.models = (2,)
        return take(*given)

    for run, index in ((one, 0), (other, 1)):
        run.watch.goal, run.watch.last_poll, run.watch.models = 0, time.monotonic() + 60, (index,)
        run.training.ride(run.watch)
    monkeypatch.setattr(snapshot, "take_snapshot", chosen_meanwhile)
    one.training._picture(one.training.trajectory.checkpoint())
    assert [each.models for run in (one, other) for each in run.watch.pending_snapshots] == [(0,), (1,)]


def test_visitors_who_closed_their_page_without_a_word_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    for _ in range(5):
        gone = opened()
        gone.watch.last_poll = now[0]
        gone.training.ride(gone.watch)
    assert len(gone.training.watches) == 5
    now[0] += 60
    here = opened()
    here.watch.last_poll = now[0]
    here.training.ride(here.watch)
    assert here.training.watches == (here.watch,)


def test_a_run_of_the_page_that_began_before_takes_no_choice_of_the_stage_back() -> None:
    mine = Session(Choices(), [])
    drawn = mine.choices
    mine.choices = replace(drawn, beta=1.0, speed="10")
    session.sync(mine, replace(drawn, units="nats"))
    assert (mine.choices.beta, mine.choices.speed, mine.choices.units) == (1.0, "10", "nats")


def test_a_stop_whose_call_was_lost_is_heard_from_the_next_picture_and_never_twice() -> None:
    mine = Session(Choices(), [])
    betas = controls.config(mine.choices).betas
    assert session.hear(mine, "stage.explore", 3) and mine.choices.beta == betas[3]
    mine.choices = replace(mine.choices, beta=betas[7])  # by a link
    assert not session.hear(mine, "stage.explore", 3) and mine.choices.beta == betas[7]
    assert session.hear(mine, "stage.vae", 3.0) and mine.choices.beta == betas[3]


def test_what_visitors_leave_is_found_soon_as_what_was_loaded_is_not_looked_through_again() -> None:
    told = "print(gc.get_freeze_count(), len(gc.get_objects()))"
    script = f"import gc; from dashboard import run, trainings; trainings.prepare(); {told}"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    frozen, looked_at = map(int, done.stdout.split())
    assert frozen > 50 * looked_at


def test_an_hour_asleep_ends_the_training_and_waking_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    run: Run = opened()
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    run.train_on(10_000_000, [1], ())
    while run.training.step < 50:
        time.sleep(0.01)
    now[0] += 3600
    assert run.training.worker is not None
    run.training.worker.join(10)
    assert not run.training.worker.is_alive()
    slept = run.training.step
    time.sleep(0.05)
    assert run.training.step == slept, "nobody looks, nothing trains"
    run.train_on(slept + 20, [1], ())
    run.training.worker.join(10)
    assert_same(run.training.trajectory.checkpoint(), alone(run.config, slept + 20))
    assert run.drain_snapshots([1], ())[-1].step >= slept
    run.stop()


def test_a_server_that_is_told_to_end_says_so_closes_every_page_and_is_gone_within_seconds(app: Server) -> None:
    with visiting(app, f"{LINK}&seed=11&steps=1000000") as visitor:
        visitor.until(lambda v: v.step > 0)
        os.kill(app.pid, signal.SIGTERM)
        begin = time.monotonic()
        visitor.until(lambda v: closing.WORD in v.status, 20)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                visitor.take(visitor.socket.recv(timeout=30))  # type: ignore[arg-type]
        assert closed.value.rcvd is not None and closed.value.rcvd.code in (1001, 1012), "going away, or restarting"
    while Path(f"/proc/{app.pid}").exists() and "\nState:\tZ" not in Path(f"/proc/{app.pid}/status").read_text():
        assert time.monotonic() - begin < 25, "its threads end"
        time.sleep(0.05)
