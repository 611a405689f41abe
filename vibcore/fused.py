"""The fast path: the gradient of `objective.losses` by hand, into buffers that are made once.

Autograd spends most of a small model's step on bookkeeping and on fresh memory. Here each piece is one formula, its
slow twin is in `model`, `objective` or a part, and tests hold the two equal. Hidden activations are (G, B, width) for a
group of G models. The two *heads*, mu|rho and the decoder's output, are kept as (G, width, B), their weights as
(G, out, in): they are narrow, and a product with a few columns runs at a tenth of the speed of one with a few rows, a
softmax over a short last axis likewise.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vibcore import kernels, model
from vibcore.model import Weights
from vibcore.parts import Parts

WORKING_SET = 16 * 2**20  # bytes of activations that a group may touch: what a laptop's last-level cache holds


@dataclass(frozen=True)
class Layer:
    """One linear map of G models with its gradient and its output, as views made once."""

    weight: Tensor  # (G, in, out); of a head a view of (G, out, in)
    bias: Tensor  # (G, out)
    d_weight: Tensor
    d_bias: Tensor
    out: Tensor  # (G, B, out); of a head (G, out, B)
    d_out: Tensor


@dataclass(frozen=True)
class Group:
    """G models whose gradient is computed at once, and all the memory that it needs."""

    betas: Tensor  # (G,)
    encoder: tuple[Layer, ...]
    decoder: tuple[Layer, ...]
    z: Tensor  # (G, K, B)
    d_z: Tensor
    ones: Tensor  # (G, 1, B): a product with it sums over the batch
    learned: Weights  # what the likelihood learns beside the maps, (G, ...)
    d_learned: Weights


def groups(weights: Weights, grads: Weights, betas: Tensor, batch: int) -> tuple[Group, ...]:
    """The stack in groups as large, and as equal, as the cache allows. They share their activations' memory."""
    widths = [w.shape[1] for name, w in weights.items() if name.endswith(".bias")]
    bytes_each = 2 * batch * betas.element_size() * sum(widths)
    m = len(betas)
    count = -(-m // max(1, WORKING_SET // bytes_each))
    size = -(-m // count)
    depths = {end: model.depth(weights, end) for end in ("encoder", "decoder")}
    buffers: dict[tuple[str, int], tuple[Tensor, Tensor]] = {}
    for end, depth in depths.items():
        for i in range(depth):
            width = weights[f"{end}.{i}.bias"].shape[1]
            shape = (size, width, batch) if i == depth - 1 else (size, batch, width)
            buffers[end, i] = betas.new_empty(shape), betas.new_empty(shape)
    z, d_z = betas.new_empty(2, size, weights["decoder.0.weight"].shape[1], batch)
    ones = betas.new_ones(1, 1, batch)

    beside = [name for name in weights if not name.endswith((".weight", ".bias"))]

    def group(models: slice) -> Group:
        g = len(betas[models])

        def layer(end: str, i: int) -> Layer:
            w, b = f"{end}.{i}.weight", f"{end}.{i}.bias"
            out, d_out = buffers[end, i]
            return Layer(weights[w][models], weights[b][models], grads[w][models], grads[b][models], out[:g], d_out[:g])

        encoder, decoder = (tuple(layer(end, i) for i in range(depth)) for end, depth in depths.items())
        learned, d_learned = ({name: of[name][models] for name in beside} for of in (weights, grads))
        return Group(betas[models], encoder, decoder, z[:g], d_z[:g], ones.expand(g, -1, -1), learned, d_learned)

    return tuple(group(slice(at, at + size)) for at in range(0, m, size))


def gradient(group: Group, parts: Parts, x: Tensor, target: Tensor, eps: Tensor, variance: float | None) -> None:
    """d(D + β h(R))/d(parameters) of a group into its gradient views: x (B, d), target (B,) or (B, O), eps (B, K).

    For parts that have their gradients written out.
    """
    posterior, likelihood = parts.posterior, parts.likelihood
    assert posterior.forward and posterior.gradient and parts.marginal.gradient and likelihood.gradient
    encoder, decoder, z, eps = group.encoder, group.decoder, group.z, eps.mT
    shared = x.expand(len(group.betas), -1, -1)  # no copy: every model reads the same batch
    forward(encoder, shared)
    head = encoder[-1].out
    sigma = posterior.forward(head, eps, z)
    forward(decoder, z.mT)
    likelihood.gradient(decoder[-1].out, target, variance, group.learned, group.d_learned, decoder[-1].d_out)
    backward(decoder, z.mT, group.d_z, group.ones)
    mu = head.chunk(2, dim=1)[0]
    d_mu, d_sigma = parts.marginal.gradient(mu, sigma)
    price = _price(group, parts, mu, sigma)
    posterior.gradient(head, d_mu, d_sigma, price, group.d_z, eps, encoder[-1].d_out)
    backward(encoder, shared, None, group.ones)


def _price(group: Group, parts: Parts, mu: Tensor, sigma: Tensor) -> Tensor:
    """β h′(R)/B of every model, (G, 1, 1): mu, sigma (G, K, B)."""
    price = group.betas / mu.shape[-1]
    if parts.lagrangian.slope is not None:
        kl = parts.marginal.kl_per_dim({}, mu, sigma)
        assert kl is not None, "a marginal with a gradient has a closed form"
        price = price * parts.lagrangian.slope(kl.sum(1).mean(-1))
    return price[:, None, None]


def forward(layers: tuple[Layer, ...], h: Tensor) -> None:
    """h_{i+1} = ReLU(h_i W_i + b_i), the head without ReLU, into each `out`: h (G, B, in). Twin: `model.mlp`."""
    for layer in layers[:-1]:
        h = torch.baddbmm(layer.bias[:, None], h, layer.weight, out=layer.out).relu_()
    head = layers[-1]
    torch.baddbmm(head.bias[..., None], head.weight.mT, h.mT, out=head.out)


def backward(layers: tuple[Layer, ...], x: Tensor, d_x: Tensor | None, ones: Tensor) -> None:
    """dW = hᵀ d, db = 1ᵀ d, dh = d Wᵀ where h > 0, from the head to the first map.

    x (G, B, in), ones (G, 1, B); the input's gradient goes to d_x (G, in, B).
    """
    for i in reversed(range(len(layers))):
        layer, h = layers[i], (layers[i - 1].out if i else x)
        d = layer.d_out
        if i == len(layers) - 1:
            torch.bmm(d, h, out=layer.d_weight.mT)
            torch.sum(d, -1, out=layer.d_bias)
            d = d.mT
        else:
            torch.bmm(h.mT, d, out=layer.d_weight)
            torch.bmm(ones, d, out=layer.d_bias[:, None])
        if i:
            below = torch.bmm(d, layer.weight.mT, out=layers[i - 1].d_out)
            kernels.relu_gradient(below, h)
        elif d_x is not None:
            torch.bmm(layer.weight, d.mT, out=d_x)
