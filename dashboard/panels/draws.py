"""Draws of z: the same noise for some inputs, moved and scaled by each one's μ and σ."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.about import Marks
from dashboard.figures.alts import spent
from dashboard.figures.palette import CLASSES, OUTLINE
from dashboard.figures.spaces import prior_rings
from dashboard.figures.style import bound, layout
from dashboard.panel import Arrays, Moment, Panel, Still, sent
from dashboard.protocol import declare
from vibcore.types import Array
from vibcore.window import LATENT_RANGE

INPUTS, DRAWS_EACH = 4, 60
ABOUT: Marks = [
    ["dots of one colour", f"{DRAWS_EACH} draws z = μ + σε of one test input, the same ε for all inputs and every β"],
    ["crosses", "their means μ"],
    ["dashed rings", "1σ and 2σ of the prior r(z)"],
]

SPECS = declare("draws_*", "f2", "draw 2") | declare("draws_mean", "f2", "drawn 2")


def noise() -> Array:
    """ε of every input and model, (draws, 2)."""
    eps: Array = np.random.default_rng(0).standard_normal((DRAWS_EACH, 2))
    return eps


def spread(still: Still) -> Array:
    """Rows of some shown test inputs that lie far from one another: each next one the farthest from all before."""
    window = still.scene.window
    test = np.flatnonzero(~window.is_train)
    x = window.x[test].astype(float)
    found = [0]
    for _ in range(INPUTS - 1):
        apart = ((x[:, None] - x[found]) ** 2).sum(-1).min(1)
        found.append(int(apart.argmax()))
    rows: Array = test[found]
    return rows


def _of(name: str, rows: int) -> dict[str, Any]:
    """`meta` of dots at the rows of an array (rows, 2)."""
    return {"rows": list(range(rows))} | bound(f"{name}.0", f"{name}.1")


def figure(still: Still) -> go.Figure:
    """Draws of a few test inputs in the shown dimensions."""
    drawn = go.Figure()
    prior_rings(drawn)
    for i in range(INPUTS):
        dot = {"size": 5, "color": CLASSES[i], "line": {"color": OUTLINE, "width": 0.4}}
        drawn.add_scatter(mode="markers", hoverinfo="skip", marker=dot, meta=_of(f"draws_{i}", DRAWS_EACH))
    cross = {"size": 9, "symbol": "x", "color": OUTLINE, "line": {"color": "white", "width": 1}}
    drawn.add_scatter(mode="markers", hoverinfo="skip", marker=cross, meta=_of("draws_mean", INPUTS))
    first, second = still.scene.dims
    layout(drawn, f"z{first + 1}", f"z{second + 1}")
    drawn.update_xaxes(range=list(LATENT_RANGE), constrain="domain")
    drawn.update_yaxes(range=list(LATENT_RANGE), scaleanchor="x", constrain="domain")
    return drawn


def pictures(moment: Moment) -> Arrays:
    """Draws and means of the shown models: (m, draws, 2) of each input, (m, inputs, 2)."""
    snapshot, dims = moment.snapshot, list(moment.snapshot.dims)
    rows = spread(moment.still)
    mu, sigma = snapshot.mu[:, rows][..., dims], snapshot.sigma[:, rows][..., dims]
    eps = np.broadcast_to(noise(), (*mu.shape[:2], DRAWS_EACH, 2)).copy()
    if snapshot.correlation is not None:
        rho = snapshot.correlation[:, rows, None]
        eps[..., 1] = rho * eps[..., 0] + np.sqrt(1 - rho**2) * eps[..., 1]
    z = mu[:, :, None] + sigma[:, :, None] * eps  # (m, inputs, draws, 2)
    found = {f"draws_{i}": z[:, i] for i in range(INPUTS)}
    return sent(found | {"draws_mean": mu}, moment.shown, np.float16)


def alt(moment: Moment) -> list[str]:
    """What an input costs in the mean."""
    return spent(moment.snapshot, "Draws of {beta}: ", moment.nats_per_unit, moment.unit)


DRAWS = Panel(
    "draws",
    "Draws of z",
    "Draws of z for a few test inputs, and the prior.",
    about=lambda still: ABOUT,
    figure=figure,
    specs=SPECS,
    pictures=pictures,
    alt=alt,
    applies=lambda scene: len(scene.dims) == 2,
    subtitle="one colour, one input; × its mean",
    tab="Draws",
)
