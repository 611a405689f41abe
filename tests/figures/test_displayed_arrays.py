"""Every array of Explore's charts and planes is what its definition gives from weights and rows, in the page's unit."""

from typing import Any

import numpy as np
import pytest

from dashboard import card, controls, picture
from dashboard.figures import palette
from dashboard.pages import EXPLORE
from tests.core import byhand
from tests.figures.small import BITS, Seen, frame, informations, moment, of_point, of_split, says, seen
from tests.figures.test_displayed_numbers import CLASSED, STOPS, UNITS, below, by_hand, told
from vibcore.window import centres

CLOSE: dict[str, Any] = {"atol": 2e-4, "rtol": 2e-4}
HALF: dict[str, Any] = {"atol": 2e-3, "rtol": 2e-3}  # what travels in half precision


def column(points: list[dict[str, Any]], name: str, size: float) -> np.ndarray:
    return np.array([point[name][0] for point in points]) / size


@pytest.mark.parametrize("playing", [False, True])
@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("kind", CLASSED)
def test_dots_are_rate_and_bound_of_their_split(kind: str, units: str, playing: bool) -> None:
    _, _, arrays = frame(seen(kind), playing, units=units)
    for split in ("train", "test"):
        points = by_hand(kind, split, playing)
        np.testing.assert_allclose(arrays[f"plane_{split}_x"], column(points, "rate", BITS[units]), **CLOSE)
        np.testing.assert_allclose(arrays[f"plane_{split}_y"], column(points, "i_zy_bound", BITS[units]), **CLOSE)
        rows = len(seen(kind).rows(split))
        for name in ("error_1", "error_mc"):  # one input may stand on a border
            found, right = arrays[f"{name}_{split}"], column(points, name, 1.0)
            known = np.ones(5, bool) if name == "error_1" or not playing else ~np.isnan(found)
            np.testing.assert_allclose(found[known], right[known], atol=1.01 / rows)
            if playing and name == "error_mc":
                assert known[2] and known.sum() == (1 + (split == "test" and kind == "spirals"))
    test = by_hand(kind, "test", playing)
    np.testing.assert_allclose(arrays["kl_dims"], np.array([p["kl_per_dim"] for p in test]) / BITS[units], **CLOSE)
    chosen = np.where(np.isnan(arrays["error_mc_test"]), arrays["error_1_test"], arrays["error_mc_test"])
    np.testing.assert_array_equal(arrays["chosen_error"][:, 0], chosen)
    np.testing.assert_allclose(arrays["chosen_beta"][:, 0], np.log10(seen(kind).run.config.betas), rtol=1e-6)


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("kind", CLASSED)
def test_values_are_lower_bounds_with_their_spans_and_brackets_lead_to_them(kind: str, units: str) -> None:
    of, size = seen(kind), BITS[units]
    _, _, arrays = frame(of, units=units, show="value")
    _, _, bracket = frame(of, units=units, show="bracket")
    _, _, bounds = frame(of, units=units)
    (left, right), (low, high) = plane_ends(of, size)
    for i, point in enumerate(by_hand(kind, "test")):
        known, train = told(kind, i), told(kind, i, train=True)
        dot = [point[name][0] / size for name in ("rate", "i_zy_bound")]
        lower = [np.nan] * 2 if known is None else [known[name][0][0] / size for name in ("i_xz", "i_zy")]
        of_train = [np.nan] * 2 if train is None else [train[name][0][0] / size for name in ("i_xz", "i_zy")]
        for split, value in (("test", lower), ("train", of_train)):
            found = [arrays[f"plane_{split}_{axis}"][i] for axis in "xy"]
            np.testing.assert_allclose(found, value, **HALF)
        for axis, start, end in zip("xy", dot, lower, strict=True):
            for drawn in (bounds[f"bracket_{axis}"][i], bracket[f"brackets_{axis}"].reshape(5, 3)[i]):
                np.testing.assert_allclose(drawn, [start, end, np.nan], **HALF)
        assert list(bounds["bracket_size"][i]) == [0, 9, 0]
        if known is None:
            continue
        (x_low, x_high), (y_low, y_high) = ([v / size for v in byhand.interval(known[n])] for n in ("i_xz", "i_zy"))
        x, y = lower
        span = [max(x_low, left), min(x_high, right), np.nan, x, x, np.nan]
        np.testing.assert_allclose(arrays["span_x"][i], span, **HALF)
        span = [y, y, np.nan, max(y_low, low), min(y_high, high), np.nan]
        np.testing.assert_allclose(arrays["span_y"][i], span, **HALF)
        assert list(arrays["span_size"][i]) == [0, 9 * (x_high > right), 0, 0, 9 * (y_high > high), 0]
    assert {bool(size[1]) for size in arrays["span_size"]} == {True, False}


def plane_ends(of: Seen, size: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ends of the drawn plane: to log N of the training set, and a little above H(Y) of the test labels."""
    shares = np.bincount(of.run.dataset.y[of.run.dataset.test]) / len(of.run.dataset.test)
    h_y = -(shares * np.log(shares)).sum()
    right, top = max(1.05 * np.log(len(of.run.dataset.train)), 1.5 * h_y) / size, 1.14 * h_y / size
    return (-0.015 * right, right), (-0.09 * top, top)


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("kind", CLASSED)
def test_the_chosen_dot_its_line_and_where_it_really_is(kind: str, units: str) -> None:
    of, size = seen(kind), BITS[units]
    _, texts, arrays = frame(of, units=units)
    (left, right), (low, high) = plane_ends(of, size)
    for i, point in enumerate(by_hand(kind, "test")):
        x, y = (point[name][0] / size for name in ("rate", "i_zy_bound"))
        at = min(max(x, 0), right - 0.02 * (right - left)), min(max(y, low + 0.02 * (high - low)), high)
        np.testing.assert_allclose((arrays["chosen_x"][i, 0], arrays["chosen_y"][i, 0]), at, **CLOSE)
        np.testing.assert_allclose(arrays["iso_x"][i].mean(), at[0], **CLOSE)
        np.testing.assert_allclose(arrays["iso_y"][i].mean(), at[1], **CLOSE)
        rise, run = np.diff(arrays["iso_y"][i])[0], np.diff(arrays["iso_x"][i])[0]
        assert rise / run == pytest.approx(of.run.config.betas[i], rel=2e-3) and run > 0
        if x > right:
            says(texts["chosen_text"][i], f"→ {{}} {units}", x)
        else:
            assert texts["chosen_text"][i] == ""
        assert texts["iso_text"][i] == f"same loss: slope {of.run.config.betas[i]:.3g}"


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("kind", [*CLASSED, "gaussian"])
def test_the_past_is_of_its_steps_splits_and_models(kind: str, units: str) -> None:
    of, size = seen(kind), BITS[units]
    for playing, models in ((False, list(STOPS)), (True, [2])):
        _, _, arrays = frame(of, playing, units=units)
        assert arrays["time_steps"].tolist() == [20, 150]
        for row, i in enumerate(models):
            past = {split: [of_point(of, i, split, 12, step) for step in (20, 150)] for split in ("train", "test")}
            for split, points in past.items():
                for name, key in (("rate", "rate"), ("i_zy", "i_zy_bound")):
                    found = arrays[f"time_{name}_{split}"][row]
                    np.testing.assert_allclose(found, column(points, key, size), **CLOSE)
            np.testing.assert_array_equal(arrays["trail_x"][row], arrays["time_rate_test"][row])
            np.testing.assert_array_equal(arrays["trail_y"][row], arrays["time_i_zy_test"][row])


def test_a_real_target_has_its_dots_and_no_errors() -> None:
    """H(Y) is that of a Gaussian with the split's own variances."""
    of = seen("gaussian")
    _, texts, arrays = frame(of, units="nats")
    for i in (1, 3, 4):  # the others were looked at on the population
        for split in ("train", "test"):
            point = of_point(of, i, split)
            assert arrays[f"plane_{split}_x"][i] == pytest.approx(point["rate"][0], abs=2e-4)
            assert arrays[f"plane_{split}_y"][i] == pytest.approx(point["i_zy_bound"][0], abs=2e-4)
        says(texts["number_below"][i], "{} ± {}", *below(of_point(of, i, "test")))
    assert not [name for name in (*texts, *arrays) if "error" in name]
    fresh = of.run.population
    assert fresh is not None
    point = byhand.reals(of.now[2], fresh.x, fresh.target.astype(float), 12, None)
    assert arrays["plane_test_x"][2] == pytest.approx(point["rate"][0], abs=2e-4)
    assert arrays["plane_test_y"][2] == pytest.approx(point["i_zy_bound"][0], abs=2e-4)
    _, texts, value = frame(of, units="nats", show="value")
    for i in (0, 2):
        known = informations(of, i, 150, train=False)
        assert value["plane_test_y"][i] == pytest.approx(known["i_zy"][0][0], abs=1e-3)
        ends = byhand.interval(known["i_zy"])
        lines = texts["plane_test_text"][i].split("<br>")
        says(lines[4], "I(Z;Y): {} (95 %, 60 inputs)", ends, slack=1e-3)
        assert f"I(Z;Y) {lines[4].split(' ')[1]} nats" in texts["alt_account"][i]
    assert np.isnan(value["plane_train_y"]).all(), "nothing is known of the training sample's own"
    test = ~of.run.window.is_train
    mu, sigma = byhand.encode(of.now[3], of.run.window.x.astype(float))
    decoded = byhand.mlp(of.now[3], "decoder", mu + sigma * byhand.eps(12, *mu.shape)).mean(0)
    np.testing.assert_allclose(arrays["told"][3], decoded[test, 0], **HALF)
    y = of.run.dataset.y[of.run.window.shown[test], 0]
    distance = np.sqrt(np.mean((decoded[test, 0] - y) ** 2))
    template = "Told and true at β = {}: a root mean square distance of {} on the {} shown test inputs."
    says(texts["alt_told"][3], template, of.run.config.betas[3], distance, test.sum())


def shown_dims(of: Seen) -> list[int]:
    """The two latent dimensions on which all models together spend most on test inputs."""
    if of.run.config.latent_dim < 3:
        return list(range(of.run.config.latent_dim))
    cost = np.sum([of_split(of, i, "test")["kl_per_dim"] for i in STOPS], axis=0)
    return sorted(range(len(cost)), key=lambda k: -cost[k])[:2]


def codes(q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The most probable class of odds (..., C), and by how much it leads the second."""
    ranked = np.sort(q, -1)
    return q.argmax(-1), ranked[..., -1] - ranked[..., -2]


def same_decisions(found: np.ndarray, q: np.ndarray) -> None:
    shades = palette.shades(q.shape[-1])
    winner, lead = codes(q)
    clear = lead > 1e-3
    np.testing.assert_array_equal((found // shades)[clear], winner[clear])
    np.testing.assert_allclose((found % shades)[clear], (lead * (shades - 1))[clear], atol=0.51)


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("kind", CLASSED)
def test_pictures_of_both_planes(kind: str, units: str) -> None:
    of, size = seen(kind), BITS[units]
    _, _, arrays = frame(of, units=units)
    dims, window = shown_dims(of), of.run.window
    assert (of.run.snapshot_now(None).dims) == tuple(dims)
    place = np.stack(np.meshgrid(*[centres(-3.2, 3.2)] * 2), -1).reshape(-1, 2)
    for i, w in enumerate(of.now):
        mu, sigma = byhand.encode(w, window.x.astype(float))
        np.testing.assert_allclose(arrays["point_mu"][i], mu[:, dims], **HALF)
        np.testing.assert_allclose(arrays["point_sigma"][i], sigma[:, dims], **HALF)
        np.testing.assert_allclose(arrays["point_bits"][i], byhand.rates(mu, sigma).sum(1) / size, **HALF)
        q = byhand.odds(w, mu + sigma * byhand.eps(12, *mu.shape)).mean(0)
        np.testing.assert_allclose(arrays["point_odds"][i] / 255, q, atol=0.51 / 255)
        z = np.zeros((len(place), mu.shape[1]))
        z[:, dims] = place
        same_decisions(arrays["latent_code"][i].ravel(), byhand.odds(w, z))
        for c in range(q.shape[1]):
            own = np.flatnonzero(window.labels == c)
            middle = np.median(mu[own][:, dims], axis=0)
            nearest = own[((mu[own][:, dims] - middle) ** 2).sum(1).argmin()]
            at = [arrays["centre_x"][i, c], arrays["centre_y"][i, c]]
            np.testing.assert_allclose(at, mu[nearest, dims], **HALF)
        for layer in range(len(of.run.config.decoder) + 1):
            np.testing.assert_allclose(arrays[f"decoder_{layer}_weight"][i], w[f"decoder.{layer}.weight"], **HALF)
            np.testing.assert_allclose(arrays[f"decoder_{layer}_bias"][i], w[f"decoder.{layer}.bias"], **HALF)
        if kind == "iris":
            test = ~window.is_train
            table = [100 * q[test & (window.labels == c)].mean(0) for c in range(3)]
            np.testing.assert_allclose(arrays["odds"][i], table, atol=0.51)
            continue
        x = np.stack(np.meshgrid(*[centres(*window.input_range)] * 2), -1).reshape(-1, 2)
        mu, sigma = byhand.encode(w, x.astype(np.float32).astype(float))
        np.testing.assert_allclose(arrays["input_bits"][i].ravel(), byhand.rates(mu, sigma).sum(1) / size, **HALF)
        same_decisions(arrays["input_code"][i].ravel(), byhand.odds(w, mu + sigma * byhand.eps(8, 1, 3)).mean(0))


def test_the_drawn_inputs_are_rows_of_their_split() -> None:
    of = seen("spirals")
    dataset, window = of.run.dataset, of.run.window
    still = {name: array for name, (array, _) in card.inputs(window).items()}
    rows = np.concatenate([dataset.test[:250], dataset.train[:250]])
    np.testing.assert_allclose(still["point_x"], dataset.x[rows], atol=2e-3)
    np.testing.assert_array_equal(still["point_class"], dataset.y[rows])
    np.testing.assert_array_equal(window.is_train, [False] * 50 + [True] * 100)


def test_a_patch_has_the_pictures_of_the_next_frame() -> None:
    of = seen("spirals")
    _, _, arrays = frame(of, playing=True)
    patch = picture.patch(EXPLORE, moment(of.run, of.choices, models=[2]))
    assert patch
    for name, (array, models) in patch.items():
        assert models == [2]
        np.testing.assert_array_equal(array.astype(float), arrays[name])
    chosen = picture.frame(EXPLORE, moment(of.run, of.choices), False, "")[0]["chosen"]
    assert chosen == controls.nearest(of.run.config.betas, of.choices.beta) == 2
