"""Told and true, where y is a class: the mean odds that the inputs of every class are given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.about import Marks
from dashboard.figures.style import layout
from dashboard.panel import Arrays, Moment, Panel, sent
from dashboard.protocol import declare
from vibcore.types import Array

LONGEST = 12  # letters of a class along an axis
ABOUT: Marks = [
    [
        "cells",
        "for the shown test inputs of a class (row): the mean odds, in percent, of being told each "
        "class (column); the diagonal is right",
    ]
]
SPECS = declare("odds", "f2", "class class")


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


def pictures(moment: Moment) -> Arrays:
    """The table of every shown model."""
    window, output = moment.still.scene.window, moment.snapshot.output
    test = ~window.is_train
    table = mean_odds(output[:, test], window.labels[test], output.shape[-1])
    return sent({"odds": table}, moment.shown, np.float16)


def alt(moment: Moment) -> list[str]:
    """How sure the decoder is of the true class, in the worst and in the best."""
    table, shown = pictures(moment)["odds"]
    told = dict(zip(shown or (), np.diagonal(table, axis1=1, axis2=2), strict=True))
    return [_right(told.get(i)) for i in moment.everyone]


def _right(diagonal: Array | None) -> str:
    if diagonal is None or np.isnan(diagonal).all():
        return "The table of odds is not shown yet."
    return f"Odds of the true class: {np.nanmin(diagonal):.0f} % to {np.nanmax(diagonal):.0f} %, by class."


ODDS = Panel(
    "odds",
    "Told and true",
    "Mean odds of every class for the inputs of every class.",
    about=lambda still: ABOUT,
    figure=lambda still: odds_table(still.scene.class_names),
    pictures=pictures,
    specs=SPECS,
    alt=alt,
    applies=lambda scene: scene.window.input_range is None and scene.dataset.y.ndim == 1,
    subtitle="of the shown test inputs of each class",
    tab="Odds",
)
