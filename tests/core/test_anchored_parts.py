"""Parts are the distributions that they are called: held to zuko's and PyTorch's, which share no code with them."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import MultivariateNormal, kl_divergence
from zuko.distributions import DiagNormal, Mixture, NormalizingFlow
from zuko.transforms import AdditiveTransform, ComposedTransform, LULinearTransform

from vibcore import data as datasets
from vibcore import information, mixtures, model, objective, parts, snapshot, training
from vibcore.config import Config, DatasetSpec
from vibcore.evaluation import evaluate
from vibcore.mixtures import Posteriors, Reals
from vibcore.parts import diagonal, full, standard_normal
from vibcore.problem import make_problem
from vibcore.validation import parameters

POSTERIORS = pytest.mark.parametrize("name", list(parts.POSTERIORS))
FULL = parts.posterior("full")
DIMENSIONS = pytest.mark.parametrize("k", [1, 3, 8, 9])  # up to 8 and beyond: densities take two ways
MOONS = Config(
    DatasetSpec("moons", 300, 0.2, 0.05),
    encoder=(8,),
    decoder=(),
    batch=50,
    betas=(0.02, 0.3),
    steps=300,
    posterior="full",
)


def drawn(name: str, n: int, k: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """mu and scale of n posteriors, as random outputs of an encoder make them, in double precision."""
    outputs = parts.POSTERIORS[name](k)
    head = torch.randn(n, outputs, generator=generator, dtype=torch.float64)
    return parts.posterior(name).split(head + parts.posterior(name).initial_bias(k))


def anchor(name: str, mu: Tensor, scale: Tensor) -> DiagNormal | NormalizingFlow:
    """The posterior as zuko has it: by deviations, or as a flow z → L⁻¹(z − mu)."""
    if name == "diagonal":
        return DiagNormal(mu, scale)
    whiten = ComposedTransform(AdditiveTransform(-mu), LULinearTransform(scale).inv)
    return NormalizingFlow(whiten, DiagNormal(torch.zeros_like(mu), torch.ones_like(mu)))


def covariance(posterior: parts.Posterior, scale: Tensor) -> Tensor:
    """Of each posterior, (n, K, K), by what it makes of the unit vectors."""
    k = posterior.deviations(scale).shape[-1]
    factor = torch.stack([posterior.sample(torch.zeros(1, k).to(scale), scale, e) for e in torch.eye(k).to(scale)], -1)
    return factor @ factor.mT


@POSTERIORS
@DIMENSIONS
def test_a_posterior_has_the_density_and_the_draws_of_its_anchor(name: str, k: int, generator: torch.Generator) -> None:
    posterior, (mu, scale) = parts.posterior(name), drawn(name, 20, k, generator)
    eps = torch.randn(20, k, generator=generator, dtype=torch.float64)
    z, found = posterior.sample(mu, scale, eps), anchor(name, mu, scale)
    torch.testing.assert_close(posterior.log_prob(mu, scale, z), found.log_prob(z))
    torch.testing.assert_close(
        posterior.log_prob(mu, scale, z), MultivariateNormal(mu, covariance(posterior, scale)).log_prob(z)
    )
    with torch.random.fork_rng():
        torch.manual_seed(3)
        rsample = found.rsample()
        torch.manual_seed(3)
        torch.testing.assert_close(posterior.sample(mu, scale, torch.randn(20, k, dtype=torch.float64)), rsample)
    pairs = (
        found.expand((20,)).log_prob(z[:, None])
        if name == "diagonal"
        else found.log_prob(z[:, None].expand(-1, 20, -1))
    )
    torch.testing.assert_close(posterior.log_densities(z, mu, scale), pairs)
    single = posterior.log_densities(z.float(), mu.float(), scale.float()).double()
    near = pairs > pairs.amax(1, keepdim=True) - 50  # what the sum over a mixture can feel
    torch.testing.assert_close(single[near], pairs[near], atol=2e-3, rtol=1e-4)


@POSTERIORS
@DIMENSIONS
def test_dimensions_one_by_one_and_what_they_say_of_each_other_cost_the_whole_kl(
    name: str, k: int, generator: torch.Generator
) -> None:
    posterior, (mu, scale) = parts.posterior(name), drawn(name, 20, k, generator)
    kl = standard_normal.kl_per_dim({}, mu, posterior.deviations(scale))
    prior = MultivariateNormal(torch.zeros(k).double(), torch.eye(k).double())
    expected = kl_divergence(MultivariateNormal(mu, covariance(posterior, scale)), prior)
    torch.testing.assert_close(kl.sum(-1) + parts.total_correlation(posterior, scale), expected)
    alone = DiagNormal(mu[..., None], posterior.deviations(scale)[..., None])
    torch.testing.assert_close(kl, kl_divergence(alone, DiagNormal(torch.zeros(1).double(), torch.ones(1).double())))


def test_two_correlated_dimensions_tell_of_each_other_what_the_closed_form_says(generator: torch.Generator) -> None:
    """−½ ln(1 − ρ²); and what a picture draws, deviations and correlation, are the covariance."""
    scale = drawn("full", 50, 2, generator)[1]
    rho = full.correlation(scale, 0, 1)
    assert rho.abs().max() > 0.5
    torch.testing.assert_close(parts.total_correlation(FULL, scale), -0.5 * torch.log1p(-rho.square()))
    sigma = full.deviations(scale)
    found = torch.stack([sigma[:, 0] ** 2, rho * sigma[:, 0] * sigma[:, 1], sigma[:, 1] ** 2], -1)
    torch.testing.assert_close(found, covariance(FULL, scale).flatten(1)[:, [0, 1, 3]])


def test_the_marginal_and_the_likelihood_of_reals_are_zukos_normals(generator: torch.Generator) -> None:
    mean, y = (torch.randn(2, 6, 3, generator=generator) for _ in range(2))
    assert_close = torch.testing.assert_close
    assert_close(standard_normal.log_prob({}, mean), DiagNormal(torch.zeros(3), torch.ones(3)).log_prob(mean))
    weights = {"decoder.log_var": torch.randn(2, 3, generator=generator)}
    gaussian = parts.likelihood("gaussian")
    for variance, spread in (
        (None, (0.5 * weights["decoder.log_var"])[:, None].exp().expand(-1, 6, -1)),
        (0.3, torch.full((2, 6, 3), math.sqrt(0.3))),
    ):
        expected = -DiagNormal(mean, spread).log_prob(y[0])
        assert_close(gaussian.distortion(weights, mean, y[0], variance), expected)


@POSTERIORS
def test_the_mixture_of_posteriors_is_zukos(name: str, generator: torch.Generator) -> None:
    """ln p(z|x) − ln p̂(z) of each draw, with the own input; and with real y beside z."""
    mu, scale = drawn(name, 40, 2, generator)
    mean = torch.randn(40, 1, generator=generator, dtype=torch.float64)
    reals = Reals(mean + 0.5 * torch.randn(40, 1, generator=generator).double(), mean, torch.tensor([0.5]).double())
    of = Posteriors(mu, scale, reals=reals, posterior=parts.posterior(name))
    draws = mixtures.draw(of, torch.Generator().manual_seed(1), samples=3)
    mixed = mixtures.mix(draws, of)
    own = MultivariateNormal(mu, covariance(of.posterior, scale))
    expected = own.log_prob(draws.z.view(3, 40, 2)).flatten() - Mixture(own, torch.zeros(40)).log_prob(draws.z)
    torch.testing.assert_close(mixed.x.raw, expected)
    beside = DiagNormal(mean, torch.full((40, 1), 0.5).double())
    z, y = draws.z[:, None], reals.y[draws.own][:, None]
    both = torch.logsumexp(own.log_prob(z) + beside.log_prob(y), 1) - torch.logsumexp(own.log_prob(z), 1)
    assert mixed.y is not None
    told = both - DiagNormal(torch.zeros(1), torch.ones(1)).log_prob(reals.y[draws.own])
    torch.testing.assert_close(mixed.y.raw, told)


def test_a_full_posterior_of_linear_pairs_lies_between_its_bounds(generator: torch.Generator) -> None:
    """z = A x + L eps of normal x, y₁ = r x₁ + …: both informations by determinants of the joint covariance."""
    n, r = 1500, 0.9
    a, factor = torch.tensor([[1.0, 0.4], [0.6, -0.8]]), torch.tensor([[0.5, 0.0], [0.7, 0.2]])
    x = torch.randn(n, 2, generator=generator)
    mean, width = r * x[:, :1], math.sqrt(1 - r * r)
    y = mean + width * torch.randn(n, 1, generator=generator)
    of = Posteriors(x @ a.T, factor.expand(n, 2, 2), reals=Reals(y, mean, torch.tensor([width])), posterior=FULL)
    noise = factor @ factor.T
    cross = r * a[:, :1]  # cov(z, y)
    truth = (
        0.5 * torch.logdet(a @ a.T + noise) - 0.5 * torch.logdet(noise),
        0.5 * torch.logdet(a @ a.T + noise) - 0.5 * torch.logdet(a @ a.T + noise - cross @ cross.T),
    )
    found = information.information_budget(of, torch.Generator().manual_seed(2))
    expected = kl_divergence(MultivariateNormal(of.mu, noise), MultivariateNormal(torch.zeros(2), torch.eye(2)))
    assert found.rate.value == pytest.approx(float(expected.mean()), abs=1e-4)
    for interval, value in zip((found.i_xz, found.i_zy), truth, strict=True):
        assert interval is not None
        error = interval.lower.stderr + interval.upper.stderr
        assert interval.low - error <= float(value) <= interval.high + error
        assert interval.high - interval.low < 0.35
    lower, upper = information.sandwich(of, 100, torch.Generator().manual_seed(2))
    assert lower.value - 4 * lower.stderr <= float(truth[0]) <= upper.value + 4 * upper.stderr


def test_without_correlations_the_full_posterior_trains_as_the_diagonal_one_does(generator: torch.Generator) -> None:
    """The same losses and, in what both share, the same gradients, where nothing stands below the diagonal."""
    config = replace(MOONS, encoder=(), posterior="diagonal")
    dataset = datasets.load(config.dataset)
    state, split = training.init(config, dataset, dtype=torch.float64), training.tensors(dataset, config)
    weights, eps = training.weights(state), torch.randn(50, 2, generator=generator, dtype=torch.float64)
    losses, grads = [], []
    for posterior, beside in (("diagonal", 0), ("full", 1)):
        named = {key: w.clone() for key, w in weights.items()}
        for key in ("encoder.0.weight", "encoder.0.bias"):
            named[key] = torch.nn.functional.pad(named[key], (0, beside))
        named = {key: w.requires_grad_(True) for key, w in named.items()}
        x, target = split.x[:50].double(), split.target[:50]
        of = replace(state.parts, posterior=parts.posterior(posterior))
        losses.append(objective.losses(of, named, state.betas, x, target, eps, None))
        grads.append(torch.autograd.grad(losses[-1].sum(), list(named.values())))
    torch.testing.assert_close(*losses)
    for one, other in zip(*grads, strict=True):
        torch.testing.assert_close(one, other[..., : one.shape[-1]])


def test_a_trained_full_posterior_is_priced_drawn_and_told_as_what_it_is() -> None:
    """Points, pictures and budgets of a run with `posterior="full"`, against PyTorch's normals of its own weights."""
    dataset = datasets.load(MOONS.dataset)
    state = training.init(MOONS, dataset)
    assert training.which_path(state) == "readable"
    training.advance(state, training.tensors(dataset, MOONS), MOONS.steps)
    moment, problem = training.moment(state), make_problem(MOONS, dataset)
    picture = snapshot.take_snapshot(moment, problem)
    mu, scale = model.encode(moment.weights, torch.from_numpy(problem.window.x), FULL)
    normal = MultivariateNormal(mu, scale_tril=scale)
    prior = MultivariateNormal(torch.zeros(2), torch.eye(2))
    np.testing.assert_allclose(picture.kl, kl_divergence(normal, prior), atol=1e-4, rtol=1e-4)
    assert picture.correlation is not None and np.abs(picture.correlation).max() > 0.1, "it makes use of it"
    drawn = picture.sigma.prod(-1) * picture.correlation
    np.testing.assert_allclose(drawn, normal.covariance_matrix[..., 0, 1], atol=1e-5)
    test = model.encode(moment.weights, problem.test.x, FULL)
    for i, point in enumerate(evaluate(moment.weights, problem, problem.test)):
        own = MultivariateNormal(test[0][i], scale_tril=test[1][i])
        assert point.rate.value == pytest.approx(float(kl_divergence(own, prior).mean()), rel=1e-4)
        assert sum(point.kl_per_dim) < point.rate.value, "dimensions one by one leave out what they say of each other"


@POSTERIORS
@DIMENSIONS
def test_the_table_tells_the_encoders_outputs(name: str, k: int) -> None:
    posterior, outputs = parts.posterior(name), parts.POSTERIORS[name](k)
    mu, scale = posterior.split(posterior.initial_bias(k))
    assert len(posterior.initial_bias(k)) == outputs and mu.shape == posterior.deviations(scale).shape == (k,)
    torch.testing.assert_close(posterior.deviations(scale), torch.full((k,), math.log(2) + diagonal.SIGMA_FLOOR))
    dataset = datasets.load(MOONS.dataset)
    config = Config(dataset.spec, encoder=(6,), decoder=(), latent_dim=k, batch=20, betas=(0.1,), posterior=name)
    maps = [shape for key, shape in model.shapes(config, model.sizes_of(dataset, config)).items() if "weight" in key]
    assert parameters(config, dataset) == sum(map(math.prod, maps))
