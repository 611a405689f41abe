"""The charts of a page at one moment, as one HTML file that needs no internet: each as Plotly draws it, to be zoomed.

The same figures and arrays as the stage's, bound here as `stage/bind.js` binds them there.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import plotly.io

from dashboard import picture
from dashboard.page import Page
from dashboard.panel import Arrays, Moment, Panel, Texts
from dashboard.placing import place_words
from vibcore.types import Array

PAPER = {"ink": "rgb(30,32,48)", "grid": "rgba(30,32,48,0.15)", "accent": "#bd1f01"}  # for a file, whatever the theme
HEIGHT = 520  # px of a chart
CONFIG = {"displaylogo": False, "responsive": True}
FILE = Template((Path(__file__).parent / "stage" / "offline" / "charts.html").read_text("utf-8"))


def charts(page: Page, moment: Moment, title: str, report: Callable[[int, int], None]) -> str:
    """The file's text; report(done, total) may raise to end it."""
    header, arrays = picture.frame(page, moment, False, "")
    chosen, still = header["chosen"], moment.still
    panels, found = picture.panels(page, still), []
    for i, panel in enumerate(panels):
        report(i, len(panels))
        card = picture.card_of(page, panel, still)
        figure = filled(card["figure"], arrays, header["texts"], chosen)
        found.append(_section(panel, card, header["texts"], chosen, figure, is_first=not i))
    status = header["texts"]["status"][chosen]
    beta = f"β = {still.scene.config.betas[chosen]:g}. "
    return FILE.substitute(title=html.escape(title), status=html.escape(beta + status), charts="\n".join(found))


def filled(figure: dict[str, Any], arrays: Arrays, texts: Texts, chosen: int) -> dict[str, Any]:
    """A figure of a document with what its traces show of the chosen model, in dark ink on white."""
    for trace in figure["data"]:
        meta = trace.get("meta") or {}
        for path, name in meta.get("bind", {}).items():
            _bind(trace, path, name, meta, arrays, texts, chosen)
        if "field" in meta:
            trace["visible"] = True
        if "role" in meta:
            _ink(trace, PAPER["ink" if meta["role"] == "ink" else "accent"])
    _follow(figure["layout"], arrays, chosen)
    place_words(figure, HEIGHT)
    _theme(figure["layout"])
    return figure


def row_of(arrays: Arrays, name: str, model: int) -> Array | None:
    """What an array says of a model; None where it does not."""
    if name not in arrays:
        return None
    array, models = arrays[name]
    if models is None:
        return array
    return array[models.index(model)] if model in models else None


def _bind(
    trace: dict[str, Any], path: str, name: str, meta: dict[str, Any], arrays: Arrays, texts: Texts, chosen: int
) -> None:
    if texts.get(name):
        text = texts[name]
        if path in meta.get("own", ()):
            text = [text[chosen]] if path == "text" and isinstance(text[chosen], str) else text[chosen]
        _set(trace, path, text)
        return
    array, _, column = name.partition(".")
    row = row_of(arrays, array, chosen)
    if row is not None:
        row = row[meta["rows"], int(column)] if column else row
        _set(trace, path, np.asarray(row, dtype=float))


def _set(trace: dict[str, Any], path: str, value: Any) -> None:
    *keys, last = path.split(".")
    for key in keys:
        trace = trace.setdefault(key, {})
    trace[last] = value


def _ink(trace: dict[str, Any], colour: str) -> None:
    parts = [trace.get("line"), trace.get("textfont"), trace.get("contours", {}).get("labelfont")]
    parts += [trace.get("marker")] if "markers" in trace.get("mode", "") else []
    for part in parts:
        if part:
            part["color"] = colour


def _follow(layout: dict[str, Any], arrays: Arrays, chosen: int) -> None:
    """Annotations that stand where the data are: one a class, hidden where the class has no place."""
    labels = (layout.get("meta") or {}).get("labels")
    if not labels:
        return
    x, y = (row_of(arrays, labels[axis], chosen) for axis in ("x", "y"))
    for c, note in enumerate(layout["annotations"][labels["first"] :]):
        is_there = x is not None and y is not None and np.isfinite(x[c])
        note |= {"x": float(x[c]), "y": float(y[c]), "visible": True} if is_there else {"visible": False}  # type: ignore[index]


def _theme(layout: dict[str, Any]) -> None:
    layout |= {"paper_bgcolor": "#ffffff", "plot_bgcolor": "#ffffff", "height": HEIGHT, "autosize": True}
    layout["font"] = layout.get("font", {}) | {"color": PAPER["ink"]}
    for name in (name for name in layout if name.startswith(("xaxis", "yaxis"))):
        layout[name] |= dict.fromkeys(("gridcolor", "linecolor", "tickcolor"), PAPER["grid"])


def _section(
    panel: Panel, card: dict[str, Any], texts: Texts, chosen: int, figure: dict[str, Any], is_first: bool
) -> str:
    """A chart with its title, and in words what it shows."""
    note = texts.get(card.get("subtitle_name", ""), card["subtitle"])
    alt = texts.get(f"alt_{card['id']}")
    words = [note if isinstance(note, str) else note[chosen], card["alt"] if alt is None else alt[chosen]]
    drawn = plotly.io.to_html(figure, CONFIG, include_plotlyjs=is_first, full_html=False, validate=False)
    title, subtitle, said = (html.escape(each) for each in (panel.title, *words))
    return f"<section><h2>{title}</h2><p>{subtitle}</p>{drawn}<p>{said}</p></section>"
