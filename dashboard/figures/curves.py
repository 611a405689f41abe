"""What charts over β and over steps share: their axes and lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard.figures import frames, words
from dashboard.figures.style import SMALL, bound, layout


def beta_axis(figure: go.Figure, betas: Sequence[float]) -> go.Figure:
    """β along x on a log scale, 0 left of all; its decades are written as the slider writes them."""
    places: list[float] = frames.beta_places(betas).tolist()
    room = 0.03 * (places[-1] - places[0])
    marks = [(place, "0") for place, b in zip(places, betas, strict=True) if b == 0]
    marks += [(float(k), words.beta_label(10.0**k)) for k in range(-6, 2) if places[len(marks)] <= k <= places[-1]]
    if len(marks) < 2:  # not one decade: the ends
        marks = [(places[k], words.beta_label(betas[k])) for k in (0, -1)]
    figure.update_xaxes(
        range=[places[0] - room, places[-1] + room],
        tickvals=[place for place, _ in marks],
        ticktext=[text for _, text in marks],
    )
    return figure


def past(figure: go.Figure, name: str, colour: str, label: str, **more: Any) -> None:
    """The way of one number on both splits."""
    for split, dash in (("train", "dot"), ("test", "solid")):
        figure.add_scatter(
            x=[],
            y=[],
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2},
            name=label if split == "test" else f"{label}, train",
            meta=bound("time_steps", f"time_{name}_{split}"),
            **more,
        )


def timed(figure: go.Figure, title: str) -> go.Figure:
    """Steps along x; the heights are as far as the curves went. The legend names the solid lines alone."""
    layout(figure, "training step", title)
    figure.for_each_trace(lambda trace: trace.update(showlegend=trace.line.dash == "solid"))
    legend = {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": {"size": SMALL}}
    figure.update_layout(showlegend=True, legend=legend, margin={"t": 28})
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(rangemode="tozero")
    return figure
