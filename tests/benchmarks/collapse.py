"""Collapse as predicted and as trained: python -m tests.benchmarks.collapse

Models are trained twice, on inputs drawn anew. From small random weights they know nothing and stay there as long as
that is stable, down to ρ_m²: observed is where the line through the rates of the last stops that still learn reaches
zero (`vanishing`), as a stop beside the collapse learns too slowly to be waited for. From weights that were trained at
a small β they keep a rate for long after it has stopped to pay. What counts there is that a model's loss lies below
that of nothing, H(Y), by two errors on fresh inputs; such a model pays up to the β that is its (H(Y) − D)/R, and
observed is that of the last stop that does (`pays`). At most it is β_c, the slope of the frontier at the origin, which
is attained by some encoder; but a VIB's is a Gaussian, and its rate is counted against N(0, I). Where ρ_m² < β_c, the
best of such codes is looked for directly (`gaussian_code`), and the models are compared with it.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from scipy.optimize import minimize

from vibcore import data as datasets
from vibcore import densities, populations, training
from vibcore.config import Config, DatasetSpec
from vibcore.evaluation import evaluate
from vibcore.problem import Split, make_problem
from vibcore.types import Array, Point

PROBLEMS = {
    "spirals": DatasetSpec(),
    "moons": DatasetSpec("moons", noise=0.2),
    "blobs, 10 classes, flip .45": DatasetSpec("blobs", noise=0.03, flip=0.45, classes=10),
    "XOR": DatasetSpec("xor", noise=0.5),
    "circles": DatasetSpec("circles", noise=0.15),
    "Gaussian, ρ = .9": DatasetSpec("gaussian", rho=(0.9,)),
}
DRAWN = 1_000_000  # to train on: more than are ever shown, as labels of fewer have chance correlations of their own
FRESH = {True: 200_000, False: 400_000}  # to look at: with p(y|x) for labels the error is smaller
WIDTHS = (32, 32)  # hidden layers of the encoder; none where the problem is linear
MANY = (64, 64)  # of the decoder where there are many classes: with fewer, it falls short of the Bayes decoder
SHARES = np.linspace(0.85, 1.03, 7)  # of a prediction: the stops that start from nothing
KEPT = np.array([0.9, 0.93, 0.96, 0.98])  # the stops that start from knowledge
WARM = (0.12, 0.6, 0.9)  # of its β: where a model is trained first to know something
SILENT = 0.25  # of the highest rate: a stop below is too near its collapse to have settled
HALVINGS = 4  # of the learning rate, over the second half of training: the noise of steps keeps rates up
LEAST = 0.01  # nats: where no rate is higher, nothing is learnt
JUMP = 4  # a rate this many times below what a line leads to expect has jumped


def vanishing(betas: Array, rates: Array) -> float:
    """β at which a rate vanishes: stops ascending, (M,) each.

    Rates fall to zero in proportion to the distance from a collapse without a jump: a straight line through the last
    three stops above `SILENT` of the highest rate is followed to zero. Where the next stop's rate is far below what
    that line leads to expect of it, it is a jump: the middle between the two.
    """
    alive = np.flatnonzero(rates > SILENT * max(rates.max(), LEAST))
    if len(alive) < 3 or alive[-1] == len(betas) - 1:
        return float("nan")
    last = alive[-3:]
    end, beyond = betas[last[-1]], betas[last[-1] + 1]
    fall = (rates[last[0]] - rates[last[-1]]) / (end - betas[last[0]])
    expected = rates[last[-1]] - fall * (beyond - end)
    if fall <= 0 or rates[last[-1] + 1] < expected / JUMP:
        return float((end + beyond) / 2)
    return float(end + rates[last[-1]] / fall)


def pays(points: Sequence[Point]) -> tuple[float, float]:
    """(H(Y) − D)/R and its error of the last stop that pays: up to that β its loss is below that of nothing."""
    found = float("nan"), float("nan")
    for point in points:
        bound, rate = point.i_zy_bound, point.rate
        assert bound is not None
        error = bound.stderr + point.beta * rate.stderr
        if bound.value - point.beta * rate.value > 2 * error:
            found = bound.value / rate.value, error / rate.value
    return found


def gaussian_code(channel: Array, latent_dim: int, starts: int, step: float, least: float) -> float:
    """Largest I(Z;Y)/R of a Gaussian code of equally likely, separable classes: channel p(y|class), (n, C).

    Means and deviations (n, K), none below `least`, climb from several starts; R is counted against N(0, I), I(Z;Y)
    is that of the Bayes decoder, by the trapezoid rule.
    """
    n, k = len(channel), latent_dim
    told, rng = torch.from_numpy(channel), np.random.default_rng(0)
    axis = torch.arange(-6, 6 + step, step, dtype=torch.float64)
    z = torch.cartesian_prod(*[axis] * k).view(-1, 1, k)

    def loss(values: Array) -> tuple[float, Array]:
        place = torch.from_numpy(values).requires_grad_()
        mu, log_sigma = place.view(2, n, k)
        logs = (-0.5 * ((z - mu) / log_sigma.exp()) ** 2 - log_sigma - 0.5 * np.log(2 * np.pi)).sum(-1)
        both = logs.exp() @ told / n  # p(z, y)
        ratio = (both + 1e-300) / ((both.sum(1, keepdim=True) + 1e-300) * told.mean(0))
        rate = (0.5 * (mu**2 + (2 * log_sigma).exp() - 1) - log_sigma).sum(1).mean()
        quotient = (both * ratio.log()).sum() * step**k / rate
        (-quotient).backward()  # type: ignore[no-untyped-call]
        assert place.grad is not None
        return -float(quotient.detach()), place.grad.numpy()

    limits = [(-5.0, 5.0)] * (n * k) + [(np.log(least), 0.5)] * (n * k)
    best = 0.0
    for _ in range(starts):
        start = [rng.uniform(0.5, 2) * rng.standard_normal(n * k), rng.uniform(-1.6, -0.2, n * k)]
        best = max(best, -minimize(loss, np.concatenate(start), jac=True, method="L-BFGS-B", bounds=limits).fun)
    return best


def trained(spec: DatasetSpec, betas: Array, steps: int, informed: bool) -> tuple[Point, ...]:
    """Stops on fresh inputs after training; `informed` ones begin with half as much again at smaller β."""
    linear = spec.name == "gaussian"
    decoder = MANY if informed and spec.name == "blobs" else ()
    config = Config(
        spec,
        encoder=() if linear else WIDTHS,
        decoder=decoder,
        latent_dim=1 if linear else 2,
        betas=tuple(betas),
        steps=steps,
        batch=500,
        lr=0.01,
        averaging=0.99,
    )
    dataset = datasets.load(spec)
    state, problem = training.init(config, dataset), make_problem(config, dataset)
    x, y = densities.sample(spec, DRAWN, np.random.default_rng(1))
    data = Split(torch.from_numpy(x.astype(np.float32)), torch.from_numpy(y.astype(np.float32) if linear else y))
    asked = state.betas.clone()
    for share in WARM if informed else ():
        state.betas, state.scratch = share * asked, None
        training.advance(state, data, steps // 6)
    state.betas, state.scratch = asked, None
    training.advance(state, data, steps // 2)
    for _ in range(HALVINGS):
        training.advance(state, data, steps // 2 // HALVINGS)
        halved = training.learning_rate(state.config, state.step) / 2
        state.config = replace(state.config, edits=(*state.config.edits, (state.step, "lr", halved)))
    fresh = populations.population(spec, FRESH[not linear])
    assert fresh is not None
    return evaluate(training.weights(state), problem, populations.split_of_population(fresh, problem), 1)


def main(steps: int = 2400, names: tuple[str, ...] = tuple(PROBLEMS)) -> None:
    print("| problem | ρ² | β_c | Gaussian code | from nothing | off ρ² | from knowledge | off | s |\n|" + "---|" * 9)
    for name in names:
        spec, begin = PROBLEMS[name], time.perf_counter()
        known = densities.reference(spec)
        assert known is not None
        code = known.collapse
        if known.collapse > 1.02 * known.unstable:  # blobs: their classes are apart
            channel = densities.flips(spec.classes, spec.flip)
            code = max(gaussian_code(channel, 1, 6, 0.04, 0.04), gaussian_code(channel, 2, 2, 0.2, 0.12))
        nothing = trained(spec, known.unstable * SHARES, steps, informed=False)
        knowing = trained(spec, code * KEPT, steps, informed=True)
        learnt = vanishing(known.unstable * SHARES, np.array([p.rate.value for p in nothing]))
        kept, error = pays(knowing)
        shown = "as β_c" if code == known.collapse else f"{code:.4f}"
        print(
            f"| {name} | {known.unstable:.4f} | {known.collapse:.4f} | {shown} | {learnt:.4f} "
            f"| {100 * (learnt / known.unstable - 1):+.1f} % | {kept:.4f} ± {error:.4f} "
            f"| {100 * (kept / code - 1):+.1f} % | {time.perf_counter() - begin:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(names=tuple(n for n in PROBLEMS if not sys.argv[1:] or n.split(",")[0] in sys.argv[1:]))
