"""The pictures of Explore. Each figure is made once a run; a trace names in `meta` the arrays that move it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import palette
from dashboard.figures.frames import CIRCLE
from dashboard.figures.palette import CHOSEN, CLASSES, CURVE, MUTED, OUTLINE, shades
from vibcore.types import Array, Curve

SMALL = 11


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
    collapse: float | None = None


def bound(x: str, y: str, **more: str) -> dict[str, Any]:
    """`meta` of a trace whose x and y are the arrays of these names."""
    return {"bind": {"x": x, "y": y, **more}}


def layout(figure: go.Figure, x_title: str, y_title: str) -> go.Figure:
    """The house style of a chart: thin, calm, no legend box, fixed ranges kept through updates."""
    figure.update_layout(
        margin={"l": 52, "r": 12, "t": 8, "b": 46},
        showlegend=False,
        hovermode="closest",
        uirevision="run",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": 13},
        dragmode="pan",
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": MUTED, "activecolor": CHOSEN},
    )
    figure.update_xaxes(title={"text": x_title, "standoff": 8}, zeroline=False, ticks="outside", ticklen=4)
    figure.update_yaxes(title={"text": y_title, "standoff": 6}, zeroline=False, ticks="outside", ticklen=4)
    return figure


def _note(figure: go.Figure, x: float, y: float, text: str, **more: Any) -> None:
    style = {"showarrow": False, "font": {"size": SMALL, "color": MUTED}} | more
    figure.add_annotation(x=x, y=y, text=text, **style)


def plane_reach(facts: PlaneFacts) -> tuple[float, float]:
    """Right and upper end of the information plane, in nats: fixed for a run."""
    top = facts.h_y if facts.h_y is not None else 1.3 * (facts.i_xy or 1.0)
    right = 0.75 * facts.log_n if facts.h_y is not None else 3.2 * (facts.i_xy or 1.0)
    return max(right, 1.5 * top), 1.14 * top


def plane_reach_of(arrays: dict[str, Array]) -> float:
    """Half the length of an iso-loss line: a third of the learned curve's width, in the page's unit."""
    return float(0.25 * np.nanmax([1.0, *arrays["plane_test_x"]]) ** 0.5)


def information_plane(facts: PlaneFacts, show: str) -> go.Figure:
    """I(Z;X) against I(Z;Y): the learned curve, the exact frontier, and what no encoder can reach."""
    figure = go.Figure()
    right, top = (v / facts.size for v in plane_reach(facts))
    _impossible(figure, facts, right, top)
    if facts.frontier is not None:
        x, y = facts.frontier.i_x / facts.size, facts.frontier.i_y / facts.size
        figure.add_scatter(x=x, y=y, mode="lines", line={"color": MUTED, "width": 3.2}, name="exact frontier",
                           hoverinfo="name", meta={"role": "ink"})  # fmt: skip
        k = int(np.searchsorted(y, 0.62 * y.max()))
        _note(figure, float(x[k]), float(y[k]), "exact frontier", showarrow=True, ax=52, ay=36, arrowwidth=1,
              arrowcolor=MUTED)  # fmt: skip
    if facts.beta_stops is not None:
        x, y = (v / facts.size for v in facts.beta_stops)
        figure.add_scatter(x=x, y=y, mode="markers", name="frontier at the β stops", hoverinfo="name",
                           marker={"size": 6, "color": MUTED, "line": {"color": "white", "width": 1}})  # fmt: skip
    # from the bound to the Monte-Carlo value: the truth lies up and to the left
    figure.add_scatter(mode="lines+markers", line={"color": MUTED, "width": 1.2}, hoverinfo="skip", opacity=0.9,
                       marker={"symbol": "arrow", "angleref": "previous", "size": 9, "color": MUTED},
                       meta=bound("bracket_x", "bracket_y", **{"marker.size": "bracket_size"}))  # fmt: skip
    figure.add_scatter(mode="lines", line={"color": CHOSEN, "width": 1}, opacity=0.35, hoverinfo="skip",
                       meta=bound("trail_x", "trail_y"))  # fmt: skip
    figure.add_scatter(mode="lines", line={"color": CHOSEN, "width": 1.8, "dash": "dash"}, hoverinfo="skip",
                       meta=bound("iso_x", "iso_y"))  # fmt: skip
    for split, fill, edge, width in (("train", "rgba(0,0,0,0)", CURVE, 1.6), ("test", CURVE, "white", 1.0)):
        figure.add_scatter(
            mode="lines+markers" if split == "test" else "markers",
            line={"color": CURVE, "width": 0.8},
            marker={"size": 9, "color": fill, "line": {"color": edge, "width": width}},
            name=split,
            hovertemplate="%{text}<extra>" + split + "</extra>",
            meta=bound(f"plane_{split}_x", f"plane_{split}_y", text=f"plane_{split}_text") | {"choose": True},
        )
    figure.add_scatter(mode="markers", hoverinfo="skip", meta=bound("chosen_x", "chosen_y"),
                       marker={"size": 17, "color": CHOSEN, "line": {"color": "white", "width": 2}})  # fmt: skip
    x_title, y_title = axis_titles(show, facts.unit)
    layout(figure, x_title, y_title)
    figure.update_xaxes(range=[0, right])
    figure.update_yaxes(range=[-0.02 * top, top])
    return figure


def axis_titles(show: str, unit: str) -> tuple[str, str]:
    """The axes say what is computed."""
    if show == "value":
        return f"I(X;Z), Monte Carlo over the set  [{unit}]", f"I(Z;Y), Bayes decoder of the set  [{unit}]"
    return f"rate E KL(p(z|x) ‖ r(z)) ≥ I(X;Z)  [{unit}]", f"H(Y) − CE ≤ I(Z;Y)  [{unit}]"


def _impossible(figure: go.Figure, facts: PlaneFacts, right: float, top: float) -> None:
    """Shade y > x, y > H(Y), y > I(X;Y); draw the ceiling log N of a finite sample."""
    grey = {"type": "path", "fillcolor": "rgba(120,124,140,0.13)", "line": {"width": 0}, "layer": "below"}
    figure.add_shape(path=f"M 0,0 L {top},{top} L 0,{top} Z", **grey)
    _note(figure, 0.27 * top, 0.42 * top, "impossible: I(Z;Y) > I(X;Z)", textangle=-58 if right > 2 * top else -45)
    dotted = {"line_width": 1, "line_dash": "dot", "line_color": MUTED, "layer": "below"}
    for level, text in ((facts.h_y, "H(Y)"), (facts.i_xy, "I(X;Y): all there is to know")):
        if level is None:
            continue
        y = level / facts.size
        figure.add_shape(path=f"M {y},{y} L {right},{y} L {right},{top} L {top},{top} Z",
                         **(grey | {"fillcolor": "rgba(120,124,140,0.07)"}))  # fmt: skip
        figure.add_hline(y=y, **dotted)
        _note(figure, right, y, text, xanchor="right", yanchor="bottom")
    corner = (facts.h_y if facts.i_xy is None else facts.i_xy) or 0.0
    _note(figure, corner / facts.size, corner / facts.size, "just enough", xanchor="left", yanchor="bottom")
    ceiling = facts.log_n / facts.size
    figure.add_vline(x=ceiling, **dotted)
    _note(figure, min(ceiling, right), 0.06 * top, f"log N = {ceiling:.1f} {'' if ceiling <= right else '→'}",
          xanchor="right")  # fmt: skip
    forgotten = (
        "forgot everything" if facts.collapse is None else f"forgot everything: β > {facts.collapse:.2f} predicted"
    )
    _note(figure, 0.025 * right, 0.015 * top, forgotten, xanchor="left", yanchor="bottom")
    _note(figure, 0.99 * right, 0.42 * top, "memorised: far more than it uses →", xanchor="right")


def latent_plane(labels: Array, is_train: Array, class_names: Sequence[str], latent_range: tuple[float, float],
                 dims: tuple[int, ...]) -> go.Figure:  # fmt: skip
    """z: decisions of q(y|z) behind posterior means, one median posterior a class, and the prior's circles."""
    figure = go.Figure()
    classes = len(class_names)
    axis = _centres(latent_range)
    _decisions(figure, axis, classes, "latent_code")
    for radius, label in (
        ((1, "prior 1σ (39 %)"), (2, "prior 2σ (86 %): a posterior this wide costs 0")) if len(dims) == 2 else ()
    ):
        figure.add_scatter(x=radius * np.cos(CIRCLE), y=radius * np.sin(CIRCLE), mode="lines", hoverinfo="skip",
                           line={"color": MUTED, "width": 1.3, "dash": "dash"}, meta={"role": "ink"})  # fmt: skip
        _note(figure, 0, -radius, label, yanchor="top")
    _points(figure, labels, is_train, size=6)
    for c in range(classes):
        figure.add_scatter(mode="lines", hoverinfo="skip", line={"color": CLASSES[c % 10], "width": 2},
                           meta=bound(f"ellipse_{c}_x", f"ellipse_{c}_y"))  # fmt: skip
    figure.add_scatter(mode="lines", hoverinfo="skip", line={"color": OUTLINE, "width": 2.4},
                       meta={"ellipse": "point"})  # fmt: skip
    # class labels are annotations: the points, drawn by the graphics card, would cover a trace
    figure.update_layout(meta={"labels": {"x": "centre_x", "y": "centre_y", "first": len(figure.layout.annotations)}})
    for c, name in enumerate(class_names):
        _note(figure, 0, 0, f"<b>{name}</b>", bgcolor="rgba(43,45,66,0.86)", bordercolor=CLASSES[c % 10], borderpad=2,
              borderwidth=2,              font={"size": 12, "color": "white"})  # fmt: skip
    names = [f"z{d + 1}" for d in dims] + ["(strip: height has no meaning)"]
    layout(figure, names[0], names[1])
    figure.update_xaxes(range=list(latent_range), constrain="domain")
    figure.update_yaxes(range=list(latent_range), scaleanchor="x", constrain="domain")
    return figure


def input_plane(x: Array, labels: Array, is_train: Array, class_names: Sequence[str],
                input_range: tuple[float, float], unit: str) -> go.Figure:  # fmt: skip
    """x: decisions of the whole model, and contours of what an input there costs."""
    figure = go.Figure()
    axis = _centres(input_range)
    _decisions(figure, axis, len(class_names), "input_code")
    figure.add_contour(
        x=axis, y=axis, z=[[0.0, 0.0], [0.0, 0.0]], contours={"coloring": "none", "showlabels": True, "start": 1,
        "end": 20, "size": 1, "labelfont": {"size": 10}}, line={"width": 0.9, "color": MUTED}, hoverinfo="skip",
        showscale=False, meta={"bind": {"z": "input_bits"}, "role": "ink"},
    )  # fmt: skip
    _points(figure, labels, is_train, size=5, x=x)
    layout(figure, "x₁", "x₂")
    figure.update_xaxes(range=list(input_range), constrain="domain")
    figure.update_yaxes(range=list(input_range), scaleanchor="x", constrain="domain")
    return figure


def _centres(interval: tuple[float, float], cells: int = 48) -> Array:
    low, high = interval
    centres: Array = low + (high - low) * (np.arange(cells) + 0.5) / cells
    return centres


def _decisions(figure: go.Figure, axis: Array, classes: int, name: str) -> None:
    codes = classes * shades(classes)
    figure.add_heatmap(x=axis, y=axis, z=[[0]], zmin=0, zmax=codes, showscale=False, hoverinfo="skip",
                       colorscale=palette.decision_scale(classes), meta={"bind": {"z": name}})  # fmt: skip


def _points(figure: go.Figure, labels: Array, is_train: Array, size: int, x: Array | None = None) -> None:
    """The shown inputs, at x or else at their means: train hollow, test filled; `meta.rows` are their places there."""
    colours = np.array(CLASSES)[labels % 10]
    for split, rows in (("train", is_train), ("test", ~is_train)):
        colour = colours[rows].tolist()
        hollow = split == "train"
        marker: dict[str, Any] = {
            "size": size,
            "color": "rgba(0,0,0,0)" if hollow else colour,
            "line": {"color": colour if hollow else OUTLINE, "width": 1.2 if hollow else 0.6},
        }
        meta: dict[str, Any] = {"point": True, "rows": np.flatnonzero(rows).tolist()}
        still = {} if x is None else {"x": x[rows, 0], "y": x[rows, 1]}
        if x is None:
            meta |= bound("point_mu.0", "point_mu.1")
        figure.add_scattergl(mode="markers", marker=marker, hoverinfo="none", meta=meta, name=split, **still)
