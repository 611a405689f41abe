"""What the planes of z and x share: a field of decisions and the shown inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import palette
from dashboard.figures.frames import CIRCLE, RADII
from dashboard.figures.palette import CLASSES, MUTED, OUTLINE
from dashboard.figures.style import CLEAR, bound
from vibcore.types import Array
from vibcore.window import centres

PRIOR: dict[str, Any] = {
    "mode": "lines",
    "hoverinfo": "skip",
    "meta": {"role": "ink"},
    "line": {"color": MUTED, "width": 1.4, "dash": "dash"},
}


def decisions(figure: go.Figure, across: tuple[float, float], up: tuple[float, float], classes: int, name: str) -> None:
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


def points(figure: go.Figure, labels: Array, is_train: Array, size: int, x: Array | None = None) -> None:
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


def prior_rings(figure: go.Figure) -> None:
    """The prior of two latent dimensions, with the contours that posteriors have."""
    for radius in RADII:
        figure.add_scatter(x=radius * np.cos(CIRCLE), y=radius * np.sin(CIRCLE), **PRIOR)


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
