"""What the charts of a decoder share: tables of images, and the plane of the data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.style import CLEAR, layout
from vibcore.types import Array

INK = 254  # darkest byte of a pixel in a montage; the next is a gap between two images
GAP = 255


def montage_codes(images: Array) -> Array:
    """Images in a table → one picture in bytes: (…, rows, columns, h, w) odds → (…, rows·(h+1)−1, columns·(w+1)−1)."""
    *lead, rows, columns, h, w = images.shape
    codes = np.full((*lead, rows, h + 1, columns, w + 1), GAP, dtype=np.uint8)
    ink = np.rint(INK * np.clip(images, 0, 1)).astype(np.uint8)
    codes[..., :h, :, :w] = np.moveaxis(ink, -2, -3)
    picture: Array = codes.reshape(*lead, rows * (h + 1), columns * (w + 1))[..., :-1, :-1]
    return picture


def montage(
    name: str,
    count: tuple[int, int],
    size: tuple[int, int],
    texts: tuple[Sequence[str], Sequence[str]],
    titles: tuple[str, str],
    upwards: bool,
) -> go.Figure:
    """A table of images from `montage_codes`: `count` columns and rows of images of (width, height) `size`."""
    figure = go.Figure()
    figure.add_heatmap(
        z=[],
        zmin=0,
        zmax=GAP,
        showscale=False,
        hoverinfo="skip",
        meta={"bind": {"z": name}},
        colorscale=[[0, "#ffffff"], [INK / GAP, "#1d2028"], [INK / GAP, CLEAR], [1, CLEAR]],
    )
    layout(figure, *titles)
    for update, n, side, text, back in zip(
        (figure.update_xaxes, figure.update_yaxes), count, size, texts, (False, not upwards), strict=True
    ):
        ends = [-0.5, n * (side + 1) - 1.5]
        update(
            tickvals=tile_centres(n, side),
            ticktext=list(text),
            range=ends[::-1] if back else ends,
            showgrid=False,
            constrain="domain",
        )
    figure.update_yaxes(scaleanchor="x")
    return figure


def tile_centres(count: int, side: int) -> list[float]:
    """Middles of `count` images of `side` pixels with a gap of one between, in pixels."""
    return [i * (side + 1) + (side - 1) / 2 for i in range(count)]


def square(figure: go.Figure, reach: tuple[float, float], legend: bool) -> go.Figure:
    """The plane of two-dimensional data, to scale."""
    layout(figure, "x₁", "x₂")
    figure.update_layout(showlegend=legend, legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"})
    if legend:
        figure.update_layout(margin={"t": 34})
    figure.update_xaxes(range=list(reach), constrain="domain")
    figure.update_yaxes(range=list(reach), scaleanchor="x", constrain="domain")
    return figure
