"""Links: what one asks for and cannot have is said, and all the rest of it is kept."""

from dataclasses import replace

import pytest

from dashboard import links, presets, presses, session
from dashboard.controls import Choices
from dashboard.state import Session
from dashboard.views.axes import pair
from dashboard.views.notices import plain

CARRIED = "utm_source=x&utm_medium=y&fbclid=1&gclid=1&msclkid=1&mc_cid=1&mc_eid=1&igshid=1&ref=a&source=b&__theme=dark"


def test_what_sharing_services_append_is_passed_over_without_a_word() -> None:
    query = links.parse(f"?{CARRIED}&__sign=abc&embed=true&embed_options=light_theme&dataset=moons&_gl=1&ttclid=1&si=q")
    assert links.read(query) == (presets.preset(Choices(), "moons"), [])


def test_an_ampersand_that_html_has_left_behind_does_no_harm() -> None:
    assert links.read(links.parse("?dataset=moons&amp;steps=100&amp;stops=6"))[0].stops == 6


@pytest.mark.parametrize(
    ("text", "kept", "said"),
    [
        ("n=100&seed=4&lr=0.02", {"n": 100, "batch": 64, "seed": 4, "lr": 0.02}, "batch is 64, not 128"),
        ("n=100&batch=1024&seed=4", {"n": 100, "batch": 64, "seed": 4}, "batch: got 1024, expected 1 to 66"),
        ("classes=10&seed=4&stops=7", {"classes": 2, "seed": 4, "stops": 7}, "classes is 2, not 10"),
        ("beta_min=0.5&beta_max=0.05&seed=4", {"beta_max": 0.05, "beta_min": 1e-3, "seed": 4}, "smallest < largest"),
        ("classes=10&n=100&seed=4", {"classes": 2, "batch": 64, "n": 100, "seed": 4}, "classes is 2, not 10"),
        ("variance=1e-9&seed=4", {"variance": 0.1, "seed": 4}, "variance: got 1e-09"),
        ("latent_dim=1&dims=0,1&seed=4", {"latent_dim": 1, "dims": (), "seed": 4}, "none, as the model has only one"),
        ("dims=7,9&seed=4", {"dims": (), "seed": 4}, "got dimensions 8 and 10, expected two of the model’s 2"),
        ("dims=one,two&seed=4", {"dims": (), "seed": 4}, "such as z1,z3"),
        ("latent_dim=3&dims=2,0", {"latent_dim": 3, "dims": (2, 0)}, ""),
        ("latent_dim=3&dims=z3,z1", {"latent_dim": 3, "dims": (2, 0)}, ""),
        ("latent_dim=3&dims=z0,z1&seed=4", {"dims": (), "seed": 4}, "got “z0,z1”, expected two different"),
        ("latent_dim=3&dims=z1,2&seed=4", {"dims": (), "seed": 4}, "got “z1,2”, expected two different"),
        ("hide=beta,lr,xyz&seed=4", {"hide": ("lr",), "seed": 4}, "“beta” is none that can be hidden"),
        ("lesson=one&seed=4", {"seed": 4, "lesson": 0}, "Lesson step: got “one”, expected a whole number from 0 to 10"),
        ("seed=3&seed=4", {"seed": 4}, "named 2 times; the last one counts"),
        ("seed=1.5&lr=0.02", {"seed": 0, "lr": 0.02}, "got “1.5”, expected a whole number from 0 to 9999"),
        ("at=400&steps=4000", {"at": 0, "steps": 4000}, ""),
        ("at=401&steps=400&seed=4", {"seed": 4}, "got 401, expected at most the last step, 400; it opens there"),
        ("at=soon&seed=4", {"seed": 4}, "Step that is shown: got “soon”, expected a whole number from 0 to 1000000"),
        ("at=-1&seed=4", {"seed": 4}, "got “-1”, expected a whole number from 0"),
        ("warm=yes&seed=4", {"seed": 4}, "Warm β: got “yes”, expected 1 or 0"),
        ("dataset=iris&warm=1&seed=4", {"seed": 4}, "Warm β: got iris, expected a problem whose collapse is known"),
        ("table=" + "a" * 64 + "&seed=4", {"table": "", "seed": 4}, "named without dataset=own"),
    ],
)
def test_a_link_keeps_all_that_can_be_had_and_says_what_cannot(text: str, kept: dict[str, object], said: str) -> None:
    mine = session.from_link(links.parse(text))
    assert {key: getattr(mine.choices, key) for key in kept} == kept
    assert said in " ".join(mine.refused) and bool(said) == bool(mine.refused)


def test_a_refused_control_is_named_and_an_accepted_one_clears_it() -> None:
    mine = Session(Choices(), [])
    session.sync(mine, replace(mine.choices, n=100))
    assert mine.choices.n == 1200 and mine.widget_epoch == 1
    assert mine.refusal is not None and mine.refusal[0] == "n" and "got 128, expected 1 to 66" in mine.refusal[1]
    session.sync(mine, replace(mine.choices, n=100, batch=64))
    assert mine.choices.n == 100 and mine.refusal is None


def test_fewer_latent_dimensions_or_another_dataset_give_up_axes_that_are_gone() -> None:
    for changes in ({"latent_dim": 2}, {"dataset": "moons"}):
        mine = session.from_link({"latent_dim": "9", "dims": "7,8"})
        session.sync(mine, replace(mine.choices, **changes))
        assert mine.choices.dims == () and "z8" not in session.link(mine)
        assert "expected two of the model’s 2" in mine.notice


def test_an_earlier_entry_of_the_history_is_taken_over_as_a_link_is() -> None:
    mine = session.from_link({"dataset": "moons", "seed": "3"})
    text = session.link(mine)
    session.sync(mine, replace(mine.choices, dataset="circles"))
    presses.transport(mine, {"action": "link", "value": f"?{text}&colour=red"}, "classify")
    assert session.link(mine) == text and "colour" in mine.refused[0]
    assert mine.widget_epoch == 2 and "earlier address" in mine.notice
    presses.transport(mine, {"action": "link", "value": None}, "classify")
    assert mine.choices == Choices(), "an address without a query is the default problem"


def test_a_new_seed_after_the_last_is_the_first() -> None:
    mine = session.from_link({"seed": "9999"})
    presses.transport(mine, {"action": "seed"}, "classify")
    assert mine.choices.seed == 0


@pytest.mark.parametrize(
    ("old", "first", "second", "new"),
    [
        ((), None, None, ()),
        ((), 2, None, (2, 0)),
        ((), None, 0, (1, 0)),
        ((), 1, 1, (1, 0)),
        ((0, 2), 1, 2, (1, 2)),
        ((0, 2), 2, 2, (2, 0)),
        ((0, 2), 0, 0, (2, 0)),
        ((0, 2), None, 2, ()),
        ((0, 2), 0, None, ()),
    ],
)
def test_two_axes_are_never_one(old: tuple[int, ...], first: int | None, second: int | None, new: object) -> None:
    assert pair(old, first, second) == new


def test_what_a_link_says_is_shown_as_text_and_reads_as_it_was_written() -> None:
    assert [plain(text) for text in ("# x", "- y", "1. z", "1.5 - 2")] == [r"\# x", r"\- y", r"1\. z", r"1\.5 - 2"]
    assert plain("seed: got “64-zero”, 0.5\n# x :smile: <b> **") == r"seed: got “64-zero”, 0.5 # x \:smile: \<b\> \*\*"
