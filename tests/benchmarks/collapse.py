"""Collapse as predicted and as trained: python -m tests.benchmarks.collapse

Observed: where the line through the rates of the last stops that still learn reaches zero (`vanishing`), as a stop
beside the collapse forgets and learns too slowly to be waited for. Trained twice: from small random weights, which
know nothing and stay there as long as that is stable, down to ρ_m²; and from weights that were trained at a small β,
which keep what they know as long as the Gaussian code makes it pay, at most up to β_c. Each is compared with its own
prediction; the two are the same but where the optimum jumps.
"""

import sys
import time
from dataclasses import replace

import numpy as np
import torch

from vibcore import data as datasets
from vibcore import densities, snapshot, training
from vibcore.config import Config, DatasetSpec
from vibcore.problem import Problem, make_problem
from vibcore.types import Array

N = 12_000
PROBLEMS = {
    "spirals": DatasetSpec(n=N),
    "moons": DatasetSpec("moons", n=N, noise=0.2),
    "blobs, 10 classes, flip .45": DatasetSpec("blobs", n=N, noise=0.1, flip=0.45, classes=10),
    "xor": DatasetSpec("xor", n=N, noise=0.5),
    "circles": DatasetSpec("circles", n=N, noise=0.15),
    "Gaussian, ρ = .9": DatasetSpec("gaussian", n=N, rho=(0.9,)),
}
WIDTHS = (32, 32)  # hidden layers; none where the problem is linear
SHARES = np.linspace(0.85, 1.03, 7)  # of a prediction: the stops
SILENT = 0.05  # of the highest rate: a stop below is too near its collapse to have settled
HALVINGS = 4  # of the learning rate, over the second half of training: the noise of steps keeps rates up
LEAST = 0.01  # nats: where no rate is higher, nothing is learnt
JUMP = 4  # a last rate this many times its expected step is a jump's


def vanishing(betas: Array, rates: Array) -> float:
    """β at which a rate vanishes: stops ascending, (M,) each.

    Rates fall to zero in proportion to the distance from a collapse without a jump: a straight line through the last
    three stops above `SILENT` of the highest rate is followed to zero, at most to the next stop. Where the last of them
    stands far above what the step before leads to expect, it is a jump: the middle between it and the next stop.
    """
    alive = np.flatnonzero(rates > SILENT * max(rates.max(), LEAST))
    if len(alive) < 3 or alive[-1] == len(betas) - 1:
        return float("nan")
    last = alive[-3:]
    end, beyond = betas[last[-1]], betas[last[-1] + 1]
    fall = (rates[last[0]] - rates[last[-1]]) / (end - betas[last[0]])
    if fall <= 0 or rates[last[-1]] > JUMP * fall * (beyond - end):
        return float((end + beyond) / 2)
    return float(np.clip(end + rates[last[-1]] / fall, end, beyond))


def rates(state: training.TrainState, view: Problem) -> Array:
    return np.array([p.rate.value for p in snapshot.take_snapshot(training.moment(state), view, models=[0]).test])


def trained(spec: DatasetSpec, betas: Array, steps: int, informed: bool) -> Array:
    """Rates of stops after training; `informed` ones begin with a quarter more of it at a third of the least β."""
    classes = spec.name != "gaussian"
    widths = WIDTHS if classes else ()
    config = Config(spec, encoder=widths, decoder=(), latent_dim=2 if classes else 1, betas=tuple(betas), steps=steps,
                    batch=500, lr=0.01, averaging=0.99)  # fmt: skip
    dataset = datasets.load(spec)
    state, data = training.init(config, dataset), training.tensors(dataset, config)
    view = make_problem(state.config, dataset)
    if informed:
        asked = state.betas.clone()
        state.betas, state.scratch = torch.full_like(asked, float(betas[0]) / 3), None
        training.advance(state, data, steps // 4)
        state.betas, state.scratch = asked, None
    training.advance(state, data, steps // 2)
    for _ in range(HALVINGS):
        training.advance(state, data, steps // 2 // HALVINGS)
        rate = training.learning_rate(state.config, state.step)
        edits = (*state.config.edits, (state.step, "lr", rate / 2))
        state.config = replace(state.config, edits=edits)
    return rates(state, view)


def main(steps: int = 2400, names: tuple[str, ...] = tuple(PROBLEMS)) -> None:
    print("| problem | ρ² | β_c | from nothing | off ρ² | from knowledge | off β_c | s |\n|" + "---|" * 8)
    for name in names:
        spec = PROBLEMS[name]
        begin = time.perf_counter()
        known = densities.reference(spec)
        assert known is not None
        betas = np.concatenate([known.unstable * SHARES, known.collapse * SHARES])
        if known.collapse < 1.02 * known.unstable:
            betas = known.collapse * SHARES
        betas = np.sort(betas)
        seen = [vanishing(betas, trained(spec, betas, steps, informed)) for informed in (False, True)]
        off = [100 * (a / b - 1) for a, b in zip(seen, (known.unstable, known.collapse), strict=True)]
        print(f"| {name} | {known.unstable:.4f} | {known.collapse:.4f} | {seen[0]:.4f} | {off[0]:+.1f} % "
              f"| {seen[1]:.4f} | {off[1]:+.1f} % | {time.perf_counter() - begin:.0f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(names=tuple(n for n in PROBLEMS if not sys.argv[1:] or n.split(",")[0] in sys.argv[1:]))
