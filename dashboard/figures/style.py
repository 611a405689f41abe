"""The house style of a chart, and how a trace names the arrays that move it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard.figures.palette import CHOSEN

SMALL = 12  # px of a note inside a chart
CLEAR = "rgba(0,0,0,0)"


def bound(x: str, y: str, **more: str) -> dict[str, Any]:
    """`meta` of a trace whose x and y are the arrays of these names."""
    return {"bind": {"x": x, "y": y, **more}}


def chosen(x: str, y: str, **words: str) -> dict[str, Any]:
    """`meta` of a mark of the chosen model, in the accent of the page; of its words it takes those of that model."""
    return bound(x, y, **words) | {"own": list(words), "role": "accent"}


def chosen_dot(figure: go.Figure, size: int, meta: dict[str, Any]) -> None:
    """The large dot of the chosen model, and words beside it where it has some."""
    figure.add_scatter(
        mode="markers+text",
        hoverinfo="skip",
        textposition="top left",
        textfont={"color": CHOSEN, "size": 14},
        marker={"size": size, "color": CHOSEN, "line": {"color": "white", "width": 2}},
        meta=meta | beside((0, "top left"), (0, "bottom left"), (0, "top right"), (0, "bottom right"), must=True),
    )


def beside(*places: tuple[int, str] | tuple[int, str, int], must: bool = False) -> dict[str, Any]:
    """`meta` of words that stand at the first free place; else not at all.

    A place is a point of the trace, a side of it and lines between, for a side above or below. Words that must be said
    stand at the first place though it is not free.
    """
    return {"beside": [list(place) for place in places], "must": must}


def layout(figure: go.Figure, x_title: str, y_title: str) -> go.Figure:
    """Thin, calm, no legend box, fixed ranges kept through updates. Before anything else is said of its axes."""
    axis, font = {"zeroline": False, "ticks": "outside", "ticklen": 4}, {"size": 13}
    still = {
        "margin": {"l": 54, "r": 12, "t": 8, "b": 46},
        "showlegend": False,
        "hovermode": "closest",
        "uirevision": "run",
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": font,
        "dragmode": "pan",
        "xaxis": axis | {"title": {"text": x_title, "standoff": 8, "font": font}},
        "yaxis": axis | {"title": {"text": y_title, "standoff": 6, "font": font}},
    }
    return figure.update_layout(still, overwrite=True)  # each as a whole: in parts it takes Plotly twice as long


def note(
    figure: go.Figure,
    x: float,
    y: float,
    text: str,
    across: str = "center",
    up: str = "middle",
    others: Sequence[Mapping[str, Any]] = (),
    **more: Any,
) -> None:
    """Words at a place, in the page's ink and with a halo: they stay readable over lines and in both themes.

    Where dots or words lie there, the browser puts them at the first free one of `others`: changes of the note.
    """
    style = {"showarrow": False, "font": {"size": SMALL}, "opacity": 0.8, "xanchor": across, "yanchor": up} | more
    figure.add_annotation(x=x, y=y, text=text, **style)
    if others:
        meta = figure.layout.meta or {}
        places = meta.get("places", {}) | {str(len(figure.layout.annotations) - 1): list(others)}
        figure.update_layout(meta=meta | {"places": places}, overwrite=True)
