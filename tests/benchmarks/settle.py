"""How soon the default curve settles: python -m tests.benchmarks.settle

Settled: every stop with 0.05 ≤ β ≤ 0.5 lies, on test data, within 0.03 nats of where four times as many steps put it.
"""

import time

import numpy as np
import torch

from vibcore import datasets, snapshot, training
from vibcore.types import Array, Config


def curve(state: training.TrainState, view: snapshot.View) -> tuple[Array, Array]:
    points = snapshot.take(state, view, models=[0]).test
    return np.array([p.rate.value for p in points]), np.array([p.i_zy_bound.value for p in points if p.i_zy_bound])


def settle(config: Config, steps: tuple[int, ...] = (500, 750, 1000, 1500, 2000)) -> None:
    dataset = datasets.load(config.dataset)
    state, data = training.init(config, dataset), training.tensors(dataset, config)
    view = snapshot.view(state, dataset)
    middle = (np.array(config.betas) >= 0.05) & (np.array(config.betas) <= 0.5)
    marks = sorted({*steps, *(4 * s for s in steps)})
    seen, seconds = {}, {}
    spent = 0.0
    for mark in marks:
        begin = time.perf_counter()
        training.advance(state, data, mark - state.step)
        spent += time.perf_counter() - begin
        seen[mark], seconds[mark] = curve(state, view), spent
    for s in steps:
        moved = [np.abs(a - b)[middle].max() for a, b in zip(seen[s], seen[4 * s], strict=True)]
        print(f"{s:6d} steps  {seconds[s]:5.2f} s   largest move to {4 * s}: R {moved[0]:.3f}, I {moved[1]:.3f} nats")


if __name__ == "__main__":
    torch.set_num_threads(2)
    settle(Config())
