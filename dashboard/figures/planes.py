"""The information plane of Explore. Made once a run; a trace names in `meta` the arrays that move it."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.limits import BELOW, LEFT, PlaneFacts, ceilings, impossible
from dashboard.figures.palette import CHOSEN, CURVE, MUTED
from dashboard.figures.style import CLEAR, SMALL, beside, bound, chosen, chosen_dot, layout, note
from vibcore.config import Dataset
from vibcore.types import Array

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


def information_plane(facts: PlaneFacts, show: str, ends: tuple[float, float]) -> go.Figure:
    """I(Z;X) against I(Z;Y): the learned curve, the exact frontier, and what no code can do; `ends` in nats."""
    figure = go.Figure()
    right, top = (v / facts.nats_per_unit for v in ends)
    impossible(figure, facts, right, top)
    ceilings(figure, facts, show, right, top)
    _frontier(figure, facts, right, top)
    # from the bound to the Monte-Carlo value: the truth lies up and to the left
    figure.add_scatter(
        mode="lines+markers",
        line={"color": MUTED, "width": 1.2},
        hoverinfo="skip",
        opacity=0.9,
        marker={"symbol": "arrow", "angleref": "previous", "size": 9, "color": MUTED},
        meta=bound("bracket_x", "bracket_y", **{"marker.size": "bracket_size"}),
    )
    if show == "value":
        _spans(figure)
        _pending(figure, right, top)
    learned(figure, past=show != "value")
    layout(figure, *axis_titles(show, facts))
    x_range, y_range = box(right, top)
    figure.update_xaxes(range=list(x_range))
    figure.update_yaxes(range=list(y_range))
    return figure


def _spans(figure: go.Figure) -> None:
    """The 95 % intervals of the chosen model's informations; an arrow where one ends beyond the plane."""
    figure.add_scatter(
        mode="lines+markers",
        line={"color": CHOSEN, "width": 2},
        hoverinfo="skip",
        opacity=0.8,
        marker={"symbol": "arrow", "angleref": "previous", "size": 9, "color": CHOSEN},
        meta=bound("span_x", "span_y", **{"marker.size": "span_size"}) | {"role": "accent"},
    )


def _pending(figure: go.Figure, right: float, top: float) -> None:
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


def axis_titles(show: str, facts: PlaneFacts) -> tuple[str, str]:
    """The axes say in words what they are, and what is computed."""
    unit = facts.unit
    if facts.is_gain:
        return f"{unit} about X, at most: rate ≥ I(X;Z)", f"{unit} gained about Y over a Gaussian guess"
    if show == "value":
        return f"{unit} about X, at least: I(X;Z); bars cover 95 %", f"{unit} about Y, at least: I(Z;Y)"
    return f"{unit} about X, at most: rate ≥ I(X;Z)", f"{unit} about Y, at least: H(Y) − CE ≤ I(Z;Y)"


def _frontier(figure: go.Figure, facts: PlaneFacts, right: float, top: float) -> None:
    """The best that any code can do, and its places at the slider's stops."""
    if facts.frontier is None:
        return
    name = "frontier, at least" if facts.frontier_kind == "lower" else "exact frontier"
    x, y = facts.frontier.i_x / facts.nats_per_unit, facts.frontier.i_y / facts.nats_per_unit
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": MUTED, "width": 3.2}, name=name, hoverinfo="name", meta={"role": "ink"}
    )
    k = min(int(np.searchsorted(y, 0.62 * y.max())), len(y) - 1)
    arrow = {"showarrow": True, "ax": 30, "ay": 34, "arrowwidth": 1, "arrowcolor": MUTED}
    others = [{"ax": 70, "ay": 40}, {"ax": 110, "ay": 30}, {"ax": 60, "ay": -90}, {"ax": 150, "ay": 20}]
    note(figure, float(x[k]), float(y[k]), name, "left", "middle", others, **arrow)
    if facts.beta_stops is not None:
        x, y = (v / facts.nats_per_unit for v in facts.beta_stops)
        figure.add_scatter(
            x=x,
            y=y,
            mode="markers",
            name=f"{name} at the β stops",
            hoverinfo="name",
            marker={"size": 6, "color": MUTED, "line": {"color": "white", "width": 1}},
        )
