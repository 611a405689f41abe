"""Where the bits go of a VIB and a VAE of the same data: about the class, and about the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import planes, words
from dashboard.figures.about import Marks
from dashboard.figures.palette import BETWEEN, CLASSES, MUTED
from dashboard.figures.style import layout
from dashboard.panel import Arrays, Moment, Panel, Still, sent
from dashboard.protocol import declare
from vibcore.types import Array, Point

REST = "#c3c7d1"  # bits that are not about the class
NAMES = ("bits_class", "bits_between", "bits_rest")
ABOUT: Marks = [
    ["yellow part", "bits about the class, I(Z;Y)"],
    ["grey part", "bits about the rest, I(X;Z) − I(Z;Y)"],
    ["dotted lines", "H(Y), all there is of the class, and log N of the test inputs, which tell them all apart"],
]
SPECS = declare("bits_class bits_between bits_rest", "f4", "2")


def figure(still: Still) -> go.Figure:
    """The bars of a problem with classes."""
    dataset = still.scene.dataset
    ceiling = float(np.log(len(dataset.test))) / still.nats_per_unit
    return bits_bars(still.unit, ceiling, planes.entropy(dataset.y[dataset.test]) / still.nats_per_unit)


def bits_bars(unit: str, ceiling: float, h_y: float) -> go.Figure:
    """What two models spend their bits on: the class, and the rest."""
    figure = go.Figure()
    colours = CLASSES[1], BETWEEN, REST
    labels = "about the class, at least", "one or the other", "about the rest, at least"
    for part in zip(NAMES, colours, labels, strict=True):
        _part(figure, *part)
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


def _part(figure: go.Figure, name: str, colour: str, label: str) -> None:
    figure.add_bar(
        y=["VIB<br>asked for<br>the class", "VAE<br>asked for<br>the input"],
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


@dataclass(frozen=True)
class Spent:
    """Nats about the class and about the rest, I(Z;Y) and I(X;Z) − I(Z;Y), each from low to high."""

    of_class: tuple[float, float]
    of_rest: tuple[float, float]

    @property
    def bars(self) -> tuple[float, float, float]:
        """About the class at least, one or the other, about the rest at least."""
        return self.of_class[0], self.of_class[1] - self.of_class[0], self.of_rest[0]


def split(point: Point) -> Spent | None:
    """What a model's nats are spent on, as far as its intervals tell; None where they are not known now."""
    x, y = point.i_xz, point.i_zy
    if x is None:
        return None
    if y is None:
        return Spent((np.nan, np.nan), (x.low, x.high))
    y_low, y_high = y.low, min(y.high, x.high)  # Y – X – Z: z knows no more about y than about x
    return Spent((y_low, y_high), (max(0.0, x.low - y_high), x.high - y_low))


def spent(moment: Moment) -> list[Spent | None]:
    """What every model of a run spends its nats on."""
    return [split(point) for point in moment.snapshot.test]


def bars(moment: Moment) -> Array:
    """Lengths of the bars of the VIB beside and of the VAE, (2, M, 3) in the page's unit."""
    table = [[each.bars if each else (np.nan,) * 3 for each in spent(of)] for of in (moment.beside[0], moment)]
    return np.array(table) / moment.nats_per_unit


def arrays(moment: Moment) -> Arrays:
    """The bars of every model, (M, 2) each."""
    found = bars(moment)
    return sent({name: found[..., k].T for k, name in enumerate(NAMES)}, moment.everyone)


def alt(moment: Moment) -> list[str]:
    """What both spend, in words."""
    return [said(rows, moment.unit) for rows in bars(moment).swapaxes(0, 1)]


def said(rows: Array, unit: str) -> str:
    """Of one β: the VIB's and the VAE's bars, (2, 3)."""
    parts = [
        f"{name} at least {words.plain(c)} {unit} about the class and {words.plain(r)} {unit} about the rest, "
        f"{words.plain(either)} {unit} about one or the other"
        if np.isfinite([c, either, r]).all()
        else f"{name} not known yet"
        for name, (c, either, r) in zip(("VIB", "VAE"), rows, strict=True)
    ]
    return f"Spent: {parts[0]}; {parts[1]}."


BITS = Panel(
    "bits",
    "Where the bits go",
    "I(X;Z) of both models, split into what is about the class and the rest.",
    about=lambda still: ABOUT,
    figure=figure,
    arrays=arrays,
    specs=SPECS,
    alt=alt,
    subtitle="same data, β, seed and encoder",
    tab="Bits",
)
