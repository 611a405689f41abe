"""Latent dimensions: what each of them costs."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import words
from dashboard.figures.about import Marks
from dashboard.figures.palette import CURVE
from dashboard.figures.style import SMALL, layout
from dashboard.panel import Arrays, Moment, Panel, sent
from dashboard.panels.plane import ends
from dashboard.protocol import declare

FEW = 12  # bars that can carry their numbers, and that a sentence names
ABOUT: Marks = [
    [
        "bars",
        "what each latent dimension costs by itself, on test inputs; near 0 where it has fallen "
        "back to the prior. They add up to the rate where the posterior is diagonal",
    ]
]
SPECS = declare("kl_dims", "f4", "dimension")


def kl_bars(latent_dim: int, unit: str, top: float) -> go.Figure:
    """What each latent dimension costs: dimensions that the model gave up cost nothing."""
    figure = go.Figure()
    few = latent_dim <= FEW
    # a number stands at the foot of its bar: it is seen also where the bar leaves the axis
    figure.add_bar(
        x=list(range(1, latent_dim + 1)),
        y=[],
        marker={"color": CURVE, "line": {"width": 0}},
        meta={"bind": {"y": "kl_dims"}},
        hovertemplate=f"z%{{x}}: %{{y:.3f}} {unit}<extra></extra>",
        texttemplate="%{y:.2f}" if few else None,
        textposition="inside",
        insidetextanchor="start",
        textangle=0,
        constraintext="none",
        textfont={"size": SMALL},
    )
    layout(figure, "latent dimension", f"{unit} spent on it: E KL")
    step = max(1, latent_dim // 8)
    shown = list(range(1, latent_dim + 1, step))
    figure.update_xaxes(range=[0.4, latent_dim + 0.6], tickvals=shown, ticktext=[f"z{d}" for d in shown])
    figure.update_yaxes(range=[0, top])
    return figure


def arrays(moment: Moment) -> Arrays:
    """The KL of every dimension of every model."""
    kl = np.array([p.kl_per_dim for p in moment.snapshot.test]) / moment.nats_per_unit
    return sent({"kl_dims": kl}, moment.everyone)


def alt(moment: Moment) -> list[str]:
    """What the latent dimensions cost, the first twelve by number."""
    return [
        "Cost of each latent dimension: "
        + ", ".join(f"z{k + 1} {words.plain(kl / moment.nats_per_unit)}" for k, kl in enumerate(p.kl_per_dim[:FEW]))
        + (", …" if len(p.kl_per_dim) > FEW else "")
        + f" {moment.unit}."
        for p in moment.snapshot.test
    ]


KL = Panel(
    "kl",
    "Latent dimensions",
    "KL of every latent dimension.",
    about=lambda still: ABOUT,
    figure=lambda still: kl_bars(still.scene.config.latent_dim, still.unit, ends(still)[0]),
    arrays=arrays,
    specs=SPECS,
    alt=alt,
    subtitle="test inputs",
    tab="KL",
)
