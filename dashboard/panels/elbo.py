"""ELBO over β: whatever a model was trained with, β = 1 makes D + R least."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import edges, frames, words
from dashboard.figures.about import Marks
from dashboard.figures.curves import beta_axis
from dashboard.figures.palette import COLLAPSE, MUTED
from dashboard.figures.rate_distortion import RateDistortionFacts
from dashboard.figures.style import chosen, chosen_dot, layout, note
from dashboard.panel import Arrays, Moment, Panel, Texts, sent
from dashboard.panels.rate_distortion import alt, facts, points
from dashboard.protocol import declare
from vibcore.types import Array

ABOUT: Marks = [
    ["dotted, solid", "D + R on training inputs, on test inputs"],
    ["red dot", "the chosen β on test inputs; an arrow and a value where it lies beyond the picture"],
    ["purple line", "β = 1, which trains for this sum"],
]
SPECS = declare("loss_train loss_test", "f4", "stop", "shared") | declare("chosen_beta chosen_loss", "f4", "1")


def elbo_over_beta(betas: Sequence[float], facts: RateDistortionFacts) -> go.Figure:
    """D + R along the slider: whatever a model was trained with, β = 1 makes this least."""
    figure = beta_axis(layout(go.Figure(), "β", f"D + R = −ELBO  [{facts.unit}]"), betas)
    x = frames.beta_places(betas).tolist()
    for split, dash in (("train", "dot"), ("test", "solid")):
        figure.add_scatter(
            x=x,
            y=[],
            mode="lines",
            line={"dash": dash, "width": 2},
            name=split,
            text=[words.beta_label(b) for b in betas],
            hovertemplate="β = %{text}: %{y:.3f}",
            meta={"bind": {"y": f"loss_{split}"}, "role": "ink"},
        )
    chosen_dot(figure, 14, chosen("chosen_beta", "chosen_loss", text="chosen_loss_text"))
    low, high = (v / facts.nats_per_unit for v in facts.losses)
    if facts.entropy is not None:
        figure.add_hline(y=facts.entropy / facts.nats_per_unit, line_width=1.4, line_dash="dot", line_color=MUTED)
        note(
            figure,
            x[0],
            facts.entropy / facts.nats_per_unit,
            "h(X): no model of new inputs lies below",
            "left",
            "bottom",
        )
    if x[0] <= 0 <= x[-1]:
        figure.add_vline(x=0.0, line_width=1.4, line_dash="dash", line_color=COLLAPSE)
        note(figure, 0.0, high, "β = 1 ", "right", "top")
    figure.update_yaxes(range=[low, high])
    return figure


def _losses(moment: Moment) -> dict[str, Array]:
    dots = points(moment)
    return {f"loss_{split}": dots[f"plane_{split}_y"] + dots[f"plane_{split}_x"] for split in ("train", "test")}


def arrays(moment: Moment) -> Arrays:
    """D + R of both splits; the chosen one waits at the edge where it lies beyond the chart."""
    losses = _losses(moment)
    low, high = (v / moment.nats_per_unit for v in facts(moment.still).losses)
    room = edges.ROOM * (high - low)
    own = {
        "chosen_beta": frames.beta_places(moment.snapshot.betas)[:, None],
        "chosen_loss": np.clip(losses["loss_test"], low + room, high - room)[:, None],
    }
    return sent(losses, None) | sent(own, moment.everyone)


def texts(moment: Moment) -> Texts:
    """What the chosen one really is where it waits."""
    high = facts(moment.still).losses[1] / moment.nats_per_unit
    losses = _losses(moment)["loss_test"]
    return {"chosen_loss_text": [f"↑ {words.plain(v, 1)} {moment.unit}" if v > high else "" for v in losses]}


ELBO = Panel(
    "beta",
    "ELBO over β",
    "D + R of every stop.",
    about=lambda still: ABOUT,
    figure=lambda still: elbo_over_beta(still.scene.config.betas, facts(still)),
    arrays=arrays,
    texts=texts,
    specs=SPECS,
    alt=alt,
    subtitle="what β = 1 trains for; dotted: training inputs",
    tab="Over β",
    low=True,
)
