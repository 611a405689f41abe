"""What is told of y: the table of odds where there are classes, told against true where y is real."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.palette import CURVE, MUTED, OUTLINE
from dashboard.figures.style import layout
from vibcore.types import Array

LONGEST = 12  # letters of a class along an axis


def odds_table(class_names: Sequence[str]) -> go.Figure:
    """A row for every true class: the mean odds, in percent, that the decoder gives to each class."""
    figure, places = go.Figure(), list(range(len(class_names)))
    names = [name if len(name) <= LONGEST else name[: LONGEST - 1] + "…" for name in class_names]
    figure.add_heatmap(
        x=places,
        y=places,
        z=[],
        zmin=0,
        zmax=100,
        showscale=False,
        xgap=2,
        ygap=2,
        hoverinfo="skip",
        colorscale=[[0, "rgba(63,144,218,0.05)"], [1, "rgba(63,144,218,0.9)"]],
        texttemplate="%{z}",
        textfont={"size": 15 if len(names) <= 6 else 12},
        meta={"bind": {"z": "odds"}, "role": "ink"},
    )
    layout(figure, "told class: mean of q(y|z), %", "true class")
    ends = [-0.5, len(names) - 0.5]
    figure.update_xaxes(range=ends, tickvals=places, ticktext=names, showgrid=False)
    figure.update_yaxes(range=ends[::-1], tickvals=places, ticktext=names, showgrid=False, tickangle=-90)
    return figure


def mean_odds(output: Array, labels: Array, classes: int) -> Array:
    """Mean odds of the inputs of every class, in whole percent: (m, n, C), (n,) → (m, C, C); NaN without inputs."""
    table = np.full((len(output), classes, classes), np.nan)
    for c in np.unique(labels):
        table[:, c] = np.rint(100 * output[:, labels == c].mean(1))
    return table


def told_against_true(y: Array, name: str) -> go.Figure:
    """Real-valued targets (n,), and what is told of each: on the diagonal where it is told right."""
    figure = go.Figure()
    reach = 1.08 * float(np.abs(y).max())
    figure.add_scatter(
        x=[-reach, reach],
        y=[-reach, reach],
        mode="lines",
        hoverinfo="skip",
        line={"color": MUTED, "width": 1.4, "dash": "dash"},
        meta={"role": "ink"},
    )
    figure.add_scatter(
        x=y,
        y=[],
        mode="markers",
        hoverinfo="skip",
        marker={"size": 6, "color": CURVE, "line": {"color": OUTLINE, "width": 0.6}},
        meta={"bind": {"y": "told"}},
    )
    layout(figure, f"true {name}", f"told {name}: mean of q(y|z)")
    figure.update_xaxes(range=[-reach, reach], constrain="domain")
    figure.update_yaxes(range=[-reach, reach], scaleanchor="x", constrain="domain")
    return figure
