"""Every model of a stack on a whole split: the rate, the distortion and the errors, each with what it is.

Noise is drawn once from a seed and shared by all models and all calls, so that two evaluations differ
only by the weights and the pictures do not jitter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vibcore import model
from vibcore.model import Weights
from vibcore.parts import Likelihood, Posterior, diagonal, total_correlation
from vibcore.problem import Problem, Split
from vibcore.streams import stream
from vibcore.types import Array, Estimate, Kind, Point

SAMPLES = 12  # posterior draws per input for averages, as in Alemi et al. 2016
AT_ONCE = 4 * 2**20  # decoder outputs held at one time, 16 MiB of them: every visitor's thread holds its own


def noise(shape: tuple[int, ...], seed: int, like: Tensor, name: str = "evaluation") -> Tensor:
    """Standard normal eps of a seed's named stream, with the dtype and device of `like`; a part of it comes first."""
    return torch.from_numpy(stream(seed, name).standard_normal(shape, dtype=np.float32)).to(like)


def sample(mu: Tensor, scale: Tensor, samples: int, seed: int, posterior: Posterior = diagonal) -> Tensor:
    """z ~ p(z|x), `samples` draws an input: mu (M, N, K), scale (M, N, *) → (M, S·N, K), sample-major."""
    m, n, k = mu.shape
    eps = noise((samples, n, k), seed, mu)
    return posterior.sample(mu[:, None], scale[:, None], eps).reshape(m, samples * n, k)


def mean_output(weights: Weights, z: Tensor, samples: int, likelihood: Likelihood) -> Tensor:
    """Decoder averaged over posterior samples: probabilities (never logits) or means, (M, N, O)."""
    parts = _parts(weights, z.shape[1])
    if len(parts) > 1:
        return torch.cat([mean_output(stack_of(weights, part), z[part], samples, likelihood) for part in parts])
    output = likelihood.mean(model.decode(weights, z))  # (M, S·N, O)
    m, sn, o = output.shape
    return output.reshape(m, samples, sn // samples, o).mean(1)


def _parts(weights: Weights, rows: int) -> list[slice]:
    """The stack in parts that can be decoded at once: 25 models of 784 pixels would ask for gigabytes."""
    m, outputs = weights[f"decoder.{model.depth(weights, 'decoder') - 1}.bias"].shape
    size = max(1, AT_ONCE // (rows * outputs))
    return [slice(at, at + size) for at in range(0, m, size)]


def stack_of(weights: Weights, models: slice | list[int]) -> Weights:
    """Some models of a stack, as a stack."""
    return {name: value[models] for name, value in weights.items()}


@dataclass(frozen=True)
class Scores:
    """What M models make of N inputs, float64: nats and 0/1 errors, averaged over the draws of z; errors or None."""

    rate: Array  # (M, N)
    kl: Array | None  # (M, N, K), None where it is not known by dimension
    cost: Array  # (M, N)
    error_1: Array | None  # (M, N)
    error_mc: Array | None


@torch.no_grad()
def evaluate(
    weights: Weights,
    problem: Problem,
    split: Split,
    samples: int = SAMPLES,
    models: Sequence[int] | None = None,
    seed: int | None = None,
) -> tuple[Point, ...]:
    """A `Point` for each of some models of a stack (all by default) on the inputs of a split, nats.

    Rate and I(Z;Y) bound as in Alemi et al. 2016, eqs. 13–16; standard errors are over inputs and draws. Known odds of
    classes (N, C) may stand for the target. `error_mc` averages class probabilities over `samples` draws, None if there
    is but one; `error_1` is the first's.
    """
    chosen = list(range(len(problem.betas)) if models is None else models)
    found = _scores(stack_of(weights, chosen), problem, split, samples, problem.seed if seed is None else seed)
    # the entropy of an arbitrary input is not known: a bound made from a guess of it would be none
    known = problem.config.task == "classify"
    surprise = problem.parts.likelihood.surprise(split.target.cpu().numpy()) if known else None
    rate, distortion = _means(found.rate, "upper"), _means(found.cost, "monte_carlo")
    bound = None if surprise is None else _means(surprise - found.cost, problem.bound_kind)
    error_1, error_mc = (None if e is None else _means(e, "monte_carlo") for e in (found.error_1, found.error_mc))
    return tuple(
        Point(
            beta=problem.config.betas[model],
            rate=rate[i],
            distortion=distortion[i],
            i_zy_bound=None if bound is None else bound[i],
            error_1=None if error_1 is None else error_1[i],
            error_mc=None if error_mc is None else error_mc[i],
            kl_per_dim=() if found.kl is None else tuple(found.kl[i].mean(0).tolist()),
            inputs=len(split.x),
        )
        for i, model in enumerate(chosen)
    )


def _scores(weights: Weights, problem: Problem, split: Split, samples: int, seed: int) -> Scores:
    """The inputs in blocks whose decoders' layers fit into memory, the same noise whatever the blocks."""
    biases = [value for name, value in weights.items() if name.startswith("decoder.") and name.endswith(".bias")]
    rows = max(1, AT_ONCE // (len(biases[0]) * samples * max(bias.shape[1] for bias in biases)))
    eps = noise((samples, len(split.x), problem.config.latent_dim), seed, split.x)
    blocks = []
    for start in range(0, len(split.x), rows):
        block = slice(start, start + rows)
        blocks.append(_scores_of_block(weights, problem, split.x[block], split.target[block], eps[:, block]))
    rate, kl, cost, error_1, error_mc = zip(*blocks, strict=True)
    return Scores(_joined(rate), _if_any(kl), _joined(cost), _if_any(error_1), _if_any(error_mc))


def _joined(parts: Sequence[Tensor]) -> Array:
    """Blocks of inputs, (M, N', …) each, as one array."""
    return torch.cat(list(parts), 1).double().cpu().numpy()


def _if_any(parts: Sequence[Tensor | None]) -> Array | None:
    known = [part for part in parts if part is not None]
    return _joined(known) if known else None


def _scores_of_block(
    weights: Weights, problem: Problem, x: Tensor, target: Tensor, eps: Tensor
) -> tuple[Tensor, Tensor | None, Tensor, Tensor | None, Tensor | None]:
    posterior, marginal = problem.parts.posterior, problem.parts.marginal
    mu, scale = model.encode(weights, x, posterior)  # (M, N, K), (M, N, *)
    kl = marginal.kl_per_dim(weights, mu, posterior.deviations(scale))
    z = posterior.sample(mu[:, None], scale[:, None], eps)  # (M, S, N, K)
    if kl is None:
        rate = (posterior.log_prob(mu[:, None], scale[:, None], z) - marginal.log_prob(weights, z)).mean(1)
    else:
        rate = kl.double().sum(-1) + total_correlation(posterior, scale)
    output = model.decode(weights, z.flatten(1, 2))  # (M, S·N, O)
    output = output.view(len(output), len(eps), len(x), -1)
    return rate, kl, *problem.parts.likelihood.scores(weights, output, target, problem.config.variance)


def _means(values: Array, kind: Kind) -> list[Estimate]:
    """Mean over the inputs with its standard error, for each of M models: (M, N) → M estimates."""
    n = values.shape[1]
    mean = values.mean(1)
    stderr = values.std(1, ddof=1) / np.sqrt(n) if n > 1 else np.full(len(values), np.nan)
    return [Estimate(m, s, kind) for m, s in zip(mean.tolist(), stderr.tolist(), strict=True)]
