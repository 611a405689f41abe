"""What moves on both pages is what was computed, in the right place, split and unit, and named in words."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from dashboard import controls, picture, presets
from dashboard.figures import alts, words
from dashboard.pages import EXPLORE, VAE
from dashboard.panel import Facts
from dashboard.panels import bits
from dashboard.panels.errors import ERRORS, ERRORS_MOVING
from dashboard.panels.told import told_against_true
from dashboard.run import Run
from dashboard.stage import deflated, join, pack
from tests.figures.small import forget_points, moment
from vibcore import data as datasets
from vibcore import model, parts, training
from vibcore.types import Curve, Point, Reference

BITS = np.log(2)
CHOICES = controls.Choices(stops=6, steps=40, batch=64)


def choices_of(kind: str) -> controls.Choices:
    if kind == "full covariance":
        return replace(choices_of("spirals"), posterior="full", latent_dim=3)
    chosen = presets.preset(CHOICES, kind)
    return replace(chosen, n=400, classes=3) if kind != "digits" else chosen


@cache
def opened(kind: str, task: str = "classify") -> Run:
    config = controls.config(choices_of(kind), task)  # type: ignore[arg-type]
    run = Run(config, datasets.load(config.dataset))
    run.advance(40, 10_000)
    run.estimate([0, 1])
    return run


REFERENCE = Reference(
    Curve(np.array([0.0, 1.0]), np.array([0.0, 0.5]), np.array([0.6, 0.1]), "test"), 0.5, 1.0, 0.6, ""
)


def shown(kind: str, moving: bool = False, **changes: object) -> tuple:  # type: ignore[type-arg]
    run, choices = opened(kind), replace(choices_of(kind), **changes)  # type: ignore[arg-type]
    forget_points(run)
    models = [controls.nearest(run.config.betas, choices.beta)] if moving else None
    now = moment(run, choices, Facts(REFERENCE), models)
    still = json.loads(picture.document(EXPLORE, now.still))
    header, arrays = picture.frame(EXPLORE, now, moving, "")
    return run, now.snapshot, still, header["texts"], arrays


@pytest.mark.parametrize("kind", ("spirals", "digits"))
def test_messages_stay_within_their_budgets(kind: str) -> None:
    choices = replace(choices_of(kind), stops=25)
    config = controls.config(choices)
    run = Run(config, datasets.load(config.dataset))
    run.advance(2, 10)
    run.training.history = {step: np.ones((6, 25)) for step in range(-149, 1)}
    header, arrays = picture.frame(EXPLORE, moment(run, choices, Facts(REFERENCE), [12]), True, "")
    assert len(join([deflated(pack("", header, arrays))])) < 60_000
    header, arrays = picture.frame(EXPLORE, moment(run, choices, Facts(REFERENCE)), False, "")
    assert len(join([deflated(pack("", header, arrays))])) < 1_000_000


@pytest.mark.parametrize("units", ["bits", "nats"])
def test_the_chosen_dot_is_the_test_point_or_waits_at_the_edge_with_its_value(units: str) -> None:
    size = BITS if units == "bits" else 1.0
    run, snapshot, still, texts, arrays = shown("iris", units=units)
    figure = still["panels"][0]["figure"]["layout"]
    (left, right), (low, high) = figure["xaxis"]["range"], figure["yaxis"]["range"]
    assert right == pytest.approx(1.05 * np.log(len(run.dataset.train)) / size)
    seen = []
    for i, point in enumerate(snapshot.test):
        x, y = point.rate.value / size, point.i_zy_bound.value / size
        at_x, at_y = arrays["chosen_x"][0][i, 0], arrays["chosen_y"][0][i, 0]
        assert left < at_x < right and low < at_y < high
        inside = left < x < 0.98 * right and low + 0.02 * (high - low) < y < high - 0.02 * (high - low)
        if inside:
            assert (at_x, at_y) == pytest.approx((x, y), rel=1e-5, abs=1e-5) and texts["chosen_text"][i] == ""
        elif x > right:
            assert f"→ {x:.1f}" in texts["chosen_text"][i] and texts["chosen_text"][i].endswith(units)
        seen.append(inside)
        slope = np.diff(arrays["iso_y"][0][i]) / np.diff(arrays["iso_x"][0][i])
        assert slope[0] == pytest.approx(point.beta, rel=1e-3)
        assert f"slope {words.beta_label(point.beta)}" in texts["iso_text"][i]
    assert any(seen)


def test_the_planes_points_are_of_their_own_split() -> None:
    _run, snapshot, _, _texts, arrays = shown("spirals")
    for split, points in (("train", snapshot.train), ("test", snapshot.test)):
        np.testing.assert_allclose(arrays[f"plane_{split}_x"][0], [p.rate.value / BITS for p in points], rtol=1e-5)
        np.testing.assert_allclose(
            arrays[f"plane_{split}_y"][0], [p.i_zy_bound.value / BITS for p in points], rtol=1e-5, atol=1e-6
        )
        np.testing.assert_allclose(arrays[f"error_1_{split}"][0], [p.error_1.value for p in points], rtol=1e-5)
    assert not np.allclose(arrays["plane_train_x"][0], arrays["plane_test_x"][0])


def test_the_sentence_of_the_plane_has_the_numbers_of_both_splits() -> None:
    run, snapshot, _, texts, _ = shown("spirals")
    test, train = snapshot.test[2], snapshot.train[2]
    assert texts["alt_plane"][2] == (
        f"β = {test.beta:.3g}: at most {test.rate.value / BITS:.2f} bits about X, at least "
        f"{max(0, test.i_zy_bound.value / BITS):.2f} bits about Y on test inputs; "
        f"at most {train.rate.value / BITS:.2f} bits about X, "
        f"at least {max(0, train.i_zy_bound.value / BITS):.2f} bits about Y on training inputs."
    )
    assert f"{100 * test.error_mc.value:.1f} % wrong with 12 draws of z voting on test inputs" in texts["alt_beta"][2]
    assert f"z1 {test.kl_per_dim[0] / BITS:.2f}" in texts["alt_kl"][2]
    assert f"{snapshot.kl[2].mean() / BITS:.2f} bits" in texts["alt_latent"][2]
    known = run.estimates[1].test.i_xz
    assert f"I(X;Z) {words.ends(known.low, known.high, BITS)} bits" in texts["alt_account"][1]
    assert "I(X;Z) not known yet" in texts["alt_account"][3]


def test_in_training_the_chosen_error_is_the_one_that_is_known() -> None:
    _run, snapshot, _, texts, arrays = shown("spirals", moving=True)
    (i,) = snapshot.models
    other = (i + 1) % len(snapshot.betas)
    assert arrays["chosen_error"][0][i, 0] == pytest.approx(snapshot.test[i].error_mc.value)
    assert snapshot.test[other].error_mc is None
    assert arrays["chosen_error"][0][other, 0] == pytest.approx(snapshot.test[other].error_1.value)
    assert texts["beta_note"] == ERRORS_MOVING and "one draw" in texts["beta_note"]
    assert shown("spirals")[3]["beta_note"] == ERRORS
    np.testing.assert_allclose(arrays["chosen_beta"][0][:, 0], np.log10(snapshot.betas), rtol=1e-5)


def test_what_is_told_of_y_is_of_the_shown_test_inputs() -> None:
    run, snapshot, _, _, arrays = shown("iris")
    test = ~run.window.is_train
    for c in range(3):
        rows = np.flatnonzero(test & (run.window.labels == c))
        np.testing.assert_allclose(arrays["odds"][0][4, c], 100 * snapshot.output[4, rows].mean(0), atol=0.51)
    run, snapshot, _still, _, arrays = shown("gaussian")
    figure = told_against_true(run.dataset.y[run.window.shown[~run.window.is_train], 0], "true y", "told y")
    assert arrays["told"][0].shape == (6, len(figure.data[1].x))
    np.testing.assert_allclose(arrays["told"][0][3], snapshot.output[3, ~run.window.is_train, 0], atol=2e-3)


def test_a_lone_latent_dimension_is_a_strip_under_bells() -> None:
    _run, snapshot, _, _, arrays = shown("gaussian")
    mu = arrays["point_mu"][0]
    assert (mu[..., 1] < 0).all() and (mu[..., 1] > -0.6).all()
    np.testing.assert_allclose(mu[..., 0], snapshot.mu[..., 0], atol=3e-3)
    bell = arrays["ellipse_0_y"][0][2].astype(float)
    assert np.nanmax(bell) == pytest.approx(1, abs=1e-3) and np.nanmin(bell) >= 0
    assert arrays["centre_y"][0][2, 0] == 1


@pytest.mark.parametrize("kind", ["spirals", "full covariance"])
def test_rings_are_at_one_and_two_sigma_of_a_posterior(kind: str) -> None:
    """In units of the shown dimensions' covariance, which correlates where the posterior is a full one."""
    run, snapshot, _, _, arrays = shown(kind)
    dims = list(snapshot.dims)
    mean, sigma = snapshot.mu[3][:, dims], snapshot.sigma[3][:, dims]
    x, y = (arrays[f"ellipse_1_{axis}"][0][3].astype(float) for axis in "xy")
    centre = np.array([arrays["centre_x"][0][3, 1], arrays["centre_y"][0][3, 1]], dtype=float)
    row = ((mean - centre) ** 2).sum(1).argmin()
    assert run.window.labels[row] == 1
    rho = 0.0
    if kind == "full covariance":
        weights = training.moment(run.training.trajectory.state).weights
        scale = model.encode(weights, torch.from_numpy(run.window.x[[row]]), parts.posterior("full"))[1][
            3, 0, dims
        ].numpy()
        (variance, across), (_, other) = scale @ scale.T
        rho = across / np.sqrt(variance * other)
        np.testing.assert_allclose(sigma[row], np.sqrt([variance, other]), rtol=1e-4)
        np.testing.assert_allclose(arrays["point_rho"][0][3, row], rho, atol=1e-3)
        assert abs(rho) > 0.1
    else:
        assert "point_rho" not in arrays
    root = np.linalg.cholesky([[1.0, rho], [rho, 1.0]])
    for ring, radius in ((slice(0, 49), 1), (slice(50, 99), 2)):
        z = np.linalg.solve(root, ((np.stack([x[ring], y[ring]], 1) - mean[row]) / sigma[row]).T)
        np.testing.assert_allclose(np.linalg.norm(z, axis=0), radius, atol=0.03)


def test_nothing_chosen_leaves_the_rate_distortion_plane() -> None:
    choices = presets.preset(CHOICES, "digits")
    run = opened("digits", "reconstruct")
    now = moment(run, choices)
    snapshot = now.snapshot
    still = json.loads(picture.document(VAE, now.still))
    header, arrays = picture.frame(VAE, now, False, "")
    texts = header["texts"]
    plane, losses = (next(p for p in still["panels"] if p["id"] == f"vae.{id}")["figure"] for id in ("plane", "beta"))
    (left, right), (low, high) = (plane["layout"][axis]["range"] for axis in ("xaxis", "yaxis"))
    least, most = losses["layout"]["yaxis"]["range"]
    for i, point in enumerate(snapshot.test):
        rate, cost = point.rate.value / BITS, point.distortion.value / BITS
        assert left < arrays["chosen_x"][0][i, 0] < right and low < arrays["chosen_y"][0][i, 0] < high
        assert (f"↑ {cost:.2f}" in texts["chosen_text"][i]) == (cost > high - 0.015 * (high - low))
        assert least < arrays["chosen_loss"][0][i, 0] < most
        assert bool(texts["chosen_loss_text"][i]) == (rate + cost > most)
        assert f"rate {rate:.2f} bits, distortion {cost:.2f} bits" in texts["alt_vae.plane"][i]
    for panel in still["panels"]:
        assert len(texts[f"alt_{panel['id']}"]) == 6 and panel["about"]


def test_a_value_that_is_near_is_near_for_every_mark_of_it() -> None:
    """At the border the split's point says near and the population's says far: the split's decides for all."""
    run = opened.__wrapped__("spirals")  # one of its own
    snapshot = run.snapshot_now(None)
    run.training.values.estimates.clear()
    run.estimate([1], 150)
    values = run.estimates[1]
    own = snapshot.test[1].rate
    far = replace(own, value=own.value + 10)  # far from what was known, were it asked
    run.training.values.estimates[1] = {0: replace(values, step=0, test=replace(values.test, rate=own))}
    run.training.values.fresh[1] = {snapshot.step: replace(snapshot.test[1], rate=far)}
    header, arrays = picture.frame(EXPLORE, moment(run, CHOICES), False, "")
    assert np.isfinite(arrays["account_known"][0][1, 0]) and "I(X;Z): " in header["texts"]["plane_test_text"][1]
    assert np.isnan(arrays["account_known"][0][2, 0]) and "I(X;Z): " not in header["texts"]["plane_test_text"][2]


def test_what_two_models_spend_is_said_in_words() -> None:
    class_either_rest = np.array([[1.5, 0.1, 0.25], [0.5, 0.2, 3.0]])
    assert bits.said(class_either_rest, "bits") == (
        "Spent: VIB at least 1.50 bits about the class and 0.25 bits about the rest, 0.10 bits about one or the other; "
        "VAE at least 0.50 bits about the class and 3.00 bits about the rest, 0.20 bits about one or the other."
    )
    assert bits.said(np.full((2, 3), np.nan), "bits") == "Spent: VIB not known yet; VAE not known yet."


def test_an_unknown_error_is_not_made_up() -> None:
    run = opened("gaussian")
    point: Point = run.snapshot_now(None).test[0]
    assert alts.error(point) == "no error is known"
