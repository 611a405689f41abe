"""The information plane of Explore. Made once a run; a trace names in `meta` the arrays that move it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.palette import CHOSEN, CURVE, MUTED
from dashboard.figures.style import CLEAR, bound, chosen, chosen_dot, layout, note
from vibcore.types import Array, Curve, Dataset, Kind

LEFT = 0.015  # of the width, left of 0: a dot that keeps nothing is seen whole
BELOW = 0.07  # of the height, below 0
LEAST = 0.1  # nats: a target of which less is told is drawn as if it were so much
JUMP = 0.01  # by which two β must differ, as a share, to be told apart


@dataclass(frozen=True)
class PlaneFacts:
    """What is known of the problem on screen before any training. Nats; None where not known."""

    h_y: float | None  # entropy of the test labels; None for a target without a ceiling
    i_xy: float | None
    log_n: float  # of the training set
    frontier: Curve | None
    size: float  # nats in a unit of the page
    unit: str
    beta_stops: tuple[Array, Array] | None = None  # (I_X, I_Y) of the frontier at the slider's own β
    collapse: float | None = None  # β above which nothing is the best code
    unstable: float | None = None  # β above which nothing is a local optimum: training may stay there
    frontier_kind: Kind = "exact"
    log_test: float | None = None  # log of the number of test inputs


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
    right, top = (v / facts.size for v in ends)
    _impossible(figure, facts, right, top)
    _ceilings(figure, facts, show, right, top)
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
    learned(figure)
    layout(figure, *axis_titles(show, facts.unit))
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


def learned(figure: go.Figure) -> None:
    """Every model on both splits, and the chosen one with its past, its price and, off the plane, its value."""
    figure.add_scatter(
        mode="lines",
        line={"color": CHOSEN, "width": 1},
        opacity=0.45,
        hoverinfo="skip",
        meta=bound("trail_x", "trail_y") | {"role": "accent"},
    )
    figure.add_scatter(
        mode="lines+text",
        line={"color": CHOSEN, "width": 1.8, "dash": "dash"},
        hoverinfo="skip",
        textfont={"color": CHOSEN, "size": 12},
        meta=chosen("iso_x", "iso_y", text="iso_text", textposition="iso_side"),
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


def axis_titles(show: str, unit: str) -> tuple[str, str]:
    """The axes say in words what they are, and what is computed."""
    if show == "value":
        return f"{unit} about X, at least: I(X;Z); bars cover 95 %", f"{unit} about Y, at least: I(Z;Y)"
    return f"{unit} about X, at most: rate ≥ I(X;Z)", f"{unit} about Y, at least: H(Y) − CE ≤ I(Z;Y)"


def _frontier(figure: go.Figure, facts: PlaneFacts, right: float, top: float) -> None:
    """The best that any code can do, and its places at the slider's stops."""
    if facts.frontier is None:
        return
    name = "frontier, at least" if facts.frontier_kind == "lower" else "exact frontier"
    x, y = facts.frontier.i_x / facts.size, facts.frontier.i_y / facts.size
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": MUTED, "width": 3.2}, name=name, hoverinfo="name", meta={"role": "ink"}
    )
    k = min(int(np.searchsorted(y, 0.62 * y.max())), len(y) - 1)
    note(
        figure,
        float(x[k]),
        float(y[k]),
        name,
        "left",
        "middle",
        showarrow=True,
        ax=30,
        ay=34,
        arrowwidth=1,
        arrowcolor=MUTED,
    )
    if facts.beta_stops is not None:
        x, y = (v / facts.size for v in facts.beta_stops)
        figure.add_scatter(
            x=x,
            y=y,
            mode="markers",
            name=f"{name} at the β stops",
            hoverinfo="name",
            marker={"size": 6, "color": MUTED, "line": {"color": "white", "width": 1}},
        )


def _impossible(figure: go.Figure, facts: PlaneFacts, right: float, top: float) -> None:
    """Shade y > x, y > H(Y), y > I(X;Y)."""
    grey = {"type": "path", "fillcolor": "rgba(120,124,140,0.13)", "line": {"width": 0}, "layer": "below"}
    figure.add_shape(path=f"M 0,0 L {top},{top} L 0,{top} Z", **grey)
    if right < 3 * top:  # else the wedge is too thin for words
        note(
            figure, 0.03 * right, 0.985 * top, "no code knows more<br>about Y than about X", "left", "top", align="left"
        )
    else:
        note(figure, 0.4 * top, 0.62 * top, "no code knows more about Y than about X", textangle=_slope(right, top))
    dotted = {"line_width": 1, "line_dash": "dot", "line_color": MUTED, "layer": "below"}
    levels = ((facts.h_y, "H(Y): all there is of Y"), (facts.i_xy, "I(X;Y): all that x tells of Y"))
    for level, text in levels:
        if level is None:
            continue
        y = level / facts.size
        figure.add_shape(
            path=f"M {y},{y} L {right},{y} L {right},{top} L {top},{top} Z",
            **(grey | {"fillcolor": "rgba(120,124,140,0.07)"}),
        )
        figure.add_hline(y=y, **dotted)
        note(figure, 0.99 * right, y, text, "right", "bottom")
    if facts.i_xy is not None and facts.i_xy > 0.05 * top * facts.size:
        corner = facts.i_xy / facts.size
        note(figure, corner, corner, "just enough", "left", "bottom")


def _slope(right: float, top: float) -> int:
    """Degrees by which words along the line y = x are turned, in a chart about as high as wide."""
    return -round(float(np.degrees(np.arctan(right / top * (1 + LEFT) / (1 + BELOW)))))


def _ceilings(figure: go.Figure, facts: PlaneFacts, show: str, right: float, top: float) -> None:
    """What N inputs can hold, and both ends of the curve in words."""
    named = [(facts.log_n, "training")]
    if show == "value" and facts.log_test is not None:
        named.append((facts.log_test, "test"))
    for k, (nats, split) in enumerate(named):
        ceiling = nats / facts.size
        figure.add_vline(x=ceiling, line_width=1, line_dash="dot", line_color=MUTED, layer="below")
        note(
            figure,
            min(ceiling, 0.99 * right),
            (0.08 + 0.08 * k) * top,
            f"{ceiling:.1f} {facts.unit} name every {split} input →",
            "right",
        )
    note(figure, 0.02 * right, -0.5 * BELOW * top, forgotten(facts), "left")
    note(figure, 0.99 * right, 0.24 * top, "memorising: far more than it needs →", "right")


def forgotten(facts: PlaneFacts) -> str:
    """Where nothing is kept, and from which β that is the best, or a trap."""
    if facts.collapse is None:
        return "nothing kept"
    if facts.collapse <= 0:
        return "nothing kept: always best, as x tells nothing of y"
    text = f"nothing kept: best above β = {facts.collapse:.3g}"
    if facts.unstable is None or not differ(facts.collapse, facts.unstable):
        return text
    return f"{text}, a trap above {facts.unstable:.3g}"


def differ(collapse: float, unstable: float) -> bool:
    """Whether there is a jump: two β so far apart that a slider can show both."""
    return collapse > (1 + JUMP) * unstable
