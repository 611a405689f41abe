"""The engine against what users write: python -m tests.benchmarks.engine [--jax]

Prints milliseconds per model-step (median, min … max) and ratios within rounds; which path ran is its name.
"""

import json
import sys
from dataclasses import replace

import torch

from vibcore.bench import CASE, bench
from vibcore.types import DatasetSpec, beta_grid

# narrow spirals as in the paper's toy: the same widths, but a wide image-like problem for the second case
WIDE = replace(CASE, dataset=DatasetSpec("digits"), encoder=(1024, 1024), decoder=(), batch=100, betas=beta_grid(9))


def show(title: str, found: dict) -> None:  # type: ignore[type-arg]
    print(f"\n{title}: {found['threads']} threads, {found['rounds']} rounds")
    for name, t in found["ms_per_model_step"].items():
        print(f"  {name:24s} {t['median']:8.4f} ms  ({t['min']:.4f} … {t['max']:.4f})")
    for name, ratio in found["ratios"].items():
        print(f"  {name:44s} {ratio:6.2f}")


if __name__ == "__main__":
    torch.set_num_threads(2)
    show("25 models, 2-64-64-4 / 2-64-2, batch 256", bench(20))
    show("9 models, 64-1024-1024-4 / 2-10, batch 100", bench(20, WIDE))
    if "--json" in sys.argv:
        print(json.dumps(bench(5)))
