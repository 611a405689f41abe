"""Seconds of every estimator against its size: python -m tests.benchmarks.estimators"""

import time
from collections.abc import Callable

import torch

from vibcore import densities, information
from vibcore.exact import discrete
from vibcore.types import DatasetSpec


def seconds(work: Callable[[], object], repeats: int = 2) -> float:
    """The best of a few runs: the machine's other work only ever adds."""
    spent = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begin)
    return min(spent)


def posteriors(n: int, k: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(0)
    mu = 2 * torch.randn(n, k, generator=g)
    return mu, 0.3 + 0.1 * torch.rand(n, k, generator=g), torch.randint(5, (n,), generator=g)


def monte_carlo() -> None:
    print("I(X;Z) and I(Y;Z), one model, one sample an input; sandwich in batches of 128")
    for k in (2, 8, 32):
        for n in (250, 1000, 4000):
            mu, sigma, labels = posteriors(n, k)
            g = torch.Generator().manual_seed(0)
            both = seconds(lambda m=mu, s=sigma, y=labels, g=g: information.values(m, s, g, y))  # type: ignore[misc]
            bounds = seconds(lambda m=mu, s=sigma, g=g: information.sandwich(m, s, 128, g))  # type: ignore[misc]
            print(f"  K {k:3d}  N {n:5d}   values {1e3 * both:8.1f} ms   sandwich {1e3 * bounds:8.1f} ms")
    mu, sigma, labels = posteriors(1000, 2)
    g = torch.Generator().manual_seed(0)
    stack = seconds(lambda: [information.values(mu, sigma, g, labels) for _ in range(25)])
    print(f"  25 models, N 1000, K 2: {stack:.2f} s")


def frontiers() -> None:
    print("Exact frontiers: density, then the annealed iterations on merged cells")
    for name, noise in (("spirals", 0.18), ("moons", 0.2), ("circles", 0.1), ("blobs", 0.5), ("xor", 0.5)):
        spec = DatasetSpec(name, noise=noise)
        for cells in (72, 240):
            joint = densities.joint(spec, cells)
            density = seconds(lambda s=spec, c=cells: densities.joint(s, c), 1)  # type: ignore[misc]
            curve = seconds(lambda j=joint: discrete.frontier(j), 1)  # type: ignore[misc]
            rows = len(discrete.merge(joint.p))
            print(f"  {name:8s} {cells:3d}²   density {density:5.2f} s   {rows:5d} rows   frontier {curve:5.2f} s")


if __name__ == "__main__":
    torch.set_num_threads(1)  # steadier than two on a busy machine; two take about half
    monte_carlo()
    frontiers()
