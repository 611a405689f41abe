"""What is chosen is always on the picture: dots beyond a plane wait at its edge and say where they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard.figures import words
from vibcore.types import Array

NAME = 0.36  # of a plane's width, that the name of a line takes
ROOM = 0.02  # of an axis, by which a dot at its end keeps away from it
Box = tuple[tuple[float, float], tuple[float, float]]


def marks(x: Array, y: Array, betas: Array, box: Box, falls: bool = False) -> dict[str, Array]:
    """Places of the chosen dot and of its line of equal loss, of slope β, for every model: (M, 1) and (M, 2).

    A dot beyond the plane waits at its edge, where it is seen whole; what is not known stays NaN.
    """
    (left, right), (low, high) = box
    across, up = ROOM * (right - left), ROOM * (high - low)
    at_x, at_y = np.clip(x, 0, right - across)[:, None], np.clip(y, low + up, high - up)[:, None]
    half = np.array([-1.0, 1.0]) * 0.09 * (right - left)
    slope = (-betas if falls else betas)[:, None]
    return {"chosen_x": at_x, "chosen_y": at_y, "iso_x": at_x + half, "iso_y": at_y + slope * half}


def waiting(x: Array, y: Array, at: dict[str, Array], box: Box, unit: str) -> list[str]:
    """Where the dots that wait at the edge really are: an arrow and a value; empty for a dot in its place."""
    near = [0.25 * ROOM * (high - low) for low, high in box]
    texts = []
    for i in range(len(x)):
        across = _beyond(x[i], at["chosen_x"][i, 0], near[0], ("←", "→"), 1)
        up = _beyond(y[i], at["chosen_y"][i, 0], near[1], ("↓", "↑"), 2)
        texts.append(" ".join(part for part in (across, up) if part) + (f" {unit}" if across or up else ""))
    return texts


def _beyond(value: float, drawn: float, near: float, signs: tuple[str, str], digits: int) -> str:
    if not np.isfinite(value) or abs(value - drawn) <= near:
        return ""
    return f"{signs[int(value > drawn)]} {value:.{digits}f}".replace("-", "−")


def prices(betas: Array, at: dict[str, Array], box: Box) -> dict[str, Any]:
    """The name of the line of equal loss, for every model: at its right end, at its left end near the plane's edge.

    A line lower than its place, as the learned curve runs along it.
    """
    names = [f"<br>same loss: slope {words.beta_label(beta)}" for beta in betas]
    inside = at["iso_x"][:, 1] < box[0][1] - NAME * (box[0][1] - box[0][0])
    return {
        "iso_text": [["", name] if fits else [name, ""] for name, fits in zip(names, inside, strict=True)],
        "iso_side": ["bottom right" if fits else "bottom left" for fits in inside],
    }
