"""What both planes draw, of informations and of rate and distortion: every model, and the chosen one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import edges
from dashboard.figures.limits import BELOW, LEFT
from dashboard.figures.palette import CHOSEN, CURVE
from dashboard.figures.style import CLEAR, SMALL, beside, bound, chosen, chosen_dot
from dashboard.protocol import declare
from vibcore.config import Dataset
from vibcore.types import Array

SPECS = {  # the arrays of every model, and of the chosen one
    **declare("plane_train_x plane_train_y plane_test_x plane_test_y", "f4", "stop", "shared"),
    **declare("chosen_x chosen_y", "f4", "1"),
    **declare("iso_x iso_y", "f4", "2"),
    **declare("trail_x trail_y", "f4", "moment"),
    **declare("start_x start_y", "f4", "1"),
}
PRICED = [  # places of the price line's name: at its ends, then some lines above and below them
    (end, f"{up} {across}", away)
    for away in range(5)
    for end in (1, 0)
    for up in ("top", "bottom")
    for across in ("right", "left")
]
LEAST = 0.1  # nats: a target of which less is told is drawn as if it were so much


def entropy(labels: Array) -> float:
    """Empirical entropy of labels (n,), in nats."""
    odds = np.bincount(labels) / len(labels)
    odds = odds[odds > 0]
    return float(-(odds * np.log(odds)).sum())


def reach(dataset: Dataset, i_xy: float | None) -> tuple[float, float]:
    """Right and upper end of the plane in nats, fixed for a run: to log N, and above all that y could tell."""
    if dataset.y.ndim > 1:
        top = 1.0 if i_xy is None else max(i_xy, LEAST)
        return 5.4 * top, 1.4 * top
    top = entropy(dataset.y[dataset.test])
    return max(1.05 * float(np.log(len(dataset.train))), 1.5 * top), 1.14 * top


def box(right: float, top: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ends of both axes of the plane, in the units of `right` and `top`."""
    return (-LEFT * right, right), (-BELOW * top, top)


def learned(figure: go.Figure, past: bool = True) -> None:
    """Every model on both splits, and the chosen one with its past, its price and, off the plane, its value."""
    if past:
        _trail(figure)
    figure.add_scatter(
        mode="lines+text",
        line={"color": CHOSEN, "width": 1.8, "dash": "dash"},
        hoverinfo="skip",
        textfont={"color": CHOSEN, "size": SMALL},
        meta=chosen("iso_x", "iso_y", text="iso_text")
        | beside(
            *PRICED[:8],
            (1, "middle right"),
            (0, "middle left"),
            *PRICED[8:],
        ),
    )
    for split, fill, edge, width in (("train", CLEAR, CURVE, 1.6), ("test", CURVE, "white", 1.0)):
        figure.add_scatter(
            mode="lines+markers" if split == "test" else "markers",
            line={"color": CURVE, "width": 0.8},
            marker={"size": 9, "color": fill, "line": {"color": edge, "width": width}},
            name=split,
            hovertemplate="%{text}<extra>" + split + "</extra>",
            meta=bound(f"plane_{split}_x", f"plane_{split}_y", text=f"plane_{split}_text") | {"choose": True},
        )
    chosen_dot(figure, 17, chosen("chosen_x", "chosen_y", text="chosen_text"))


def _trail(figure: go.Figure) -> None:
    """The way of the chosen model during training, and where it comes into the plane."""
    figure.add_scatter(
        mode="lines",
        line={"color": CHOSEN, "width": 1},
        opacity=0.45,
        hoverinfo="skip",
        meta=bound("trail_x", "trail_y") | {"role": "accent"},
    )
    figure.add_scatter(
        mode="text",
        hoverinfo="skip",
        textfont={"color": CHOSEN, "size": SMALL},
        meta={"bind": {"x": "start_x", "y": "start_y", "text": "start_text"}, "own": ["text"], "role": "accent"}
        | beside(*((0, f"{up} {across}") for up in ("top", "bottom") for across in ("right", "left"))),
    )


def ways(past: Array, models: Sequence[int], rows: tuple[int, int], box: edges.Box) -> dict[str, Array]:
    """The ways of some models during training, and where they come into the plane; `past` is (T, rows, M)."""
    x, y = (past[:, row, list(models)].T for row in rows)
    return {"trail_x": x, "trail_y": y, **edges.beginnings(x, y, box)}


def spans(figure: go.Figure) -> None:
    """The 95 % intervals of the chosen model's informations; an arrow where one ends beyond the plane."""
    figure.add_scatter(
        mode="lines+markers",
        line={"color": CHOSEN, "width": 2},
        hoverinfo="skip",
        opacity=0.8,
        marker={"symbol": "arrow", "angleref": "previous", "size": 9, "color": CHOSEN},
        meta=bound("span_x", "span_y", **{"marker.size": "span_size"}) | {"role": "accent"},
    )


def pending(figure: go.Figure, right: float, top: float) -> None:
    """Words in place of the chosen dot while its value is not known."""
    figure.add_scatter(
        x=[0.5 * right],
        y=[0.5 * top],
        mode="text",
        text=[""],
        hoverinfo="skip",
        textfont={"color": CHOSEN, "size": SMALL},
        meta={"bind": {"text": "pending_text"}, "own": ["text"], "role": "accent"}
        | beside((0, "middle center"), (0, "bottom center"), (0, "top center")),
    )
