"""Pinned runs on the information plane: a thin line each, of a band the median with ranges in both directions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import frames
from dashboard.figures.about import Marks
from dashboard.figures.palette import PINS
from dashboard.figures.style import SMALL, beside, bound
from dashboard.pins import Look, Pinned
from dashboard.protocol import declare
from vibcore.types import Array

DASHES = ("solid", "dash", "dot", "dashdot")  # told apart without colour, too
PLACES = tuple(  # of a line's name: beside its ends, or lines above and below places along it
    (end, f"{up} center", away) for away in range(1, 7) for end in (1, 4, 7, 10, 0, 2) for up in ("bottom", "top")
)
SPECS = {
    **declare("pin_*_x pin_*_y", "f4", "any", "shared"),
    **declare("pin_*_range_x pin_*_range_y", "f4", "any", "shared"),
}
ABOUT: Marks = [
    ["thin lines in other colours", "pinned runs at their step, on inputs of the same kind as the filled dots"],
    [
        "crosses on such a line",
        "of several seeds: the median of every stop, and from the least to the most of them, about X and about Y",
    ],
]


def lines(figure: go.Figure, pins: Sequence[Pinned]) -> None:
    """The line of each pin, with its name, and the crosses of a band."""
    for each in pins:
        k = each.pin.colour
        colour = PINS[k]
        if each.pin.seeds > 1:
            figure.add_scatter(
                mode="lines",
                line={"color": colour, "width": 1.4},
                opacity=0.55,
                hoverinfo="skip",
                meta=bound(f"pin_{k}_range_x", f"pin_{k}_range_y"),
            )
        figure.add_scatter(
            mode="lines+text",
            line={"color": colour, "width": 1.6, "dash": DASHES[k]},
            hoverinfo="skip",
            textfont={"color": colour, "size": SMALL},
            meta=bound(f"pin_{k}_x", f"pin_{k}_y", text=f"pin_{k}_text") | beside(*PLACES),
        )


def arrays(pins: Sequence[Pinned], show: str, is_fresh: bool, nats_per_unit: float, is_gain: bool) -> dict[str, Array]:
    """Places of all pins in the page's unit, of the same kind as the filled dots beside them; empty where not known.

    is_fresh: whether those rest on the population; is_gain: whether they are no bounds of I(Z;Y), but gains.
    """
    found: dict[str, Array] = {}
    for each in pins:
        name = f"pin_{each.pin.colour}"
        looks = each.looks if each.scene.is_gain == is_gain else ()
        curves = [_curve(look, show, is_fresh) / nats_per_unit for look in looks]
        known = np.stack(curves) if curves else np.empty((1, 2, 0))  # (seeds, 2, stops)
        found[f"{name}_x"], found[f"{name}_y"] = np.median(known, axis=0)
        if each.pin.seeds > 1:
            found[f"{name}_range_x"], found[f"{name}_range_y"] = ranges(known)
    return found


def texts(pins: Sequence[Pinned]) -> dict[str, str]:
    """The name of each."""
    return {f"pin_{each.pin.colour}_text": each.name for each in pins}


def ranges(known: Array) -> tuple[Array, Array]:
    """A cross through the median of each stop, as one line with gaps: (seeds, 2, stops) → two of (6·stops,)."""
    middle, least, most = np.median(known, axis=0), known.min(axis=0), known.max(axis=0)
    gap = np.full(known.shape[-1], np.nan)
    x = np.stack([least[0], most[0], gap, middle[0], middle[0], gap], axis=1)
    y = np.stack([middle[1], middle[1], gap, least[1], most[1], gap], axis=1)
    return x.ravel(), y.ravel()


def _curve(look: Look, show: str, is_fresh: bool) -> Array:
    """(2, stops) nats, NaN where it is not known: informations, or bounds on the inputs that are on screen."""
    if show == "value":
        x, y, points = "i_xz", "i_zy", look.valued or ()
    else:
        x, y, points = "rate", "i_zy_bound", look.fresh if is_fresh and look.fresh is not None else look.test
    return np.stack([frames.values(points, x), frames.values(points, y)])
