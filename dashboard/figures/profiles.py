"""Rows of a table as lines over its features, with what was made of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.palette import CLASSES
from dashboard.figures.style import SMALL, layout
from vibcore.types import Array

LONGEST = 18  # letters of a turned name


def profiles(x: Array, labels: Array, class_names: Sequence[str], features: Sequence[str]) -> go.Figure:
    """Inputs of a table as lines over its features, one a class, and what was made of them: x (classes, d)."""
    figure = go.Figure()
    for row, c in enumerate(labels):
        colour = CLASSES[c % 10]
        figure.add_scatter(
            x=list(features),
            y=x[row],
            mode="lines+markers",
            name=class_names[c],
            line={"color": colour, "width": 1.2},
            marker={"size": 6},
            hovertemplate="%{x}: %{y:.2f}",
        )
        figure.add_scatter(
            x=list(features),
            y=[],
            mode="lines",
            name=f"{class_names[c]}, reconstructed",
            showlegend=False,
            line={"color": colour, "width": 3, "dash": "dot"},
            hovertemplate="%{x}: %{y:.2f}",
            meta={"bind": {"y": f"profile_{row}"}},
        )
    layout(figure, "", "standardised value")
    figure.update_layout(
        showlegend=True, margin={"t": 34}, legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"}
    )
    reach = float(np.abs(x).max()) * 1.2
    figure.update_yaxes(range=[-reach, reach])
    figure.update_xaxes(
        automargin=True,
        tickfont={"size": SMALL},
        tickvals=list(features),
        ticktext=[axis_name(name, len(features)) for name in features],
    )
    return figure


def axis_name(name: str, count: int) -> str:
    """A feature's name along an axis of `count`: in two lines where few stand level, cut where many are turned."""
    if count > 6:
        return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    return name.replace(" ", "<br>", 1) if len(name) > 9 else name
