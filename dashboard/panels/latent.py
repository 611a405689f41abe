"""The latent plane: where z lie, what is decided there, and what the prior holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import frames
from dashboard.figures.about import Marks
from dashboard.figures.alts import spent
from dashboard.figures.palette import CLASSES, OUTLINE
from dashboard.figures.spaces import PRIOR, decisions, points, prior_rings
from dashboard.figures.style import bound, layout, note
from dashboard.panel import Arrays, Moment, Panel, Still, sent
from dashboard.protocol import declare
from vibcore.types import Array
from vibcore.window import LATENT_RANGE

THUMBS = 60  # images that stand for themselves in the latent plane
POSTERIORS: Marks = [
    ["dots", "posterior means of the shown inputs: filled test, hollow training inputs; colours are classes"],
    ["coloured rings", "1σ and 2σ (39 % and 86 %) of one median posterior a class"],
    ["dashed rings", "1σ and 2σ of the prior: a posterior that lies on them costs nothing"],
    ["dark rings", "1σ and 2σ of the input that is pointed at"],
]
BELLS: Marks = [
    ["dots", "posterior means of the shown inputs; their heights mean nothing"],
    ["coloured bells", "one median posterior a class, to equal height; the bar holds 68 %"],
    ["dashed bell", "the prior: a posterior that lies on it costs nothing"],
    ["dark bell", "the posterior of the input that is pointed at"],
]
FIELD: Marks = [["tinted areas", "the class that q(y|z) puts first; paler where the second is near"]]
COLOURS: Marks = [["colours", "labels that this model was never shown"]]
THIRDS: Marks = [["colours", "the thirds of y, from low to high"]]
IMAGES: Marks = [["small images", "some test inputs, each at its posterior mean"]]
SPECS = {
    **declare("ellipse_*_x ellipse_*_y", "f2", "any"),  # the longer of a bell and of two rings
    **declare("centre_x centre_y", "f2", "any"),
    **declare("latent_code", "u1", "any any"),
}


def _decides(still: Still) -> bool:
    return still.scene.likelihood == "categorical"


def about(still: Still) -> Marks:
    """Marks of a latent plane of one or two dimensions, with decisions or without."""
    images = IMAGES if still.scene.dataset.image_shape is not None else []
    colours = COLOURS if still.scene.config.task == "reconstruct" else THIRDS
    field = FIELD if _decides(still) else colours
    return [*(BELLS if len(still.scene.dims) == 1 else POSTERIORS), *field, *images]


def figure(still: Still) -> go.Figure:
    """The latent plane of a run, with decisions where its decoder makes some."""
    scene, window = still.scene, still.scene.window
    images = scene.dataset.image_shape is not None
    names = scene.class_names
    return latent_plane(window.labels, window.is_train, names, LATENT_RANGE, scene.dims, _decides(still), images)


def latent_plane(
    labels: Array,
    is_train: Array,
    class_names: Sequence[str],
    latent_range: tuple[float, float],
    dims: tuple[int, ...],
    decides: bool = True,
    images: bool = False,
) -> go.Figure:
    """z: decisions of q(y|z) behind posterior means, one median posterior a class, and the prior alike.

    A lone latent dimension is drawn as a strip of points under bells: prior and posteriors at equal height.
    """
    figure, alone = go.Figure(), len(dims) == 1
    upright = frames.STRIP if alone else latent_range
    if decides:
        decisions(figure, latent_range, upright, len(class_names), "latent_code")
    _prior(figure, latent_range, alone)
    points(figure, labels, is_train, size=4 if images else 6)
    for c in range(len(class_names)):
        _posterior(figure, CLASSES[c % 10], 2, bound(f"ellipse_{c}_x", f"ellipse_{c}_y"))
    if images:
        _thumbs(figure, labels, is_train)
    _posterior(figure, OUTLINE, 2.4, {"ellipse": "point", "bell": alone, "role": "ink"})
    _class_labels(figure, class_names)
    layout(figure, f"z{dims[0] + 1}", "posteriors and prior, to equal height" if alone else f"z{dims[1] + 1}")
    figure.update_xaxes(range=list(latent_range), constrain="domain")
    if alone:
        figure.update_yaxes(range=list(upright), tickvals=[0, 1], ticktext=["", ""])
    else:
        figure.update_yaxes(range=list(upright), scaleanchor="x", constrain="domain")
    return figure


def _posterior(figure: go.Figure, colour: str, width: float, meta: dict[str, Any]) -> None:
    figure.add_scatter(mode="lines", hoverinfo="skip", line={"color": colour, "width": width}, meta=meta)


def _prior(figure: go.Figure, latent_range: tuple[float, float], alone: bool) -> None:
    """The prior with the contours that the posteriors have: a posterior that costs nothing lies on it."""
    if alone:
        path = frames.bells(np.zeros(1), np.ones(1))[0]
        figure.add_scatter(x=path[:, 0], y=path[:, 1], **PRIOR)
        note(figure, 1.62, 0.36, "prior: 68 % in 1σ", "left", others=[{"x": -3.1}, {"y": 0.9}, {"x": -3.1, "y": 0.9}])
        return
    prior_rings(figure)
    right, low = latent_range[1], latent_range[0]
    top = {"y": 0.99 * right, "yanchor": "top"}
    side = {"x": 0.98 * low, "xanchor": "left"}
    text = "dashed: prior, 1σ and 2σ (39 %, 86 %)"
    note(figure, 0.98 * right, 0.99 * low, text, "right", "bottom", others=[side, top, side | top])


def _class_labels(figure: go.Figure, class_names: Sequence[str]) -> None:
    """One label a class, an annotation: it follows its class and stands above all that is drawn."""
    labels = {"x": "centre_x", "y": "centre_y", "first": len(figure.layout.annotations)}
    figure.update_layout(meta=(figure.layout.meta or {}) | {"labels": labels}, overwrite=True)
    for c, name in enumerate(class_names):
        note(
            figure,
            0,
            0,
            f"<b>{name}</b>",
            bgcolor="rgba(43,45,66,0.86)",
            bordercolor=CLASSES[c % 10],
            borderpad=2,
            borderwidth=2,
            font={"size": 12, "color": "white"},
            opacity=1,
        )


def thumbs(labels: Array, is_train: Array) -> list[int]:
    """Rows of the test inputs that show themselves: the first of every class, as many of each, 60 at most."""
    classes = np.unique(labels[~is_train])
    each = max(1, THUMBS // max(1, len(classes)))
    rows = [np.flatnonzero(~is_train & (labels == c))[:each] for c in classes[:THUMBS]]
    return sorted(int(row) for part in rows for row in part)


def _thumbs(figure: go.Figure, labels: Array, is_train: Array) -> None:
    rows = thumbs(labels, is_train)
    figure.add_scatter(
        mode="markers",
        marker={"size": 20, "opacity": 0},
        hoverinfo="none",
        name="images",
        meta={"point": True, "rows": rows, "thumbs": 0.052} | bound("point_mu.0", "point_mu.1"),
    )


def pictures(moment: Moment) -> Arrays:
    """Means, median posteriors and decisions of the shown models."""
    snapshot, scene = moment.snapshot, moment.still.scene
    found = sent(frames.latent_arrays(snapshot, scene.window), moment.shown, np.float16)
    if _decides(moment.still):
        found |= sent({"latent_code": frames.decision_codes(snapshot.latent_grid)}, moment.shown, np.uint8)
    return found


def alt(moment: Moment) -> list[str]:
    """What an input costs in the mean."""
    return spent(moment.snapshot, "Latent plane of {beta}: ", moment.nats_per_unit, moment.unit)


def subtitle(still: Still) -> str:
    """What the posteriors are drawn as."""
    alone = len(still.scene.dims) == 1
    return "a bell a class, its bar 68 %" if alone else "rings: 1σ, 2σ of a posterior a class"


LATENT = Panel(
    "latent",
    "Latent plane",
    "Posterior means, a median posterior a class, the prior.",
    about=about,
    figure=figure,
    pictures=pictures,
    specs=SPECS,
    alt=alt,
    subtitle=subtitle,
    tab="Latent",
)
