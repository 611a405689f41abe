"""Collapse as predicted and as trained: python -m tests.benchmarks.collapse

Observed: where the rate of the trained stops vanishes (`vanishing`). Trained twice: from small random weights, which
know nothing and stay there as long as that is stable, down to ρ_m²; and from weights that were trained at a small β,
which keep what they know up to β_c, where holding it stops paying. The two differ where the optimum jumps.
"""

import time

import numpy as np
import torch

from vibcore import datasets, densities, snapshot, training
from vibcore.types import Array, Config, DatasetSpec

N = 20_000
PROBLEMS = {
    "spirals": DatasetSpec(n=N),
    "moons": DatasetSpec("moons", n=N, noise=0.2),
    "blobs, 10 classes, flip .45": DatasetSpec("blobs", n=N, noise=0.1, flip=0.45, classes=10),
    "xor": DatasetSpec("xor", n=N, noise=0.5),
    "circles": DatasetSpec("circles", n=N, noise=0.15),
    "gaussian ρ = .9": DatasetSpec("gaussian", n=N, rho=(0.9,)),
}
SILENT = 0.003  # nats: a rate below is the noise of training
JUMP = 4  # a last rate this many times its expected step is a jump's


def vanishing(betas: Array, rates: Array) -> float:
    """β at which a rate vanishes: stops ascending, (M,) each.

    Rates fall to zero in proportion to the distance from a collapse without a jump: a straight line through the last
    three stops above `SILENT` is followed to zero, at most to the next stop. Where the last of them stands far above
    what the step before leads to expect, it is a jump: the middle between it and the next stop.
    """
    alive = np.flatnonzero(rates > SILENT)
    if len(alive) < 3 or alive[-1] == len(betas) - 1:
        return float("nan")
    last = alive[-3:]
    end, beyond = betas[last[-1]], betas[last[-1] + 1]
    fall = (rates[last[0]] - rates[last[-1]]) / (end - betas[last[0]])
    if fall <= 0 or rates[last[-1]] > JUMP * fall * (beyond - end):
        return float((end + beyond) / 2)
    return float(np.clip(end + rates[last[-1]] / fall, end, beyond))


def rates(state: training.TrainState, view: snapshot.View) -> Array:
    return np.array([p.rate.value for p in snapshot.take(state, view, models=[0]).test])


def trained(spec: DatasetSpec, betas: Array, steps: int, informed: bool) -> Array:
    """Rates of stops after long training; `informed` ones begin with a fifth of it at a third of the least β."""
    classes = spec.name != "gaussian"
    widths = (32,) if classes else ()
    config = Config(spec, encoder=widths, decoder=(), latent_dim=2 if classes else 1, betas=tuple(betas), steps=steps,
                    batch=500, lr=0.01, averaging=0.995)  # fmt: skip
    dataset = datasets.load(spec)
    state, data = training.init(config, dataset), training.tensors(dataset, config)
    view = snapshot.view(state, dataset)
    if informed:
        asked = state.betas.clone()
        state.betas, state.scratch = torch.full_like(asked, float(betas[0]) / 3), None
        training.advance(state, data, steps // 5)
        state.betas, state.scratch = asked, None
    training.advance(state, data, steps)
    return rates(state, view)


def main(steps: int = 4000) -> None:
    print("| problem | ρ² | β_c | from nothing | off ρ² | from knowledge | off β_c | s |\n|" + "---|" * 8)
    for name, spec in PROBLEMS.items():
        begin = time.perf_counter()
        known = densities.reference(spec)
        assert known is not None
        betas = np.union1d(known.unstable * np.linspace(0.86, 1.08, 12), known.collapse * np.linspace(0.86, 1.08, 12))
        seen = [vanishing(betas, trained(spec, betas, steps, informed)) for informed in (False, True)]
        off = [100 * (a / b - 1) for a, b in zip(seen, (known.unstable, known.collapse), strict=True)]
        print(f"| {name} | {known.unstable:.4f} | {known.collapse:.4f} | {seen[0]:.4f} | {off[0]:+.1f} % "
              f"| {seen[1]:.4f} | {off[1]:+.1f} % | {time.perf_counter() - begin:.0f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
