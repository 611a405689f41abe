"""Pinned runs: their numbers are those of runs apart, they stay what they are, and they end with their chips."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard import controls, picture, pin_board, pin_runs, pinning, presses, session
from dashboard.controls import Choices
from dashboard.figures import pins as figures
from dashboard.figures.palette import PINS
from dashboard.figures.style import bound
from dashboard.pages import EXPLORE, VAE
from dashboard.pins import SEEDS, Pin
from dashboard.run import Run
from dashboard.stage.check import check
from dashboard.state import Session
from tests.app.driving import frame, lab, opened, until
from tests.app.test_pin_links import SMALL, pinned
from tests.figures.small import moment
from vibcore import data
from vibcore.types import Array


def begun(choices: Choices, step: int = 0) -> tuple[Session, Run]:
    """A visitor whose run has come to a step."""
    mine = Session(choices, [])
    config = controls.config(choices)
    run = Run(config, session.window(mine, config.dataset).dataset)
    mine.runs[EXPLORE.runs[0].key] = run
    run.advance(step, step)
    return mine, run


def found_out(mine: Session, run: Run) -> Any:
    """Ticks until all is known of the pins; the first."""
    pin_board.keep_on(mine, EXPLORE, [run])
    until(
        lambda: mine.works and not pin_board.is_pending(mine, EXPLORE), lambda: pin_board.keep_on(mine, EXPLORE, [run])
    )
    return pin_board.pinned(mine, EXPLORE)[0]


def rates(choices: Choices, step: int) -> Array:
    """Rates on the test inputs of a run apart that stopped there, in nats."""
    config = controls.config(choices)
    run = Run(config, data.load(config.dataset), is_private=True)
    run.advance(step, step)
    return np.array([point.rate.value for point in run.snapshot_now(None).test])


def test_a_pinned_run_stays_what_it_was_while_the_run_on_screen_goes_on() -> None:
    mine, run = begun(SMALL, 20)
    pin_board.pin(mine, EXPLORE)
    run.advance(40, 60)
    (look,) = found_out(mine, run).looks
    assert [point.rate.value for point in look.test] == rates(SMALL, 20).tolist()
    assert look.fresh is not None and all(point.inputs == 20_000 for point in look.fresh)


@pytest.mark.parametrize("gone", [0, 10, 45])
def test_the_line_of_a_links_pin_is_that_of_a_run_apart_stopped_there_wherever_another_has_come(gone: int) -> None:
    there = replace(SMALL, seed=31 + gone)  # what nobody else has trained
    mine, run = begun(replace(SMALL, pins=(pinning.pin_of(there, 30),)))
    _, their = begun(there, gone)
    drawn = found_out(mine, run)
    arrays = figures.arrays([drawn], "bound", False, np.log(2), is_gain=False)
    np.testing.assert_array_equal(arrays["pin_0_x"], rates(there, 30) / np.log(2))
    assert their.step == gone, "whoever rides that training stays where they are"


def test_a_pin_is_of_the_same_kind_as_the_dots_beside_it() -> None:
    mine, run = begun(pinned(replace(SMALL, seed=1), 30), 30)
    mine.choices = replace(mine.choices, seed=0)
    drawn, (size, fresh) = found_out(mine, run), (np.log(2), pin_board.pinned(mine, EXPLORE)[0].looks[0].fresh)

    def seen(show: str = "bound", at_rest: bool = True, gain: bool = False) -> Array:
        found: Array = figures.arrays([drawn], show, at_rest, size, gain)["pin_0_y"]
        return found

    assert fresh is not None and seen().tolist() == pytest.approx([p.i_zy_bound.value / size for p in fresh])
    assert not np.array_equal(seen(), seen(at_rest=False)), "the test inputs while the screen shows those"
    assert np.isnan(seen("value")).all() if len(seen("value")) else True, "no bound where informations are shown"
    assert len(seen(gain=True)) == 0, "no information beside a gain over a Gaussian guess"
    mine.choices = replace(mine.choices, show="value")
    drawn = found_out(mine, run)
    valued = drawn.looks[0].valued
    assert seen("value").tolist() == pytest.approx([p.i_zy.lower.value / size for p in valued])


def test_a_band_has_the_median_and_the_whole_range_of_eight_runs_apart() -> None:
    mine, run = begun(SMALL, 15)
    pin_board.pin(mine, EXPLORE, SEEDS)
    drawn = found_out(mine, run)
    arrays = figures.arrays([drawn], "bound", False, 1.0, is_gain=False)
    apart = np.stack([rates(replace(SMALL, seed=seed), 15) for seed in range(SEEDS)])
    np.testing.assert_allclose(arrays["pin_0_x"], np.median(apart, axis=0))
    crosses = arrays["pin_0_range_x"].reshape(-1, 6)
    np.testing.assert_array_equal(crosses[:, :2], np.stack([apart.min(0), apart.max(0)], axis=1))
    assert (
        np.isnan(crosses[:, [2, 5]]).all() and np.isfinite(arrays["pin_0_range_y"].reshape(-1, 6)[:, [0, 3, 4]]).all()
    )


def test_a_pin_that_is_taken_away_ends_its_training_and_says_until_then_how_far_it_is() -> None:
    there = replace(SMALL, seed=77)
    mine, run = begun(replace(SMALL, pins=(pinning.pin_of(there, 1_000_000, SEEDS),)))
    pin_board.keep_on(mine, EXPLORE, [run])
    (work,) = mine.works.values()
    until(lambda: work.at > 0, lambda: pin_board.keep_on(mine, EXPLORE, [run]))
    assert pin_board.is_pending(mine, EXPLORE)
    (said,) = pin_board.progress(mine, EXPLORE)
    assert pin_board.progress(mine, VAE) == [], "where no pin is drawn none is waited for"
    assert said.startswith("Pinned “seeds 77 to 84: median and range”: 0 of 8 seeds, step ") and "1,000,000" in said
    pin_board.unpin(mine, mine.choices.pins[0])
    pin_board.keep_on(mine, EXPLORE, [run])
    until(lambda: work.thread is not None and not work.thread.is_alive(), lambda: None)
    assert mine.works == {} and not pin_board.is_pending(mine, EXPLORE)


def test_while_the_run_on_screen_trains_a_pinned_one_takes_a_fifth_of_the_time() -> None:
    there = replace(SMALL, seed=78)
    mine, run = begun(replace(SMALL, pins=(pinning.pin_of(there, 1_000_000),)))
    slept: list[float] = []
    work = pin_board.work_of(mine, EXPLORE, mine.choices.pins[0])
    work.gives_way = True
    reached = Run(work.configs[0], work.window.dataset)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", slept.append)
        begin = time.monotonic()
        pin_runs._train_on(work, reached.training)
        taken = time.monotonic() - begin
    assert 0 < slept[0] <= pin_runs.SHARE * taken and slept[0] > 0.9 * pin_runs.SHARE * taken
    assert run.step == 0


def test_the_colours_of_pins_are_seen_on_both_pages() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for page in ("#ffffff", "#0e1117"):
        for colour in PINS:
            high, low = sorted((luminance(page) + 0.05, luminance(colour) + 0.05), reverse=True)
            assert high / low >= 3, (page, colour)


def test_without_pins_nothing_of_them_is_on_the_page_and_all_that_is_bound_is_sent_with_them() -> None:
    mine, run = begun(SMALL, 15)
    pin_board.pin(mine, EXPLORE)
    pin_board.pin(mine, EXPLORE, SEEDS)
    found_out(mine, run)
    plain = moment(run, SMALL)
    still = replace(plain.still, pins=pin_board.pinned(mine, EXPLORE))
    assert "pin_" not in picture.document(EXPLORE, plain.still)
    document, (header, arrays) = (
        picture.document(EXPLORE, still),
        picture.frame(EXPLORE, replace(plain, still=still), False, ""),
    )
    names = {name for name in (*arrays, *header["texts"]) if name.startswith("pin_")}
    assert names and all(f'"{name}"' in document or f'"{name}.0"' in document for name in names)
    check(arrays, picture.specs(EXPLORE, still))
    assert bound("pin_0_x", "pin_0_y")["bind"]["x"] in arrays and Pin(15).seeds == 1


SHORT = {"dataset": "moons", "n": "300", "stops": "3", "steps": "40", "batch": "50", "encoder": "8", "decoder": "8"}


def is_drawn(at: Any, name: str) -> bool:
    arrays = frame(at)[2]
    return name in arrays and len(arrays[name]) == 3


def test_a_pressed_pin_stays_beside_a_new_seed_with_a_chip_that_takes_it_away() -> None:
    at = opened(**SHORT)
    until(lambda: not lab(at).player.playing, at.run)
    at.button(key="pin").click().run()
    assert "pinned at step 40" in lab(at).notice
    until(lambda: is_drawn(at, "pin_0_x") and frame(at)[1]["settled"], at.run)
    own = frame(at)[2]["pin_0_x"]
    presses.transport(lab(at), {"action": "seed"}, "classify")
    until(lambda: lab(at).runs and frame(at)[1].get("settled"), at.run)
    assert at.button(key="unpin_0").label == "seed 0 · step 40 ×"
    _, header, arrays = frame(at)
    np.testing.assert_array_equal(arrays["pin_0_x"], own)
    assert header["texts"]["pin_0_text"] == "seed 0" and "pins=40%7Eseed%7E0" in header["link"].replace("~", "%7E")
    at.button(key="unpin_0").click().run()
    at.run()
    assert "pins" not in frame(at)[1]["link"] and not any("pin_" in name for name in frame(at)[2])


def test_a_link_shows_its_pins_on_a_projector_in_words_and_without_controls() -> None:
    at = opened(**SHORT, pins="20~seed~3..20~latent_dim~1", present="1")
    until(lambda: is_drawn(at, "pin_0_x") and is_drawn(at, "pin_1_x"), at.run)
    assert not at.exception and not [button for button in at.button if "pin" in str(button.key)]
    said = " ".join(str(each.proto.body) for each in at.get("html"))
    assert "seed 3" in said and "K 1" in said
    assert "pin_0_mu" in frame(at)[2], "their latent planes stand beside"
