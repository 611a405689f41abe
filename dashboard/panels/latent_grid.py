"""The decoded latent grid: what each z means, as images or as lines among the inputs."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.about import Marks
from dashboard.figures.decoded import montage, montage_codes, square
from dashboard.figures.palette import CLASSES, CURVE
from dashboard.figures.style import bound
from dashboard.panel import Arrays, Moment, Panel, Still, sent
from dashboard.panels.reconstructions import alt, of_images, of_plane
from dashboard.protocol import declare
from dashboard.scene import Scene
from vibcore.types import Array
from vibcore.window import PICKED, latent_axis

FAINT = "rgba(120,124,140,0.45)"
ABOUT_GRID: Marks = [["images", "what the decoder makes of the z at that place"]]
ABOUT_NET: Marks = [
    ["grey dots", "test inputs"],
    ["blue, orange lines", "what the decoder makes of lines along which one latent dimension stands still"],
]


def _others(scene: Scene) -> str:
    return "" if scene.config.latent_dim == len(scene.dims) else "; other dims at 0"


def _tiles(still: Still) -> go.Figure:
    scene, flat = still.scene, len(still.scene.dims) == 1
    h, w = scene.dataset.image_shape or (1, 1)
    z = [f"{v:.1f}".replace("-", "−") for v in latent_axis(True)]
    titles = f"z{scene.dims[0] + 1}", "" if flat else f"z{scene.dims[1] + 1}"
    return montage("grid", (len(z), 1 if flat else len(z)), (w, h), (z, [""] if flat else z), titles, upwards=True)


def _tile_codes(moment: Moment) -> Arrays:
    snapshot, shape = moment.snapshot, moment.still.scene.dataset.image_shape or (1, 1)
    tiles = snapshot.latent_grid if len(snapshot.dims) == 2 else snapshot.latent_grid[:, :1]
    tiles = tiles.reshape(*tiles.shape[:3], *shape)[..., ::-1, :]  # the picture's rows go up, those of images down
    return sent({"grid": montage_codes(tiles)}, moment.shown, np.uint8)


def _net(still: Still) -> go.Figure:
    window = still.scene.window
    return net_plane(window.x[~window.is_train], window.input_range or (-1.0, 1.0))


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
    return square(figure, reach, legend=False)


def net_arrays(grid: Array) -> dict[str, Array]:
    """Decoded latent grid (m, G, G, 2) → 8 lines along each latent dimension, with a gap behind each."""
    found: dict[str, Array] = {}
    for axis, lines in (("first", grid[:, PICKED]), ("second", grid[:, :, PICKED].swapaxes(1, 2))):
        gap = np.full((*lines.shape[:2], 1, 2), np.nan)
        path = np.concatenate([lines, gap], axis=2).reshape(len(grid), -1, 2)
        found[f"net_{axis}_x"], found[f"net_{axis}_y"] = path[..., 0], path[..., 1]
    return found


def _net_subtitle(still: Still) -> str:
    lines = " and ".join(f"z{d + 1}" for d in still.scene.dims)
    return f"lines of constant {lines} from −2.3 to 2.3, among the inputs{_others(still.scene)}"


TILES = Panel(
    "grid",
    "Decoded latent grid",
    "Decoder output at an even grid of latent points.",
    about=lambda still: ABOUT_GRID,
    figure=_tiles,
    pictures=_tile_codes,
    specs=declare("grid", "u1", "any any"),
    alt=alt,
    applies=of_images,
    subtitle=lambda still: f"what each z means{_others(still.scene)}",
    tab="Latent grid",
)
NET = Panel(
    "grid",
    "Decoded latent grid",
    "Where the decoder puts the lines of the latent grid.",
    about=lambda still: ABOUT_NET,
    figure=_net,
    pictures=lambda moment: sent(net_arrays(moment.snapshot.latent_grid), moment.shown, np.float16),
    specs=declare("net_first_x net_first_y net_second_x net_second_y", "f2", "any"),
    alt=alt,
    applies=of_plane,
    subtitle=_net_subtitle,
    tab="Latent grid",
)
LATENT_GRID = (TILES, NET)
