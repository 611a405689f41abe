"""A part is one file: what has no closed form and no gradient of its own is trained by autograd and evaluated right."""

import sys
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Laplace, Normal

from vibcore import budgets, config, fields, model, parts, snapshot, training
from vibcore import data as datasets
from vibcore.config import Config, DatasetSpec
from vibcore.evaluation import evaluate
from vibcore.problem import Problem, make_problem
from vibcore.types import ConfigError

Add = Callable[..., None]
MOONS = Config(DatasetSpec("moons", 300, 0.2, 0.05), encoder=(8,), decoder=(), batch=50, betas=(0.02, 0.3), steps=200)


@pytest.fixture
def add(monkeypatch: pytest.MonkeyPatch) -> Add:
    """Put a part into its table, as its file and a line would."""

    def put(table: str, name: str, **functions: Any) -> None:
        module = ModuleType(f"vibcore.parts.{name}")
        module.__dict__.update({"gradient": None, **functions})
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setattr(parts, table, (*getattr(parts, table), name))

    kept = tuple(f for f in fields.OF_CONFIG if f.key not in ("marginal", "likelihood", "lagrangian"))
    monkeypatch.setattr(config, "OF_CONFIG", kept)  # its forms hold the names of the tables as they were
    return put


def trained(of: Config) -> tuple[training.Moment, Problem]:
    dataset = datasets.load(of.dataset)
    state = training.init(of, dataset)
    training.advance(state, training.tensors(dataset, of), of.steps)
    return training.moment(state), make_problem(of, dataset)


def learned_normal(z: Tensor, weights: dict[str, Tensor]) -> Tensor:
    """ln N(z; mean, e^{2s}) of each model: z (M, …, K)."""
    mean, log_deviation = (
        weights[f"marginal.{name}"].unflatten(0, (-1, *[1] * (z.ndim - 2))) for name in ("mean", "s")
    )
    return Normal(mean, log_deviation.exp()).log_prob(z).sum(-1)


def test_a_marginal_without_a_closed_form_is_learned_and_priced_by_draws(add: Add) -> None:
    add(
        "MARGINALS",
        "learned",
        parameters=lambda k: {"marginal.mean": (k,), "marginal.s": (k,)},
        log_prob=lambda weights, z: learned_normal(z, weights),
        kl_per_dim=lambda weights, mu, sigma: None,
        sample=lambda weights, eps: weights["marginal.mean"][:, None] + weights["marginal.s"][:, None].exp() * eps,
    )
    moment, problem = trained(replace(MOONS, marginal="learned"))
    assert moment.weights["marginal.s"].abs().max() > 0.05, "it is trained"
    closed, _ = trained(MOONS)
    for i, point in enumerate(evaluate(moment.weights, problem, problem.test, 400)):
        w = {name: value[i : i + 1] for name, value in moment.weights.items()}
        mu, sigma = model.encode(w, problem.test.x)
        prior = Normal(w["marginal.mean"], w["marginal.s"].exp())
        rate = torch.distributions.kl_divergence(Normal(mu, sigma), prior).sum(-1).mean()
        assert point.rate.value == pytest.approx(float(rate), abs=0.02) and point.kl_per_dim == ()
        account = budgets.held_out_budget(moment, problem, i)
        assert account.i_xz.lower.value <= account.rate.value + 4 * account.rate.stderr
    assert not torch.equal(closed.weights["encoder.0.weight"], moment.weights["encoder.0.weight"])
    picture = snapshot.take_snapshot(moment, problem)
    assert picture.dims == (0, 1) and np.isfinite(picture.kl).all()
    drawn = snapshot.samples(moment, problem, [0, 1], 50)
    assert drawn.shape == (2, 50, 2)


def test_a_likelihood_without_a_gradient_trains_by_autograd(add: Add) -> None:
    def cost(weights: dict[str, Tensor], output: Tensor, target: Tensor) -> Tensor:
        return -Laplace(output, torch.ones(())).log_prob(target).sum(-1)

    add(
        "LIKELIHOODS",
        "laplace",
        parameters=lambda outputs, variance: {},
        distortion=lambda weights, output, target, variance: cost(weights, output, target),
        scores=lambda weights, output, target, variance: (cost(weights, output, target).mean(1), None, None),
        mean=lambda output: output,
        sample=lambda weights, mean, eps, variance: mean,
        surprise=lambda target: None,
    )
    gaussian = Config(
        DatasetSpec("gaussian", 600, rho=(0.95,)),
        encoder=(),
        decoder=(),
        latent_dim=1,
        batch=100,
        betas=(1e-3,),
        steps=400,
        likelihood="laplace",
    )
    moment, problem = trained(gaussian)
    (point,) = evaluate(moment.weights, problem, problem.test)
    assert point.i_zy_bound is None, "no entropy, no bound"
    alone = float(-Laplace(torch.zeros(()), torch.ones(())).log_prob(problem.test.target).mean())
    assert point.distortion.value < alone - 0.3, "it has learnt y from z"


def test_a_lagrangian_of_another_slope_is_the_linear_one_at_that_price(add: Add) -> None:
    """h(R) = 2R trains as 2β does, on both paths."""
    add("LAGRANGIANS", "double", price=lambda rate: 2 * rate, slope=lambda rate: torch.full_like(rate, 2.0))
    dataset = datasets.load(MOONS.dataset)
    found = []
    for of, path in (
        (replace(MOONS, lagrangian="double"), "fast"),
        (replace(MOONS, betas=(0.04, 0.6)), "fast"),
        (replace(MOONS, lagrangian="double"), "readable"),
    ):
        state = training.init(of, dataset, dtype=torch.float64)
        training.advance(state, training.tensors(dataset, of), 30, path)  # type: ignore[arg-type]
        found.append(state.parameters)
    torch.testing.assert_close(found[0], found[1], rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(found[0], found[2], rtol=1e-6, atol=1e-8)


def test_a_name_that_is_no_part_is_refused_by_its_field() -> None:
    dataset = datasets.load(MOONS.dataset)
    for change in ({"marginal": "flat"}, {"posterior": "cubic"}, {"likelihood": "cauchy"}, {"lagrangian": "steep"}):
        with pytest.raises(ConfigError, match=f"{next(iter(change))}: got .*expected one of"):
            training.init(replace(MOONS, **change), dataset)  # type: ignore[arg-type]
