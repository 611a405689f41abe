"""Distortion and rate against closed forms and against torch.distributions."""

import pytest
import torch
from torch.distributions import Bernoulli, Categorical

from vibcore import model, parts
from vibcore.parts import standard_normal


def test_rate_of_one_posterior_has_its_printed_value() -> None:
    value = standard_normal.kl_per_dim({}, torch.tensor(1.0).double(), torch.tensor(0.5).double())
    assert value.item() == pytest.approx(0.818147, abs=5e-7)


def test_the_papers_start_costs_4_5_nats_a_dimension() -> None:
    sigma = torch.nn.functional.softplus(torch.tensor(-5.0, dtype=torch.float64))
    assert sigma.item() == pytest.approx(0.0067153, abs=5e-8)
    assert standard_normal.kl_per_dim({}, torch.tensor(0.0), sigma).item() == pytest.approx(4.5034, abs=5e-5)


def test_a_posterior_that_is_the_prior_is_free() -> None:
    assert standard_normal.kl_per_dim({}, torch.zeros(3), torch.ones(3)).abs().max() == 0


def test_categorical_distortion_is_the_negative_log_probability(generator: torch.Generator) -> None:
    logits = 5 * torch.randn(3, 20, 4, generator=generator)
    target = torch.randint(0, 4, (20,), generator=generator)
    expected = -Categorical(logits=logits).log_prob(target)
    torch.testing.assert_close(parts.likelihood("categorical").distortion({}, logits, target, None), expected)


def test_bernoulli_distortion_is_the_negative_log_probability_of_pixels(generator: torch.Generator) -> None:
    logits = torch.randn(2, 6, 5, generator=generator)
    pixels = (torch.rand(6, 5, generator=generator) > 0.5).float()
    expected = -Bernoulli(logits=logits).log_prob(pixels.expand(2, -1, -1)).sum(-1)
    torch.testing.assert_close(parts.likelihood("bernoulli").distortion({}, logits, pixels, None), expected)


def test_sigma_stays_positive_and_finite_for_any_output_of_the_encoder() -> None:
    rho = torch.tensor([-1e4, -50.0, 0.0, 5.0, 1e4])
    weights = {
        "encoder.0.weight": torch.zeros(5, 1, 2),
        "encoder.0.bias": torch.stack([torch.zeros(5), rho], dim=1),
    }
    _, sigma = model.encode(weights, torch.zeros(1, 1))
    assert torch.isfinite(sigma).all() and (sigma > 0).all()
    assert torch.isfinite(standard_normal.kl_per_dim({}, torch.zeros(5, 1, 1), sigma)).all()
