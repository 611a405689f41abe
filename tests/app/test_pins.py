"""Pinned runs: what differs in words, what a link says of them, and that their numbers are those of runs apart."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard import controls, links, picture, pin_board, pin_runs, pinning, presets, presses, session
from dashboard.controls import OF_RUN, Choices
from dashboard.figures import pins as figures
from dashboard.figures.palette import PINS
from dashboard.figures.style import bound
from dashboard.pages import EXPLORE
from dashboard.pins import MOST, SEEDS, Pin
from dashboard.run import Run
from dashboard.stage.check import check
from dashboard.state import Session
from tests.app.driving import frame, lab, opened, until
from tests.figures.small import moment
from vibcore import data, forms
from vibcore.types import Array

SMALL = Choices("moons", 300, stops=3, beta_min=0.01, beta_max=1.0, batch=50, encoder=(8,), decoder=(8,), steps=60)


def other(key: str) -> Any:
    """A value that is not that of `SMALL`."""
    known: dict[str, Any] = {
        "dataset": "circles",
        "posterior": "full",
        "table": "ab" * 32,
        "rho": (0.8, 0.3),
        "encoder": (64, 32),
    }
    known |= {"decoder": (), "zero": True, "edits": ((20, "lr", 0.003),)}
    form = OF_RUN[key].form
    if key in known:
        return known[key]
    assert isinstance(form, forms.Whole | forms.Number)
    return form.high


def pinned(choices: Choices, step: int, seeds: int = 1) -> Choices:
    return pinning.added(choices, step, seeds)[0]


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


@pytest.mark.parametrize("key", OF_RUN)
def test_every_field_of_a_run_is_named_where_it_differs_and_nowhere_else(key: str) -> None:
    own = {"classes": "blobs", "rho": "gaussian", "table": "own"}.get(key, SMALL.dataset)
    here = replace(SMALL, dataset=own, latent_dim=2, table="cd" * 32 if own == "own" else "")
    wanted = replace(here, **{key: other(key)})
    there = pinning.pin_of(presets.preset(here, "circles") if key == "dataset" else wanted, 60)
    (words,) = pinning.difference(there, here)
    value = OF_RUN[key].form.write(other(key))
    expected = {"zero": "β = 0", "table": "own table", "dataset": value, "edits": "lr 0.003 from step 20"}
    assert words == expected.get(key, f"{OF_RUN[key].name} {value}")
    assert pinning.difference(pinning.pin_of(here, 60), here) == []


def test_words_say_what_the_run_on_screen_has_and_the_pinned_one_lacks() -> None:
    here = replace(SMALL, zero=True, edits=((20, "lr", 0.003), (40, "lr", 0.001)))
    there = pinning.pin_of(SMALL, 30)
    assert pinning.difference(there, here) == ["no β = 0", "without lr 0.003 from step 20"], "40 is later than the pin"


def test_pins_that_are_called_alike_are_told_apart_by_their_steps_and_a_band_says_what_it_is() -> None:
    choices = pinned(pinned(replace(pinned(SMALL, 10), seed=1), 20), 30)
    choices = pinned(choices, 30, SEEDS)
    assert pinning.names(choices) == ("seed 0", "step 20", "step 30", "8 seeds: median and range")
    assert pinning.names(replace(choices, seed=2))[3] == "seeds 1 to 8: median and range"


def test_a_link_carries_pins_and_opens_the_very_same() -> None:
    choices = pinned(replace(SMALL, seed=1, edits=((20, "lr", 0.003),)), 40)
    choices = pinned(replace(choices, dataset="own", table="ab" * 32, latent_dim=1), 9)
    choices = pinned(replace(choices, dataset="circles", table="", edits=()), 60, SEEDS)
    choices = replace(choices, pins=choices.pins[1:])  # colours stay when the first goes
    text = links.text(choices)
    assert "colour" in text and len(text) < 600
    assert links.read(links.parse(text)) == (choices, [])
    assert links.parse(links.text(pinned(SMALL, 60)))["pins"] == ["60"], "no difference is not said"


HOSTILE: tuple[str, ...] = (
    "-1",
    "1e3",
    "9" * 30,
    "60~seed",
    "60~seed~x",
    "60~seed~-1",
    "60~colour~9",
    "60~colour~0..60~colour~0",
    "60..",
)
HOSTILE += ("60~seeds~7", "60~seeds~99999999", "60~beta~0.1", "60~hide~lr", "60~pins~60", "~", "..", "60~__class__~1")
HOSTILE += (
    "60..61..62..63..64",
    "1000001",
    "60~dataset~../etc/passwd",
    "60~encoder~4097",
    "60~edits~0:lr:nan",
    "x" * 5000,
)
HOSTILE += ("60~latent_dim~1" + "~latent_dim~1" * 100,)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_link_pins_nothing_and_says_so(text: str) -> None:
    mine = session.from_link({"pins": text, "seed": "4"})
    assert mine.choices.pins == () and mine.choices.seed == 4
    (said,) = mine.refused
    assert said.startswith("Pinned runs: got “") and "at most 4 pinned runs as step~control~value" in said
    assert len(said) < 300


def test_a_pinned_run_that_cannot_be_had_is_left_out_with_its_reason_and_the_others_stay() -> None:
    text = f"60~n~100..60~seed~1..60~encoder~1024-1024-1024-1024..60~dataset~own~table~{'ab' * 32}"
    mine = session.from_link({"pins": text})
    assert [dict(pin.run)["seed"] for pin in mine.choices.pins] == [1]
    assert [why[:28] for why in mine.refused] == [
        "Pinned run at step 60: batch",
        "Pinned run at step 60: encod",
        "Pinned run at step 60: own t",
    ]
    assert all(why.endswith("It was left out.") for why in mine.refused)


def test_four_runs_can_be_pinned_and_the_next_one_is_refused_in_words() -> None:
    choices, said = SMALL, ""
    for seed in range(MOST):
        choices, said = pinning.added(replace(choices, seed=seed), 60)
        assert said == "This run pinned at step 60."
    assert [pin.colour for pin in choices.pins] == [0, 1, 2, 3]
    full, said = pinning.added(replace(choices, seed=9), 60)
    assert full.pins == choices.pins and "expected at most 4" in said and "Unpin one" in said
    three = replace(choices, pins=(*choices.pins[:1], *choices.pins[2:]))
    assert pinned(replace(three, seed=9), 60).pins[-1].colour == 1, "the colour that has become free"
    assert pinning.added(replace(three, seed=0), 60)[1].startswith("Not pinned: this run at this step")


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
    (said,) = pin_board.progress(mine)
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
