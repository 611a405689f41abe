"""How many threads a run takes: one, unless its products are large."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod

import torch

from vibcore import model
from vibcore.config import Config, Dataset

LARGE = 2**24  # multiplications of one model's widest map on a batch: below, threads wait longer than they work


def wanted(config: Config, dataset: Dataset, count: int | None = None) -> int:
    """`count` where given; else one, or torch's own number where batch · in · out of the widest map is LARGE.

    Batches of 128 through widths up to 362 take one thread. That leaves other cores to other runs, costs little on a
    quiet machine and nothing like as much as waiting threads do on a busy one; and OpenMP, whose threads do not
    survive a fork, is never started.
    """
    if count is not None:
        return count
    widest = max(map(prod, model.shapes(config, model.sizes_of(dataset, config)).values()))
    return torch.get_num_threads() if config.batch * widest >= LARGE else 1


@contextmanager
def limited(count: int) -> Iterator[None]:
    """torch with that many threads, and as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
