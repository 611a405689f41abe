"""The lower charts of both pages: error over β, informations over time, accounts and dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard.figures import frames, words
from dashboard.figures.palette import CURVE
from dashboard.figures.style import SMALL, bound, chosen, chosen_dot, layout
from vibcore.types import Array

KNOWN_Y, SLACK_X, SLACK_Y = "#a96b59", "#b5d3f0", "#e2c9c1"
FEW = 12  # bars that can carry their numbers
BETWEEN = "#a9aeba"  # what may be value or slack


def over_beta(betas: Sequence[float]) -> go.Figure:
    """Error of both splits along the slider, told apart by ink and line style alone."""
    figure = beta_axis(go.Figure(), betas)
    for kind, width in (("mc", 2.8), ("1", 1.2)):
        for split, dash in (("train", "dot"), ("test", "solid")):
            name = f"{'12 draws of z voting' if kind == 'mc' else 'one draw of z'}, {split}"
            figure.add_scatter(
                x=_places(betas),
                y=[],
                mode="lines",
                line={"dash": dash, "width": width},
                name=name,
                text=[words.beta_label(b) for b in betas],
                hovertemplate="β = %{text}: %{y:.1%}<extra>" + name + "</extra>",
                meta={"bind": {"y": f"error_{kind}_{split}"}, "role": "ink"},
            )
    chosen_dot(figure, 14, chosen("chosen_beta", "chosen_error"))
    layout(figure, "β", "wrong answers")
    figure.update_layout(margin={"l": 64})
    figure.update_yaxes(
        range=[-0.02, 1.02], tickvals=[0, 0.25, 0.5, 0.75, 1], ticktext=["0 %", "25 %", "50 %", "75 %", "100 %"]
    )
    return figure


def _places(betas: Sequence[float]) -> list[float]:
    places: list[float] = frames.beta_places(betas).tolist()
    return places


def beta_axis(figure: go.Figure, betas: Sequence[float]) -> go.Figure:
    """β along x on a log scale, 0 left of all; its decades are written as the slider writes them."""
    places = _places(betas)
    room = 0.03 * (places[-1] - places[0])
    marks = [(place, "0") for place, b in zip(places, betas, strict=True) if b == 0]
    marks += [(float(k), words.beta_label(10.0**k)) for k in range(-6, 2) if places[len(marks)] <= k <= places[-1]]
    if len(marks) < 2:  # not one decade: the ends
        marks = [(places[k], words.beta_label(betas[k])) for k in (0, -1)]
    figure.update_xaxes(
        range=[places[0] - room, places[-1] + room],
        tickvals=[place for place, _ in marks],
        ticktext=[text for _, text in marks],
    )
    return figure


def over_time(unit: str, is_gain: bool = False) -> go.Figure:
    """The chosen model's two informations against training steps."""
    figure = go.Figure()
    about_y = "about Y, gained" if is_gain else "about Y, at least"
    for name, colour, label in (("rate", CURVE, "about X, at most"), ("i_zy", KNOWN_Y, about_y)):
        _past(figure, name, colour, label)
    return timed(figure, f"{unit}")


def _past(figure: go.Figure, name: str, colour: str, label: str, **more: Any) -> None:
    for split, dash in (("train", "dot"), ("test", "solid")):
        figure.add_scatter(
            x=[],
            y=[],
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2},
            name=label if split == "test" else f"{label}, train",
            meta=bound("time_steps", f"time_{name}_{split}"),
            **more,
        )


def timed(figure: go.Figure, title: str) -> go.Figure:
    """Steps along x; the heights are as far as the curves went. The legend names the solid lines alone."""
    layout(figure, "training step", title)
    figure.for_each_trace(lambda trace: trace.update(showlegend=trace.line.dash == "solid"))
    legend = {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": {"size": SMALL}}
    figure.update_layout(showlegend=True, legend=legend, margin={"t": 28})
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(rangemode="tozero")
    return figure


def rate_and_cost(unit: str) -> go.Figure:
    """Rate (left axis) and distortion (right axis) of the chosen model against training steps."""
    figure = go.Figure()
    _past(figure, "rate", CURVE, "R")
    _past(figure, "cost", KNOWN_Y, "D", yaxis="y2")
    timed(figure, f"R  [{unit}]")
    second = {
        "overlaying": "y",
        "side": "right",
        "title": {"text": f"D  [{unit}]", "font": {"size": 13}},
        "showgrid": False,
        "zeroline": False,
        "tickmode": "auto",
    }
    return figure.update_layout(yaxis2=second, margin={"r": 58})


def account_bars(unit: str, right: float, labelled: bool) -> go.Figure:
    """Where the bits go, for the chosen model: rate = I(X;Z) + marginal slack; I(Z;Y) = (H(Y) − CE) + decoder slack.

    What lies between the bounds of an information belongs to one side or the other.
    """
    figure = go.Figure()
    rows = account_rows(labelled)
    known, slack = [CURVE, CURVE, KNOWN_Y, KNOWN_Y], [SLACK_X, SLACK_X, SLACK_Y, SLACK_Y]
    for name, colours, ink, at in (
        ("account_known", known, "white", "start"),
        ("account_between", [BETWEEN] * 4, "#1d2028", "middle"),
        ("account_slack", slack, "#1d2028", "start"),
    ):
        more = {"text": "account_slack_text"} if name == "account_slack" else {}
        figure.add_bar(
            y=rows,
            x=[],
            orientation="h",
            marker={"color": colours[: len(rows)], "line": {"width": 0}},
            texttemplate="%{text}" if name == "account_slack" else "%{x:.2f}",
            textposition="auto",
            textangle=0,
            insidetextanchor=at,
            insidetextfont={"color": ink},
            hovertemplate="%{y}: %{x:.3f}<extra></extra>",
            meta={"bind": {"x": name} | more, "own": list(more)},
        )
    figure.add_scatter(
        x=[0.99 * right] * len(rows),
        y=rows,
        mode="text",
        text=[""] * len(rows),
        hoverinfo="skip",
        textposition="middle left",
        textfont={"size": SMALL},
        meta={"bind": {"text": "account_over"}, "own": ["text"]},
    )
    layout(figure, f"dark: at least; grey: between the bounds; light: slack, at least  [{unit}]", "")
    # digits too small to be read are left out
    figure.update_layout(
        barmode="stack",
        bargap=0.35,
        margin={"l": 92, "r": 12, "t": 8, "b": 46},
        uniformtext={"mode": "hide", "minsize": 10},
    )
    figure.update_xaxes(range=[0, right], title={"font": {"size": 12}})
    figure.update_yaxes(autorange="reversed")
    return figure


def account_reach(right: float, top: float) -> float:
    """Where the bars' axis ends: with the plane, but not so far that bits about Y are lost beside those about X."""
    return min(right, 4 * top)


def account_rows(labelled: bool) -> list[str]:
    """What the bars are of, from above."""
    rows = ["rate, test", "rate, train"]
    return rows + (["I(Z;Y), test", "I(Z;Y), train"] if labelled else [])


def beyond(known: Array, slack: Array, right: float, unit: str) -> dict[str, list[list[str]]]:
    """Words of the bars of every model, (M, rows) each: their slack, and their length where that leaves the axis."""
    over = known + slack > right
    return {
        "account_over": [
            [f"→ {v:.1f} {unit}" if o else "" for v, o in zip(row, out, strict=True)]
            for row, out in zip(known + slack, over, strict=True)
        ],
        "account_slack_text": [
            ["" if o or not v >= 0 else f"{v:.2f}" for v, o in zip(row, out, strict=True)]
            for row, out in zip(slack, over, strict=True)
        ],
    }


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
