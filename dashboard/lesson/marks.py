"""Where a line of the derivation is to be seen: lengths on the information plane, rings of the latent plane.

On the plane a code stands at (rate, H(Y) − CE), so that informations about y are heights below it and those about x are
widths beside it. What a price weighs, I(Z;Y) − β I(Z;X), is where the line of slope β through it meets the axis.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from dashboard.figures.about import Marks
from dashboard.lesson.step import Told
from dashboard.panel import Moment, Panel
from vibcore.derivation import Line, Value
from vibcore.types import Array, Estimate

Shape = list[Any]  # the panel's id, how it is drawn, and its points, or the names of arrays
PLANE, LATENT = "lesson.plane", "lesson.latent"  # the first is of rate and distortion where the input is told
RESTS_ON_LATENT = ("h_z", "h_z_given_x", "cross", "fitted")
BARS = {  # parts of the bars “rate, test” and “I(Z;Y), test”: known, between the bounds, slack
    "i_zx": (1, (1, 2)),
    "bound_x": (1, (1, 2, 3)),
    "gap_x": (1, (2, 3)),
    "i_zy": (3, (1, 2, 3)),
    "bayes": (3, (1, 2, 3)),
    "bound_y": (3, (1,)),
    "gap_y": (3, (2, 3)),
}

POINTED_AT: Marks = [
    [
        "violet lines and rings",
        "what the line that is pointed at, or the switch, is: as long as its number; rings are 1σ",
    ],
]
GUESSED: Marks = [
    ["violet cross", "your guess; dashes lead from it, across and then down or up, to where the dot went"]
]


def explained(panel: Panel, has_lines: bool, is_asked: bool) -> Panel:
    """A panel whose words also say what a step draws over it: one with lines, one whose guess is a place."""
    drawn = POINTED_AT * has_lines if panel.id in ("plane", "latent") else []
    drawn = [*drawn, *GUESSED * (is_asked and panel.id == "plane")]
    return replace(panel, about=lambda still: [*panel.about(still), *drawn]) if drawn else panel


def style() -> str:
    """The bars of a term that is pointed at, outlined: rules for the page, as bars keep their places."""
    shown = ", ".join(
        f'[data-term="{term}"] .bars:nth-of-type({part}) .point:nth-of-type({row}) path'
        for term, (row, parts) in BARS.items()
        for part in parts
    )
    return f"{shown} {{ stroke: #832db6 !important; stroke-width: 4px !important }}"


def shapes(key: str, told: Told, lines: Mapping[str, Line], moment: Moment) -> list[Shape]:
    """Where one line of one model is to be seen, in the page's unit; nothing where its number is not known."""
    rings = _rings(key, told, moment) if key in RESTS_ON_LATENT else []
    known = {name: _middle(line.value, moment.nats_per_unit) for name, line in lines.items()}
    found = _lengths(key, told, known, moment.nats_per_unit)
    return [shape for shape in found if np.isfinite(shape[2]).all()] + rings


def _middle(value: Value | None, nats_per_unit: float) -> float:
    if value is None:
        return math.nan
    middle = value.value if isinstance(value, Estimate) else (value.low + value.high) / 2
    return round(middle / nats_per_unit, 4)


def _lengths(key: str, told: Told, known: Mapping[str, float], size: float) -> list[Shape]:
    """Lengths on the plane, each as long as its own number says."""
    place = _middle(told.point.rate, size), _middle(told.point.i_zy_bound, size)
    if "difference" in known:
        return _of_distortion(key, known, place[0], _middle(told.point.distortion, size))
    return _of_price(key, known, place, told.beta) or _of_information(key, known, place)


def _of_information(key: str, known: Mapping[str, float], place: tuple[float, float]) -> list[Shape]:
    """Heights under the dot for what is known of y, widths beside it for what is known of x."""
    (x, y), own = place, known.get(key, math.nan)
    h_y, fitted = known.get("h_y", math.nan), known.get("fitted", math.nan)
    up = {
        "i_zy": (0, own),
        "h_y": (0, own),
        "h_y_given_z": (h_y - own, h_y),
        "bound_y": (0, own),
        "ce": (h_y - own, h_y),
        "gap_y": (y, y + own),
        "bayes": (y, own),
    }
    across = {"i_zx": (0, own), "bound_x": (0, own), "gap_x": (x - own, x), "fitted": (x, own)}
    across |= {"gap_fitted": (fitted - own, fitted)}
    if key in up:
        dot: list[Shape] = [[PLANE, "dot", [[x, own]]]] if key == "bayes" else []
        return [[PLANE, "span", [[x, end] for end in up[key]]], *dot]
    if key in across:
        dot = [[PLANE, "dot", [[own, y]]]] if key == "fitted" else []
        return [[PLANE, "span", [[end, y] for end in across[key]]], *dot]
    return []


def _of_price(key: str, known: Mapping[str, float], place: tuple[float, float], beta: float) -> list[Shape]:
    """Heights on the axis, where the line of slope β through the dot meets it."""
    own, bound = known.get(key, math.nan), known.get("bound", math.nan)
    axis = {"objective": (0, own), "bound": (0, own), "loss": (bound, bound + own), "gap": (bound, bound + own)}
    if key not in axis:
        return []
    line = [[0, bound], [place[0], bound + beta * place[0]]]
    return [[PLANE, "span", [[0, end] for end in axis[key]]], [PLANE, "dash", line]]


def _of_distortion(key: str, known: Mapping[str, float], rate: float, cost: float) -> list[Shape]:
    """Widths at the height of the dot: from the axis, from H(X) − D, or to R; heights are H(X) and D."""
    own, first = known[key], known["first"]
    if key in ("h_x", "distortion"):
        at = 0 if key == "h_x" else rate
        return [[PLANE, "span", [[at, 0], [at, own]]]]
    ends = {"gap_first": (first, first + own), "gap_second": (rate - own, rate), "difference": (rate + own, rate)}
    return [[PLANE, "span", [[end, cost] for end in ends.get(key, (0, own))]]]


def _rings(key: str, told: Told, moment: Moment) -> list[Shape]:
    """Rings of the latent plane: posteriors for the noise, the prior for r(z), moments for all codes together."""
    dims = list(moment.still.scene.dims)
    if len(dims) != 2:
        return []
    if key == "h_z_given_x":
        classes = range(len(moment.still.scene.class_names))
        return [[LATENT, "arrays", [f"ellipse_{c}_x", f"ellipse_{c}_y"]] for c in classes]
    if key == "cross":
        return [[LATENT, "rings", [[0, 0], [1, 1], [0]]]]
    return [] if told.codes is None else [[LATENT, "rings", _moments(told.codes.mean, told.codes.covariance, dims)]]


def _moments(mean: Array, covariance: Array, dims: list[int]) -> list[list[float]]:
    """Place, spread and correlation in two of the dimensions."""
    sigma = np.sqrt(np.diag(covariance))[dims]
    rho = covariance[dims[0], dims[1]] / sigma.prod()
    return [[round(float(v), 4) for v in part] for part in (mean[dims], sigma, [rho])]
