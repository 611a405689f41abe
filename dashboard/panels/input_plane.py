"""The input plane: what is decided over two-dimensional x, and what an input at each place costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import frames
from dashboard.figures.about import Marks
from dashboard.figures.alts import error, spent
from dashboard.figures.palette import MUTED
from dashboard.figures.spaces import decisions, points
from dashboard.figures.style import layout
from dashboard.panel import Arrays, Moment, Panel, Still, sent
from dashboard.protocol import declare
from vibcore.types import Array
from vibcore.window import centres

DOTS = "the shown inputs: filled test, hollow training inputs; colours are"
DECIDED: Marks = [
    ["dots", f"{DOTS} their labels, flips included"],
    ["tinted areas", "the class that the whole model puts first, over 8 draws of z; paler where the second is near"],
]
REAL: Marks = [["dots", f"{DOTS} the thirds of y"]]
COSTS: Marks = [["lines with numbers", "what an input at that place costs: the KL of its posterior from the prior"]]
SPECS = declare("input_code", "u1", "any any") | declare("input_bits", "f2", "any any")


def _decides(still: Still) -> bool:
    return still.scene.likelihood == "categorical"


def figure(still: Still) -> go.Figure:
    """The drawn inputs where they are, over decisions where the decoder makes some."""
    window, names = still.scene.window, still.scene.class_names
    assert window.input_range is not None
    return input_plane(window.x, window.labels, window.is_train, names, window.input_range, _decides(still))


def input_plane(
    x: Array,
    labels: Array,
    is_train: Array,
    class_names: Sequence[str],
    input_range: tuple[float, float],
    decides: bool = True,
) -> go.Figure:
    """x: decisions of the whole model, and contours of what an input there costs."""
    figure = go.Figure()
    axis = centres(*input_range)
    if decides:
        decisions(figure, input_range, input_range, len(class_names), "input_code")
    figure.add_contour(
        x=axis,
        y=axis,
        z=[[0.0, 0.0], [0.0, 0.0]],
        contours={"coloring": "none", "showlabels": True, "start": 1, "end": 20, "size": 1, "labelfont": {"size": 11}},
        line={"width": 0.9, "color": MUTED},
        hoverinfo="skip",
        showscale=False,
        opacity=0.6,
        meta={"bind": {"z": "input_bits"}, "role": "ink"},
    )
    points(figure, labels, is_train, size=5, x=x)
    layout(figure, "x₁", "x₂")
    figure.update_xaxes(range=list(input_range), constrain="domain")
    figure.update_yaxes(range=list(input_range), scaleanchor="x", constrain="domain")
    return figure


def pictures(moment: Moment) -> Arrays:
    """Decisions of the shown models."""
    grid = moment.snapshot.input_grid
    if grid is None or not _decides(moment.still):
        return {}
    return sent({"input_code": frames.decision_codes(grid)}, moment.shown, np.uint8)


def arrays(moment: Moment) -> Arrays:
    """What an input at each place costs."""
    kl = moment.snapshot.input_kl
    return {} if kl is None else sent({"input_bits": kl / moment.nats_per_unit}, moment.shown, np.float16)


def alt(moment: Moment) -> list[str]:
    """How often the model is wrong, and what an input costs in the mean."""
    errors = [f"{error(p)} on test inputs; " for p in moment.snapshot.test]
    return spent(moment.snapshot, "Input plane of {beta}: ", moment.nats_per_unit, moment.unit, errors)


INPUT = Panel(
    "input",
    "Input plane",
    "Decisions over the input plane and what each place costs.",
    about=lambda still: [*(DECIDED if _decides(still) else REAL), *COSTS],
    figure=figure,
    pictures=pictures,
    arrays=arrays,
    specs=SPECS,
    alt=alt,
    applies=lambda scene: scene.window.input_range is not None,
    subtitle=lambda still: f"{'decisions; ' if _decides(still) else ''}contours: {still.unit} spent on an input",
    tab="Input",
)
