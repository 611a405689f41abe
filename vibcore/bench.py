"""This machine's cost of a model-step, every way measured in turn within one run: ratios survive a noisy machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from vibcore import training
from vibcore.config import Config, DatasetSpec
from vibcore.data import MEASURED, load

Way = tuple[Callable[[int], None], int]  # takes a number of steps; models that it trains at once
CASE = Config(dataset=DatasetSpec(MEASURED, 1536, 0.2, 0.05), encoder=(64, 64), decoder=(64,), batch=256, lr=1e-3)


def bench(
    seconds: float = 20.0, config: Config = CASE, others: Mapping[str, Callable[[int], None]] | None = None
) -> dict[str, Any]:
    """Milliseconds of one model's step: plain PyTorch loop, readable stack, fast path, and the products alone.

    By default 25 models of 1,024 training inputs in the plane, batch 256, 2-64-64-(2+2) / 2-64-2. `others` are further
    ways to take a number of steps of the whole stack. `ratios` are medians of the ratios within each round.
    """
    m = len(config.betas)
    ways: dict[str, Way] = {
        "plain loop": (plain_loop(config), 1),
        "readable stack": (stack(config, "readable"), m),
        "fast path": (stack(config, "fast"), m),
        "matrix products alone": (products(config), m),
        **{name: (run, m) for name, run in (others or {}).items()},
    }
    times = rounds(ways, seconds)
    found = {name: {"median": statistics.median(t), "min": min(t), "max": max(t)} for name, t in times.items()}

    def ratio(a: str, b: str) -> float:
        return statistics.median(x / y for x, y in zip(times[a], times[b], strict=True))

    return {
        "case": config.to_json(),
        "threads": torch.get_num_threads(),
        "ms_per_model_step": found,
        "ratios": {
            "fast path over plain loop": ratio("plain loop", "fast path"),
            "fast path over readable stack": ratio("readable stack", "fast path"),
            "readable stack over plain loop": ratio("plain loop", "readable stack"),
            "fast path's share of the products' speed": ratio("matrix products alone", "fast path"),
            **{f"fast path over {name}": ratio(name, "fast path") for name in others or {}},
        },
        "rounds": len(times["plain loop"]),
    }


def rounds(ways: Mapping[str, Way], seconds: float) -> dict[str, list[float]]:
    """Milliseconds of one model's step by every way, round by round: for so many seconds, at least five rounds."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for run, _ in ways.values():
        run(3)  # first calls allocate
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds or len(next(iter(times.values()))) < 5:
        for name, (run, models) in ways.items():
            steps = 60 if models == 1 else 10
            start = time.perf_counter()
            run(steps)
            times[name].append((time.perf_counter() - start) / steps / models * 1e3)
    return times


def stack(config: Config, path: training.Path) -> Callable[[int], None]:
    """Our own engine on the whole stack."""
    dataset = load(config.dataset)
    state, data = training.init(config, dataset), training.tensors(dataset, config)
    return lambda steps: training.advance(state, data, steps, path)


def plain_loop(config: Config) -> Callable[[int], None]:
    """What users write: one model of `nn.Linear`s, `torch.optim.Adam`, a loss from the paper."""
    dataset = load(config.dataset)
    data = training.tensors(dataset, config)
    k, classes = config.latent_dim, len(dataset.class_names)

    def mlp(*widths: int) -> torch.nn.Sequential:
        layers: list[torch.nn.Module] = []
        for a, b in pairwise(widths):
            layers += [torch.nn.Linear(a, b), torch.nn.ReLU()]
        return torch.nn.Sequential(*layers[:-1])

    encoder, decoder = mlp(data.x.shape[1], *config.encoder, 2 * k), mlp(k, *config.decoder, classes)
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=config.lr)
    generator = torch.Generator().manual_seed(0)

    def run(steps: int) -> None:
        for _ in range(steps):
            rows = torch.randint(len(data.x), (config.batch,), generator=generator)
            mu, rho = encoder(data.x[rows]).chunk(2, -1)
            sigma = F.softplus(rho - 5)
            z = mu + sigma * torch.randn(mu.shape, generator=generator)
            kl = (0.5 * (mu**2 + sigma**2 - 1) - sigma.log()).sum(-1).mean()
            loss = F.cross_entropy(decoder(z), data.target[rows]) + config.betas[0] * kl
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return run


def products(config: Config) -> Callable[[int], None]:
    """The matrix products of a step and nothing else: the floor that no engine gets under."""
    m, batch = len(config.betas), config.batch
    dataset = load(config.dataset)
    parts = (
        [dataset.x.shape[1], *config.encoder, 2 * config.latent_dim],
        [config.latent_dim, *config.decoder, len(dataset.class_names)],
    )
    jobs: list[tuple[Tensor, Tensor, Tensor]] = []
    for widths in parts:
        for i, (a, b) in enumerate(pairwise(widths)):
            h, d, w = torch.randn(m, batch, a), torch.randn(m, batch, b), torch.randn(m, a, b)
            if i == len(widths) - 2:  # narrow outputs as few rows rather than few columns, as the fast path has them
                d, w = torch.randn(m, b, batch).mT, torch.randn(m, b, a).mT
                jobs += [(w.mT, h.mT, torch.empty(m, b, batch)), (d.mT, h, torch.empty(m, b, a))]
            else:
                jobs += [(h, w, torch.empty(m, batch, b)), (h.mT, d, torch.empty(m, a, b))]
            if i:  # the gradient of what lies below
                jobs.append((d, w.mT, torch.empty(m, batch, a)))
            elif widths is parts[1]:
                jobs.append((w, d.mT, torch.empty(m, a, batch)))

    def run(steps: int) -> None:
        for _ in range(steps):
            for a, b, out in jobs:
                torch.bmm(a, b, out=out)

    return run
