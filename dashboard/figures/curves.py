"""The small charts beside the planes: error against β, training so far, where the bits go, KL of each dimension."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.figures.palette import CHOSEN, CLASSES, CURVE
from dashboard.figures.planes import SMALL, bound, layout


def over_beta(betas: Sequence[float]) -> go.Figure:
    """Error of both splits along the slider: where compression helps, and where it forgets."""
    figure = go.Figure()
    x = [b if b > 0 else min(v for v in betas if v > 0) / 3 for b in betas]  # a log axis has no 0: left of all
    for split, dash in (("train", "dot"), ("test", "solid")):
        for kind, colour in (("mc", CURVE), ("1", CLASSES[1])):
            figure.add_scatter(x=x, mode="lines", line={"color": colour, "dash": dash, "width": 2},
                               name=f"err_{kind}, {split}", hovertemplate="%{y:.1%}",
                               meta={"bind": {"y": f"error_{kind}_{split}"}})  # fmt: skip
    figure.add_scatter(mode="markers", hoverinfo="skip", meta=bound("chosen_beta", "chosen_error"), showlegend=False,
                       marker={"size": 14, "color": CHOSEN, "line": {"color": "white", "width": 2}})  # fmt: skip
    layout(figure, "β", "error")
    figure.update_layout(showlegend=True, legend={"x": 0.02, "y": 0.98, "font": {"size": SMALL}})
    figure.update_xaxes(type="log")
    figure.update_yaxes(range=[0, 1], tickformat=".0%")
    return figure


def over_time(unit: str, right: float) -> go.Figure:
    """The chosen model's two informations against training steps."""
    figure = go.Figure()
    for name, colour in (("rate", CURVE), ("i_zy", CLASSES[1])):
        for split, dash in (("train", "dot"), ("test", "solid")):
            figure.add_scatter(mode="lines", line={"color": colour, "dash": dash, "width": 2},
                               name=f"{'rate' if name == 'rate' else 'H(Y) − CE'}, {split}",
                               meta=bound("time_steps", f"time_{name}_{split}"))  # fmt: skip
    layout(figure, "training step", f"information [{unit}]")
    figure.update_layout(showlegend=True, legend={"x": 0.98, "y": 0.98, "xanchor": "right", "font": {"size": SMALL}})
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(range=[0, 1.3 * right])
    return figure


def account_bars(unit: str, right: float, labelled: bool) -> go.Figure:
    """Where the bits go, for the chosen model: rate = I(X;Z) + marginal slack; I(Z;Y) = (H(Y) − CE) + decoder slack."""
    figure = go.Figure()
    rows = ["rate<br>test", "rate<br>train"]
    rows += ["I(Z;Y)<br>test", "I(Z;Y)<br>train"] if labelled else []
    known, slack = [CURVE, CURVE, CLASSES[1], CLASSES[1]], ["#b5d3f0", "#b5d3f0", "#ffe0a3", "#ffe0a3"]
    for name, colours in (("account_known", known), ("account_slack", slack)):
        figure.add_bar(y=rows, orientation="h", marker={"color": colours[: len(rows)]}, texttemplate="%{x:.2f}",
                       textposition="auto", hovertemplate="%{y}: %{x:.3f}<extra></extra>",
                       meta={"bind": {"x": name}})  # fmt: skip
    layout(figure, f"dark: value (or the bound below it); light: its slack  [{unit}]", "")
    figure.update_layout(barmode="stack", bargap=0.35, margin={"l": 64, "r": 12, "t": 8, "b": 46})
    figure.update_xaxes(range=[0, 1.5 * right], title={"font": {"size": 12}})
    figure.update_yaxes(autorange="reversed")
    return figure


def kl_bars(latent_dim: int, unit: str, top: float) -> go.Figure:
    """What each latent dimension costs: dimensions that the model gave up cost nothing."""
    figure = go.Figure()
    names = [f"z{d + 1}" for d in range(latent_dim)]
    figure.add_bar(
        x=names, marker={"color": CURVE}, meta={"bind": {"y": "kl_dims"}}, hovertemplate="%{x}: %{y:.3f}<extra></extra>"
    )
    layout(figure, "latent dimension", f"E KL of the dimension [{unit}]")
    figure.update_yaxes(range=[0, top])
    return figure
