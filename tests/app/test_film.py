"""Looking back: past moments as they are kept and sent are those of a training that stopped there, and no others."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dashboard import controls, film, picture, presses
from dashboard.film import Wish
from dashboard.pages import COMPARE, EXPLORE
from dashboard.panel import Still, together
from dashboard.run import Run
from dashboard.scene import scene
from dashboard.stage import join, parts, unpack
from tests.app.test_player import CHOICES, ahead, alone, assert_same, opened
from vibcore import data as datasets
from vibcore import training


def still_of(*runs: Run) -> Still:
    own, *others = (Still(scene(run.config, run.window, ()), CHOICES) for run in runs)
    return Still(own.scene, CHOICES, beside=tuple(others))


def asked(run: Run, chosen: int, *steps: int) -> list[tuple[str, dict[str, Any], dict[str, np.ndarray]]]:
    sent = film.film(EXPLORE, still_of(run), [run], "of now", Wish(chosen, steps))
    return [unpack(each) for each in parts(join(sent))]


def test_a_moment_of_the_film_is_the_picture_of_a_training_which_stopped_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "BUDGET", 60)
    run = opened()
    ahead(run, 200)
    found = asked(run, 2, 40, 120, 200)
    for (_, header, arrays), step in zip(found, (40, 120, 200), strict=True):
        stopped = Run(run.config, run.dataset, is_private=True)
        stopped.advance(step, step)
        stopped.snapshot_now([1])  # somebody has looked at this one, too
        snapshot, past = stopped.snapshot_now([2]), run.training.history
        stopped.training.history = {at: row for at, row in past.items() if at < step} | stopped.training.history
        now = together(still_of(stopped), [stopped], [snapshot])
        said, drawn = picture.frame(EXPLORE, now, False, "")
        assert header["step"] == step and header["film"] and header["chosen"] == 2
        for number in EXPLORE.numbers:
            assert header["texts"].get(number.name) == said["texts"].get(number.name), number.name
        for name, (array, _) in drawn.items():
            np.testing.assert_array_equal(arrays[name], array, err_msg=name)
        weights = training.weights(alone(run.config, step))
        np.testing.assert_array_equal(arrays["decoder_0_weight"][0], weights["decoder.0.weight"][2].half().numpy())
    words = [header["texts"]["status"][0] for _, header, _ in found]
    assert "step 40 of 400, a past moment" in words[0] and "past" not in words[2] and "step 200" in words[2]


def test_who_looks_back_moves_nobody_and_comes_back_to_the_very_front() -> None:
    run, other = opened(), opened()
    ahead(run, 200)
    other.advance(30, 30)
    held, front = other.moment, run.training
    film.look(run, 57)  # no checkpoint: replayed from one before
    assert_same(run.moment, alone(run.config, 57))
    assert other.moment is held and run.furthest == 200 and front.step == 200
    run.advance(3, 400)  # single steps behind the front
    assert run.training is not front and run.step == 60 and 200 in film.moments(run, run.step)
    film.look(run, 10_000)
    assert run.training is front and run.step == 200
    assert_same(run.moment, alone(run.config, 200))
    film.look(run, -5)
    assert run.step == 0 and film.moments(other, other.step)[-1] == other.step, "nothing that the other has not seen"


def test_play_from_the_past_shows_every_moment_again_and_then_trains_on() -> None:
    run = opened()
    ahead(run, 100)
    film.look(run, 20)
    shown = []
    while run.moment is not None:
        run.train_on(110, [1], ())
        if run.moment is not None:
            shown += [seen.step for seen in run.drain_snapshots([1], ())]
    assert shown[:7] == list(range(30, 91, 10)) and 100 <= shown[7] <= 110, "and rides at the front"
    run.training.worker.join(20)
    run.stop()
    assert_same(run.moment, alone(run.config, 110))


def test_an_edit_of_the_past_forgets_what_came_after() -> None:
    run = opened()
    ahead(run, 100)
    film.look(run, 40)
    run.edit(controls.config(CHOICES).__class__(**{**vars(run.config), "edits": ((40, "lr", 0.02),)}))
    assert run.furthest == 40 and film.moments(run, 40)[-1] == 40


def test_moments_are_packed_once_for_all_who_look_back() -> None:
    first, second = opened(), opened()
    for run in (first, second):
        ahead(run, 100) if run.step == 0 and run.training.step == 0 else film.look(run, 0)
    second.reached = 100
    wish = Wish(1, (50, 70))
    one, two = (film.film(EXPLORE, still_of(run), [run], "v", wish) for run in (first, second))
    assert all(a is b for a, b in zip(one, two, strict=True)) and len(one) == 2
    assert film.film(EXPLORE, still_of(first), [first], "v", Wish(1, (55,))) == [], (
        "not kept: nothing is trained for it"
    )


def test_two_runs_of_a_page_look_back_together() -> None:
    runs = []
    for each in COMPARE.runs:
        config = each.config(CHOICES)
        runs.append(Run(config, datasets.load(config.dataset)))
    ahead(runs[0], 60)
    ahead(runs[1], 60, every=12)
    (sent,) = film.film(COMPARE, still_of(*runs), runs, "v", Wish(1, (30,)))
    (message,) = parts(join([sent]))
    assert "at step 24" in unpack(message)[1]["texts"]["status"][1]
    for run in runs:
        film.look(run, 30)
        assert run.step == 30


@pytest.mark.parametrize(
    "value",
    [None, 7, {}, {"step": "1", "chosen": 0}, {"step": 1}, {"step": 1, "chosen": 10**9, "lacks": [None, "x", 1e9, -3]}],
)
def test_nonsense_of_a_browser_looks_nowhere(value: Any) -> None:
    session: Any = SimpleNamespace(runs={}, choices=CHOICES, player=SimpleNamespace(wish=None, seen=None))
    session.player.look = lambda step, wish: setattr(session.player, "seen", wish)
    presses.transport(session, {"action": "look", "value": value}, "classify")
    seen = session.player.seen
    assert seen is None or (seen.chosen < CHOICES.stops + 1 and seen.steps == (-3,))
