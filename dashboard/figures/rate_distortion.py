"""What is known of a VAE before any training: the corners and the exact curve of rate and distortion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.figures import edges, limits, words
from dashboard.figures.palette import MUTED
from dashboard.figures.style import note
from vibcore.types import Array


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


def known(figure: go.Figure, facts: RateDistortionFacts) -> None:
    """Shade D + R < H, name both corners, and draw the exact curve of a linear decoder."""
    if facts.entropy is not None:
        _below_entropy(figure, facts, facts.entropy / facts.nats_per_unit)
    if facts.floor is not None:
        _floor(figure, facts, facts.floor / facts.nats_per_unit)
    _ceiling(figure, facts)
    if facts.linear is not None:
        _linear(figure, facts, facts.linear)


DOTTED: dict[str, Any] = {"line_width": 1, "line_dash": "dot", "line_color": MUTED, "layer": "below"}


def _below_entropy(figure: go.Figure, facts: RateDistortionFacts, h: float) -> None:
    low, high = (d / facts.nats_per_unit for d in facts.depth)
    figure.add_shape(
        type="path",
        path=f"M 0,{h} L {h - low},{low} L 0,{low} Z",
        line={"width": 0},
        layer="below",
        fillcolor="rgba(120,124,140,0.15)",
    )
    figure.add_shape(type="line", x0=0, y0=h, x1=h - low, y1=low, line={"color": MUTED, "width": 1.4}, layer="below")
    text = f"grey: D + R < h(X) = {words.plain(h)},<br>where no model of new inputs lies"
    heights = [{"y": low + share * (high - low)} for share in (0.25, 0.15, 0.5, 0.62)]
    note(figure, 0.62 * facts.right / facts.nats_per_unit, low + 0.36 * (high - low), text, others=heights)


def _floor(figure: go.Figure, facts: RateDistortionFacts, floor: float) -> None:
    right, (low, high) = facts.right / facts.nats_per_unit, (d / facts.nats_per_unit for d in facts.depth)
    figure.add_hline(y=floor, **DOTTED)
    text = "perfect reconstruction" if floor >= low else f"perfect reconstruction: {words.plain(floor, 1)} ↓"
    up = "top" if floor > low + 0.06 * (high - low) else "bottom"
    others: list[dict[str, Any]] = [{"x": 0.7 * right}, {"yanchor": "bottom"}, {"x": 0.02 * right, "xanchor": "left"}]
    note(figure, 0.99 * right, max(floor, low), text, "right", up, others)


def _ceiling(figure: go.Figure, facts: RateDistortionFacts) -> None:
    right, ceiling = facts.right / facts.nats_per_unit, facts.ceiling / facts.nats_per_unit
    figure.add_hline(y=ceiling, **DOTTED)
    lower: list[dict[str, Any]] = [{"yanchor": "top"}, {"x": 0.75 * right}, {"x": 0.75 * right, "yanchor": "top"}]
    note(figure, 0.99 * right, ceiling, "the best that keeps nothing", "right", "bottom", lower)


def _linear(figure: go.Figure, facts: RateDistortionFacts, linear: tuple[Array, Array]) -> None:
    x, y = (values / facts.nats_per_unit for values in linear)
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
    low, high = (d / facts.nats_per_unit for d in facts.depth)
    k = int(abs(y - (0.55 * high + 0.45 * low)).argmin())
    arrow = {"showarrow": True, "ax": 12, "ay": 0, "arrowwidth": 1, "arrowcolor": MUTED}
    farther = [{"ax": 40, "ay": -40}, {"ax": 70, "ay": -60}, {"ax": 110, "ay": -20}, {"ax": 60, "ay": -110}]
    note(figure, float(x[k]), float(y[k]), "best linear decoder, exact (PPCA)", "left", "middle", farther, **arrow)
