"""Turns: one at a time, in the order of asking, pictures first."""

import threading
import time
from types import SimpleNamespace

import pytest

from dashboard import session
from dashboard.controls import Choices
from dashboard.state import Session
from dashboard.turns import SHARE, Turns


def test_turns_are_taken_in_the_order_of_asking_and_pictures_go_ahead() -> None:
    turns, order, threads = Turns(), [], []

    def take(name: str, ahead: bool) -> None:
        with turns.turn(ahead):
            order.append(name)

    with turns.turn():
        for name, ahead in (("train 1", False), ("train 2", False), ("picture", True)):
            threads.append(threading.Thread(target=take, args=(name, ahead)))
            threads[-1].start()
            while len(turns._others) + len(turns._ahead) < len(threads):  # asked, before the next asks
                time.sleep(0.001)
        assert order == []
    for thread in threads:
        thread.join(5)
    assert order == ["picture", "train 1", "train 2"]


def test_two_never_hold_a_turn_and_a_failure_passes_it_on() -> None:
    turns, inside, most = Turns(), [], []

    def take() -> None:
        for _ in range(200):
            try:
                with turns.turn():
                    inside.append(1)
                    most.append(len(inside))
                    inside.pop()
                    raise RuntimeError
            except RuntimeError:
                pass

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    assert len(most) == 800 and max(most) == 1


def test_a_busy_loop_does_not_starve_the_others() -> None:
    turns, stop = Turns(), threading.Event()

    def busy() -> None:
        while not stop.is_set():
            with turns.turn():
                time.sleep(0.01)

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        begin = time.monotonic()
        for _ in range(10):
            with turns.turn(ahead=True):
                pass
        assert time.monotonic() - begin < 2, "ten turns, each behind at most one of 10 ms"
    finally:
        stop.set()
        thread.join(5)


def test_neither_starves_where_both_are_always_asked_for() -> None:
    """Ten visitors look without a pause, ten train: training gets its share, and no picture waits for long."""
    turns, stop = Turns(), threading.Event()
    spent, waited = {True: 0.0, False: 0.0}, []

    def ask(ahead: bool, seconds: float) -> None:
        while not stop.is_set():
            begin = time.monotonic()
            with turns.turn(ahead):
                waited.append(time.monotonic() - begin) if ahead else None
                time.sleep(seconds)
                spent[ahead] += seconds

    threads = [threading.Thread(target=ask, args=each) for each in 10 * [(True, 0.004), (False, 0.002)]]
    for thread in threads:
        thread.start()
    time.sleep(1.5)
    stop.set()
    for thread in threads:
        thread.join(5)
    assert spent[False] / spent[True] == pytest.approx(SHARE, rel=0.3)
    assert max(waited) < 1.0, "ten pictures and what they owe"


def test_a_tick_of_a_run_that_was_replaced_does_not_pause_the_new_one() -> None:
    old, new = (SimpleNamespace(step=step) for step in (60, 0))
    mine = Session(Choices(steps=60), [], phase=2)
    mine.runs = {"classify": new}  # type: ignore[dict-item]
    session.end_tick(mine, [old], is_pending=False)  # type: ignore[list-item]
    assert mine.player.playing, "a rerun that Streamlit has begun meanwhile started it"
