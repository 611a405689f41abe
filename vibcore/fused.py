"""The fast path: the gradient of `training.losses` by hand, into buffers that are made once.

Autograd spends most of a small model's step on bookkeeping and on fresh memory. Here each piece is one formula, its
slow twin is in `model` or `objective`, and tests hold the two equal. Hidden activations are (G, B, width) for a group
of G models. The two *heads*, mu|rho and the decoder's output, are kept as (G, width, B), their weights as (G, out, in):
they are narrow, and a product with a few columns runs at a tenth of the speed of one with a few rows, a softmax over a
short last axis likewise.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vibcore import kernels, model
from vibcore.types import Likelihood

Weights = dict[str, Tensor]
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
    log_var: Tensor | None  # (G, O) of a gaussian decoder that learns its variance
    d_log_var: Tensor | None


def groups(weights: Weights, grads: Weights, betas: Tensor, batch: int) -> tuple[Group, ...]:
    """The stack in groups as large, and as equal, as the cache allows. They share their activations' memory."""
    widths = [w.shape[1] for name, w in weights.items() if name.endswith(".bias")]
    bytes_each = 2 * batch * betas.element_size() * sum(widths)
    m = len(betas)
    count = -(-m // max(1, WORKING_SET // bytes_each))
    size = -(-m // count)
    parts = {part: model.depth(weights, part) for part in ("encoder", "decoder")}
    buffers: dict[tuple[str, int], tuple[Tensor, Tensor]] = {}
    for part, depth in parts.items():
        for i in range(depth):
            width = weights[f"{part}.{i}.bias"].shape[1]
            shape = (size, width, batch) if i == depth - 1 else (size, batch, width)
            buffers[part, i] = betas.new_empty(shape), betas.new_empty(shape)
    z, d_z = betas.new_empty(2, size, weights["decoder.0.weight"].shape[1], batch)
    ones = betas.new_ones(1, 1, batch)

    def group(models: slice) -> Group:
        g = len(betas[models])

        def layer(part: str, i: int) -> Layer:
            w, b = f"{part}.{i}.weight", f"{part}.{i}.bias"
            out, d_out = buffers[part, i]
            return Layer(weights[w][models], weights[b][models], grads[w][models], grads[b][models], out[:g], d_out[:g])

        encoder, decoder = (tuple(layer(part, i) for i in range(depth)) for part, depth in parts.items())
        log_var, d_log_var = (of["decoder.log_var"][models] if "decoder.log_var" in of else None
                              for of in (weights, grads))  # fmt: skip
        return Group(betas[models], encoder, decoder, z[:g], d_z[:g], ones.expand(g, -1, -1), log_var, d_log_var)

    return tuple(group(slice(at, at + size)) for at in range(0, m, size))


def gradient(
    group: Group, x: Tensor, target: Tensor, eps: Tensor, likelihood: Likelihood, variance: float | None
) -> None:
    """d(D + βR)/d(parameters) of a group into its gradient views: x (B, d), target (B,) or (B, O), eps (B, K)."""
    encoder, decoder, z, eps = group.encoder, group.decoder, group.z, eps.mT
    shared = x.expand(len(group.betas), -1, -1)  # no copy: every model reads the same batch
    forward(encoder, shared)
    sigma = sample(encoder[-1].out, eps, z)
    forward(decoder, z.mT)
    output_gradient(decoder[-1].out, target, likelihood, variance, group.log_var, group.d_log_var, decoder[-1].d_out)
    backward(decoder, z.mT, group.d_z, group.ones)
    sample_gradient(encoder[-1].out, sigma, eps, group.d_z, group.betas, encoder[-1].d_out)
    backward(encoder, shared, None, group.ones)


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


def sample(h: Tensor, eps: Tensor, z: Tensor) -> Tensor:
    """z = mu + sigma·eps with mu, rho the halves of h (G, 2K, B); returns sigma. Twin: `model.encode`.

    Leaves rho − 5 in rho's place, for `sample_gradient`.
    """
    mu, rho = h.chunk(2, dim=1)
    sigma = torch.nn.functional.softplus(rho.sub_(model.SIGMA_SHIFT)).add_(model.SIGMA_FLOOR)
    torch.addcmul(mu, sigma, eps, out=z)
    return sigma


def sample_gradient(h: Tensor, sigma: Tensor, eps: Tensor, d_z: Tensor, betas: Tensor, d_h: Tensor) -> None:
    """dmu = dz + (β/B) mu;  drho = (dz·eps + (β/B)(sigma − 1/sigma))·sigmoid(rho − 5). Twin: `objective.rate_per_dim`.

    The second factor is d softplus(rho − 5)/d rho. All (G, K, B); h holds mu and rho − 5.
    """
    mu, shifted = h.chunk(2, dim=1)
    d_mu, d_rho = d_h.chunk(2, dim=1)
    price = (betas / h.shape[-1])[:, None, None]
    torch.addcmul(d_z, mu, price, out=d_mu)
    pull = (sigma - sigma.reciprocal()).mul_(price).addcmul_(d_z, eps)
    torch.mul(pull, torch.sigmoid(shifted), out=d_rho)


def output_gradient(
    output: Tensor, target: Tensor, likelihood: Likelihood, variance: float | None, log_var: Tensor | None,
    d_log_var: Tensor | None, d_output: Tensor,
) -> None:  # fmt: skip
    """dD/d(output) of a batch mean: (softmax − onehot)/B, (sigmoid − t)/B, or (mean − t)/(variance·B); (G, O, B).

    Twin: `objective.distortion`. A learned log-variance s has dD/ds = Σ_b ½(1 − (mean − t)² e^{−s})/B.
    """
    batch = output.shape[-1]
    if likelihood == "categorical":
        torch.softmax(output, 1, out=d_output)
        one_hot = torch.zeros_like(output[0]).scatter_(0, target[None], 1.0)  # (O, B)
        d_output.sub_(one_hot).div_(batch)
    elif likelihood == "bernoulli":
        torch.sigmoid(output, out=d_output)
        d_output.sub_(target.mT).div_(batch)
    else:
        torch.sub(output, target.mT, out=d_output)
        if log_var is not None and d_log_var is not None:
            precision = (-log_var).exp()  # (G, O)
            d_log_var.copy_(0.5 * (1 - d_output.square().mean(-1) * precision))
            d_output.mul_(precision[..., None] / batch)
        else:
            d_output.div_((variance or 1.0) * batch)
