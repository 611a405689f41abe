"""The planes, bars and curves of the VAE page. Pure: NumPy and plotly alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.figures import planes
from dashboard.figures.palette import CHOSEN, CLASSES, COLLAPSE, CURVE, MUTED
from dashboard.figures.planes import bound, layout
from vibcore.types import Array

REST = "#c3c7d1"  # bits that are not about the class


@dataclass(frozen=True)
class RateDistortionFacts:
    """What is known before any training. Nats; None where not known."""

    size: float  # nats in a unit of the page
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


def rate_distortion_plane(facts: RateDistortionFacts) -> go.Figure:
    """Rate against distortion: every β, what no model can reach, and the price line through the chosen one."""
    figure = go.Figure()
    _known(figure, facts)
    figure.add_scatter(mode="lines", line={"color": CHOSEN, "width": 1}, opacity=0.35, hoverinfo="skip",
                       meta=bound("trail_x", "trail_y"))  # fmt: skip
    figure.add_scatter(mode="lines", line={"color": CHOSEN, "width": 1.8, "dash": "dash"}, hoverinfo="skip",
                       meta=bound("iso_x", "iso_y"))  # fmt: skip
    for split, fill, edge in (("train", "rgba(0,0,0,0)", CURVE), ("test", CURVE, "white")):
        figure.add_scatter(
            mode="lines+markers" if split == "test" else "markers",
            line={"color": CURVE, "width": 0.8},
            marker={"size": 9, "color": fill, "line": {"color": edge, "width": 1.3}},
            name=split,
            hovertemplate="%{text}<extra>" + split + "</extra>",
            meta=bound(f"plane_{split}_x", f"plane_{split}_y", text=f"plane_{split}_text") | {"choose": True},
        )
    figure.add_scatter(mode="markers", hoverinfo="skip", meta=bound("chosen_x", "chosen_y"),
                       marker={"size": 17, "color": CHOSEN, "line": {"color": "white", "width": 2}})  # fmt: skip
    figure.add_scatter(
        mode="markers+text", hoverinfo="skip", meta=bound("elbo_x", "elbo_y"), text=["β = 1: D + R = −ELBO"],
        textposition="top right", textfont={"color": COLLAPSE, "size": 12},
        marker={"size": 15, "symbol": "diamond-open", "color": COLLAPSE, "line": {"width": 2.4}},
    )  # fmt: skip
    layout(figure, f"rate R = E KL(p(z|x) ‖ r(z)) ≥ I(X;Z)  [{facts.unit}]",
           f"distortion D = −E ln q(x|z)  [{facts.unit}]")  # fmt: skip
    figure.update_xaxes(range=[0, facts.right / facts.size])
    figure.update_yaxes(range=[d / facts.size for d in facts.depth])
    return figure


def _known(figure: go.Figure, facts: RateDistortionFacts) -> None:
    """Shade D + R < H, name both corners, and draw the exact curve of a linear decoder."""
    right, (low, high) = facts.right / facts.size, (d / facts.size for d in facts.depth)
    span = high - low
    dotted = {"line_width": 1, "line_dash": "dot", "line_color": MUTED, "layer": "below"}
    if facts.entropy is not None:
        h = facts.entropy / facts.size
        figure.add_shape(type="path", path=f"M 0,{h} L {h - low},{low} L 0,{low} Z", line={"width": 0}, layer="below",
                         fillcolor="rgba(120,124,140,0.15)")  # fmt: skip
        figure.add_shape(type="line", x0=0, y0=h, x1=h - low, y1=low, line={"color": MUTED, "width": 1.4},
                         layer="below")  # fmt: skip
        _note(figure, 0.015 * right, low + 0.02 * span, f"impossible: D + R < h(X) = {h:.2f}", "left", "bottom")
        _note(figure, 0.5 * right, low + 0.4 * span, "feasible: h(X) − D ≤ R", "center", "middle")
    if facts.floor is not None:
        floor = facts.floor / facts.size
        figure.add_hline(y=floor, **dotted)
        text = "perfect reconstruction" if floor >= low else f"perfect reconstruction: {floor:.1f} ↓"
        _note(figure, right, max(floor, low), text, "right", "bottom")
    figure.add_hline(y=facts.ceiling / facts.size, **dotted)
    _note(figure, right, facts.ceiling / facts.size, "the best that keeps nothing", "right", "bottom")
    if facts.linear is not None:
        x, y = (values / facts.size for values in facts.linear)
        figure.add_scatter(x=x, y=y, mode="lines", line={"color": MUTED, "width": 3.2}, hoverinfo="name",
                           name="best linear decoder, exact", meta={"role": "ink"}, opacity=0.55)  # fmt: skip
        k = int(abs(y - (0.55 * high + 0.45 * low)).argmin())
        _note(figure, float(x[k]) + 0.02 * right, float(y[k]), "best linear decoder, exact (PPCA)", "left", "middle")


def _note(figure: go.Figure, x: float, y: float, text: str, xanchor: str, yanchor: str) -> None:
    figure.add_annotation(x=x, y=y, text=text, xanchor=xanchor, yanchor=yanchor, showarrow=False,
                          font={"size": planes.SMALL, "color": MUTED})  # fmt: skip


def latent_plane(labels: Array, is_train: Array, class_names: Sequence[str], latent_range: tuple[float, float],
                 dims: tuple[int, ...]) -> go.Figure:  # fmt: skip
    """The latent plane of a model that decides nothing: colours are of labels that it never saw."""
    figure = planes.latent_plane(labels, is_train, class_names, latent_range, dims)
    figure.data = [trace for trace in figure.data if trace.type != "heatmap"]
    return figure


def prefixed(figure: go.Figure, prefix: str) -> go.Figure:
    """The same figure, moved by the arrays of another run: `prefix` before every name that it binds."""
    for trace in figure.data:
        meta = dict(trace.meta or {})
        if "bind" in meta:
            meta["bind"] = {path: prefix + name for path, name in meta["bind"].items()}
        if "ellipse" in meta:
            meta["of"] = prefix
        trace.meta = meta or None
    labels = (figure.layout.meta or {}).get("labels")
    if labels:
        moved = labels | {axis: prefix + labels[axis] for axis in ("x", "y")}
        figure.update_layout(meta={"labels": moved}, overwrite=True)
    return figure


def bits_bars(unit: str, ceiling: float, h_y: float) -> go.Figure:
    """What two models spend their bits on: the class, and the rest."""
    figure = go.Figure()
    rows = ["VIB<br>asked for<br>the class", "VAE<br>asked for<br>the input"]
    for name, colour, label in (("bits_class", CLASSES[1], "about the class"), ("bits_rest", REST, "about the rest")):
        figure.add_bar(y=rows, orientation="h", name=label, marker={"color": colour, "line": {"width": 0}},
                       texttemplate="%{x:.2f}", textposition="inside", insidetextanchor="middle",
                       textfont={"color": "#1d2028", "size": 18}, hovertemplate=label + ": %{x:.3f}<extra></extra>",
                       meta={"bind": {"x": name}})  # fmt: skip
    for x, text in ((h_y, "H(Y)"), (ceiling, "log N")):
        figure.add_vline(x=x, line_width=1.4, line_dash="dot", line_color=MUTED,
                         annotation={"text": text, "font": {"size": 12, "color": MUTED}})  # fmt: skip
    layout(figure, f"I(X;Z) of the test inputs  [{unit}]", "")
    figure.update_layout(barmode="stack", bargap=0.35, margin={"l": 84, "r": 14, "t": 44, "b": 46}, showlegend=True,
                         legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom",
                                 "traceorder": "normal"})  # fmt: skip
    figure.update_xaxes(range=[0, 1.06 * ceiling])
    figure.update_yaxes(autorange="reversed")
    return figure


def elbo_over_beta(betas: Sequence[float], facts: RateDistortionFacts) -> go.Figure:
    """D + R along the slider: whatever a model was trained with, β = 1 makes this least."""
    figure = go.Figure()
    x = [b if b > 0 else min(v for v in betas if v > 0) / 3 for b in betas]  # a log axis has no 0: left of all
    for split, dash in (("train", "dot"), ("test", "solid")):
        figure.add_scatter(x=x, mode="lines", line={"color": CURVE, "dash": dash, "width": 2}, name=split,
                           hovertemplate="%{y:.3f}", meta={"bind": {"y": f"loss_{split}"}})  # fmt: skip
    figure.add_scatter(mode="markers", hoverinfo="skip", meta=bound("chosen_beta", "chosen_loss"), showlegend=False,
                       marker={"size": 14, "color": CHOSEN, "line": {"color": "white", "width": 2}})  # fmt: skip
    if facts.entropy is not None:
        figure.add_hline(y=facts.entropy / facts.size, line_width=1.4, line_dash="dot", line_color=MUTED,
                         annotation={"text": "h(X)", "font": {"size": planes.SMALL, "color": MUTED}})  # fmt: skip
    figure.add_vline(x=1.0, line_width=1.4, line_dash="dash", line_color=COLLAPSE)
    layout(figure, "β", f"D + R = −ELBO  [{facts.unit}]")
    figure.update_layout(
        showlegend=True, legend={"x": 0.98, "y": 0.98, "xanchor": "right", "font": {"size": planes.SMALL}}
    )
    figure.update_xaxes(type="log", dtick=1)
    figure.update_yaxes(range=[facts.depth[0] / facts.size, (facts.ceiling + 0.4 * facts.right) / facts.size])
    return figure


def over_time(facts: RateDistortionFacts) -> go.Figure:
    """Rate (left axis) and distortion (right axis) of the chosen model against training steps."""
    figure = go.Figure()
    for name, colour, axis in (("rate", CURVE, "y"), ("cost", CLASSES[1], "y2")):
        for split, dash in (("train", "dot"), ("test", "solid")):
            figure.add_scatter(mode="lines", line={"color": colour, "dash": dash, "width": 2}, yaxis=axis,
                               name=f"{'R' if name == 'rate' else 'D'}, {split}",
                               meta=bound("time_steps", f"time_{name}_{split}"))  # fmt: skip
    layout(figure, "training step", f"R  [{facts.unit}]")
    second: dict[str, Any] = {"overlaying": "y", "side": "right", "title": {"text": f"D  [{facts.unit}]"},
                              "showgrid": False, "tickmode": "auto",
                              "range": [d / facts.size for d in facts.depth]}  # fmt: skip
    figure.update_yaxes(range=[0, facts.right / facts.size])
    figure.update_layout(yaxis2=second, margin={"l": 52, "r": 56, "t": 8, "b": 46}, showlegend=True,
                         legend={"x": 0.98, "y": 0.98, "xanchor": "right", "font": {"size": planes.SMALL}})  # fmt: skip
    figure.update_xaxes(rangemode="tozero")
    return figure
