"""What is chosen is always on the picture: dots beyond a plane wait at its edge and say where they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dashboard.figures import words
from vibcore.types import Array

HALF = (0.15, 0.3)  # of a plane's width and height, half the line of equal loss at most
ROOM = 0.02  # of an axis, by which a dot at its end keeps away from it
Box = tuple[tuple[float, float], tuple[float, float]]


def marks(x: Array, y: Array, betas: Array, box: Box, falls: bool = False) -> dict[str, Array]:
    """Places of the chosen dot and of its line of equal loss, of slope β, for every model: (M, 1) and (M, 2).

    A dot beyond the plane waits at its edge, where it is seen whole; what is not known stays NaN.
    """
    (left, right), (low, high) = box
    across, up = ROOM * (right - left), ROOM * (high - low)
    at_x, at_y = np.clip(x, 0, right - across)[:, None], np.clip(y, low + up, high - up)[:, None]
    slope = (-betas if falls else betas)[:, None]
    half = np.minimum(HALF[0] * (right - left), HALF[1] * (high - low) / np.maximum(np.abs(slope), 1e-9))
    ends = half * np.array([-1.0, 1.0])
    return {"chosen_x": at_x, "chosen_y": at_y, "iso_x": at_x + ends, "iso_y": at_y + slope * ends}


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


def prices(betas: Array) -> dict[str, list[str]]:
    """The name of the line of equal loss, for every model."""
    return {"iso_text": [f"same loss: slope {words.beta_label(beta)}" for beta in betas]}


def beginnings(x: Array, y: Array, box: Box) -> dict[str, Array]:
    """Where each way, (m, T) twice, first comes into the plane, (m, 1) twice; NaN if it never does."""
    places = np.full((len(x), 2), np.nan)
    for i, path in enumerate(np.stack([x, y], -1)):
        inside = np.flatnonzero(_inside(path, box))
        if len(inside):
            k = inside[0]
            places[i] = path[k] if k == 0 else _crossing(box, path[k - 1], path[k])
    return {"start_x": places[:, :1], "start_y": places[:, 1:]}


def starts(ways: Mapping[str, Array], models: Sequence[int], box: Box, count: int) -> dict[str, list[str]]:
    """What is said where the ways (`trail_x`, `trail_y`) of some of `count` models come into the plane."""
    first = np.stack([ways["trail_x"][:, 0], ways["trail_y"][:, 0]], -1)
    here = dict(zip(models, _inside(first, box), strict=True))
    return {"start_text": ["start" if here.get(i) else "starts outside" if i in here else "" for i in range(count)]}


def _inside(places: Array, box: Box) -> Array:
    low, high = np.array(box).T
    found: Array = ((low <= places) & (places <= high)).all(-1)
    return found


def _crossing(box: Box, outside: Array, inside: Array) -> Array:
    """Where the way from a place outside to one inside passes the plane's edge."""
    ends, step = np.array(box), outside - inside
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(step > 0, (ends[:, 1] - inside) / step, (ends[:, 0] - inside) / step)
    share = np.nanmin(np.where(step == 0, np.inf, shares))
    crossed: Array = inside + min(1.0, float(share)) * step
    return crossed
