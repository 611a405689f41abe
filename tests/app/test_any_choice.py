"""No combination of controls, and no link, reaches an exception: what cannot be had is said and nothing is lost."""

from dataclasses import replace
from functools import cache as once
from typing import Any

import numpy as np
import pytest
from sklearn import datasets as bundled

from dashboard import cache, controls, links, picture, session, slider
from dashboard.controls import CONTROLS, Choices
from dashboard.panel import Facts
from dashboard.panels.plane import plane_facts
from dashboard.panels.rate_distortion import facts
from dashboard.state import Session
from dashboard.views.page import shown, still_of
from vibcore import data as datasets
from vibcore.fields import Field
from vibcore.forms import Choice, Number, Whole

DATASETS = (*datasets.NAMES, datasets.OWN)
WIDTHS = ((), (1,), (24,), (1024,), (8, 8, 8, 8))
RHOS = ((0.0,), (0.9,), (0.999999,), (0.9, 0.6), (0.1,) * 8)


def drawn(control: Field, choices: Choices, rng: np.random.Generator) -> object:
    """A value that the widget of a control can have: often at an end of its range."""
    if control.key == "dataset":
        return str(rng.choice([name for name in datasets.names() if name != controls.OWN]))
    if control.key == "dims":
        return tuple(map(int, rng.permutation(choices.latent_dim)[:2])) if choices.latent_dim > 2 else choices.dims
    if control.key in ("encoder", "decoder"):
        return WIDTHS[rng.integers(len(WIDTHS))]
    if control.key == "rho":
        return RHOS[rng.integers(len(RHOS))]
    if isinstance(control.form, Choice):
        return str(rng.choice(control.form.names))
    if isinstance(control.form, Whole | Number):
        low, high = control.form.low, control.form.high
        value = (low, high, (low + high) / 3)[rng.integers(3)]
        return type(getattr(choices, control.key))(value)
    value = getattr(choices, control.key)
    return not value if isinstance(value, bool) else value


def pictured(mine: Session, whole: bool) -> None:
    """What a page makes of the choices before any training; the `whole` of it is a tenth of a second's work."""
    explore, vae = (shown(mine, path) for path in ("explore", "vae"))  # one of those that share a path
    one, other = (still_of(mine, page, Facts()) for page in (explore, vae))
    assert controls.has_axes(mine.choices) and max(one.scene.dims) < mine.choices.latent_dim
    session.check(mine, mine.choices)
    assert links.read(links.write(mine.choices)) == (rounded(mine.choices), []), "the link says what is on screen"
    plane_facts(one)
    slider.ticks(one.scene.config.betas)
    facts(other)
    if whole:
        picture.document(explore, one)
        picture.document(vae, other)


def rounded(choices: Choices) -> Choices:
    kept = ("table", "pins")
    return replace(
        choices, **{c.key: c.form.read(c.form.write(getattr(choices, c.key))) for c in CONTROLS if c.key not in kept}
    )


def test_no_combination_of_controls_reaches_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "dataset", once(datasets.load))
    for name in ("iris", "wine", "breast_cancer", "digits"):  # their files are read once, not for every seed and flip
        monkeypatch.setattr(bundled, f"load_{name}", once(getattr(bundled, f"load_{name}")))
    rng, mine, refused = np.random.default_rng(0), Session(Choices(), []), 0
    for i in range(2000):
        before = mine.choices
        chosen = rng.choice(np.array(CONTROLS, dtype=object), rng.integers(1, 4), replace=False)
        changes: dict[str, Any] = {c.key: drawn(c, before, rng) for c in chosen}
        session.sync(mine, replace(before, **changes))
        refused += mine.refusal is not None and mine.choices == before
        pictured(mine, i % 400 == 0)
    assert 20 < refused < 1000, "some cannot be had, and most can"


NONSENSE: tuple[str, ...] = ()
NONSENSE += ("", " ", "nan", "-inf", "1e999", "9" * 5000, "0x10", "-1", "0", "7,9", "0,1", "1,1", "64-zero", "β")
NONSENSE += ("null", "true", "[1,2]", "\x00", "\ud800", "<b>x</b>", "${x}", "'; drop table", "1_0", "1e-320", "１２")
NONSENSE += ("10", "1024", "100", "0.5", "linear", "1024-1024-1024-1024", "f" * 64, "gaussian", "iris", "own", "a,hide")
KEYS = (*controls.BY_KEY, "lesson", "colour", "β", "", "utm_source", "__theme", "amp;n", "hide[]")


def test_no_link_reaches_an_exception_and_each_opens_something() -> None:
    rng = np.random.default_rng(1)
    for i in range(200):
        keys = rng.choice(np.array(KEYS, dtype=object), rng.integers(1, 7), replace=False)
        query = {key: [str(NONSENSE[j]) for j in rng.integers(len(NONSENSE), size=rng.integers(1, 3))] for key in keys}
        mine = session.from_link(query)
        pictured(mine, i % 100 == 0)
        assert all(len(why) < 400 for why in mine.refused)
