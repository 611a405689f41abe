"""Told and true, where y is real: what is told of it against what it is."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import words
from dashboard.figures.about import Marks
from dashboard.figures.palette import CURVE, MUTED, OUTLINE
from dashboard.figures.style import layout
from dashboard.panel import Arrays, Moment, Panel, Still, sent
from dashboard.protocol import declare
from vibcore.types import Array

ABOUT: Marks = [
    ["dots", "shown test inputs: the true value along, the told one up"],
    ["dashes", "where both are equal"],
]
SPECS = declare("told", "f2", "test")


def figure(still: Still) -> go.Figure:
    """The first target of the shown test inputs."""
    dataset, window = still.scene.dataset, still.scene.window
    y = dataset.y[window.shown[~window.is_train], 0]
    name = "y" if dataset.y.shape[1] == 1 else "y₁"
    return told_against_true(y, f"true {name}", f"told {name}: mean of q(y|z)")


def told_against_true(y: Array, along: str, up: str) -> go.Figure:
    """Real values (n,), and what is told of each: on the diagonal where it is told right."""
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
    layout(figure, along, up)
    figure.update_xaxes(range=[-reach, reach], constrain="domain")
    figure.update_yaxes(range=[-reach, reach], scaleanchor="x", constrain="domain")
    return figure


def pictures(moment: Moment) -> Arrays:
    """What the shown test inputs are told of it."""
    test = ~moment.still.scene.window.is_train
    return sent({"told": moment.snapshot.output[:, test, 0]}, moment.shown, np.float16)


def alt(moment: Moment) -> list[str]:
    """How far what is told is from what is true, where it is drawn; a dash for the other β."""
    snapshot, window, dataset = moment.snapshot, moment.still.scene.window, moment.still.scene.dataset
    true = dataset.y[window.shown[~window.is_train], 0]
    told = snapshot.output[:, ~window.is_train, 0]
    distance = dict(zip(snapshot.models, np.sqrt(((told - true) ** 2).mean(1)), strict=True))
    return [
        f"Told and true at β = {words.beta_label(point.beta)}: a root mean square distance of "
        f"{words.plain(distance[i]) if i in distance else '–'} on the {len(true)} shown test inputs."
        for i, point in enumerate(snapshot.test)
    ]


TOLD = Panel(
    "told",
    "Told and true",
    "What is told of y against what it is.",
    about=lambda still: ABOUT,
    figure=figure,
    pictures=pictures,
    specs=SPECS,
    alt=alt,
    applies=lambda scene: scene.window.input_range is None and scene.dataset.y.ndim > 1,
    subtitle="test inputs",
    tab="Told",
)
