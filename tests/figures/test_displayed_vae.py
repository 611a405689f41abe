"""Every number and array of the VAE page, alone and beside the VIB, recomputed from weights and rows."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from dashboard.figures.decoded import INK
from dashboard.panels.rate_distortion import facts
from dashboard.panels.reconstructions import chosen_inputs
from tests.core import byhand
from tests.figures.small import BITS, before_training, estimated_at, informations, of_point, says, seen, vae_frame
from vibcore.problem import EVALUATION_SEED
from vibcore.streams import stream
from vibcore.window import centres

KINDS = ("moons", "iris", "digits")
UNITS = ("bits", "nats")
STOPS = range(5)
CLOSE: dict[str, Any] = {"atol": 1e-3, "rtol": 5e-4}
HALF: dict[str, Any] = {"atol": 3e-3, "rtol": 2e-3}  # what travels in half precision


@cache
def by_hand(kind: str, split: str, samples: int = 12) -> list[dict[str, Any]]:
    """What each dot of a split is: of the population where it was looked at now."""
    of = seen(kind, "reconstruct")
    fresh = of.run.population if split == "test" else None
    points = [of_point(of, i, split, samples) for i in STOPS]
    for i in () if fresh is None else (0, 2):
        points[i] = byhand.reals(of.now[i], fresh.x, fresh.x.astype(float), 12, 0.05) | {"inputs": len(fresh.x)}
    return points


@cache
def told(kind: str, i: int, task: str = "reconstruct", train: bool = False) -> dict[str, Any] | None:
    of = seen(kind, task)  # type: ignore[arg-type]
    step = estimated_at(of, i)
    return None if step is None else informations(of, i, step, train)


def means(kind: str, i: int) -> np.ndarray:
    """The decoder's mean over 12 draws of z of the drawn inputs, (n, d)."""
    of = seen(kind, "reconstruct")
    out = byhand.decoded(of.now[i], of.run.window.x, 12)
    return (1 / (1 + np.exp(-out)) if kind == "digits" else out).mean(0)


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("kind", KINDS)
def test_key_numbers_and_what_hovering_says(kind: str, units: str) -> None:
    of, size = seen(kind, "reconstruct"), BITS[units]
    _, texts, _ = vae_frame(of, units=units)
    test = ~of.run.window.is_train
    for i in STOPS:
        point, label = by_hand(kind, "test")[i], f"β = {of.run.config.betas[i]:.3g}"
        rate, cost = point["rate"][0] / size, point["distortion"][0] / size
        says(texts["number_rate"][i], "{}", rate)
        says(texts["number_cost"][i], "{}", cost)
        says(texts["number_elbo"][i], "{}", -(rate + cost), slack=1e-3)
        in_use = sum(kl > 0.01 for kl in point["kl_per_dim"])
        assert texts["number_dims"][i] == f"{in_use} of {len(point['kl_per_dim'])}"
        error = ((means(kind, i) - of.run.window.x)[test] ** 2).mean()
        assert float(texts["number_error"][i]) == pytest.approx(error, rel=6e-3)
        known = told(kind, i)
        if known is None:
            assert texts["number_class"][i] == "–"
        else:
            ends = tuple(end / size for end in byhand.interval(known["i_zy"]))
            says(texts["number_class"][i], "{}", ends, slack=2e-3)
        for split in ("train", "test"):
            (rate, off), (cost, beside) = (by_hand(kind, split)[i][name] for name in ("rate", "distortion"))
            hover = f"<b>{label}</b><br>R {{}} ± {{}} {units}<br>D {{}} ± {{}} {units}<br>D + R = {{}} {units}"
            values = [value / size for value in (rate, off, cost, beside, rate + cost)]
            says(texts[f"plane_{split}_text"][i], hover, *values, slack=1e-3)
        sums = f"rate {{}} {units}, distortion {{}} {units}, D + R {{}} {units} on test inputs."
        rate, cost = point["rate"][0] / size, point["distortion"][0] / size
        for name, start in (("plane", label), ("beta", label), ("time", "At step 150")):
            says(texts[f"alt_vae.{name}"][i], f"{start}: {sums}", rate, cost, rate + cost, slack=1e-3)
        for name in ("decoded",) if kind == "iris" else ("decoded", "grid"):
            text = texts[f"alt_vae.{name}"][i]
            assert text == f"{label}: mean square error {texts['number_error'][i]} for a feature."
        costs = byhand.rates(*byhand.encode(of.now[i], of.run.window.x.astype(float))).sum(1)
        spent = f"Latent plane of {label}: an input costs {{}} {units} in the mean."
        says(texts["alt_vae.latent"][i], spent, costs.mean() / size, slack=1e-3)
        dims = ", ".join(f"z{k + 1} {{}}" for k in range(len(point["kl_per_dim"])))
        values = [kl / size for kl in point["kl_per_dim"]]
        says(texts["alt_vae.kl"][i], f"Cost of each latent dimension: {dims} {units}.", *values)


def test_while_playing_other_models_have_one_draw_and_no_reconstruction() -> None:
    of = seen("moons", "reconstruct")
    _, texts, arrays = vae_frame(of, playing=True, units="nats")
    assert [text == "–" for text in texts["number_error"]] == [True, True, False, True, True]
    for i in STOPS:
        point = by_hand("moons", "test", 12 if i == 2 else 1)[i]
        says(texts["number_cost"][i], "{}", point["distortion"][0], slack=1e-3)
        assert arrays["plane_test_y"][i] == pytest.approx(point["distortion"][0], abs=1e-3)
    for i, status in enumerate(texts["status"]):
        assert status.startswith("training all 5 stops · step 150 · ")
        assert status.endswith(f"numbers on {'20,000 fresh' if i in (0, 2) else '50 test'} inputs")
    np.testing.assert_allclose(arrays["decoded_x"][0], means("moons", 2)[~of.run.window.is_train, 0], **HALF)


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("kind", KINDS)
def test_dots_losses_and_their_past(kind: str, units: str) -> None:
    of, size = seen(kind, "reconstruct"), BITS[units]
    _, texts, arrays = vae_frame(of, units=units)
    betas = np.array(of.run.config.betas)
    sums = {}
    for split in ("train", "test"):
        rate, cost = ([p[name][0] / size for p in by_hand(kind, split)] for name in ("rate", "distortion"))
        sums[split] = np.add(rate, cost)
        np.testing.assert_allclose(arrays[f"plane_{split}_x"], rate, **CLOSE)
        np.testing.assert_allclose(arrays[f"plane_{split}_y"], cost, **CLOSE)
        np.testing.assert_allclose(arrays[f"loss_{split}"], sums[split], **CLOSE)
        for row, step in enumerate((20, 150)):
            past = [of_point(of, i, split, 12, step) for i in STOPS]
            for name, key in (("rate", "rate"), ("cost", "distortion")):
                found = arrays[f"time_{name}_{split}"][:, row]
                np.testing.assert_allclose(found, [p[key][0] / size for p in past], **CLOSE)
    assert arrays["time_steps"].tolist() == [20, 150]
    np.testing.assert_array_equal(arrays["trail_x"], arrays["time_rate_test"])
    np.testing.assert_array_equal(arrays["trail_y"], arrays["time_cost_test"])
    x, y = arrays["plane_test_x"], arrays["plane_test_y"]
    np.testing.assert_array_equal((arrays["elbo_x"], arrays["elbo_y"]), (x[betas == 1], y[betas == 1]))
    kl = np.array([p["kl_per_dim"] for p in by_hand(kind, "test")]) / size
    np.testing.assert_allclose(arrays["kl_dims"], kl, **CLOSE)
    np.testing.assert_allclose(arrays["chosen_beta"][:, 0], np.log10(betas), rtol=1e-5)
    (left, right), (low, high) = (np.array(ends) / size for ends in facts(before_training(of)).box)
    least, most = np.array(facts(before_training(of, units="nats")).losses) / size
    inside = (x < right - 0.02 * (right - left)) & (y > low + 0.02 * (high - low)) & (y < high - 0.02 * (high - low))
    np.testing.assert_array_equal(
        (arrays["chosen_x"][inside, 0], arrays["chosen_y"][inside, 0]), (x[inside], y[inside])
    )
    assert inside.any()
    rise = np.diff(arrays["iso_y"])[:, 0] / np.diff(arrays["iso_x"])[:, 0]
    np.testing.assert_allclose(rise, -betas, atol=2e-5, rtol=1e-3)
    np.testing.assert_allclose(arrays["iso_x"].mean(1), arrays["chosen_x"][:, 0], rtol=1e-5)
    for i, loss in enumerate(sums["test"]):
        if x[i] > right:
            assert texts["chosen_text"][i].startswith(f"→ {x[i]:.1f}") and texts["chosen_text"][i].endswith(units)
        if loss > most:
            says(texts["chosen_loss_text"][i], f"↑ {{}} {units}", loss, slack=1e-3)
        else:
            assert texts["chosen_loss_text"][i] == ""
        if least + 0.02 * (most - least) < loss < most - 0.02 * (most - least):
            assert arrays["chosen_loss"][i, 0] == pytest.approx(loss, rel=1e-3)


def test_reconstructions_draws_and_the_decoded_lines_of_a_plane() -> None:
    of = seen("moons", "reconstruct")
    _, _, arrays = vae_frame(of)
    test = ~of.run.window.is_train
    z = stream(EVALUATION_SEED, "prior").standard_normal((300, 2), np.float32).astype(float)
    noise = stream(EVALUATION_SEED, "outputs").standard_normal((300, 2), np.float32)
    axis = centres(-3.2, 3.2)
    for i, w in enumerate(of.now):
        np.testing.assert_allclose(arrays["decoded_x"][i], means("moons", i)[test, 0], **HALF)
        np.testing.assert_allclose(arrays["decoded_y"][i], means("moons", i)[test, 1], **HALF)
        drawn = byhand.mlp(w, "decoder", z) + np.sqrt(0.05) * noise
        np.testing.assert_allclose(np.stack([arrays["sample_x"][i], arrays["sample_y"][i]], 1), drawn, **HALF)
        for first, line in ((True, "net_first"), (False, "net_second")):
            for k, still in enumerate(axis[6:42:5]):
                held = np.full(48, still)
                place = byhand.mlp(w, "decoder", np.stack([axis, held] if first else [held, axis], 1))
                found = np.stack([arrays[f"{line}_{end}"][i].reshape(8, 49)[k, :48] for end in "xy"], 1)
                np.testing.assert_allclose(found, place, **HALF)


def test_learnt_variances_make_the_draws_of_a_table_and_profiles_are_of_test_inputs() -> None:
    of = seen("iris", "reconstruct")
    _, _, arrays = vae_frame(of)
    window = of.run.window
    rows = chosen_inputs(window)[0]
    for i in STOPS:
        for k, row in enumerate(rows):
            assert row in of.run.dataset.test and of.run.dataset.y[row] == k
            at = window.shown.tolist().index(row)
            np.testing.assert_allclose(arrays[f"profile_{k}"][i], means("iris", i)[at], **HALF)
    z = stream(EVALUATION_SEED, "prior").standard_normal((50, 2), np.float32).astype(float)
    noise = stream(EVALUATION_SEED, "outputs").standard_normal((50, 4), np.float32)
    drawn = byhand.mlp(of.now[1], "decoder", z) + np.exp(of.now[1]["decoder.log_var"] / 2) * noise
    np.testing.assert_allclose(of.run.draws([1], 50)[0], drawn, atol=1e-3)


def test_images_stand_above_their_own_reconstructions() -> None:
    of = seen("digits", "reconstruct")
    _, _, arrays = vae_frame(of)
    window, dataset = of.run.window, of.run.dataset
    rows = chosen_inputs(window)
    for i in (0, 3):
        for row, column in ((0, 0), (1, 4), (3, 9)):
            at = rows[row, column]
            pair = arrays["pairs"][i, 18 * row : 18 * row + 17, 9 * column : 9 * column + 8] / INK
            np.testing.assert_allclose(pair[:8], dataset.x[at].reshape(8, 8), atol=5e-3)
            own = means("digits", i)[window.shown.tolist().index(at)]
            np.testing.assert_allclose(pair[9:], own.reshape(8, 8), atol=5e-3)


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("kind", ["moons", "iris"])
def test_what_vib_and_vae_spend_their_bits_on(kind: str, units: str) -> None:
    vib, vae, size = seen(kind), seen(kind, "reconstruct"), BITS[units]
    _, texts, arrays = vae_frame(vae, vib, units=units)
    for i in STOPS:
        shares = texts["number_shares"][i].split(" · ")
        for task, (name, of) in enumerate((("vib", "classify"), ("vae", "reconstruct"))):
            known = told(kind, i, of)
            bars = [arrays[f"bits_{part}"][i, task] for part in ("class", "between", "rest")]
            if known is None:
                assert texts[f"number_{name}_class"][i] == texts[f"number_{name}_rest"][i] == shares[task] == "–"
                assert np.isnan(bars).all() and f"{name.upper()} not known yet" in texts["alt_vae.bits"][i]
                continue
            (x_low, x_high), (y_low, y_high) = (byhand.interval(known[key]) for key in ("i_xz", "i_zy"))
            y_high = min(y_high, x_high)
            rest = max(0.0, x_low - y_high), x_high - y_low
            says(texts[f"number_{name}_class"][i], "{}", (y_low / size, y_high / size), slack=2e-3)
            says(texts[f"number_{name}_rest"][i], "{}", (rest[0] / size, rest[1] / size), slack=3e-3)
            np.testing.assert_allclose(bars, np.array([y_low, y_high - y_low, rest[0]]) / size, atol=4e-3)
            least = f"{name.upper()} at least {{}} {units} about the class and {{}} {units} about the rest"
            said = texts["alt_vae.bits"][i].removeprefix("Spent: ").removesuffix(".").split("; ")[task]
            either = f", {{}} {units} about one or the other"
            says(said, least + either, *(b / size for b in (y_low, rest[0], y_high - y_low)), slack=4e-3)
            if y_high + rest[1] < 0.01:
                assert shares[task] == "–"
            else:
                ends = 100 * y_low / (y_low + rest[1]), 100 * y_high / (y_high + rest[0])
                says(shares[task], "{} %", ends, slack=0.3)
    assert {told(kind, i, of) is None for i in STOPS for of in ("classify", "reconstruct")} == {True, False}


def test_beside_the_vib_both_latent_planes_are_of_their_own_run() -> None:
    vib, vae = seen("moons"), seen("moons", "reconstruct")
    _, texts, arrays = vae_frame(vae, vib, units="nats")
    for prefix, of in (("vib_", vib), ("", vae)):
        for i, w in enumerate(of.now):
            mu, sigma = byhand.encode(w, of.run.window.x.astype(float))
            np.testing.assert_allclose(arrays[f"{prefix}point_mu"][i], mu, **HALF)
            np.testing.assert_allclose(arrays[f"{prefix}point_sigma"][i], sigma, **HALF)
    assert "point_bits" not in arrays and all("VIB at step 150" in status for status in texts["status"])
    for i in STOPS:
        costs = byhand.rates(*byhand.encode(vib.now[i], vib.run.window.x.astype(float))).sum(1).mean()
        label = f"β = {vib.run.config.betas[i]:.3g}"
        says(texts["alt_vae.vib"][i], f"Latent plane of the VIB, {label}: an input costs {{}} nats in the mean.", costs)
