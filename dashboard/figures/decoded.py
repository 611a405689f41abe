"""What a decoder makes of z, as pictures and as the arrays that move them. Pure: NumPy and plotly alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.palette import CLASSES, CURVE, MUTED
from dashboard.figures.style import CLEAR, SMALL, bound, layout
from vibcore.types import Array
from vibcore.window import PICKED

INK = 254  # darkest byte of a pixel in a montage; the next is a gap between two images
GAP = 255
LONGEST = 18  # letters of a turned name
FAINT = "rgba(120,124,140,0.45)"


def montage_codes(images: Array) -> Array:
    """Images in a table → one picture in bytes: (…, rows, columns, h, w) odds → (…, rows·(h+1)−1, columns·(w+1)−1)."""
    *lead, rows, columns, h, w = images.shape
    codes = np.full((*lead, rows, h + 1, columns, w + 1), GAP, dtype=np.uint8)
    ink = np.rint(INK * np.clip(images, 0, 1)).astype(np.uint8)
    codes[..., :h, :, :w] = np.moveaxis(ink, -2, -3)
    picture: Array = codes.reshape(*lead, rows * (h + 1), columns * (w + 1))[..., :-1, :-1]
    return picture


def in_pairs(originals: Array, decoded: Array) -> Array:
    """Rows of originals, each above its reconstructions: (R, C, h, w), (m, R, C, h, w) → (m, 2R, C, h, w)."""
    both = np.stack([np.broadcast_to(originals, decoded.shape), decoded], axis=2)
    pairs: Array = both.reshape(len(decoded), -1, *originals.shape[1:])
    return pairs


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


def data_plane(x: Array, reach: tuple[float, float]) -> go.Figure:
    """Two-dimensional data: inputs, their reconstructions and draws from the model itself."""
    figure = go.Figure()
    figure.add_scatter(
        mode="markers",
        name="drawn from the model",
        hoverinfo="skip",
        opacity=0.7,
        marker={"size": 5, "color": CLASSES[1]},
        meta=bound("sample_x", "sample_y"),
    )
    figure.add_scatter(
        mode="markers",
        name="inputs (test)",
        hoverinfo="skip",
        x=x[:, 0],
        y=x[:, 1],
        marker={"size": 6, "color": CLEAR, "line": {"color": MUTED, "width": 1.2}},
    )
    figure.add_scatter(
        mode="markers",
        name="reconstructed",
        hoverinfo="skip",
        marker={"size": 5, "color": CURVE},
        meta=bound("decoded_x", "decoded_y"),
    )
    return _square(figure, reach, legend=True)


def net_plane(x: Array, reach: tuple[float, float]) -> go.Figure:
    """Where the decoder puts the lines of the latent grid among the inputs."""
    figure = go.Figure()
    figure.add_scatter(mode="markers", hoverinfo="skip", x=x[:, 0], y=x[:, 1], marker={"size": 5, "color": FAINT})
    for axis, colour in (("first", CURVE), ("second", CLASSES[6])):
        figure.add_scatter(
            mode="lines",
            hoverinfo="skip",
            line={"color": colour, "width": 1.8},
            meta=bound(f"net_{axis}_x", f"net_{axis}_y"),
        )
    return _square(figure, reach, legend=False)


def _square(figure: go.Figure, reach: tuple[float, float], legend: bool) -> go.Figure:
    layout(figure, "x₁", "x₂")
    figure.update_layout(showlegend=legend, legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"})
    if legend:
        figure.update_layout(margin={"t": 34})
    figure.update_xaxes(range=list(reach), constrain="domain")
    figure.update_yaxes(range=list(reach), scaleanchor="x", constrain="domain")
    return figure


def net_arrays(grid: Array) -> dict[str, Array]:
    """Decoded latent grid (m, G, G, 2) → 8 lines along each latent dimension, with a gap behind each."""
    found: dict[str, Array] = {}
    for axis, lines in (("first", grid[:, PICKED]), ("second", grid[:, :, PICKED].swapaxes(1, 2))):
        gap = np.full((*lines.shape[:2], 1, 2), np.nan)
        path = np.concatenate([lines, gap], axis=2).reshape(len(grid), -1, 2)
        found[f"net_{axis}_x"], found[f"net_{axis}_y"] = path[..., 0], path[..., 1]
    return found


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
