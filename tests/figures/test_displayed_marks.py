"""What stands still in the charts of both pages is drawn where it is: axes, known curves, names, splits and rows."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard import picture
from dashboard.figures import planes
from dashboard.pages import VAE
from dashboard.panel import Facts
from dashboard.panels.account import account_rows
from dashboard.panels.errors import over_beta
from dashboard.panels.kl import kl_bars
from dashboard.panels.latent import latent_plane
from dashboard.panels.odds import odds_table
from dashboard.panels.rate_distortion import facts
from dashboard.panels.told import told_against_true
from tests.figures.small import BITS, REFERENCE, before_training, seen
from tests.figures.test_displayed_still import figure, h_of, notes, numbers, still, vae_still

UNITS = ("bits", "nats")


def named(drawn: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(trace for trace in drawn["data"] if trace.get("name") == name)
    return found


def vae_of(units: str, **changes: Any) -> dict[str, Any]:
    """The VAE page of moons by another config, before any training."""
    known = before_training(seen("moons", "reconstruct"), Facts(entropy=1.7), units=units)
    other = replace(known.scene, config=replace(known.scene.config, **changes))
    tree: dict[str, Any] = json.loads(picture.document(VAE, replace(known, scene=other)))
    return tree


@pytest.mark.parametrize("units", UNITS)
def test_a_linear_decoder_has_its_exact_curve_and_says_which_directions_it_keeps(units: str) -> None:
    """Direction λ at β costs ½ ln(λ/βσ²) while β < λ/σ², and then lacks β/2, else λ/2σ² (Lucas et al. 2019)."""
    of, size, variance = seen("moons", "reconstruct"), BITS[units], 0.05
    tree = vae_of(units, decoder=())
    train = of.run.dataset.x[of.run.dataset.train].astype(float)
    spread = np.linalg.eigvalsh(np.cov(train.T, bias=True))[::-1]
    said = ", ".join(f"{v / variance:.3g}" for v in spread)
    subtitles = {panel["id"]: panel["subtitle"] for panel in tree["panels"]}
    assert subtitles["vae.kl"] == f"linear decoder: kept while β < λ/σ² = {said}"
    assert subtitles["vae.plane"].endswith("q(x|z): N(decoder(z), 0.05)")
    curve = named(figure(tree, "vae.plane"), "best linear decoder, exact")
    x, y = numbers(curve["x"]) * size, numbers(curve["y"]) * size
    for share in (0.1, 0.5, 0.9):
        beta = share * spread[1] / variance  # both are kept
        rate = 0.5 * np.log(spread / variance / beta).sum()
        cost = beta + np.log(2 * np.pi * variance)
        np.testing.assert_allclose(np.interp(rate, x[::-1], y[::-1]), cost, atol=5e-3)
    assert (x[-1], y[-1]) == pytest.approx((0, 0.5 * spread.sum() / variance + np.log(2 * np.pi * variance)))


@pytest.mark.parametrize("units", UNITS)
def test_the_axes_of_the_vae_page_are_in_its_unit(units: str) -> None:
    size = BITS[units]
    tree = vae_of(units)
    known = facts(before_training(seen("moons", "reconstruct"), Facts(entropy=1.7), units=units))
    plane, losses = figure(tree, "vae.plane"), figure(tree, "vae.beta")
    for axis, ends in zip(("xaxis", "yaxis"), known.box, strict=True):
        np.testing.assert_allclose(plane["layout"][axis]["range"], np.array(ends) / size)
    low, h = known.depth[0] / size, 1.7 / size
    (edge,) = (s for s in plane["layout"]["shapes"] if s["type"] == "line" and s["x0"] != s["x1"] and s["y0"] == h)
    assert (edge["x0"], edge["x1"], edge["y1"]) == pytest.approx((0, h - low, low))  # D + R = h
    grey = next(s["path"] for s in plane["layout"]["shapes"] if s["type"] == "path")
    corners = [tuple(map(float, part.split()[-1].split(","))) for part in grey.replace("Z", "").split("L")]
    np.testing.assert_allclose(corners, [(0, h), (h - low, low), (0, low)])
    np.testing.assert_allclose(losses["layout"]["yaxis"]["range"], np.array(known.losses) / size)
    assert [s["x0"] for s in losses["layout"]["shapes"] if s["x0"] == s["x1"]] == [0]  # log₁₀ of β = 1
    bars = figure(tree, "vae.kl")["layout"]["yaxis"]["range"]
    np.testing.assert_allclose(bars, [0, 0.6 * known.right / size])


def test_the_decoded_grid_names_its_lines_and_the_inputs_lie_where_they_are() -> None:
    of = seen("moons", "reconstruct")
    tree = vae_of("nats")
    test = of.run.window.x[~of.run.window.is_train]
    inputs = named(figure(tree, "vae.decoded"), "inputs (test)")
    np.testing.assert_allclose(np.stack([numbers(inputs["x"]), numbers(inputs["y"])], 1), test, atol=1e-6)
    ends = -3.2 + 6.4 * (np.array([6, 41]) + 0.5) / 48
    (said,) = (panel["subtitle"] for panel in tree["panels"] if panel["id"] == "vae.grid")
    assert f"from {ends[0]:.1f} to {ends[1]:.1f}".replace("-", "−") in said
    images = vae_still("digits", "nats")
    axis = figure(images, "vae.grid")["layout"]["xaxis"]
    assert axis["ticktext"] == [f"{-3.2 + 6.4 * (k + 0.5) / 48:.1f}".replace("-", "−") for k in range(6, 42, 5)]
    assert axis["tickvals"] == sorted(axis["tickvals"]) and axis["range"][0] < axis["range"][1]
    pairs = figure(images, "vae.decoded")["layout"]
    assert pairs["xaxis"]["ticktext"] == [str(c) for c in range(10)]
    assert pairs["yaxis"]["ticktext"] == ["in", "out"] * 4 and pairs["yaxis"]["range"][0] > pairs["yaxis"]["range"][1]


def test_profiles_are_of_one_input_a_class_in_its_order() -> None:
    of = seen("iris", "reconstruct")
    drawn = figure(vae_still("iris", "nats"), "vae.decoded")
    window, dataset = of.run.window, of.run.dataset
    shown = window.shown[~window.is_train]
    for c, name in enumerate(dataset.class_names):
        row = next(row for row in shown if dataset.y[row] == c)
        np.testing.assert_allclose(numbers(named(drawn, name)["y"]), dataset.x[row], atol=1e-6)
        assert named(drawn, f"{name}, reconstructed")["meta"]["bind"] == {"y": f"profile_{c}"}


def test_each_part_of_a_bar_has_its_own_name() -> None:
    drawn = figure(vae_still("iris", "bits", beside=True), "vae.bits")
    said = {trace["meta"]["bind"]["x"]: trace["name"] for trace in drawn["data"]}
    assert said == {
        "bits_class": "about the class, at least",
        "bits_between": "one or the other",
        "bits_rest": "about the rest, at least",
    }
    assert account_rows(True) == ["rate, test", "rate, train", "I(Z;Y), test", "I(Z;Y), train"]


@pytest.mark.parametrize("units", UNITS)
def test_the_axes_of_explore_are_in_its_unit_and_say_which_side_of_the_truth_they_are(units: str) -> None:
    of, size = seen("iris"), BITS[units]
    tree = still("iris", units, None)
    h_y = h_of(of.run.dataset.y[of.run.dataset.test])
    right, top = max(1.05 * np.log(99), 1.5 * h_y) / size, 1.14 * h_y / size
    layout = figure(tree, "plane")["layout"]
    assert layout["xaxis"]["range"] == pytest.approx([-0.015 * right, right])
    assert layout["yaxis"]["range"] == pytest.approx([-0.09 * top, top])
    assert layout["xaxis"]["title"]["text"] == f"{units} about X, at most: rate ≥ I(X;Z)"
    assert layout["yaxis"]["title"]["text"] == f"{units} about Y, at least: H(Y) − CE ≤ I(Z;Y)"
    assert figure(tree, "account")["layout"]["xaxis"]["range"] == pytest.approx([0, min(right, 4 * top)])
    assert figure(tree, "kl")["layout"]["yaxis"]["range"] == pytest.approx([0, right])
    real = figure(still("gaussian", units), "plane")["layout"]
    i_xy = REFERENCE.i_xy / size
    assert (real["xaxis"]["range"][1], real["yaxis"]["range"][1]) == pytest.approx((5.4 * i_xy, 1.4 * i_xy))
    assert planes.reach(seen("gaussian").run.dataset, 0.01) == pytest.approx((0.54, 0.14))  # as if 0.1 were told


def test_points_of_both_splits_lie_where_their_inputs_are() -> None:
    window = seen("spirals").run.window
    drawn = figure(still("spirals", "nats"), "input")
    for split, rows in (("train", window.is_train), ("test", ~window.is_train)):
        trace = named(drawn, split)
        place = np.stack([numbers(trace["x"]), numbers(trace["y"])], 1)
        np.testing.assert_allclose(place, window.x[rows], atol=1e-6)
        assert trace["meta"]["rows"] == np.flatnonzero(rows).tolist()
        hollow = trace["marker"]["color"] == "rgba(0,0,0,0)"
        assert hollow == (split == "train")
    (contours,) = (trace["contours"] for trace in drawn["data"] if trace["type"] == "contour")
    assert (contours["start"], contours["size"]) == (1, 1)  # a line for every unit


def test_a_latent_plane_says_what_its_circles_hold_and_counts_dimensions_from_one() -> None:
    """Of a Gaussian in the plane, 1 − exp(−r²/2) lies within r σ."""
    window = seen("spirals").run.window
    drawn = latent_plane(window.labels, window.is_train, ["0", "1", "2"], (-3.2, 3.2), (0, 2))
    held = [f"{100 * (1 - np.exp(-(r**2) / 2)):.0f} %" for r in (1, 2)]
    (said,) = (note.text for note in drawn.layout.annotations if "prior" in note.text)
    assert said == f"dashed: prior, 1σ and 2σ ({held[0]}, {held[1]})"
    assert (drawn.layout.xaxis.title.text, drawn.layout.yaxis.title.text) == ("z1", "z3")
    alone = latent_plane(window.labels, window.is_train, ["0", "1", "2"], (-3.2, 3.2), (1,))
    assert alone.layout.xaxis.title.text == "z2" and "68 %" in alone.layout.annotations[0].text
    assert list(kl_bars(3, "nats", 1.0).data[0].x) == [1, 2, 3]


def test_what_is_told_stands_across_and_what_is_true_along_the_right_axis() -> None:
    drawn = odds_table(["a", "b"])
    assert drawn.layout.xaxis.title.text == "told class: mean of q(y|z), %"
    assert drawn.layout.yaxis.title.text == "true class" and list(drawn.layout.yaxis.range) == [1.5, -0.5]
    y = np.array([-2.0, 0.5, 1.0])
    real = told_against_true(y, "true y", "told y")
    assert real.data[1].x.tolist() == y.tolist() and real.data[1].meta["bind"] == {"y": "told"}
    assert list(real.data[0].x) == list(real.data[0].y) == pytest.approx([-2.16, 2.16])
    errors = over_beta((0.1, 1.0))
    assert all(trace.hovertemplate.startswith("β = %{text}: %{y:.1%}") for trace in errors.data[:4])
    assert "every training input" in " ".join(notes(figure(still("spirals", "nats"), "plane")))
