"""The Lagrangian of the paper, D + βR (Alemi et al. 2016, eq. 17)."""

from __future__ import annotations

from torch import Tensor

slope = None  # h′ = 1


def price(rate: Tensor) -> Tensor:
    """h(R) = R."""
    return rate
