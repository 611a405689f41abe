"""The stacked model against plain layers, one model at a time, and against what a dataset asks for."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from vibcore import data as datasets
from vibcore import model, training
from vibcore.config import Config, DatasetSpec

CONFIG = Config(encoder=(7, 6), decoder=(5,), latent_dim=3)
SIZES = model.Sizes(2, 4, "categorical")


def random_weights(generator: torch.Generator, config: Config = CONFIG, models: int = 3) -> model.Weights:
    shapes = model.shapes(config, SIZES)
    return {name: torch.randn(models, *s, generator=generator, dtype=torch.float64) for name, s in shapes.items()}


def alone(weights: model.Weights, part: str, i: int, h: Tensor) -> Tensor:
    """Model i of a stack by `torch.nn.functional.linear`, layer after layer."""
    last = model.depth(weights, part) - 1
    for layer in range(last + 1):
        weight, bias = weights[f"{part}.{layer}.weight"][i], weights[f"{part}.{layer}.bias"][i]
        h = torch.nn.functional.linear(h, weight.mT, bias)
        h = h if layer == last else h.clamp(min=0)
    return h


@pytest.mark.parametrize("hidden", [(), (8,), (7, 6)])
def test_a_stack_is_its_models_side_by_side(hidden: tuple[int, ...], generator: torch.Generator) -> None:
    weights = random_weights(generator, replace(CONFIG, encoder=hidden, decoder=hidden))
    x = torch.randn(11, 2, generator=generator, dtype=torch.float64)
    mu, sigma = model.encode(weights, x)
    output = model.decode(weights, mu)
    for i in range(3):
        head = alone(weights, "encoder", i, x)  # (B, 2K)
        torch.testing.assert_close(mu[i], head[:, :3])
        torch.testing.assert_close(sigma[i], (head[:, 3:] - 5).exp().log1p() + 1e-4)
        torch.testing.assert_close(output[i], alone(weights, "decoder", i, mu[i]))


def test_inputs_may_be_shared_or_each_models_own(generator: torch.Generator) -> None:
    weights, x = random_weights(generator), torch.randn(11, 2, generator=generator, dtype=torch.float64)
    for shared, own in zip(model.encode(weights, x), model.encode(weights, x.expand(3, -1, -1)), strict=True):
        torch.testing.assert_close(shared, own)


def test_without_hidden_layers_both_parts_are_linear() -> None:
    shapes = model.shapes(replace(CONFIG, encoder=(), decoder=()), SIZES)
    assert shapes == {
        "encoder.0.weight": (2, 6),
        "encoder.0.bias": (6,),
        "decoder.0.weight": (3, 4),
        "decoder.0.bias": (4,),
    }


@pytest.mark.parametrize(
    ("spec", "task", "expected"),
    [
        (DatasetSpec("spirals", 300, classes=5), "classify", model.Sizes(2, 5, "categorical")),
        (DatasetSpec("gaussian", 300, rho=(0.9, 0.5, 0.1)), "classify", model.Sizes(3, 3, "gaussian")),
        (DatasetSpec("spirals", 300), "reconstruct", model.Sizes(2, 2, "gaussian")),
        (DatasetSpec("digits", flip=0.0), "reconstruct", model.Sizes(64, 64, "bernoulli")),
    ],
)
def test_a_dataset_and_a_task_decide_the_likelihood(spec: DatasetSpec, task: str, expected: model.Sizes) -> None:
    config = replace(CONFIG, dataset=spec, task=task)  # type: ignore[arg-type]
    assert model.sizes_of(datasets.load(spec), config) == expected


@pytest.mark.parametrize(("variance", "learns"), [(None, True), (0.5, False)])
def test_only_a_gaussian_decoder_of_unknown_variance_learns_it(variance: float | None, learns: bool) -> None:
    config = replace(CONFIG, variance=variance)
    assert ("decoder.log_var" in model.shapes(config, model.Sizes(2, 2, "gaussian"))) == learns
    assert "decoder.log_var" not in model.shapes(config, SIZES)


def test_all_models_start_alike_with_noise_near_the_prior() -> None:
    dataset = datasets.load(CONFIG.dataset)
    state = training.init(CONFIG, dataset)
    weights = training.weights(state, averaged=False)
    for name, value in weights.items():
        assert torch.equal(value, value[:1].expand_as(value)), name
    origin = {**weights, "encoder.2.weight": torch.zeros_like(weights["encoder.2.weight"])}
    mu, sigma = model.encode(origin, torch.zeros(1, 2))
    torch.testing.assert_close(sigma, torch.full_like(sigma, 2.0).log() + 1e-4)
    assert mu.abs().max() == 0


def test_weights_are_views_of_one_flat_buffer_without_gaps() -> None:
    dataset = datasets.load(CONFIG.dataset)
    state = training.init(CONFIG, dataset)
    marked = torch.arange(len(state.parameters))
    seen = torch.cat([view.reshape(-1) for view in training.views(marked, state).values()])
    assert torch.equal(seen.sort().values, marked)
    training.weights(state, averaged=False)["encoder.0.bias"].fill_(7.0)
    assert (state.parameters == 7.0).sum() == len(CONFIG.betas) * CONFIG.encoder[0]
