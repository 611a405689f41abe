"""The planes, bars and curves of the VAE page. Pure: NumPy and plotly alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.figures import edges, frames, limits, planes, words
from dashboard.figures.curves import BETWEEN, beta_axis
from dashboard.figures.palette import CLASSES, COLLAPSE, MUTED
from dashboard.figures.style import beside, bound, chosen, chosen_dot, layout, note
from vibcore.types import Array

REST = "#c3c7d1"  # bits that are not about the class


@dataclass(frozen=True)
class RateDistortionFacts:
    """What is known before any training. Nats; None where not known."""

    nats_per_unit: float  # nats in a unit of the page
    unit: str
    entropy: float | None  # of the input: D + R of no model lies below
    ceiling: float  # distortion of the best model that keeps nothing
    floor: float | None  # distortion of a perfect reconstruction
    lowest: float  # least distortion drawn
    right: float  # largest rate drawn
    linear: tuple[Array, Array] | None  # rate and distortion of the best linear model at every stop

    @property
    def depth(self) -> tuple[float, float]:
        """Lowest and highest distortion drawn: fixed for a run."""
        span = self.ceiling - self.lowest
        return self.lowest - 0.08 * span, self.ceiling + 0.3 * span

    @property
    def box(self) -> edges.Box:
        """Ends of both axes of the plane, in nats: fixed for a run."""
        return (-limits.LEFT * self.right, self.right), self.depth

    @property
    def losses(self) -> tuple[float, float]:
        """Least and largest D + R drawn over β, in nats."""
        return self.depth[0], max(self.depth[1], self.lowest + 1.05 * self.right)


def rate_distortion_plane(facts: RateDistortionFacts) -> go.Figure:
    """Rate against distortion: every β, what no model can reach, and the price line through the chosen one."""
    figure = go.Figure()
    _known(figure, facts)
    planes.learned(figure)
    figure.add_scatter(
        mode="markers+text",
        hoverinfo="skip",
        meta=bound("elbo_x", "elbo_y")
        | beside((0, "top right"), (0, "bottom left"), (0, "bottom right"), (0, "top left")),
        text=["β = 1: D + R = −ELBO"],
        textposition="top right",
        textfont={"color": COLLAPSE, "size": 12},
        marker={"size": 15, "symbol": "diamond-open", "color": COLLAPSE, "line": {"width": 2.4}},
    )
    layout(figure, f"{facts.unit} about X, at most: rate R ≥ I(X;Z)", f"{facts.unit} lost: distortion D = −E ln q(x|z)")
    across, up = facts.box
    figure.update_xaxes(range=[v / facts.nats_per_unit for v in across])
    figure.update_yaxes(range=[v / facts.nats_per_unit for v in up])
    return figure


def _known(figure: go.Figure, facts: RateDistortionFacts) -> None:
    """Shade D + R < H, name both corners, and draw the exact curve of a linear decoder."""
    right, (low, high) = facts.right / facts.nats_per_unit, (d / facts.nats_per_unit for d in facts.depth)
    span = high - low
    dotted = {"line_width": 1, "line_dash": "dot", "line_color": MUTED, "layer": "below"}
    if facts.entropy is not None:
        h = facts.entropy / facts.nats_per_unit
        figure.add_shape(
            type="path",
            path=f"M 0,{h} L {h - low},{low} L 0,{low} Z",
            line={"width": 0},
            layer="below",
            fillcolor="rgba(120,124,140,0.15)",
        )
        figure.add_shape(
            type="line", x0=0, y0=h, x1=h - low, y1=low, line={"color": MUTED, "width": 1.4}, layer="below"
        )
        text = f"grey: D + R < h(X) = {words.plain(h)},<br>where no model of new inputs lies"
        heights = [{"y": low + share * span} for share in (0.25, 0.15, 0.5, 0.62)]
        note(figure, 0.62 * right, low + 0.36 * span, text, others=heights)
    if facts.floor is not None:
        floor = facts.floor / facts.nats_per_unit
        figure.add_hline(y=floor, **dotted)
        text = "perfect reconstruction" if floor >= low else f"perfect reconstruction: {words.plain(floor, 1)} ↓"
        up = "top" if floor > low + 0.06 * span else "bottom"
        others: list[dict[str, Any]] = [
            {"x": 0.7 * right},
            {"yanchor": "bottom"},
            {"x": 0.02 * right, "xanchor": "left"},
        ]
        note(figure, 0.99 * right, max(floor, low), text, "right", up, others)
    figure.add_hline(y=facts.ceiling / facts.nats_per_unit, **dotted)
    lower: list[dict[str, Any]] = [{"yanchor": "top"}, {"x": 0.75 * right}, {"x": 0.75 * right, "yanchor": "top"}]
    note(
        figure,
        0.99 * right,
        facts.ceiling / facts.nats_per_unit,
        "the best that keeps nothing",
        "right",
        "bottom",
        lower,
    )
    if facts.linear is not None:
        x, y = (values / facts.nats_per_unit for values in facts.linear)
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            line={"color": MUTED, "width": 3.2},
            hoverinfo="name",
            name="best linear decoder, exact",
            meta={"role": "ink"},
            opacity=0.55,
        )
        k = int(abs(y - (0.55 * high + 0.45 * low)).argmin())
        arrow = {"showarrow": True, "ax": 12, "ay": 0, "arrowwidth": 1, "arrowcolor": MUTED}
        farther = [{"ax": 40, "ay": -40}, {"ax": 70, "ay": -60}, {"ax": 110, "ay": -20}, {"ax": 60, "ay": -110}]
        note(figure, float(x[k]), float(y[k]), "best linear decoder, exact (PPCA)", "left", "middle", farther, **arrow)


def bits_bars(unit: str, ceiling: float, h_y: float) -> go.Figure:
    """What two models spend their bits on: the class, and the rest."""
    figure = go.Figure()
    rows = ["VIB<br>asked for<br>the class", "VAE<br>asked for<br>the input"]
    for name, colour, label in (
        ("bits_class", CLASSES[1], "about the class, at least"),
        ("bits_between", BETWEEN, "one or the other"),
        ("bits_rest", REST, "about the rest, at least"),
    ):
        figure.add_bar(
            y=rows,
            orientation="h",
            name=label,
            marker={"color": colour, "line": {"width": 0}},
            x=[],
            texttemplate="%{x:.2f}",
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": "#1d2028", "size": 18},
            hovertemplate=label + ": %{x:.3f}<extra></extra>",
            meta={"bind": {"x": name}},
        )
    for x, text, side in ((h_y, "H(Y)", "left"), (ceiling, "log N, test", "right")):
        figure.add_vline(
            x=x,
            line_width=1.4,
            line_dash="dot",
            line_color=MUTED,
            annotation={"text": text, "font": {"size": 12}, "xanchor": side},
        )
    layout(figure, f"{unit} about X, at least: I(X;Z)", "")
    figure.update_layout(
        barmode="stack",
        bargap=0.35,
        uniformtext={"minsize": 11, "mode": "hide"},  # a number that does not fit its part is in the row below
        margin={"l": 84, "r": 14, "t": 44, "b": 46},
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
    )
    figure.update_xaxes(range=[0, 1.06 * ceiling])
    figure.update_yaxes(autorange="reversed")
    return figure


def elbo_over_beta(betas: Sequence[float], facts: RateDistortionFacts) -> go.Figure:
    """D + R along the slider: whatever a model was trained with, β = 1 makes this least."""
    figure = beta_axis(go.Figure(), betas)
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
    layout(figure, "β", f"D + R = −ELBO  [{facts.unit}]")
    figure.update_yaxes(range=[low, high])
    return figure
