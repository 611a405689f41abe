"""What the VAE page draws is what was decoded, spent and known."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest

from dashboard import card, controls, picture, presets
from dashboard.figures import decoded, spaces
from dashboard.figures.rate_distortion import RateDistortionFacts
from dashboard.pages import COMPARE, VAE
from dashboard.panel import Facts
from dashboard.panels import bits, latent_grid, reconstructions
from dashboard.panels.latent import latent_plane
from dashboard.panels.rate_distortion import facts as facts_of
from dashboard.panels.rate_distortion import rate_distortion_plane
from dashboard.run import Run
from dashboard.stage import pack
from dashboard.values import Estimates
from tests.figures.small import moment
from vibcore import data as datasets
from vibcore import window
from vibcore.exact import linear
from vibcore.information import InformationBudget
from vibcore.types import Estimate, Interval

FACTS = RateDistortionFacts(
    nats_per_unit=1.0, unit="nats", entropy=2.0, ceiling=5.0, floor=0.5, lowest=0.5, right=8.0, linear=None
)
SMALL = controls.Choices(dataset="moons", n=300, stops=5, batch=64, encoder=(8,), decoder=(8,), units="nats")


def opened(choices: controls.Choices, task: str = "reconstruct", steps: int = 20) -> Run:
    config = controls.config(choices, task)  # type: ignore[arg-type]
    run = Run(config, datasets.load(config.dataset))
    run.advance(steps, 10_000)
    return run


def binds(figure: dict) -> set[str]:  # type: ignore[type-arg]
    return {name.split(".")[0] for trace in figure["data"] for name in trace.get("meta", {}).get("bind", {}).values()}


def shown(run: Run, vib: Run | None, choices: controls.Choices, moving: bool = False) -> tuple:  # type: ignore[type-arg]
    models = [controls.nearest(run.config.betas, choices.beta)] if moving else None
    page, now = COMPARE if vib else VAE, moment([run, vib] if vib else run, choices, Facts(entropy=1.0), models)
    document = json.loads(picture.document(page, now.still))
    header, arrays = picture.frame(page, now, moving, "")
    return document, header, arrays if moving else arrays | card.inputs(run.window)


def test_what_is_shaded_is_what_lies_below_the_entropy() -> None:
    shape = next(s for s in rate_distortion_plane(FACTS).layout.shapes if s.type == "path")
    corners = [tuple(map(float, pair.split(","))) for pair in shape.path.replace("M", "").replace("Z", "").split(" L ")]
    low = FACTS.depth[0]
    assert corners == [(0, 2), (2 - low, low), (0, low)]
    assert corners[0][0] + corners[0][1] == corners[1][0] + corners[1][1] == 2.0


def test_without_an_entropy_nothing_is_shaded() -> None:
    figure = rate_distortion_plane(replace(FACTS, entropy=None))
    assert not [s for s in figure.layout.shapes if s.type == "path"]
    assert not [a for a in figure.layout.annotations if "h(X)" in a.text]


def test_the_plane_keeps_its_range_and_a_floor_out_of_sight_is_named() -> None:
    figure = rate_distortion_plane(replace(FACTS, lowest=3.0))
    assert tuple(figure.layout.xaxis.range) == FACTS.box[0] and FACTS.box[0][1] == 8
    low, high = figure.layout.yaxis.range
    assert low < 3.0 < 5.0 < high
    assert [a.text for a in figure.layout.annotations if "perfect" in a.text] == ["perfect reconstruction: 0.5 ↓"]
    halves = rate_distortion_plane(replace(FACTS, lowest=3.0, nats_per_unit=0.5))
    assert [a.text for a in halves.layout.annotations if "perfect" in a.text] == ["perfect reconstruction: 1.0 ↓"]


def test_the_price_line_falls_by_beta_a_unit_of_rate() -> None:
    run = opened(SMALL)
    _, _, arrays = shown(run, None, SMALL)
    x, y = arrays["iso_x"][0], arrays["iso_y"][0]
    np.testing.assert_allclose(
        np.diff(y, axis=1)[:, 0] / np.diff(x, axis=1)[:, 0], -run.training.trajectory.state.betas.numpy(), atol=1e-5
    )
    np.testing.assert_allclose(x.mean(1), arrays["plane_test_x"][0], rtol=1e-5)
    np.testing.assert_allclose(y.mean(1), arrays["plane_test_y"][0], rtol=1e-5)


def test_beta_one_is_a_stop_and_is_marked() -> None:
    choices = controls.Choices()
    betas = controls.config(choices).betas
    assert betas.count(1.0) == 1 and len(betas) == choices.stops and list(betas) == sorted(betas)
    assert controls.through_one((0.01, 0.1, 1.5)) == (0.01, 0.1, 1.5)
    run = opened(replace(choices, n=300, stops=25), steps=2)
    document, _, arrays = shown(run, None, replace(choices, n=300))
    (mark,) = document["slider"]["marks"]
    assert mark["index"] == betas.index(1.0) and "ELBO" in mark["label"]
    assert arrays["elbo_x"][0] == arrays["plane_test_x"][0][betas.index(1.0)]


def test_a_vae_has_no_decisions_and_says_that_labels_were_unused() -> None:
    run = opened(SMALL)
    document, _, arrays = shown(run, None, SMALL)
    panel = next(p for p in document["panels"] if p["id"] == "vae.latent")
    assert "heatmap" not in {trace["type"] for trace in panel["figure"]["data"]}
    assert "unused in training" in panel["subtitle"]
    assert "latent_code" not in arrays


def test_a_tick_and_a_family_of_digits_stay_within_their_budgets() -> None:
    choices = replace(presets.preset(SMALL, "digits"), stops=25)
    run, vib = opened(choices, steps=2), opened(choices, "classify", steps=2)
    run.training.history = {step: np.ones((6, 25)) for step in range(-299, 1)}
    for other in (None, vib):
        _, header, arrays = shown(run, other, choices, moving=True)
        assert len(pack("", header, arrays)) < 60_000
        _, header, arrays = shown(run, other, choices)
        assert len(pack("", header, arrays)) < 1_000_000


def test_a_montage_holds_every_image_at_its_place() -> None:
    images = np.random.default_rng(0).random((3, 2, 4, 5, 6))
    codes = decoded.montage_codes(images)
    assert codes.shape == (3, 2 * 6 - 1, 4 * 7 - 1)
    for row, column in np.ndindex(2, 4):
        part = codes[:, row * 6 : row * 6 + 5, column * 7 : column * 7 + 6]
        np.testing.assert_allclose(part / decoded.INK, images[:, row, column], atol=0.5 / decoded.INK)
    assert (codes[:, 5] == decoded.GAP).all() and (codes[:, :, 6] == decoded.GAP).all()
    assert decoded.tile_centres(4, 6) == [2.5, 9.5, 16.5, 23.5]


def test_originals_stand_above_their_reconstructions() -> None:
    rng = np.random.default_rng(0)
    originals, out = rng.random((2, 3, 4, 4)), rng.random((5, 2, 3, 4, 4))
    pairs = reconstructions.in_pairs(originals, out)
    assert pairs.shape == (5, 4, 3, 4, 4)
    for m, row in np.ndindex(5, 2):
        np.testing.assert_array_equal(pairs[m, 2 * row], originals[row])
        np.testing.assert_array_equal(pairs[m, 2 * row + 1], out[m, row])


def test_one_number_is_drawn_against_what_its_z_is_decoded_to() -> None:
    choices = controls.Choices("gaussian", 200, rho=(0.9,), stops=3, latent_dim=1, batch=50, encoder=(8,), decoder=())
    run = opened(choices)
    document, _, arrays = shown(run, None, choices)
    (_, dots) = next(p for p in document["panels"] if p["id"] == "vae.decoded")["figure"]["data"]
    x = run.window.x[~run.window.is_train, 0]
    np.testing.assert_allclose(unpacked(dots["x"]), x, rtol=1e-6)
    # a linear decoder of the posteriors' means is what an average over many draws comes to
    (weight, bias), i = run.snapshot_now(None).decoder[0], 1
    by_hand = run.snapshot_now(None).mu[i][~run.window.is_train] @ weight[i] + bias[i]
    assert dots["meta"]["bind"]["y"] == "told"
    np.testing.assert_allclose(arrays["told"][0][i], by_hand[:, 0], atol=0.5 * np.std(by_hand) + 0.05)


def unpacked(values: dict) -> np.ndarray:  # type: ignore[type-arg]
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])


def test_the_picked_latents_lie_evenly_about_the_prior_mean() -> None:
    z = window.latent_axis(pictures=True)
    np.testing.assert_allclose(z, -z[::-1], atol=1e-12)
    np.testing.assert_allclose(np.diff(z), np.diff(z)[0])
    assert 2 < z[-1] < 3


def test_a_net_line_holds_one_latent_still() -> None:
    axis = window.centres(*window.LATENT_RANGE)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1)[None]  # a decoder that changes nothing
    arrays = latent_grid.net_arrays(grid)
    rows, columns = arrays["net_first_y"].reshape(8, 49), arrays["net_second_x"].reshape(8, 49)
    for lines in (rows, columns):
        assert np.isnan(lines[:, 48]).all()
        np.testing.assert_allclose(lines[:, :48], np.repeat(axis[window.PICKED][:, None], 48, axis=1))
    assert (np.diff(arrays["net_first_x"].reshape(8, 49)[:, :48]) > 0).all()


def test_images_of_the_latent_grid_stand_upright_where_their_z_is() -> None:
    choices = replace(presets.preset(SMALL, "digits"), stops=3)
    run = opened(choices)
    _, _, arrays = shown(run, None, choices)
    codes, models = arrays["grid"]
    assert run.latest is not None and codes.shape == (3, 8 * 9 - 1, 8 * 9 - 1) and models == [0, 1, 2]
    row, column = 1, 6  # second lowest z2, second highest z1; rows of the picture go up
    image = run.latest.latent_grid[2, row, column].reshape(8, 8)
    seen = codes[2, row * 9 : row * 9 + 8, column * 9 : column * 9 + 8][::-1]
    np.testing.assert_allclose(seen / decoded.INK, image, atol=0.01)


def test_another_runs_figure_binds_its_own_arrays_and_ellipse() -> None:
    labels, is_train = np.array([0, 1, 0, 1]), np.array([True, False, False, True])
    figure = latent_plane(labels, is_train, ["a", "b"], (-3.0, 3.0), (0, 1))
    before = json.loads(figure.to_json())
    after = json.loads(spaces.prefixed(figure, "vib_").to_json())
    assert binds(after) == {"vib_" + name for name in binds(before)}
    assert after["layout"]["meta"]["labels"]["x"] == "vib_centre_x"
    assert [t["meta"]["of"] for t in after["data"] if "ellipse" in t.get("meta", {})] == ["vib_"]


def estimate(value: float) -> Estimate:
    return Estimate(value, 0.01, "monte_carlo")


def between(low: float, high: float) -> Interval:
    return Interval(Estimate(low, 0.0, "lower"), Estimate(high, 0.0, "upper"), 100, "population")


def values(rate: float, i_xz: Interval, i_zy: Interval, step: int = 1) -> Estimates:
    """Of a run at a step; what the training inputs say is not what is shown."""
    told = InformationBudget(estimate(rate), i_xz, between(0, 0), None, i_zy, None)
    own = InformationBudget(estimate(0.0), between(9, 9), between(0, 0), None, between(9, 9), None)
    return Estimates(step, 100, own, told)


def note(run: Run, model: int, estimates: Estimates) -> None:
    run.training.values.estimates[model] = {estimates.step: estimates}


def test_bars_split_what_is_kept_of_x_into_the_class_and_the_rest() -> None:
    run, vib = opened(SMALL, steps=1), opened(SMALL, "classify", steps=1)
    of, beside = ([point.rate.value for point in each.snapshot_now(None).test] for each in (run, vib))
    note(run, 1, values(of[1], between(2.0, 2.4), between(0.5, 0.6)))
    note(vib, 1, values(beside[1], between(0.8, 0.8), between(0.6, 0.6)))
    note(vib, 2, values(beside[2], between(0.0, 0.0), between(0.0, 0.0)))
    note(run, 3, values(of[3] + 1, between(2.0, 2.0), between(0.5, 0.5), step=0))  # long past
    now = moment([run, vib], SMALL).with_estimates()
    texts = {each.name: each.texts(now) for each in COMPARE.numbers}
    arrays = bits.arrays(now)
    assert texts["number_vae_class"][3] == "–"
    np.testing.assert_allclose(arrays["bits_class"][0][1], [0.6, 0.5], atol=1e-6)
    np.testing.assert_allclose(arrays["bits_between"][0][1], [0.0, 0.1], atol=1e-6)
    np.testing.assert_allclose(arrays["bits_rest"][0][1], [0.2, 1.4], atol=1e-6)
    assert texts["number_shares"][:3] == ["– · –", "75 % · 21–30 %", "– · –"]  # 0.5 / (0.5 + 1.9), 0.6 / (0.6 + 1.4)
    assert texts["number_vae_class"][1] == "0.50–0.60" and texts["number_vae_class"][0] == "–"
    assert texts["number_vae_rest"][1] == "1.40–1.90" and texts["number_vib_rest"][1] == "0.20"
    assert np.isnan(arrays["bits_rest"][0][0]).all()


def test_facts_of_a_fixed_variance_are_those_of_the_linear_model() -> None:
    run = opened(replace(SMALL, variance=0.2))
    facts = facts_of(moment(run, SMALL).still)
    x = run.dataset.x[run.dataset.train].astype(float)
    assert facts.ceiling == pytest.approx(0.5 * x.var(0).sum() / 0.2 + np.log(2 * np.pi * 0.2))
    assert facts.floor == pytest.approx(np.log(2 * np.pi * 0.2))
    assert facts.linear is not None
    rate, cost = linear.water_filling(linear.variances(x), 2, 0.2, np.array([run.config.betas[0]]))
    assert (facts.linear[0][0], facts.linear[1][0]) == pytest.approx((rate[0], cost[0]))
    assert cost[0] > facts.floor and facts.linear[1][-1] == pytest.approx(facts.ceiling)


def test_pixels_have_the_entropy_of_their_coins_as_floor() -> None:
    run = opened(replace(presets.preset(SMALL, "digits"), stops=3), steps=1)
    facts = facts_of(moment(run, SMALL).still)
    assert facts.floor is not None and facts.linear is None
    own = run.dataset.x[run.dataset.train].astype(float).clip(1e-12, 1 - 1e-12)
    assert facts.floor == pytest.approx(-(own * np.log(own) + (1 - own) * np.log(1 - own)).sum(1).mean())
    assert facts.ceiling > facts.floor


def test_chosen_inputs_are_test_inputs_with_a_column_a_class() -> None:
    run = opened(replace(presets.preset(SMALL, "digits"), stops=2), steps=1)
    rows = reconstructions.chosen_inputs(run.window)
    assert rows.shape == (reconstructions.PAIRS[8], 10)
    assert np.isin(rows, run.dataset.test).all() and len(np.unique(rows)) == rows.size
    np.testing.assert_array_equal(run.dataset.labels[rows], np.tile(np.arange(10), (reconstructions.PAIRS[8], 1)))


def test_the_classes_of_the_page_are_those_of_the_data() -> None:
    run = opened(SMALL, steps=1)
    document, _, _ = shown(run, None, SMALL)
    assert document["classes"]["names"] == ["0", "1"]
