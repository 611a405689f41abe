"""Runs as cursors on shared trainings, and the player that moves them: without Streamlit, by a clock of the test's."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from dashboard import controls, picture, registry, sending, trainings
from dashboard.pages import EXPLORE
from dashboard.panel import Moment as Seen
from dashboard.panel import Still
from dashboard.player import STEADY, Player
from dashboard.run import Run
from dashboard.scene import scene
from dashboard.turns import TRAINING, Turns
from dashboard.watch import REPLAYED, Watch
from vibcore import data as datasets
from vibcore import snapshot, training
from vibcore.config import Config
from vibcore.training import Moment, TrainState
from vibcore.trajectory import Trajectory

CHOICES = controls.Choices("moons", 200, 0.2, 0.05, encoder=(8,), decoder=(), batch=50, stops=3, steps=400)


def opened(choices: controls.Choices = CHOICES, is_private: bool = False) -> Run:
    config = controls.config(choices)
    return Run(config, datasets.load(config.dataset), is_private)


def alone(config: Config, steps: int) -> TrainState:
    """The same training without any of this."""
    dataset = datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), steps)
    return state


def assert_same(moment: Moment | None, state: TrainState) -> None:
    assert moment is not None and moment.step == state.step
    for name, weight in training.weights(state).items():
        assert torch.equal(moment.weights[name], weight), name


def ahead(run: Run, steps: int, every: int = 10) -> None:
    """Train a run and look at it on the way, as a page does."""
    for _ in range(steps // every):
        run.advance(every, 10_000)
        run.snapshot_now([1])


def test_the_second_visitor_replays_what_the_first_has_trained_and_then_rides_along() -> None:
    first = opened()
    ahead(first, 200)
    second = opened()
    assert second.training is first.training and second.step == 0
    steps = []
    while second.moment is not None:
        second.train_on(200, [1], ())
        if second.moment is not None:
            pictures = second.drain_snapshots([1], ())
            assert all(a.step < b.step for a, b in pairwise(pictures))
            assert pictures[-1].step == second.step
            steps.append(second.step)
    assert steps == [10 * REPLAYED, 20 * REPLAYED, 200]
    third = opened()
    third.train_on(200, [1], ())
    pictures = third.drain_snapshots([1], ())
    again = opened()
    again.train_on(200, [1], ())
    assert all(a is b for a, b in zip(pictures, again.drain_snapshots([1], ()), strict=True)), "made once for both"
    np.testing.assert_array_equal(second.snapshot_now([1]).mu, first.snapshot_now([1]).mu)
    second.stop()


def test_a_checkpoint_that_is_replayed_is_the_moment_of_a_training_which_stopped_there() -> None:
    ahead(opened(), 120)
    second = opened()
    second.train_on(400, [1], ())
    (*_, latest) = second.drain_snapshots([1], ())
    assert_same(second.moment, alone(second.config, latest.step))
    assert latest.train == second.training.points(second.moment, (1,))[0]
    assert [step for step, _ in second.history] == list(range(10, latest.step + 1, 10)), "nothing of the future"


def test_no_moment_is_taken_while_a_step_is_being_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, turn, holding, taken = Trajectory.checkpoint, Turns.turn, threading.local(), []

    @contextmanager
    def held(turns: Turns, ahead: bool = False) -> Iterator[None]:
        assert not getattr(holding, "lane", None), "who holds a turn asks for none of the other lane"
        with turn(turns, ahead):
            holding.lane = turns
            yield
            holding.lane = None

    def checked(trajectory: Trajectory) -> Moment:
        assert trajectory.step == 0 or getattr(holding, "lane", None) is TRAINING, (
            "a moment of the front, taken without a turn"
        )
        taken.append(trajectory.step)
        return whole(trajectory)

    monkeypatch.setattr(Trajectory, "checkpoint", checked)
    monkeypatch.setattr(Turns, "turn", held)
    first, second = opened(), opened()
    ahead(first, 60)
    for run in (first, second):
        for models in ([1], [2], [1]):
            run.train_on(10_000, models, ())
            run.drain_snapshots(models, ())
    for run in (first, second):
        run.estimate([0], 30)
        run.draws([0], 3)
        run.snapshot_now([0])
        run.stop()
        run.advance(5, 20_000)
    assert len(set(taken)) > 5
    assert not first.training.failures and not second.training.failures


def test_a_step_behind_the_front_moves_nobody_else() -> None:
    first = opened()
    ahead(first, 60)
    second = opened()
    second.train_on(30, [1], ())
    second.drain_snapshots([1], ())
    second.stop()
    assert second.step == 30
    second.advance(7, 10_000)
    assert second.step == 37 and first.step == first.training.step == 60 and second.training is not first.training
    assert_same(second.moment, alone(second.config, 37))
    first.advance(3, 10_000)
    assert_same(first.moment, alone(first.config, 63))


def test_an_edit_forks_and_the_fork_is_the_run_that_was_edited_live() -> None:
    first, second = opened(), opened()
    ahead(first, 40)
    edited = replace(first.config, edits=((40, "lr", 0.001),))
    first.edit(edited)
    first.advance(20, 10_000)
    live = alone(second.config, 40)
    live.config = edited
    training.advance(live, training.tensors(datasets.load(edited.dataset), edited), 20)
    assert_same(first.moment, live)
    assert_same(first.moment, alone(edited, 60))  # a link that holds the edit
    second.advance(60, 10_000)
    assert_same(second.moment, alone(second.config, 60))
    assert [step for step, _ in first.history][:4] == [10, 20, 30, 40]


def test_the_pictures_of_many_trainings_together_take_half_of_the_time_however_many_they_are() -> None:
    ended = threading.Event()
    many = [opened(replace(CHOICES, seed=seed)).training for seed in range(4)]
    for each in many:
        each.worker = threading.Thread(target=ended.wait)
        each.worker.start()
    try:
        assert trainings.in_progress() == 4
        for each in many:
            each.ride(Watch(goal=100, models=(0,), last_poll=time.monotonic()))
        begin = time.monotonic()
        due = many[0]._picture(many[0].trajectory.checkpoint())
        took = time.monotonic() - begin
        assert due - begin == pytest.approx(max(trainings.GAP, (2 * 4 - 1) * took), rel=0.2)
    finally:
        ended.set()
    for each in many:
        assert each.worker is not None
        each.worker.join()
    assert trainings.in_progress() == 1, "at least one"


def test_where_a_run_stops_is_no_part_of_what_it_trains_and_a_seed_is() -> None:
    run = opened()
    assert opened(replace(CHOICES, steps=77)).training is run.training
    assert opened(replace(CHOICES, seed=1)).training is not run.training
    assert opened(is_private=True).training is not run.training, "a visitor's own table is nobody else's"


def test_a_cursor_stops_at_its_own_goal_where_another_visitor_went_further() -> None:
    ahead(opened(), 200)
    second = opened(replace(CHOICES, steps=143))
    player = Player()
    for _ in range(40):
        if player.playing:
            tick(player, second, replace(CHOICES, steps=143))
    assert not player.playing and second.step == 143
    assert_same(second.moment, alone(second.config, 143))


def test_who_rides_with_a_visitor_that_goes_further_ends_at_their_own_end() -> None:
    short, long = replace(CHOICES, steps=143), replace(CHOICES, steps=5000)
    mine, other = opened(short), opened(long)
    assert mine.training is other.training
    player, theirs, seen = Player(), Player(), 0
    while other.training.step < 600:
        for each, run, choices in ((theirs, other, long), (player, mine, short)):
            each.begin_tick([run], choices, True)
            pictures = each.snapshots(run, choices)
            each.end_tick([run], choices, False)
        assert pictures[-1].step <= 143
        seen = max(seen, pictures[-1].step)
    other.stop()
    for _ in range(3):
        tick(player, mine, short)
    assert not player.playing and mine.step == 143 and seen > 0
    assert_same(mine.moment, alone(mine.config, 143))
    assert other.step >= 600


def test_what_nobody_rides_is_let_go_when_others_need_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    old, ridden = opened(), opened(replace(CHOICES, seed=1))
    ridden.train_on(10_000_000, [1], ())
    monkeypatch.setattr(registry, "MOST_BYTES", 0)
    opened(replace(CHOICES, seed=2))
    assert opened().training is not old.training
    assert opened(replace(CHOICES, seed=1)).training is ridden.training
    ridden.stop()


def tick(player: Player, run: Run, choices: controls.Choices = CHOICES) -> bool:
    player.begin_tick([run], choices, is_seen=True)
    player.snapshots(run, choices)
    return player.end_tick([run], choices, is_pending=False)


def test_who_stays_at_one_step_shares_its_picture_and_what_is_sent_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(picture, "frame", lambda *_: (made.append("frame"), ({"texts": {}}, {}))[1])
    first, second, own = opened(), opened(), opened(is_private=True)
    first.advance(20, 10_000)
    second.train_on(20, [1], ())
    second.drain_snapshots([1], ())
    second.stop()
    assert first.step == second.step == 20 and first.snapshot_now(None) is second.snapshot_now(None)
    for run in (first, second, own, own):
        header, _ = sending.frame(EXPLORE, seen_of(run), False, "")
        header["version"] = "a visitor's own"
    assert made == ["frame"] * 3, "that of a visitor's own table is made for them each time"
    assert "version" not in sending.frame(EXPLORE, seen_of(first), False, "")[0]
    sending.frame(EXPLORE, seen_of(first), False, "other words")
    assert len(made) == 4


def test_values_that_are_known_are_computed_once_and_make_no_message_anew() -> None:
    first, second = opened(), opened()
    for run in (first, second):
        run.estimate([0], 30)
        assert run.training.values.estimated_at > 0
    at = first.training.values.estimated_at
    second.estimate([0], 30)
    assert second.training.values.estimated_at == at
    second.estimate([0], 40)
    assert second.training.values.estimated_at > at, "of a larger mixture"


def seen_of(run: Run) -> Seen:
    return Seen(Still(scene(run.config, run.window, ()), CHOICES), run, run.snapshot_now(None))


def test_presses_of_step_add_up_and_pause_and_the_page_is_laid_out_anew_once() -> None:
    run, player = opened(), Player()
    choices = replace(CHOICES, speed="10")
    assert not tick(player, run, choices) and run.step == 10
    player.step("10")
    player.step("10")
    assert not player.playing and tick(player, run, choices) and run.step == 30
    assert tick(player, run, choices), "nothing is waited for any more"
    assert not tick(player, run, choices) and run.step == 30
    assert player.is_settled([run], False) and not player.is_settled([run], True)


def test_nothing_trains_before_the_page_was_seen() -> None:
    run, player = opened(), Player()
    player.begin_tick([run], CHOICES, is_seen=False)
    assert run.training.worker is None and run.step == 0


def test_of_two_runs_none_gets_far_ahead_and_at_rest_the_slower_catches_up() -> None:
    class Stub(SimpleNamespace):
        step: int

        def train_on(self, goal: int, *_: Any) -> None:
            self.goal = goal

        def advance(self, steps: int, stop_at: int, budget: float = 0.0) -> None:
            self.step = min(self.step + steps, stop_at)

        def stop(self) -> None:
            self.goal = 0

    config = controls.config(CHOICES)
    fast, slow = (Stub(step=step, config=config, goal=0) for step in (90, 20))
    player: Any = Player()
    player.begin_tick([fast, slow], CHOICES, is_seen=True)
    assert fast.goal == slow.goal == 170
    player.playing = False
    player.begin_tick([fast, slow], CHOICES, is_seen=True)
    assert fast.goal == slow.goal == 0
    player.end_tick([fast, slow], CHOICES, is_pending=False)
    assert (fast.step, slow.step) == (90, 90)


def test_a_model_that_hardly_moves_is_valued_now_and_then_and_one_that_moved_as_soon_as_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    valued: list[int] = []
    now, near, has_room = [100.0], [True], [True]
    crowd = SimpleNamespace(valuing=lambda: nullcontext(has_room[0]))
    monkeypatch.setattr("dashboard.player.CROWD", crowd)
    run: Any = SimpleNamespace(
        config=controls.config(CHOICES),
        latest=object(),
        training=SimpleNamespace(values=SimpleNamespace(estimated_at=100.0)),
        without_estimate=lambda *_: [0, 1, 2],
        estimate_is_near=lambda *_: near[0],
        estimate=lambda models, *_: valued.append(models[0]),  # asked for some, or not at all
    )
    player, chosen = Player(clock=lambda: now[0]), controls.nearest(run.config.betas, CHOICES.beta)
    cases: Any = ((True, 0.5 * STEADY, []), (True, 1.1 * STEADY, [chosen]), (False, 0.1, [chosen]))
    for is_near, later, expected in cases:
        near[0], now[0] = is_near, 100.0 + later
        player.refresh_estimates(run, CHOICES)
        assert valued == expected
        valued.clear()
    has_room[0] = False
    player.refresh_estimates(run, CHOICES)
    assert valued == [], "the other visitors' values come first"
    has_room[0] = True
    player.refresh_estimates(run, replace(CHOICES, show="value"))
    assert valued == [0], "where the plane shows them, all in turn"


def test_a_training_that_fails_says_so_and_goes_on_from_its_last_whole_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    run, whole = opened(), training.advance
    ahead(run, 100)

    def broken(state: TrainState, data: Any, steps: int) -> None:
        state.parameters.fill_(torch.nan)
        monkeypatch.setattr(training, "advance", whole)
        raise MemoryError

    monkeypatch.setattr(training, "advance", broken)
    run.train_on(120, [1], ())
    run.training.worker.join(20)
    assert "Training failed at step 100 (MemoryError). It went on from step" in run.training.said
    assert 0 < run.training.step < 100
    run.train_on(120, [1], ())
    run.training.worker.join(20)
    assert_same(run.training.trajectory.checkpoint(), alone(run.config, 120))


def test_a_training_that_fails_each_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise MemoryError

    run = opened()
    monkeypatch.setattr(training, "advance", broken)
    for _ in range(trainings.MOST_FAILURES + 1):
        run.train_on(120, [1], ())
        run.training.worker.join(20)
    assert run.training.failures == trainings.MOST_FAILURES and "was given up" in run.training.said and run.step == 0


def test_all_who_come_late_see_the_same_pictures_each_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = opened()
    for _ in range(40):
        first.training.advance(5, 200)
        first.training.trajectory.checkpoint()
    made: list[int] = []
    take = snapshot.take_snapshot

    def counted(moment: Moment, *about: Any) -> Any:
        made.append(moment.step)
        return take(moment, *about)

    monkeypatch.setattr(snapshot, "take_snapshot", counted)
    for begin in (0, 5, 10, 15):
        late = opened()
        late.moment = late.training.trajectory.light[begin]
        late.watch.goal, late.watch.slowdown = 200, 4
        late.drain_snapshots([1], ())
    assert made == [*range(5, 160, 20), 160], "the same for all"
