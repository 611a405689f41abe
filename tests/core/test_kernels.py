"""PyTorch's private operators agree with the public ones that replace them where a PyTorch has moved them."""

import pytest
import torch

from vibcore import data as datasets
from vibcore import kernels, training
from vibcore.config import Config, DatasetSpec


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_private_adam_agrees_with_the_public_one(dtype: torch.dtype, generator: torch.Generator) -> None:
    assert kernels.PRIVATE, "this PyTorch has moved the operators: the public ones are in use and need no comparison"
    state = [torch.randn(1000, generator=generator, dtype=dtype) for _ in range(2)] + [
        torch.zeros(1000, dtype=dtype)
    ] * 2
    one, other = [[part.clone() for part in state] for _ in range(2)]
    for step in range(1, 20):
        gradient = torch.randn(1000, generator=generator, dtype=dtype)
        kernels.adam(one[0], gradient, one[2], one[3], step, 0.01)
        kernels.public_adam(other[0], gradient, other[2], other[3], step, 0.01)
    for a, b in zip(one, other, strict=True):
        torch.testing.assert_close(a, b)
    assert (one[0] - state[0]).abs().max() > 0.05


def test_private_relu_gradient_is_the_public_one(generator: torch.Generator) -> None:
    h = torch.randn(3, 5, 7, generator=generator).relu_()
    one = torch.randn(3, 5, 7, generator=generator)
    other = one.clone()
    kernels.relu_gradient(one, h)
    kernels.public_relu_gradient(other, h)
    assert torch.equal(one, other)
    assert (one[h == 0] == 0).all() and (one[h > 0] != 0).all()


def test_training_goes_on_where_a_pytorch_has_no_private_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(DatasetSpec("moons", 300), encoder=(8, 8), betas=(0.01, 0.1), steps=20)
    dataset = datasets.load(config.dataset)
    found = []
    for private in (True, False):
        if not private:
            monkeypatch.setattr(kernels, "adam", kernels.public_adam)
            monkeypatch.setattr(kernels, "relu_gradient", kernels.public_relu_gradient)
        state = training.init(config, dataset)
        training.advance(state, training.tensors(dataset, config), 20)
        found.append(state.parameters.clone())
    torch.testing.assert_close(found[0], found[1], rtol=1e-4, atol=1e-5)
