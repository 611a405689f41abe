"""Evaluation and snapshots: whole splits, honest kinds, the same points in every frame."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from vibcore import budgets, evaluation, model, parts, snapshot, training
from vibcore import data as datasets
from vibcore.config import Config, DatasetSpec
from vibcore.parts import standard_normal
from vibcore.problem import Problem, make_problem
from vibcore.types import Snapshot
from vibcore.window import GRID, centres, lattice

CONFIG = Config(dataset=DatasetSpec("moons", 300, 0.2, 0.05), encoder=(8,), batch=32, betas=(1e-3, 0.1, 1.5))


def seen(trained: tuple[training.TrainState, Problem], models: list[int] | None = None) -> Snapshot:
    return snapshot.take_snapshot(training.moment(trained[0]), trained[1], models)


@pytest.fixture(scope="module")
def trained() -> tuple[training.TrainState, Problem]:
    dataset = datasets.load(CONFIG.dataset)
    state = training.init(CONFIG, dataset)
    training.advance(state, training.tensors(dataset, CONFIG), 800)
    return state, make_problem(state.config, dataset)


def test_rate_and_distortion_are_means_over_the_whole_split(trained: tuple) -> None:  # type: ignore[type-arg]
    state, view = trained
    weights = training.weights(state)
    mu, sigma = model.encode(weights, view.test.x)
    z = evaluation.sample(mu, sigma, 12, view.seed)
    rate = standard_normal.kl_per_dim({}, mu, sigma).sum(-1).mean(-1)
    cost = (
        parts.likelihood("categorical")
        .distortion(weights, model.decode(weights, z), view.test.target.repeat(12), None)
        .mean(-1)
    )
    points = snapshot.take_snapshot(training.moment(state), view).test
    np.testing.assert_allclose([p.rate.value for p in points], rate.numpy(), rtol=1e-5)
    np.testing.assert_allclose([p.distortion.value for p in points], cost.numpy(), rtol=1e-4)


def test_the_bound_uses_the_entropy_of_its_own_split(trained: tuple) -> None:  # type: ignore[type-arg]
    state, view = trained
    picture = snapshot.take_snapshot(training.moment(state), view)
    for points, rows in ((picture.train, view.dataset.train), (picture.test, view.dataset.test)):
        odds = np.bincount(view.dataset.y[rows]) / len(rows)
        entropy = -(odds * np.log(odds)).sum()
        for p in points:
            assert p.i_zy_bound is not None
            assert p.i_zy_bound.value == pytest.approx(entropy - p.distortion.value, abs=1e-6)


def test_every_number_says_what_it_is(trained: tuple) -> None:  # type: ignore[type-arg]
    point = seen(trained).test[0]
    assert point.i_zy_bound is not None and point.error_mc is not None
    assert (point.rate.kind, point.i_zy_bound.kind, point.error_mc.kind) == ("upper", "lower", "monte_carlo")
    assert sum(point.kl_per_dim) == pytest.approx(point.rate.value, rel=1e-5)


def test_averaging_is_over_probabilities_never_over_logits() -> None:
    logits = torch.tensor([[10.0, 0.0], [0.0, 1.0], [0.0, 1.0]])  # one sure vote against two doubtful ones
    weights = {"decoder.0.weight": torch.eye(2)[None], "decoder.0.bias": torch.zeros(1, 2)}
    mean = evaluation.mean_output(weights, logits[None], 3, parts.likelihood("categorical"))
    torch.testing.assert_close(mean[0, 0], logits.softmax(-1).mean(0))
    assert not torch.allclose(mean[0, 0], logits.mean(0).softmax(-1), atol=0.05)


def test_both_errors_are_fractions_and_none_where_a_single_sample_has_no_average(trained: tuple) -> None:  # type: ignore[type-arg]
    state, view = trained
    points = snapshot.take_snapshot(training.moment(state), view, models=[1]).test
    assert points[1].error_mc is not None and 0 <= points[1].error_mc.value <= 1
    assert points[0].error_mc is None and points[0].error_1 is not None


def test_a_live_picture_agrees_with_the_family(trained: tuple) -> None:  # type: ignore[type-arg]
    live, family = seen(trained, models=[2]), seen(trained)
    np.testing.assert_allclose(live.mu[0], family.mu[2], atol=1e-5)
    np.testing.assert_allclose(live.latent_grid[0], family.latent_grid[2], atol=1e-5)
    assert live.test[2].rate.value == pytest.approx(family.test[2].rate.value, abs=1e-5)


def test_looking_leaves_the_run_untouched(trained: tuple) -> None:  # type: ignore[type-arg]
    state, view = trained
    before = state.parameters.clone()
    snapshot.take_snapshot(training.moment(state), view)
    budgets.model_budgets(training.moment(state), view, 0)
    evaluation.evaluate(training.weights(state), view, view.test)
    assert torch.equal(state.parameters, before)


def test_a_collapsed_model_is_the_prior_everywhere(trained: tuple) -> None:  # type: ignore[type-arg]
    picture = seen(trained)
    np.testing.assert_allclose(picture.mu[2], 0, atol=0.1)
    np.testing.assert_allclose(picture.sigma[2], 1, atol=0.1)


def test_grids_are_probabilities_and_rates(trained: tuple) -> None:  # type: ignore[type-arg]
    picture = seen(trained)
    np.testing.assert_allclose(picture.latent_grid.sum(-1), 1, atol=1e-5)
    assert picture.input_grid is not None and picture.input_kl is not None
    np.testing.assert_allclose(picture.input_grid.sum(-1), 1, atol=1e-5)
    assert (picture.input_kl >= -1e-5).all()


def test_the_input_grid_shows_the_decision_of_the_place_it_is_drawn_at(trained: tuple) -> None:  # type: ignore[type-arg]
    state, view = trained
    picture = snapshot.take_snapshot(training.moment(state), view)
    assert picture.input_grid is not None and view.window.input_range is not None
    places = lattice(centres(*view.window.input_range)).reshape(GRID, GRID, 2)
    mu, sigma = model.encode(training.weights(state), torch.from_numpy(places[5, 40][None]))
    z = mu[:, None] + sigma[:, None] * evaluation.noise((8, 1, 2), view.seed, mu)
    odds = model.decode(training.weights(state), z.reshape(3, 8, 2)).softmax(-1).mean(1)
    np.testing.assert_allclose(picture.input_grid[:, 5, 40], odds.numpy(), atol=1e-5)


def test_more_than_two_dimensions_are_ordered_by_their_cost() -> None:
    config = replace(CONFIG, latent_dim=5, betas=(0.05,))
    dataset = datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), 200)
    picture = snapshot.take_snapshot(training.moment(state), make_problem(state.config, dataset))
    kl = picture.test[0].kl_per_dim
    assert list(picture.dims) == sorted(range(5), key=lambda d: -kl[d])[:2]


def test_gaussian_vib_lands_on_the_closed_form() -> None:
    from vibcore.exact import gaussian

    betas = (0.1, 0.25, 0.5, 0.7, 0.85)
    config = Config(
        dataset=DatasetSpec("gaussian", 20_000, rho=(0.9,)),
        encoder=(),
        decoder=(),
        latent_dim=1,
        betas=betas,
        batch=512,
        lr=5e-3,
    )
    dataset = datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), 2500)
    picture = snapshot.take_snapshot(training.moment(state), make_problem(state.config, dataset))
    # the sample's own correlation stands for 0.9: what is tested is the trainer, not the draw
    x, y = dataset.x[:, 0], dataset.y[:, 0]
    for beta, train, test in zip(betas, picture.train, picture.test, strict=True):
        for p, rows in ((train, dataset.train), (test, dataset.test)):
            rho = float(np.corrcoef(x[rows], y[rows])[0, 1])
            i_x, i_y = gaussian.point((rho,), beta)
            assert p.i_zy_bound is not None
            if beta > 0.81:
                assert p.rate.value < 0.01
            else:
                assert p.rate.value == pytest.approx(i_x, abs=0.01 + 2 * p.rate.stderr)
                assert p.i_zy_bound.value == pytest.approx(i_y, abs=0.01 + 2 * p.i_zy_bound.stderr)


def test_a_stack_evaluated_in_parts_is_the_same_stack(trained: tuple, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[type-arg]
    state, view = trained
    whole = snapshot.take_snapshot(training.moment(state), view)
    monkeypatch.setattr(evaluation, "AT_ONCE", 12 * len(view.train.x) * state.sizes.output)  # one model at a time
    parts = snapshot.take_snapshot(training.moment(state), view)
    for points, others in ((whole.train, parts.train), (whole.test, parts.test)):
        for point, other in zip(points, others, strict=True):
            assert point.rate.value == pytest.approx(other.rate.value, rel=1e-5)
            assert point.distortion.value == pytest.approx(other.distortion.value, rel=1e-5)
            assert point.error_mc == other.error_mc
    np.testing.assert_allclose(whole.output, parts.output, atol=1e-6)


def test_points_stay_where_an_earlier_snapshot_saw_them_while_pictures_move_on() -> None:
    dataset = datasets.load(CONFIG.dataset)
    state = training.init(CONFIG, dataset)  # one of its own: it is trained further here
    view = make_problem(state.config, dataset)
    before = snapshot.take_snapshot(training.moment(state), view, [1])
    training.advance(state, training.tensors(view.dataset, state.config), 20)
    between, now = (
        snapshot.take_snapshot(training.moment(state), view, [1], points=(before.train, before.test)),
        snapshot.take_snapshot(training.moment(state), view, [1]),
    )
    assert (between.test, between.train) == (before.test, before.train)
    assert between.step == now.step == 20
    np.testing.assert_array_equal(between.mu, now.mu)
    np.testing.assert_array_equal(between.latent_grid, now.latent_grid)
    assert now.test[1] != before.test[1]


def test_the_decoder_of_a_snapshot_decodes_as_the_model_does(trained: tuple) -> None:  # type: ignore[type-arg]
    state, view = trained
    picture = snapshot.take_snapshot(training.moment(state), view, [0, 2])
    h = np.tile(lattice(centres(-3.2, 3.2)), (2, 1, 1))  # (m, G², K)
    for i, (weight, bias) in enumerate(picture.decoder):
        h = h @ weight + bias[:, None]
        h = h if i == len(picture.decoder) - 1 else np.maximum(h, 0)
    odds = np.exp(h) / np.exp(h).sum(-1, keepdims=True)
    np.testing.assert_allclose(odds.reshape(picture.latent_grid.shape), picture.latent_grid, atol=1e-5)
