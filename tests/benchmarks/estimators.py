"""Seconds of every estimator against its size: python -m tests.benchmarks.estimators"""

import time
from collections.abc import Callable

import torch

from vibcore import densities, information
from vibcore.config import DatasetSpec
from vibcore.exact import discrete
from vibcore.mixtures import Posteriors, known_odds, labels_at_hand


def seconds(work: Callable[[], object], repeats: int = 2) -> float:
    """The best of a few runs: the machine's other work only ever adds."""
    spent = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begin)
    return min(spent)


def posteriors(n: int, k: int, soft: bool) -> Posteriors:
    """z = x + 0.3 eps of normal x in k dimensions, y the sign of x₁, flipped with odds of 0.1."""
    g = torch.Generator().manual_seed(0)
    x = torch.randn(n, k, generator=g)
    truth = (x[:, 0] > 0).long()
    if soft:
        labels = known_odds(torch.nn.functional.one_hot(truth, 2) * 0.8 + 0.1)
    else:
        labels = labels_at_hand(torch.where(torch.rand(n, generator=g) < 0.1, 1 - truth, truth), 2)
    return Posteriors(x, torch.full((n, k), 0.3), labels)


def intervals() -> None:
    print("Intervals of I(X;Z) and I(Z;Y), one model: width in nats (95 %) and time; sandwich in batches of 128")
    for k in (2, 8, 32):
        for n in (250, 1000, 4000):
            for soft in (True, False):
                of = posteriors(n, k, soft)
                found = information.information_budget(of, torch.Generator().manual_seed(1))
                assert found.i_zy is not None
                x, y = (i.high - i.low for i in (found.i_xz, found.i_zy))
                spent = seconds(lambda of=of: information.information_budget(of, torch.Generator().manual_seed(1)))  # type: ignore[misc]
                what = "p(y|x) known" if soft else "labels alone"
                print(f"  K {k:3d}  N {n:5d}  {what}   I(X;Z) {x:7.3f}   I(Z;Y) {y:6.3f}   {1e3 * spent:8.1f} ms")
    of = posteriors(1000, 2, soft=True)
    stack = seconds(lambda: [information.information_budget(of, torch.Generator().manual_seed(1)) for _ in range(25)])
    bounds = seconds(lambda: information.sandwich(of, 128, torch.Generator().manual_seed(1)))
    print(f"  25 models, N 1000, K 2: {stack:.2f} s; a sandwich of one: {1e3 * bounds:.1f} ms")


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
    intervals()
    frontiers()
