"""Pinned runs in words: what differs from the run on screen, and what a link says of them."""

from dataclasses import replace
from typing import Any

import pytest

from dashboard import links, pinning, presets, session
from dashboard.controls import OF_RUN, Choices
from dashboard.pins import MOST, SEEDS
from vibcore import forms

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
