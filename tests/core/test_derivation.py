"""The lines of the derivation add up on trained models, in the direction that they claim; quadrature says the same."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from torch.distributions import MultivariateNormal, kl_divergence

from tests.core import byhand
from vibcore import budgets, densities, derivation, model, populations, training
from vibcore import data as datasets
from vibcore.codes import codes_of, parameter_counts
from vibcore.config import Config, DatasetSpec
from vibcore.derivation import Between, Line
from vibcore.evaluation import evaluate
from vibcore.populations import split_of_population
from vibcore.problem import Problem, Split, make_problem
from vibcore.types import Estimate, Point

SIGMAS = 3.0
BETAS = (0.01, 0.1, 0.4)
MOONS = Config(DatasetSpec("moons", 300, 0.2, 0.1), encoder=(16,), decoder=(8,), batch=64, betas=BETAS)
KINDS = {
    "one dimension": replace(MOONS, latent_dim=1),
    "two dimensions": MOONS,
    "full covariance": replace(MOONS, posterior="full"),
}
CASES = [(kind, i) for kind in KINDS for i in range(len(BETAS))]


@cache
def trained(kind: str) -> tuple[training.Moment, Problem]:
    config = KINDS[kind]
    dataset = datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), 250)
    return training.moment(state), make_problem(config, dataset)


@cache
def of_population(kind: str, index: int) -> tuple[Point, derivation.Codes]:
    """A model's point on the inputs that its interval rests on, so that both are of the same."""
    moment, problem = trained(kind)
    fresh = populations.population(problem.config.dataset, 2000)
    assert fresh is not None
    split = split_of_population(fresh, problem)
    point = evaluate(moment.weights, problem, split, models=[index])[0]
    budget = budgets.population_budget(moment, problem, index, fresh, 2000)
    return budgets.with_budget(point, budget), codes_of(moment, problem, index, split)


def named(lines: tuple[Line, ...]) -> dict[str, Line]:
    assert all(line.what and line.source and line.latex for line in lines)
    return {line.key: line for line in lines}


def low(line: Line) -> tuple[float, float]:
    """What the value is at least, and its standard error."""
    return end(line, upper=False)


def high(line: Line) -> tuple[float, float]:
    return end(line, upper=True)


def end(line: Line, upper: bool) -> tuple[float, float]:
    value = line.value
    assert value is not None
    of = value if isinstance(value, Estimate) else value.upper if upper else value.lower
    return of.value, of.stderr


def is_at_most(one: Line, other: Line) -> bool:
    """Whether the least that one may be is not above the most that another may be, by more than chance."""
    (a, error), (b, beside) = low(one), high(other)
    return a <= b + SIGMAS * (error + beside) + 1e-9


@pytest.mark.parametrize(("kind", "i"), CASES)
def test_closed_forms_add_up(kind: str, i: int) -> None:
    point, codes = of_population(kind, i)
    y, x = named(derivation.about_y(point)), named(derivation.about_x(point, codes))
    assert high(y["h_y"])[0] - high(y["ce"])[0] == pytest.approx(high(y["bound_y"])[0], abs=1e-6)
    assert high(x["cross"])[0] - high(x["h_z_given_x"])[0] == pytest.approx(high(x["bound_x"])[0], abs=1e-6)
    if kind != "full covariance":
        assert sum(point.kl_per_dim) == pytest.approx(point.rate.value, abs=1e-6)
    for beta in (0.0, 0.3, 1.0):
        both = named(derivation.together(point, beta))
        assert high(both["loss"])[0] == pytest.approx(point.distortion.value + beta * point.rate.value, abs=1e-6)
        assert high(both["bound"])[0] == pytest.approx(high(y["h_y"])[0] - high(both["loss"])[0], abs=1e-6)


@pytest.mark.parametrize("i", range(len(BETAS)))
def test_entropy_of_the_noise_and_the_cross_entropy_with_the_prior_are_those_of_gaussians(i: int) -> None:
    """By hand, in double precision: H(Z|X) = Σ ½ ln 2πeσ², −E ln r(z) = ½ E(μ² + σ²) + K/2 ln 2π."""
    moment, problem = trained("two dimensions")
    fresh = populations.population(problem.config.dataset, 2000)
    assert fresh is not None
    weights = {name: value[i].double().numpy() for name, value in moment.weights.items()}
    mu, sigma = byhand.encode(weights, fresh.x.astype(float))
    point, codes = of_population("two dimensions", i)
    lines = named(derivation.about_x(point, codes))
    entropy = 0.5 * np.log(2 * math.pi * math.e * sigma**2).sum(1).mean()
    assert low(lines["h_z_given_x"])[0] == pytest.approx(entropy, abs=1e-5)
    cross = 0.5 * (mu**2 + sigma**2).sum(1).mean() + math.log(2 * math.pi)
    assert low(lines["cross"])[0] == pytest.approx(cross, abs=1e-5)


@pytest.mark.parametrize(("kind", "i"), CASES)
def test_every_inequality_points_the_way_that_its_line_says(kind: str, i: int) -> None:
    point, codes = of_population(kind, i)
    y, x = named(derivation.about_y(point, bayes=True)), named(derivation.about_x(point, codes, fit=True))
    assert is_at_most(y["bound_y"], y["i_zy"]) and is_at_most(y["h_y_given_z"], y["ce"])
    assert is_at_most(y["bound_y"], y["bayes"])
    assert is_at_most(x["i_zx"], x["bound_x"]) and is_at_most(x["h_z"], x["cross"])
    assert is_at_most(x["i_zx"], x["fitted"]) and is_at_most(x["fitted"], x["bound_x"])
    both = named(derivation.together(point, BETAS[i]))
    assert is_at_most(both["bound"], both["objective"])
    for gap in (y["gap_y"], x["gap_x"], x["gap_fitted"], both["gap"]):
        assert high(gap)[0] >= -SIGMAS * high(gap)[1]


@pytest.mark.parametrize(("kind", "i"), CASES)
def test_each_gap_is_the_step_between_its_two_lines(kind: str, i: int) -> None:
    point, codes = of_population(kind, i)
    y, x = named(derivation.about_y(point)), named(derivation.about_x(point, codes, fit=True))
    both = named(derivation.together(point, BETAS[i]))
    steps = (
        (y["i_zy"], y["bound_y"], y["gap_y"]),
        (x["bound_x"], x["i_zx"], x["gap_x"]),
        (x["fitted"], x["i_zx"], x["gap_fitted"]),
        (both["objective"], both["bound"], both["gap"]),
    )
    for above, below, gap in steps:
        least, most = low(above)[0] - high(below)[0], high(above)[0] - low(below)[0]
        error = SIGMAS * sum(pair(line)[1] for line in (above, below, gap) for pair in (low, high)) / 2
        assert least - error <= low(gap)[0] and high(gap)[0] <= most + error, gap.key
    assert low(y["h_y"])[0] - high(y["h_y_given_z"])[0] == pytest.approx(low(y["i_zy"])[0], abs=1e-9)
    assert low(x["h_z"])[0] - low(x["h_z_given_x"])[0] == pytest.approx(low(x["i_zx"])[0], abs=1e-9)


@pytest.mark.parametrize("i", range(len(BETAS)))
def test_quadrature_over_one_latent_dimension_finds_every_term(i: int) -> None:
    """A world of the training inputs: p(z) and p(y|z) are mixtures, integrated on a grid of z."""
    moment, problem = trained("one dimension")
    weights = {name: value[i].double().numpy() for name, value in moment.weights.items()}
    x, y = problem.train.x.numpy().astype(float), problem.train.target.numpy()
    mu, sigma = byhand.encode(weights, x)
    z = np.arange(mu.min() - 8 * sigma.max(), mu.max() + 8 * sigma.max(), sigma.min() / 12)
    each = np.exp(-0.5 * ((z[:, None] - mu.T) / sigma.T) ** 2) / (sigma.T * math.sqrt(2 * math.pi))  # (Z, N)
    step, joint = z[1] - z[0], np.stack([each[:, y == c].sum(1) for c in (0, 1)], 1) / len(x)
    p, q = joint.sum(1), byhand.odds(weights, z[:, None])
    assert p.sum() * step == pytest.approx(1, abs=1e-6)
    h_z = -(p * np.log(np.maximum(p, 1e-300))).sum() * step
    odds = joint / np.maximum(p[:, None], 1e-300)
    h_y_given_z = -(joint * np.log(np.maximum(odds, 1e-300))).sum() * step
    misfit = (p * (np.log(np.maximum(p, 1e-300)) + 0.5 * (z**2 + math.log(2 * math.pi)))).sum() * step
    missed = (joint * (np.log(np.maximum(odds, 1e-300)) - np.log(q))).sum() * step
    point = budgets.with_budget(
        evaluate(moment.weights, problem, problem.train, models=[i])[0], budgets.training_budget(moment, problem, i)
    )
    codes = codes_of(moment, problem, i, problem.train)
    lines = named((*derivation.about_y(point), *derivation.about_x(point, codes)))
    found = {"h_z": h_z, "h_y_given_z": h_y_given_z, "gap_x": misfit, "gap_y": missed}
    for key, wanted in found.items():
        value, error = low(lines[key])
        assert abs(value - wanted) < SIGMAS * error + 1e-4, key
    entropy = 0.5 * np.log(2 * math.pi * math.e * sigma**2).mean()
    assert point.rate.value == pytest.approx(h_z - entropy + misfit, abs=1e-4)


@pytest.mark.parametrize(("kind", "i"), CASES)
def test_a_gaussian_with_the_moments_of_p_z_costs_least(kind: str, i: int) -> None:
    """Against KL divergences of PyTorch's own normals: r* costs what it says, N(0, I) and its neighbours cost more."""
    moment, problem = trained(kind)
    codes = codes_of(moment, problem, i, problem.test)
    posterior = problem.parts.posterior
    head = {name: value[[i]] for name, value in moment.weights.items()}
    mu, scale = (part[0].double() for part in model.encode(head, problem.test.x, posterior))
    root = torch.diag_embed(scale) if posterior.correlation is None else scale
    p = MultivariateNormal(mu, scale_tril=root)
    k = mu.shape[1]

    def cost(mean: torch.Tensor, covariance: torch.Tensor) -> float:
        return float(kl_divergence(p, MultivariateNormal(mean, covariance)).mean())

    mean, covariance = torch.from_numpy(codes.mean), torch.from_numpy(codes.covariance)
    best = cost(mean, covariance)
    assert codes.fitted.value == pytest.approx(best, abs=1e-6)
    point = evaluate(moment.weights, problem, problem.test, models=[i])[0]
    assert cost(torch.zeros(k).double(), torch.eye(k).double()) == pytest.approx(point.rate.value, abs=1e-5)
    assert codes.fitted.value <= point.rate.value
    for factor, shift in ((1.1, 0.0), (0.9, 0.0), (1.0, 0.1), (1.0, -0.1)):
        assert cost(mean + shift, factor * covariance) > best


@pytest.mark.parametrize(("d", "bits"), [(0.5, 0.160964), (1, 0.5), (2, 1.160964), (3, 1.660964)])
def test_two_inputs_with_a_fitted_prior_cost_the_closed_form(d: float, bits: float) -> None:
    """X = ±d with equal odds, Z = X + N(0, 1): r* = N(0, 1 + d²), so E KL = ½ log₂(1 + d²)."""
    _, problem = trained("one dimension")
    rho = 5 + math.log(math.expm1(1 - 1e-4))
    weights = {"encoder.0.weight": torch.tensor([[[1.0, 0.0]]]), "encoder.0.bias": torch.tensor([[0.0, rho]])}
    x = torch.tensor([[-d], [d]], dtype=torch.float32)
    moment = training.Moment(0, weights, torch.zeros(1))
    codes = codes_of(moment, problem, 0, Split(x, x))
    assert codes.fitted.value / math.log(2) == pytest.approx(bits, abs=1e-5)
    assert codes.entropy.value == pytest.approx(0.5 * math.log(2 * math.pi * math.e), abs=1e-5)


@pytest.mark.parametrize("beta", [0.1, 1.0])
def test_a_vae_approximates_one_information_twice_from_either_side(beta: float) -> None:
    spec = DatasetSpec("moons", 300, 0.2, 0.1)
    config = Config(spec, "reconstruct", encoder=(16,), decoder=(16,), batch=64, betas=(beta,), variance=0.1)
    dataset = datasets.load(spec)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), 250)
    moment, problem = training.moment(state), make_problem(config, dataset)
    fresh, h_x = populations.population(spec, 2000), densities.input_entropy(spec)
    assert fresh is not None and h_x is not None
    point = evaluate(moment.weights, problem, split_of_population(fresh, problem))[0]
    point = budgets.with_budget(point, budgets.population_budget(moment, problem, 0, fresh, 2000))
    lines = named(derivation.same_twice(point, h_x))
    assert is_at_most(lines["first"], lines["i_zx"]) and is_at_most(lines["i_zx"], lines["second"])
    for gap in ("gap_first", "gap_second"):
        assert high(lines[gap])[0] > 0
    both = [sum(end(lines[gap])[0] for gap in ("gap_first", "gap_second")) for end in (low, high)]
    difference, error = low(lines["difference"])
    assert both[0] - 0.1 <= -difference <= both[1] + 0.1, "minus both gaps together"
    assert difference < -SIGMAS * error, "two approximations of one number, and not the same number"
    assert difference == pytest.approx(h_x - point.distortion.value - point.rate.value, abs=1e-6)
    unknown = named(derivation.same_twice(point, None))
    assert unknown["first"].value is unknown["difference"].value is None


def test_what_is_not_known_yet_has_no_number_and_no_line_is_invented() -> None:
    point, _ = of_population("two dimensions", 0)
    bare = replace(point, i_xz=None, i_zy=None, marginal_slack=None, decoder_slack=None)
    y, x = named(derivation.about_y(bare, bayes=True)), named(derivation.about_x(bare, None, fit=True))
    assert {key for key, line in y.items() if line.value is None} == {"i_zy", "h_y_given_z", "gap_y", "bayes"}
    assert {key for key, line in x.items() if line.value is not None} == {"bound_x"}
    assert named(derivation.together(bare, 0.1))["objective"].value is None
    guess = replace(point, i_zy_bound=Estimate(0.3, 0.1, "gain"))
    for unknown in (replace(point, i_zy_bound=None), guess):
        assert derivation.about_y(unknown) == derivation.together(unknown, 0.1) == ()


def test_an_entropy_of_real_codes_may_be_negative() -> None:
    between = Between(Estimate(-2.0, 0.1, "lower"), Estimate(-1.9, 0.1, "upper"))
    assert between.low < -2.1 < -1.8 < between.high


def test_the_bottleneck_costs_a_layer_of_noise_and_no_network() -> None:
    _, problem = trained("two dimensions")
    plain, bottlenecked = parameter_counts(problem)
    assert plain == (2 * 16 + 16) + (16 * 2 + 2) + (2 * 8 + 8) + (8 * 2 + 2)
    assert bottlenecked == plain + 16 * 2 + 2
