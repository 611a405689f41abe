"""Every piece of the fast path against autograd on its slow twin, in float64."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from vibcore import data as datasets
from vibcore import fused, model, objective, parts, training
from vibcore.config import Config, DatasetSpec
from vibcore.parts import diagonal, standard_normal

M, B, K = 3, 20, 2
CONFIG = Config(
    dataset=DatasetSpec("moons", 300, 0.2, 0.05), encoder=(7, 6), decoder=(5,), batch=B, betas=(0.0, 0.1, 1.0)
)
LIKELIHOODS: tuple[tuple[str, float | None], ...] = (
    ("categorical", None),
    ("bernoulli", None),
    ("gaussian", None),
    ("gaussian", 0.3),
)


def close(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def normal(generator: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def group_of(generator: torch.Generator, config: Config = CONFIG) -> tuple[fused.Group, model.Weights, model.Weights]:
    """One group of M models with random weights, and its named weights and gradients."""
    shapes = model.shapes(config, model.Sizes(2, 4, "gaussian"))
    weights = {name: normal(generator, M, *shape) for name, shape in shapes.items()}
    grads = {name: torch.zeros_like(w.mT).mT if w.ndim == 3 else torch.zeros_like(w) for name, w in weights.items()}
    (group,) = fused.groups(weights, grads, torch.tensor(config.betas, dtype=torch.float64), B)
    return group, weights, grads


def differentiable(weights: model.Weights) -> model.Weights:
    return {name: w.clone().requires_grad_(True) for name, w in weights.items()}


@pytest.mark.parametrize("hidden", [(), (7,), (7, 6)])
def test_layers_forward_and_backward_equal_autograd(hidden: tuple[int, ...], generator: torch.Generator) -> None:
    group, weights, grads = group_of(generator, replace(CONFIG, decoder=hidden))
    z, d_out = normal(generator, M, B, K), normal(generator, M, B, 4)
    fused.forward(group.decoder, z)
    group.decoder[-1].d_out.copy_(d_out.mT)
    fused.backward(group.decoder, z, group.d_z, group.ones)
    twins, z_twin = differentiable(weights), z.clone().requires_grad_(True)
    output = model.decode(twins, z_twin)
    output.backward(d_out)  # type: ignore[no-untyped-call]
    close(group.decoder[-1].out.mT, output.detach())
    assert z_twin.grad is not None
    close(group.d_z.mT, z_twin.grad)
    for name, twin in twins.items():
        if twin.grad is not None:
            close(grads[name], twin.grad)


def test_the_first_map_reads_one_batch_for_all_models(generator: torch.Generator) -> None:
    group, weights, grads = group_of(generator)
    x, d_out = normal(generator, B, 2), normal(generator, M, B, 2 * K)
    fused.forward(group.encoder, x.expand(M, -1, -1))
    group.encoder[-1].d_out.copy_(d_out.mT)
    fused.backward(group.encoder, x.expand(M, -1, -1), None, group.ones)
    twins = differentiable(weights)
    model.mlp(twins, "encoder", x).backward(d_out)  # type: ignore[no-untyped-call]
    first = twins["encoder.0.weight"].grad
    assert first is not None and first.abs().max() > 0
    close(grads["encoder.0.weight"], first)


def test_sample_and_its_gradient_equal_autograd_of_the_rate(generator: torch.Generator) -> None:
    h, eps, d_z = normal(generator, M, 2 * K, B), normal(generator, K, B), normal(generator, M, K, B)
    h[:, K:] += diagonal.SIGMA_SHIFT
    betas = torch.tensor(CONFIG.betas, dtype=torch.float64)
    twin = h.clone().requires_grad_(True)
    mu, rho = twin.chunk(2, dim=1)
    sigma = torch.nn.functional.softplus(rho - diagonal.SIGMA_SHIFT) + diagonal.SIGMA_FLOOR
    z = mu + sigma * eps
    rate = standard_normal.kl_per_dim({}, mu, sigma).sum(1).mean(-1)
    ((z * d_z).sum() + (betas * rate).sum()).backward()  # type: ignore[no-untyped-call]
    found_z, d_h = torch.empty_like(d_z), torch.empty_like(h)
    found_sigma = diagonal.forward(h, eps, found_z)
    d_mu, d_sigma = standard_normal.gradient(h[:, :K], found_sigma)
    diagonal.gradient(h, d_mu, d_sigma, (betas / B)[:, None, None], d_z, eps, d_h)
    close(found_z, z.detach())
    close(found_sigma, sigma.detach())
    assert twin.grad is not None
    close(d_h, twin.grad)


@pytest.mark.parametrize(("likelihood", "variance"), LIKELIHOODS)
def test_output_gradient_equals_autograd_of_the_distortion(
    likelihood: str, variance: float | None, generator: torch.Generator
) -> None:
    output = normal(generator, M, B, 4)
    target = (
        torch.randint(0, 4, (B,), generator=generator)
        if likelihood == "categorical"
        else torch.rand(B, 4, generator=generator, dtype=torch.float64)
    )
    learns = likelihood == "gaussian" and variance is None
    log_var = normal(generator, M, 4) if learns else None
    twins = {"decoder.log_var": log_var.clone().requires_grad_(True)} if log_var is not None else {}
    twin = output.clone().requires_grad_(True)
    part = parts.likelihood(likelihood)
    part.distortion(twins, twin, target, variance).mean(-1).sum().backward()  # type: ignore[no-untyped-call]
    d_output = torch.empty(M, 4, B, dtype=torch.float64)
    learned = {} if log_var is None else {"decoder.log_var": log_var}
    d_learned = {name: torch.empty_like(value) for name, value in learned.items()}
    assert part.gradient is not None
    part.gradient(output.mT.contiguous(), target, variance, learned, d_learned, d_output)
    assert twin.grad is not None
    close(d_output.mT, twin.grad)
    for name, value in d_learned.items():
        found = twins[name].grad
        assert found is not None
        close(value, found)


def test_activations_of_many_models_are_cut_into_groups_that_fit_the_cache(generator: torch.Generator) -> None:
    shapes = model.shapes(replace(CONFIG, encoder=(512,)), model.Sizes(2, 4, "categorical"))
    weights = {name: torch.empty(40, *shape) for name, shape in shapes.items()}
    groups = fused.groups(weights, weights, torch.zeros(40), 256)
    sizes = [len(group.betas) for group in groups]
    bytes_each = 2 * 4 * 256 * sum(layer.bias.shape[1] for layer in (*groups[0].encoder, *groups[0].decoder))
    assert sum(sizes) == 40 and len(sizes) > 1 and max(sizes) - min(sizes) <= len(sizes)
    assert max(sizes) * bytes_each <= fused.WORKING_SET
    # one set of buffers serves every group
    assert len({group.encoder[0].out.data_ptr() for group in groups}) == 1


def test_the_whole_gradient_equals_autograd_for_beta_zero_and_beyond(generator: torch.Generator) -> None:
    dataset = datasets.load(CONFIG.dataset)
    state, data = training.init(CONFIG, dataset, dtype=torch.float64), training.tensors(dataset, CONFIG)
    state.parameters.copy_(normal(generator, len(state.parameters)))
    keep = training._scratch(state)
    x, target, eps = training.batch(state, data, keep)
    flat = state.parameters.clone().requires_grad_(True)
    loss = objective.losses(state.parts, training.views(flat, state), state.betas, x, target, eps, None)
    loss.sum().backward()  # type: ignore[no-untyped-call]
    for group in keep.groups:
        fused.gradient(group, state.parts, x, target, eps, None)
    assert flat.grad is not None
    close(keep.gradient, flat.grad)
