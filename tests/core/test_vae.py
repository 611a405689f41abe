"""Y = X: the bottleneck's loss at β = 1 is the negative ELBO, and its linear case is solved exactly."""

import math
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Normal

from vibcore import budgets, densities, evaluation, model, objective, parts, populations, snapshot, training
from vibcore import data as datasets
from vibcore.config import Config, Dataset, DatasetSpec
from vibcore.exact import linear
from vibcore.parts import standard_normal
from vibcore.problem import Split, make_problem
from vibcore.types import Point

TABLE = Config(
    dataset=DatasetSpec("wine", flip=0.0), task="reconstruct", encoder=(), decoder=(), latent_dim=3, batch=118, lr=5e-3
)
IMAGES = Config(dataset=DatasetSpec("digits", flip=0.0), task="reconstruct", encoder=(64,), decoder=(64,))
PRICES = replace(IMAGES, betas=(1e-4, 0.01, 0.1, 0.5, 1.0, 2.0))
TOYS = Config(
    dataset=DatasetSpec("moons", 600, 0.1, 0.0), task="reconstruct", encoder=(24,), decoder=(24,), variance=0.05
)


@cache
def trained(config: Config, steps: int) -> tuple[training.TrainState, Dataset]:
    dataset = datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), steps)
    return state, dataset


def points(state: training.TrainState, dataset: Dataset, x: np.ndarray, samples: int) -> tuple[Point, ...]:
    tensor, problem = torch.from_numpy(x), make_problem(state.config, dataset)
    return evaluation.evaluate(training.weights(state), problem, Split(tensor, tensor), samples, seed=0)


def log_weights(state: training.TrainState, x: torch.Tensor, draws: int, generator: torch.Generator) -> torch.Tensor:
    """ln p(x, z) − ln p(z|x) of draws of z, by torch.distributions alone: (draws, N) of the first model."""
    weights = {name: value[:1].double() for name, value in training.weights(state).items()}
    mu, sigma = model.encode(weights, x.double())
    eps = torch.randn(draws, *mu.shape[1:], generator=generator, dtype=torch.float64)
    z = mu + sigma * eps
    output = model.decode(weights, z.reshape(1, -1, mu.shape[-1])).reshape(draws, len(x), -1)
    if state.sizes.likelihood == "bernoulli":
        log_x = Bernoulli(logits=output, validate_args=False).log_prob(x.double()).sum(-1)
    else:
        variance = state.config.variance
        spread = math.sqrt(variance) if variance else (0.5 * weights["decoder.log_var"][0]).exp()
        log_x = Normal(output, spread).log_prob(x.double()).sum(-1)
    standard = Normal(torch.zeros_like(z), 1.0)
    return log_x + standard.log_prob(z).sum(-1) - Normal(mu, sigma).log_prob(z).sum(-1)


@pytest.mark.parametrize(
    "config",
    [replace(TOYS, betas=(1.0,)), replace(TOYS, betas=(1.0,), variance=None), replace(IMAGES, betas=(1.0,))],
    ids=["fixed", "learnt", "pixels"],
)
def test_the_elbo_is_minus_distortion_and_rate(config: Config, generator: torch.Generator) -> None:
    state, dataset = trained(config, 150)
    x = dataset.x[dataset.test][:200]
    point = points(state, dataset, x, 64)[0]
    weights = log_weights(state, torch.from_numpy(x), 64, generator)
    error = float(weights.std(0).mean()) / math.sqrt(weights.numel())
    elbo = float(weights.mean())
    assert elbo == pytest.approx(-(point.distortion.value + point.rate.value), abs=8 * error)


def test_the_loss_trained_at_beta_one_is_the_negative_elbo() -> None:
    state, dataset = trained(replace(TOYS, betas=(1.0, 0.25)), 50)
    x = torch.from_numpy(dataset.x[dataset.train])
    eps = torch.randn(len(x), 2, generator=torch.Generator().manual_seed(1))
    weights = training.weights(state)
    mu, sigma = model.encode(weights, x)
    cost = parts.likelihood("gaussian").distortion(weights, model.decode(weights, mu + sigma * eps), x, 0.05).mean(-1)
    rate = standard_normal.kl_per_dim({}, mu, sigma).sum(-1).mean(-1)
    loss = objective.losses(state.parts, weights, state.betas, x, x, eps, state.config.variance)
    torch.testing.assert_close(loss, cost + torch.tensor([1.0, 0.25]) * rate)
    assert float(rate.min()) > 0.1


@pytest.mark.parametrize("config", [replace(TOYS, betas=(1.0,)), replace(IMAGES, betas=(1.0,))], ids=["toys", "pixels"])
def test_importance_weights_never_lie_below_the_elbo(config: Config, generator: torch.Generator) -> None:
    """E ln (1/K) Σ w grows with K (Burda et al. 2016, theorem 1), from the ELBO at K = 1."""
    state, dataset = trained(config, 150)
    weights = log_weights(state, torch.from_numpy(dataset.x[dataset.test][:200]), 256, generator)
    bounds = [float((weights.reshape(-1, k, 200).logsumexp(1) - math.log(k)).mean()) for k in (1, 8, 64)]
    assert bounds[0] + 1e-3 < bounds[1] < bounds[2]


def test_with_the_exact_posterior_every_importance_weight_is_the_likelihood(generator: torch.Generator) -> None:
    state, dataset = linear_model((1.0,))
    x = dataset.x[dataset.train]
    weights = log_weights(state, torch.from_numpy(x), 16, generator)
    covariance = decoder_covariance(state)
    mean = training.weights(state)["decoder.0.bias"][0].double()
    exact = torch.distributions.MultivariateNormal(mean, covariance).log_prob(torch.from_numpy(x).double())
    torch.testing.assert_close(weights.mean(0), exact, atol=0.05, rtol=0)


def decoder_covariance(state: training.TrainState) -> torch.Tensor:
    w = training.weights(state)["decoder.0.weight"][0].double()  # (K, d)
    assert state.config.variance is not None
    return w.T @ w + state.config.variance * torch.eye(w.shape[1], dtype=torch.float64)


def linear_model(betas: tuple[float, ...], variance: float | None = None) -> tuple[training.TrainState, Dataset]:
    """A linear VAE of the wine table with the noise of maximum likelihood, trained to rest."""
    dataset = datasets.load(TABLE.dataset)
    best, _ = linear.ppca(linear.variances(dataset.x[dataset.train]), TABLE.latent_dim)
    return trained(replace(TABLE, betas=betas, variance=variance or best), 3000)


def test_a_linear_vae_reaches_the_likelihood_of_probabilistic_pca() -> None:
    state, dataset = linear_model((1.0,))
    x = dataset.x[dataset.train].astype(np.float64)
    _, best = linear.ppca(linear.variances(x), TABLE.latent_dim)
    point = points(state, dataset, dataset.x[dataset.train], 400)[0]
    elbo = -(point.distortion.value + point.rate.value)
    assert elbo == pytest.approx(best, abs=0.02)
    mean = training.weights(state)["decoder.0.bias"][0].double()
    own = torch.distributions.MultivariateNormal(mean, decoder_covariance(state)).log_prob(torch.from_numpy(x)).mean()
    assert own.item() == pytest.approx(best, abs=0.02)


def test_the_likelihood_of_probabilistic_pca_is_that_of_its_covariance() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 6)) @ rng.standard_normal((6, 6))
    values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    np.testing.assert_allclose(linear.variances(x), values[::-1], rtol=1e-9)
    variance, likelihood = linear.ppca(linear.variances(x), 2)
    assert likelihood == pytest.approx(mean_log_density(x, values, vectors, variance), abs=1e-9)
    for other in (0.8 * variance, 1.2 * variance):
        assert mean_log_density(x, values, vectors, other) < likelihood


def mean_log_density(x: np.ndarray, values: np.ndarray, vectors: np.ndarray, noise: float) -> float:
    """Of a Gaussian that keeps the two largest variances and has `noise` in every other direction."""
    spread = np.concatenate([np.full(len(values) - 2, noise), values[-2:]])
    covariance = torch.from_numpy((vectors * spread) @ vectors.T)
    exact = torch.distributions.MultivariateNormal(torch.from_numpy(x.mean(0)), covariance)
    return float(exact.log_prob(torch.from_numpy(x)).mean())


def test_a_dimension_is_kept_while_its_variance_exceeds_beta_times_the_noise() -> None:
    """Lucas et al. 2019: direction i survives iff λ_i > βσ²."""
    dataset = datasets.load(TABLE.dataset)
    spread = linear.variances(dataset.x[dataset.train])
    limits = spread[:3] / 0.5
    betas = (0.6 * limits[2], math.sqrt(limits[1] * limits[2]), math.sqrt(limits[0] * limits[1]), 1.3 * limits[0])
    state, _ = linear_model(tuple(float(b) for b in betas), 0.5)
    found = points(state, dataset, dataset.x[dataset.train], 200)
    assert [sum(kl > 0.02 for kl in p.kl_per_dim) for p in found] == [3, 2, 1, 0]
    rates, costs = linear.water_filling(spread, 3, 0.5, np.array(betas))
    for p, rate, cost in zip(found, rates, costs, strict=True):
        assert p.rate.value == pytest.approx(rate, abs=0.03)
        assert p.distortion.value == pytest.approx(cost, abs=0.05)


def test_water_filling_is_the_minimum_over_every_linear_model() -> None:
    """No gain in any direction, whatever its noise, costs less: β D + R by brute force over gain and noise."""
    spread, variance = np.array([3.0, 0.4]), 0.3
    for beta in (0.2, 1.0, 4.0):
        rate, cost = linear.water_filling(spread, 1, variance, np.array([beta]))
        gain, noise = np.meshgrid(np.linspace(0, 1.2, 400), np.geomspace(1e-3, 2, 400))  # z = gain·x + noise
        decoder = gain * 3.0 / (gain**2 * 3.0 + noise**2)  # the best for this encoder
        error = 3.0 - decoder * gain * 3.0
        kl = 0.5 * (gain**2 * 3.0 + noise**2 - 1 - 2 * np.log(noise))
        total = 0.5 * (error + 0.4) / variance + math.log(2 * math.pi * variance) + beta * kl
        assert float(cost[0] + beta * rate[0]) == pytest.approx(total.min(), abs=2e-3)
        assert float(cost[0] + beta * rate[0]) <= total.min() + 1e-9


def test_without_a_price_two_dimensions_restore_digits_better_than_two_principal_components() -> None:
    state, dataset = trained(PRICES, 1000)
    x = dataset.x.astype(np.float64)
    mean = x[dataset.train].mean(0)
    directions = np.linalg.svd(x[dataset.train] - mean, full_matrices=False)[2][:2]
    for rows in (dataset.train, dataset.test):
        centred = x[rows] - mean
        pca = ((centred - centred @ directions.T @ directions) ** 2).mean()
        mu, _ = model.encode(training.weights(state), torch.from_numpy(dataset.x[rows]))
        out = model.decode(training.weights(state), mu)[0].sigmoid().numpy()
        assert ((x[rows] - out) ** 2).mean() < 0.95 * pca


def test_distortion_falls_and_rate_rises_as_beta_falls() -> None:
    state, dataset = trained(PRICES, 1000)
    found = points(state, dataset, dataset.x[dataset.train], 12)
    for low, high in pairwise(found):
        assert low.rate.value > high.rate.value
        assert low.distortion.value < high.distortion.value + 2 * math.hypot(
            low.distortion.stderr, high.distortion.stderr
        )
    assert found[0].distortion.value < found[-1].distortion.value - 1


def test_no_vae_describes_its_inputs_in_fewer_nats_than_their_entropy() -> None:
    state, _ = trained(replace(TOYS, betas=(0.05, 0.3, 1.0, 3.0)), 800)
    entropy = densities.input_entropy(TOYS.dataset)
    fresh = datasets.load(replace(TOYS.dataset, n=6000, seed=99)).x
    assert entropy is not None
    for p in points(state, datasets.load(TOYS.dataset), fresh, 8):
        assert p.distortion.value + p.rate.value > entropy - 4 * (p.distortion.stderr + p.rate.stderr)


def test_the_entropy_of_far_apart_blobs_is_that_of_a_gaussian_and_of_the_choice() -> None:
    found = densities.input_entropy(DatasetSpec("blobs", noise=0.1, classes=2))
    assert found == pytest.approx(math.log(2) + math.log(2 * math.pi * math.e * 0.01), abs=0.02)
    assert densities.input_entropy(DatasetSpec("gaussian", rho=(0.9, 0.5))) == pytest.approx(
        math.log(2 * math.pi * math.e)
    )
    assert densities.input_entropy(DatasetSpec("digits")) is None


def test_a_vae_that_saw_no_label_is_asked_what_it_knows_of_the_class() -> None:
    state, dataset = trained(replace(TOYS, betas=(0.1, 200.0)), 800)
    view = make_problem(state.config, dataset)
    fresh = populations.population(TOYS.dataset, 4000)
    knows, forgot = (budgets.model_budgets(training.moment(state), view, i, fresh, 4000)[1] for i in (0, 1))
    assert knows.i_zy is not None and forgot.i_zy is not None and knows.i_zy_bound is None
    assert 0.3 < knows.i_zy.low < knows.i_zy.high < knows.i_xz.low
    assert forgot.i_zy.high < 0.02


def test_draws_of_a_linear_model_have_its_own_mean_and_covariance() -> None:
    state, dataset = linear_model((1.0,))
    drawn = snapshot.samples(training.moment(state), make_problem(state.config, dataset), [0], 20_000)[0]
    covariance = decoder_covariance(state).numpy()
    np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=0.06)
    mean = training.weights(state)["decoder.0.bias"][0].numpy()
    np.testing.assert_allclose(drawn.mean(0), mean, atol=5 * math.sqrt(covariance.max() / 20_000))
