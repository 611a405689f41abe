"""The fast path: the gradient of `training.losses` by hand, into buffers that are made once.

Autograd spends most of a small model's step on bookkeeping and on fresh memory. Here each piece is one formula, its
slow twin is in `model` or `objective`, and tests hold the two equal. Activations are (G, B, width) for a group of G
models; every product is a batched matrix product that writes straight into the flat gradient.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vibcore import model
from vibcore.types import Likelihood

Weights = dict[str, Tensor]
WORKING_SET = 6 * 2**20  # bytes of activations that a group may touch: beyond, they no longer stay in cache


@dataclass(frozen=True)
class Workspace:
    """Preallocated activations and their gradients for a group of at most G models."""

    group: int
    encoder: tuple[Tensor, ...]  # outputs of each linear map, (G, B, width)
    decoder: tuple[Tensor, ...]
    encoder_grad: tuple[Tensor, ...]
    decoder_grad: tuple[Tensor, ...]
    z: Tensor  # (G, B, K)
    z_grad: Tensor
    ones: Tensor  # (1, 1, B): a product with it sums over the batch, faster than `sum`


def workspace(weights: Weights, batch: int, latent_dim: int) -> Workspace:
    """Buffers for models of these shapes; the group is as large as the cache allows."""
    some = next(iter(weights.values()))
    widths = {part: [len(weights[f"{part}.{i}.bias"][0]) for i in range(model.depth(weights, part))]
              for part in ("encoder", "decoder")}  # fmt: skip
    bytes_each = 2 * batch * some.element_size() * sum(map(sum, widths.values()))
    group = max(1, min(len(some), WORKING_SET // bytes_each))
    group = -(-len(some) // -(-len(some) // group))  # equal groups: 25 models in 13 + 12, not 24 + 1
    make = lambda width: some.new_empty(group, batch, width)  # noqa: E731
    layers = {part: tuple(map(make, w)) for part, w in widths.items()}
    grads = {part: tuple(map(make, w)) for part, w in widths.items()}
    ones = some.new_ones(1, 1, batch)
    return Workspace(group, layers["encoder"], layers["decoder"], grads["encoder"], grads["decoder"],
                     make(latent_dim), make(latent_dim), ones)  # fmt: skip


def gradient(
    weights: Weights, grads: Weights, work: Workspace, betas: Tensor, x: Tensor, target: Tensor, eps: Tensor,
    likelihood: Likelihood, variance: float | None,
) -> None:  # fmt: skip
    """d(D + βR)/d(parameters) of every model into `grads`: x (B, d), target (B,) or (B, O), eps (B, K)."""
    for start in range(0, len(betas), work.group):
        part = slice(start, min(start + work.group, len(betas)))
        own = {name: value[part] for name, value in weights.items()}
        own_grads = {name: value[part] for name, value in grads.items()}
        _group_gradient(own, own_grads, work, betas[part], x, target, eps, likelihood, variance)


def _group_gradient(
    weights: Weights, grads: Weights, work: Workspace, betas: Tensor, x: Tensor, target: Tensor, eps: Tensor,
    likelihood: Likelihood, variance: float | None,
) -> None:  # fmt: skip
    g = len(betas)
    layers, d_layers = [b[:g] for b in work.encoder], [b[:g] for b in work.encoder_grad]
    heads, d_heads = [b[:g] for b in work.decoder], [b[:g] for b in work.decoder_grad]
    z, d_z = work.z[:g], work.z_grad[:g]
    shared = x.expand(g, -1, -1)  # no copy: every model reads the same batch
    forward(weights, "encoder", shared, layers)
    sigma = sample(layers[-1], eps, z)
    forward(weights, "decoder", z, heads)
    output_gradient(heads[-1], target, likelihood, weights, grads, variance, d_heads[-1])
    backward(weights, grads, "decoder", z, heads, d_heads, d_z, work.ones)
    sample_gradient(layers[-1], sigma, eps, d_z, betas, d_layers[-1])
    backward(weights, grads, "encoder", shared, layers, d_layers, None, work.ones)


def forward(weights: Weights, part: str, h: Tensor, outputs: list[Tensor]) -> None:
    """h_{i+1} = ReLU(h_i W_i + b_i), the last without ReLU: (G, B, in) → each of `outputs`. Twin: `model.mlp`."""
    for i, out in enumerate(outputs):
        torch.baddbmm(weights[f"{part}.{i}.bias"][:, None], h, weights[f"{part}.{i}.weight"], out=out)
        h = out.relu_() if i < len(outputs) - 1 else out


def backward(
    weights: Weights, grads: Weights, part: str, x: Tensor, outputs: list[Tensor], d_outputs: list[Tensor],
    d_x: Tensor | None, ones: Tensor,
) -> None:  # fmt: skip
    """dW = hᵀ d, db = 1ᵀ d, dh = d Wᵀ where h > 0, from the last map to the first; d_x gets the input's gradient."""
    ones = ones.expand(len(x), -1, -1)
    for i in reversed(range(len(outputs))):
        h, d = (outputs[i - 1] if i else x), d_outputs[i]
        torch.bmm(h.mT, d, out=grads[f"{part}.{i}.weight"])
        torch.bmm(ones, d, out=grads[f"{part}.{i}.bias"][:, None])
        below = d_outputs[i - 1] if i else d_x
        if below is None:
            return
        torch.bmm(d, weights[f"{part}.{i}.weight"].mT, out=below)
        if i:
            torch.ops.aten.threshold_backward.grad_input(below, h, 0, grad_input=below)


def sample(h: Tensor, eps: Tensor, z: Tensor) -> Tensor:
    """z = mu + sigma·eps with mu, rho the halves of h (G, B, 2K); returns sigma. Twin: `model.encode`."""
    mu, rho = h.chunk(2, dim=-1)
    sigma = torch.nn.functional.softplus(rho - model.SIGMA_SHIFT).add_(model.SIGMA_FLOOR)
    torch.addcmul(mu, sigma, eps, out=z)
    return sigma


def sample_gradient(h: Tensor, sigma: Tensor, eps: Tensor, d_z: Tensor, betas: Tensor, d_h: Tensor) -> None:
    """dmu = dz + (β/B) mu;  drho = (dz·eps + (β/B)(sigma − 1/sigma))·sigmoid(rho − 5). Twin: `objective.rate_per_dim`.

    The second factor is d softplus(rho − 5)/d rho.
    """
    mu, rho = h.chunk(2, dim=-1)
    d_mu, d_rho = d_h.chunk(2, dim=-1)
    price = (betas / h.shape[1])[:, None, None]
    torch.addcmul(d_z, mu, price, out=d_mu)
    pull = (sigma - sigma.reciprocal()).mul_(price).addcmul_(d_z, eps)
    torch.mul(pull, torch.sigmoid(rho - model.SIGMA_SHIFT), out=d_rho)


def output_gradient(
    output: Tensor, target: Tensor, likelihood: Likelihood, weights: Weights, grads: Weights, variance: float | None,
    d_output: Tensor,
) -> None:  # fmt: skip
    """dD/d(output) of a batch mean: (softmax − onehot)/B, (sigmoid − t)/B, or (mean − t)/(variance·B).

    Twin: `objective.distortion`. A learned log-variance s has dD/ds = Σ_b ½(1 − (mean − t)² e^{−s})/B.
    """
    batch = output.shape[1]
    if likelihood == "categorical":
        torch.softmax(output, -1, out=d_output)
        d_output.scatter_add_(-1, target.expand(len(output), -1)[..., None], output.new_full((1,), -1.0).expand(
            len(output), batch, 1))  # fmt: skip
        d_output.div_(batch)
    elif likelihood == "bernoulli":
        torch.sigmoid(output, out=d_output)
        d_output.sub_(target).div_(batch)
    else:
        torch.sub(output, target, out=d_output)
        if variance is None:
            precision = (-weights["decoder.log_var"]).exp()  # (G, O)
            grads["decoder.log_var"].copy_(0.5 * (1 - d_output.square().mean(1) * precision))
            d_output.mul_(precision[:, None] / batch)
        else:
            d_output.div_(variance * batch)
