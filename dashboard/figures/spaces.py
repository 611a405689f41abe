"""The latent plane and the input plane: where z and x lie, and what is decided there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import frames, palette
from dashboard.figures.frames import CIRCLE
from dashboard.figures.palette import CLASSES, MUTED, OUTLINE
from dashboard.figures.style import CLEAR, bound, layout, note
from vibcore.types import Array
from vibcore.window import centres

THUMBS = 60  # images that stand for themselves in the latent plane


def latent_plane(
    labels: Array,
    is_train: Array,
    class_names: Sequence[str],
    latent_range: tuple[float, float],
    dims: tuple[int, ...],
    decides: bool = True,
    images: bool = False,
) -> go.Figure:
    """z: decisions of q(y|z) behind posterior means, one median posterior a class, and the prior alike.

    A lone latent dimension is drawn as a strip of points under bells: prior and posteriors at equal height.
    """
    figure, alone = go.Figure(), len(dims) == 1
    upright = frames.STRIP if alone else latent_range
    if decides:
        _decisions(figure, latent_range, upright, len(class_names), "latent_code")
    _prior(figure, latent_range, alone)
    _points(figure, labels, is_train, size=4 if images else 6)
    for c in range(len(class_names)):
        figure.add_scatter(
            mode="lines",
            hoverinfo="skip",
            line={"color": CLASSES[c % 10], "width": 2},
            meta=bound(f"ellipse_{c}_x", f"ellipse_{c}_y"),
        )
    if images:
        _thumbs(figure, labels, is_train)
    figure.add_scatter(
        mode="lines",
        hoverinfo="skip",
        line={"color": OUTLINE, "width": 2.4},
        meta={"ellipse": "point", "bell": alone, "role": "ink"},
    )
    _class_labels(figure, class_names)
    layout(figure, f"z{dims[0] + 1}", "posteriors and prior, to equal height" if alone else f"z{dims[1] + 1}")
    figure.update_xaxes(range=list(latent_range), constrain="domain")
    if alone:
        figure.update_yaxes(range=list(upright), tickvals=[0, 1], ticktext=["", ""])
    else:
        figure.update_yaxes(range=list(upright), scaleanchor="x", constrain="domain")
    return figure


def _prior(figure: go.Figure, latent_range: tuple[float, float], alone: bool) -> None:
    """The prior with the contours that the posteriors have: a posterior that costs nothing lies on it."""
    style = {
        "mode": "lines",
        "hoverinfo": "skip",
        "meta": {"role": "ink"},
        "line": {"color": MUTED, "width": 1.4, "dash": "dash"},
    }
    if alone:
        path = frames.bells(np.zeros(1), np.ones(1))[0]
        figure.add_scatter(x=path[:, 0], y=path[:, 1], **style)
        note(figure, 1.62, 0.36, "prior: 68 % in 1σ", "left", others=[{"x": -3.1}, {"y": 0.9}, {"x": -3.1, "y": 0.9}])
        return
    for radius in frames.RADII:
        figure.add_scatter(x=radius * np.cos(CIRCLE), y=radius * np.sin(CIRCLE), **style)
    right, low = latent_range[1], latent_range[0]
    top = {"y": 0.99 * right, "yanchor": "top"}
    side = {"x": 0.98 * low, "xanchor": "left"}
    text = "dashed: prior, 1σ and 2σ (39 %, 86 %)"
    note(figure, 0.98 * right, 0.99 * low, text, "right", "bottom", others=[side, top, side | top])


def _class_labels(figure: go.Figure, class_names: Sequence[str]) -> None:
    """One label a class, an annotation: it follows its class and stands above all that is drawn."""
    labels = {"x": "centre_x", "y": "centre_y", "first": len(figure.layout.annotations)}
    figure.update_layout(meta=(figure.layout.meta or {}) | {"labels": labels}, overwrite=True)
    for c, name in enumerate(class_names):
        note(
            figure,
            0,
            0,
            f"<b>{name}</b>",
            bgcolor="rgba(43,45,66,0.86)",
            bordercolor=CLASSES[c % 10],
            borderpad=2,
            borderwidth=2,
            font={"size": 12, "color": "white"},
            opacity=1,
        )


def input_plane(
    x: Array, labels: Array, is_train: Array, class_names: Sequence[str], input_range: tuple[float, float]
) -> go.Figure:
    """x: decisions of the whole model, and contours of what an input there costs."""
    figure = go.Figure()
    axis = centres(*input_range)
    _decisions(figure, input_range, input_range, len(class_names), "input_code")
    figure.add_contour(
        x=axis,
        y=axis,
        z=[[0.0, 0.0], [0.0, 0.0]],
        contours={"coloring": "none", "showlabels": True, "start": 1, "end": 20, "size": 1, "labelfont": {"size": 11}},
        line={"width": 0.9, "color": MUTED},
        hoverinfo="skip",
        showscale=False,
        opacity=0.6,
        meta={"bind": {"z": "input_bits"}, "role": "ink"},
    )
    _points(figure, labels, is_train, size=5, x=x)
    layout(figure, "x₁", "x₂")
    figure.update_xaxes(range=list(input_range), constrain="domain")
    figure.update_yaxes(range=list(input_range), scaleanchor="x", constrain="domain")
    return figure


def _decisions(
    figure: go.Figure, across: tuple[float, float], up: tuple[float, float], classes: int, name: str
) -> None:
    """A field: the browser draws it as one smooth picture, as `frames.decision_codes` are colours at places."""
    figure.add_heatmap(
        x=centres(*across),
        y=centres(*up),
        z=[],
        zmin=0,
        zmax=classes * palette.shades(classes),
        showscale=False,
        hoverinfo="skip",
        visible=False,
        colorscale=palette.decision_scale(classes),
        meta={"bind": {"z": name}, "field": palette.shades(classes)},
    )


def _points(figure: go.Figure, labels: Array, is_train: Array, size: int, x: Array | None = None) -> None:
    """The shown inputs, at x or else at their means: train hollow, test filled; `meta.rows` are their places there."""
    colours = np.array(CLASSES)[labels % 10]
    for split, rows in (("train", is_train), ("test", ~is_train)):
        colour = colours[rows].tolist()
        hollow = split == "train"
        marker: dict[str, Any] = {
            "size": size,
            "color": CLEAR if hollow else colour,
            "line": {"color": colour if hollow else OUTLINE, "width": 1.2 if hollow else 0.6},
        }
        meta: dict[str, Any] = {"point": True, "rows": np.flatnonzero(rows).tolist()}
        still = {} if x is None else {"x": x[rows, 0], "y": x[rows, 1]}
        if x is None:
            meta |= bound("point_mu.0", "point_mu.1")
        figure.add_scatter(mode="markers", marker=marker, hoverinfo="none", meta=meta, name=split, **still)


def thumbs(labels: Array, is_train: Array) -> list[int]:
    """Rows of the test inputs that show themselves: the first of every class, as many of each, 60 at most."""
    classes = np.unique(labels[~is_train])
    each = max(1, THUMBS // max(1, len(classes)))
    rows = [np.flatnonzero(~is_train & (labels == c))[:each] for c in classes[:THUMBS]]
    return sorted(int(row) for part in rows for row in part)


def _thumbs(figure: go.Figure, labels: Array, is_train: Array) -> None:
    rows = thumbs(labels, is_train)
    figure.add_scatter(
        mode="markers",
        marker={"size": 20, "opacity": 0},
        hoverinfo="none",
        name="images",
        meta={"point": True, "rows": rows, "thumbs": 0.052} | bound("point_mu.0", "point_mu.1"),
    )


def prefixed(figure: go.Figure, prefix: str) -> go.Figure:
    """The same figure, moved by the arrays of another run: `prefix` before every name that it binds."""
    for trace in figure.data:
        meta = dict(trace.meta or {})
        if "bind" in meta:
            meta["bind"] = {path: prefix + name for path, name in meta["bind"].items()}
        if "ellipse" in meta:
            meta["of"] = prefix
        trace.meta = meta or None
    labels = (figure.layout.meta or {}).get("labels")
    if labels:
        moved = labels | {axis: prefix + labels[axis] for axis in ("x", "y")}
        figure.update_layout(meta=figure.layout.meta | {"labels": moved}, overwrite=True)
    return figure
