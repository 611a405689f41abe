"""The latent planes of pinned runs side by side, each at its stop nearest to the β on screen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.controls import nearest
from dashboard.figures import frames, palette, words
from dashboard.figures.about import Marks
from dashboard.figures.palette import CLASSES, PINS
from dashboard.figures.spaces import PRIOR
from dashboard.figures.style import CLEAR, SMALL, bound, layout
from dashboard.panel import Arrays, Moment, Panel, Still, Texts, sent
from dashboard.pins import Pinned
from dashboard.protocol import declare
from vibcore.types import Array
from vibcore.window import LATENT_RANGE, centres

HALF = LATENT_RANGE[1]
APART = (2.12 * HALF, 2.6 * HALF)  # of the middles of two planes; more between rows, for the names
EVERY = 2  # of the shown inputs one is drawn
ABOUT: Marks = [
    ["each square", "the latent plane of a pinned run at its step, drawn as the large one is, to the same scale"],
    ["its name", "what differs from the run on screen, and the β of its stop that is nearest to the chosen one"],
]
SPECS = {
    **declare("pin_*_mu", "f2", "any 2"),
    **declare("pin_*_ring_*_x pin_*_ring_*_y", "f2", "any"),
    **declare("pin_*_code", "u1", "any any"),
}


def singles(still: Still) -> list[Pinned]:
    """Pins that are one run."""
    return [each for each in still.pins if each.pin.seeds == 1]


def figure(still: Still) -> go.Figure:
    """As many squares as there are pins, one or two in a row."""
    found, pins = go.Figure(), singles(still)
    for place, pin in enumerate(pins):
        _square(found, pin, *_middle(place))
    layout(found, "", "")
    columns, rows = min(2, len(pins)), (len(pins) + 1) // 2
    left, low = -1.03 * HALF, -1.03 * HALF - (rows - 1) * APART[1]
    hidden = {"tickvals": [], "ticktext": [], "showgrid": False, "showline": False, "ticks": ""}
    found.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": 8})
    found.update_xaxes(range=[left, 1.03 * HALF + (columns - 1) * APART[0]], constrain="domain", **hidden)
    found.update_yaxes(range=[low, 1.5 * HALF], scaleanchor="x", constrain="domain", **hidden)
    return found


def _middle(place: int) -> tuple[float, float]:
    return place % 2 * APART[0], -(place // 2) * APART[1]


def _square(figure: go.Figure, pin: Pinned, across: float, up: float) -> None:
    name, scene = f"pin_{pin.pin.colour}", pin.scene
    if scene.likelihood == "categorical":
        figure.add_heatmap(
            x=across + centres(*LATENT_RANGE),
            y=up + centres(*LATENT_RANGE),
            z=[],
            zmin=0,
            zmax=len(scene.class_names) * palette.shades(len(scene.class_names)),
            showscale=False,
            hoverinfo="skip",
            visible=False,
            colorscale=palette.decision_scale(len(scene.class_names)),
            meta={"bind": {"z": f"{name}_code"}, "field": palette.shades(len(scene.class_names))},
        )
    _outline(figure, pin, across, up)
    labels, is_train = scene.window.labels[::EVERY], scene.window.is_train[::EVERY]
    colours = np.array(CLASSES)[labels % 10]
    for rows, hollow in ((is_train, True), (~is_train, False)):
        colour = colours[rows].tolist()
        marker = {"size": 4, "color": CLEAR if hollow else colour, "line": {"color": colour, "width": 1}}
        meta = {"rows": np.flatnonzero(rows).tolist()} | bound(f"{name}_mu.0", f"{name}_mu.1")
        figure.add_scatter(mode="markers", marker=marker, hoverinfo="skip", meta=meta)
    for c in range(len(scene.class_names)):
        line, meta = {"color": CLASSES[c % 10], "width": 1.6}, bound(f"{name}_ring_{c}_x", f"{name}_ring_{c}_y")
        figure.add_scatter(mode="lines", hoverinfo="skip", line=line, meta=meta)


def _outline(figure: go.Figure, pin: Pinned, across: float, up: float) -> None:
    """A frame in the pin's colour, its name above it, and the prior."""
    colour, k = PINS[pin.pin.colour], pin.pin.colour
    frame = HALF * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) + (across, up)
    figure.add_scatter(x=frame[:, 0], y=frame[:, 1], mode="lines", hoverinfo="skip", line={"color": colour, "width": 2})
    if len(pin.scene.dims) == 1:
        prior = _upright(frames.bells(np.zeros(1), np.ones(1))[0], True)
    else:
        prior = frames.rings(np.zeros(2), np.ones(2), frames.RADII)
    figure.add_scatter(x=prior[:, 0] + across, y=prior[:, 1] + up, **PRIOR)
    figure.add_scatter(
        x=[across],
        y=[up + 1.02 * HALF],
        mode="text",
        textposition="top center",
        hoverinfo="skip",
        textfont={"color": colour, "size": SMALL},
        meta={"bind": {"text": f"pin_{k}_title"}, "own": ["text"]},
    )


def _upright(places: Array, is_strip: bool) -> Array:
    """Places of a picture of a lone latent dimension, as high as a square."""
    if not is_strip:
        return places
    low, high = frames.STRIP
    middle, scale = (low + high) / 2, 2 * HALF / (high - low)
    return (places - (0, middle)) * (1, scale)


def arrays(moment: Moment) -> Arrays:
    """Of each pin with a look, the stop nearest to that of each shown model."""
    found: dict[str, Array] = {}
    for place, pin in enumerate(singles(moment.still)):
        for look in pin.looks:
            rows = [nearest(look.betas, float(moment.snapshot.betas[i])) for i in moment.shown]
            pictures = {name: array[rows] for name, array in look.pictures.items()}
            found |= _moved(pin, pictures, _middle(place))
    codes = {name: array for name, array in found.items() if name.endswith("code")}
    others = {name: array for name, array in found.items() if name not in codes}
    return sent(others, moment.shown, np.float16) | sent(codes, moment.shown, np.uint8)


def _moved(pin: Pinned, pictures: dict[str, Array], middle: tuple[float, float]) -> dict[str, Array]:
    """The pictures of a pin in its square."""
    name, is_strip = f"pin_{pin.pin.colour}", len(pin.scene.dims) == 1
    found = {f"{name}_mu": _upright(pictures["point_mu"][:, ::EVERY].astype(float), is_strip) + middle}
    for c in range(len(pin.scene.class_names)):
        ring = np.stack([pictures[f"ellipse_{c}_{axis}"] for axis in "xy"], axis=-1).astype(float)
        moved = _upright(ring, is_strip) + middle
        found |= {f"{name}_ring_{c}_x": moved[..., 0], f"{name}_ring_{c}_y": moved[..., 1]}
    return found | ({f"{name}_code": pictures["latent_code"]} if "latent_code" in pictures else {})


def texts(moment: Moment) -> Texts:
    """The name of each, and the β of its stop."""
    return {f"pin_{pin.pin.colour}_title": _titles(pin, moment.snapshot.betas) for pin in singles(moment.still)}


def _titles(pin: Pinned, betas: Sequence[float] | Array) -> list[str]:
    if not pin.looks:
        return [f"{pin.name}: being trained" for _ in betas]
    own = pin.looks[0].betas
    return [f"{pin.name}<br>β = {words.beta_label(own[nearest(own, float(beta))])}" for beta in betas]


def alt(moment: Moment) -> list[str]:
    """What is shown beside each stop."""
    titles = [_titles(pin, moment.snapshot.betas) for pin in singles(moment.still)]
    return ["; ".join(title[i].replace("<br>", ", ") for title in titles) + "." for i in moment.everyone]


PINNED = Panel(
    "pinned",
    "Pinned latent planes",
    "Latent planes of the pinned runs.",
    about=lambda still: ABOUT,
    figure=figure,
    arrays=arrays,
    texts=texts,
    specs=SPECS,
    alt=alt,
    subtitle="at the stop nearest to the chosen β",
    tab="Pinned",
    shows=lambda still: bool(singles(still)),
)
