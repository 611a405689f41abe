"""Every number and every text of Explore, at rest and playing, is what its definition gives from weights and rows."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from dashboard.panels.account import MEMORISED, NOT_MEMORISED
from tests.core import byhand
from tests.figures.small import BITS, REFERENCE, estimated_at, frame, informations, of_split, says, seen

CLASSED = ("spirals", "iris")
UNITS = ("bits", "nats")
STOPS = range(5)


@cache
def by_hand(kind: str, split: str, playing: bool = False) -> list[dict[str, Any]]:
    """What each dot of a split is: of the population where it was looked at now, and of one draw where it moves."""
    of = seen(kind)
    fresh = {0, 2} if split == "test" and of.run.population is not None else set()
    return [
        of_split(of, i, "population" if i in fresh else split, 1 if playing and i != 2 and i not in fresh else 12)
        for i in STOPS
    ]


@cache
def told(kind: str, i: int, train: bool = False) -> dict[str, Any] | None:
    """Informations of a model as far as they stand on the page."""
    of = seen(kind)
    step = estimated_at(of, i)
    return None if step is None else informations(of, i, step, train)


def frontier(rate: float) -> float:
    """Height of the drawn frontier: straight between its points, level behind the last."""
    x, y = REFERENCE.frontier.i_x, REFERENCE.frontier.i_y
    if rate >= x[-1]:
        return float(y[-1])
    k = int((x <= rate).sum()) - 1
    return float(y[k] + (y[k + 1] - y[k]) * (rate - x[k]) / (x[k + 1] - x[k]))


def below(point: dict[str, Any]) -> tuple[float, float]:
    """How far a point lies below the frontier, negative above it, and the error of that: of bound and rate at once."""
    (rate, off), (bound, beside) = point["rate"], point["i_zy_bound"]
    return frontier(rate) - bound, beside + frontier(rate + off) - frontier(rate)


def percent(text: str, error: float | None, rows: int) -> None:
    """One input of the set may stand on the border."""
    if error is None:
        assert text == "–"
    else:
        says(text, "{} %", 100 * error, slack=0.01 + (0.2 if rows > 1000 else 0))


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("playing", [False, True])
@pytest.mark.parametrize("kind", CLASSED)
def test_key_numbers(kind: str, playing: bool, units: str) -> None:
    _, texts, _ = frame(seen(kind), playing, units=units)
    size, points = BITS[units], by_hand(kind, "test", playing)
    for i, point in enumerate(points):
        says(texts["number_rate"][i], "{}", point["rate"][0] / size)
        says(texts["number_known"][i], "{}", point["i_zy_bound"][0] / size)
        if kind == "spirals":
            says(texts["number_below"][i], "{} ± {}", *(v / size for v in below(point)))
        percent(texts["number_error_1"][i], point["error_1"][0], point["inputs"])
        voted = not playing or i == 2 or point["inputs"] > 1000
        percent(texts["number_error_mc"][i], point["error_mc"][0] if voted else None, point["inputs"])
        in_use = sum(kl > 0.01 for kl in point["kl_per_dim"])
        assert texts["number_dims"][i] == f"{in_use} of {len(point['kl_per_dim'])}"
    assert {below(point)[0] > 0 for point in points} == {True, False} or playing or kind == "iris"
    assert ("number_below" in texts) == (kind == "spirals"), "a table has no known frontier"


@pytest.mark.parametrize("kind", CLASSED)
def test_status_says_how_far_how_fast_and_on_how_many_inputs(kind: str) -> None:
    of = seen(kind)
    for playing, doing, steps in ((True, "training", 500), (False, "paused:", 500), (False, "finished:", 150)):
        _, texts, _ = frame(of, playing, steps=steps)
        for i, point in enumerate(by_hand(kind, "test")):
            parts = texts["status"][i].split(". ")
            count = {20_000: "20,000 fresh", 50: "50 test", 51: "51 test"}[point["inputs"]]
            assert parts[0].endswith(f" s · seed 0 · numbers on {count} inputs")
            assert parts[0].startswith(f"{doing} all 5 stops · step 150 · ")
            speed = 5 * 150 / of.run.training.seconds
            says(parts[0].split(" · ")[2], "{} model-steps/s", speed, slack=1.0)
            says(parts[0].split(" · ")[3], "{} s", of.run.training.seconds, slack=1e-9)
            collapsed = [p["rate"][0] <= 0.02 for p in by_hand(kind, "test", playing)]
            betas = of.run.config.betas
            if kind == "spirals":
                assert collapsed == [False] * 4 + [True]
                assert f"observed between {betas[3]:.3g} and {betas[4]:.3g}" in parts[1]
            else:
                assert not any(collapsed) and "no stop has collapsed yet" in parts[1]
            assert parts[1].startswith("Collapse predicted at β = 0.5")


def test_memorised_is_what_the_training_point_says_beyond_two_errors() -> None:
    _, texts, _ = frame(seen("spirals"))
    train = [below(point) for point in by_hand("spirals", "train")]
    for i, (gap, error) in enumerate(train):
        assert texts["account_note"][i] == (MEMORISED if gap < -2 * error else NOT_MEMORISED)
    test = [below(point) for point in by_hand("spirals", "test")]
    assert any(gap < -2 * error and test[i][0] >= -2 * test[i][1] for i, (gap, error) in enumerate(train))
    assert any(-2 * error < gap < 0 for gap, error in train), "above, but within its error"
    assert set(frame(seen("spirals"), reference=None)[1]["account_note"]) == {NOT_MEMORISED}


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("kind", CLASSED)
def test_what_hovering_a_dot_says(kind: str, units: str) -> None:
    _, texts, _ = frame(seen(kind), units=units)
    size, scored = BITS[units], 60 if kind == "spirals" else 51
    for split in ("test", "train"):
        for i, point in enumerate(by_hand(kind, split)):
            text = f"<b>β = {seen(kind).run.config.betas[i]:.3g}</b><br>rate {{}} {units} ≥ I(X;Z)<br>"
            text += f"H(Y) − CE {{}} {units} ≤ I(Z;Y)<br>"
            values: list[Any] = [point["rate"][0] / size, point["i_zy_bound"][0] / size]
            known = told(kind, i, split == "train")
            if known is not None:
                of, n = (" of these very inputs", point["inputs"]) if split == "train" else ("", scored)
                for name, key in (("I(X;Z)", "i_xz"), ("I(Z;Y)", "i_zy")):
                    text += f"{name}{of}: {{}} (95 %, {n} inputs)<br>"
                    low, high = byhand.interval(known[key])
                    values.append((low / size, high / size))
            text += f"bounds on {point['inputs']:,} inputs"
            says(texts[f"plane_{split}_text"][i], text, *values, slack=1e-3)
    if kind == "spirals":
        assert [told(kind, i) is not None for i in STOPS] == [True, True, True, False, True]


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("kind", CLASSED)
def test_charts_in_words(kind: str, units: str) -> None:
    of = seen(kind)
    _, texts, arrays = frame(of, units=units)
    size, betas = BITS[units], [f"β = {beta:.3g}" for beta in of.run.config.betas]
    for i, (test, train) in enumerate(zip(by_hand(kind, "test"), by_hand(kind, "train"), strict=True)):
        bounds = f"at most {{}} {units} about X, at least {{}} {units} about Y"
        values = [p[name][0] / size for p in (test, train) for name in ("rate", "i_zy_bound")]
        where = f"{betas[i]}: {bounds} on test inputs; {bounds} on training inputs."
        says(texts["alt_plane"][i], where, *values)
        says(texts["alt_time"][i], f"At step 150: {bounds}.", *values[:2])
        errors = [100 * p["error_mc"][0] for p in (test, train)]
        voting = "{} % wrong with 12 draws of z voting"
        says(
            texts["alt_beta"][i],
            f"{betas[i]}: {voting} on test inputs; on training inputs {voting}.",
            *errors,
            slack=0.25,
        )
        dims = ", ".join(f"z{k + 1} {{}}" for k in range(len(test["kl_per_dim"])))
        costs = [kl / size for kl in test["kl_per_dim"]]
        says(texts["alt_kl"][i], f"Cost of each latent dimension: {dims} {units}.", *costs)
        mean = byhand.rates(*byhand.encode(of.now[i], of.run.window.x.astype(float))).sum(1).mean() / size
        says(texts["alt_latent"][i], f"Latent plane of {betas[i]}: an input costs {{}} {units} in the mean.", mean)
        known = told(kind, i)
        said, seen_ = "On test inputs: rate {} " + units, [values[0]]
        for name, key, bound in (("I(X;Z)", "i_xz", ""), ("I(Z;Y)", "i_zy", f", H(Y) − CE {{}} {units}")):
            said += bound + (f", {name} not known yet" if known is None else f", {name} {{}} {units}")
            seen_ += [values[1]] if bound else []
            seen_ += [] if known is None else [tuple(end / size for end in byhand.interval(known[key]))]
        says(texts["alt_account"][i], said + ".", *seen_, slack=1e-3)
    if kind == "iris":
        for i in STOPS:
            own = np.diagonal(arrays["odds"][i])
            says(texts["alt_odds"][i], "Odds of the true class: {} % to {} %, by class.", own.min(), own.max())


def account_rows(known: dict[str, Any], labelled: bool) -> list[tuple[float, float, float]]:
    """At least, between and slack of the rate and of I(Z;Y), nats."""
    (low, _), (high, _) = known["i_xz"]
    rate = known["rate"][0]
    low, high = min(max(low, 0), rate), min(max(high, 0), rate)
    rows = [(low, high - low, max(0, rate - high))]
    if labelled:
        (low, _), (high, _) = known["i_zy"]
        bound = known["bound"][0]
        rows.append((max(0, bound), max(0, high - max(bound, low)), max(0, low - max(0, bound))))
    return rows


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("kind", [*CLASSED, "gaussian"])
def test_bars_split_each_bound_on_test_and_train(kind: str, units: str) -> None:
    of, size = seen(kind), BITS[units]
    _, texts, arrays = frame(of, units=units)
    labelled = kind != "gaussian"
    right = max(1.05 * np.log(len(of.run.dataset.train)), 0) if labelled else 5.4 * REFERENCE.i_xy
    for i in STOPS:
        parts = np.stack([arrays[f"account_{name}"][i] for name in ("known", "between", "slack")], 1)  # (rows, 3)
        if told(kind, i) is None:
            assert np.isnan(parts).all() and texts["account_slack_text"][i] == [""] * len(parts)
            continue
        test, train = (account_rows(told(kind, i, train) or {}, labelled) for train in (False, True))
        expected = np.array([row for pair in zip(test, train, strict=True) for row in pair]) / size
        np.testing.assert_allclose(parts, expected, atol=3e-3, rtol=2e-3)
        for row, over, slack in zip(expected, texts["account_over"][i], texts["account_slack_text"][i], strict=True):
            if row.sum() > right / size:
                says(over, f"→ {{}} {units}", row.sum(), slack=5e-3)
            else:
                assert over == ""
                says(slack, "{}", row[2], slack=3e-3)
