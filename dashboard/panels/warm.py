"""Warm β: the rate of one model that is led through β, on its way up and on its way down, beside what is predicted."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import frames, words
from dashboard.figures.about import Marks
from dashboard.figures.limits import differ
from dashboard.figures.palette import COLLAPSE, CURVE, MUTED, PINS
from dashboard.figures.style import SMALL, beside, bound, layout, note
from dashboard.panel import Arrays, Moment, Panel, Still, Texts, sent
from dashboard.protocol import declare
from vibcore.types import Array, Point

ABOUT: Marks = [
    ["solid line", "one model while β rises: it starts with what it has learnt at the β before"],
    [
        "this model",
        "that of the run on screen, with another learning rate, on 50,000 fresh inputs with their odds for labels; its "
        "decoder has a hidden layer of 16 where the run has none",
    ],
    ["dashed line", "the same model while β falls again, from the nothing that it kept at the end"],
    [
        "violet lines",
        "predicted: below the first, where the trap begins, keeping nothing is unstable; above the second it is best. "
        "Between them a model may stay what it is: a jump, with hysteresis. Where there is one line, the curve bends, "
        "and both ways are one, but for a stop or two: beside its collapse a model is slow.",
    ],
]
ABOVE = 1.25  # times the highest rate the axis ends, which leaves room for words
ASIDE = ("top right", "bottom left", "top left", "bottom right")
PLACES = {  # of the name of each way: the way up from the left, the way down from the right
    "up": [(k, side) for side in ASIDE for k in (1, 2, 3, 4, 5, 6, 7, 8)],
    "down": [(k, side) for side in (*ASIDE[1:], ASIDE[0]) for k in (8, 7, 6, 5, 4, 3, 2, 9)],
}
SPECS = declare("led_up_x led_up_y led_down_x led_down_y", "f4", "any", "shared")


def figure(still: Still) -> go.Figure:
    """Rate over β: two branches, and the predicted β."""
    found, led = go.Figure(), still.led
    assert led is not None
    for way, name, colour, dash in (("up", "β rising", CURVE, "solid"), ("down", "β falling", PINS[0], "dash")):
        found.add_scatter(
            mode="lines+markers+text",
            name=name,
            text=name,
            textfont={"color": colour, "size": SMALL},
            line={"color": colour, "width": 2, "dash": dash},
            marker={"size": 7, "color": colour},
            hovertemplate="β = %{x:.3f}: %{y:.3f}<extra>" + name + "</extra>",
            meta=bound(f"led_{way}_x", f"led_{way}_y") | beside(*PLACES[way], must=True),
        )
    layout(found, "β", f"{still.unit} about X, at most: rate")
    room = 0.04 * (led.betas[-1] - led.betas[0])
    predicted = [("collapse", led.collapse, "left")]
    if differ(led.collapse, led.unstable):
        predicted.insert(0, ("trap from", led.unstable, "right"))
    top = ABOVE * led.top / still.nats_per_unit
    for height, (name, beta, side) in zip((0.98, 0.9), predicted, strict=False):
        found.add_vline(x=beta, line_width=1.2, line_dash="dot", line_color=COLLAPSE, layer="below")
        text, font = f"{name} {words.beta_label(beta)}", {"size": SMALL, "color": COLLAPSE}
        aside = 0.2 * room if side == "left" else -0.2 * room
        note(found, beta + aside, height * top, text, side, "top", font=font, opacity=1)
    found.update_xaxes(range=[led.betas[0] - room, led.betas[-1] + room])
    found.update_yaxes(range=[-0.04 * top, top], zeroline=True, zerolinecolor=MUTED)
    return found


def arrays(moment: Moment) -> Arrays:
    """Both branches as far as they have come, in the page's unit."""
    led = moment.still.led
    assert led is not None
    branches = {"up": (led.betas, led.up), "down": (led.betas[::-1], led.down)}
    found: dict[str, Array] = {}
    for way, (betas, points) in branches.items():
        found[f"led_{way}_x"] = np.array(betas[: len(points)])
        found[f"led_{way}_y"] = frames.values(points, "rate") / moment.nats_per_unit
    return sent(found, None)


def texts(moment: Moment) -> Texts:
    """What was seen, once the walk is over."""
    return {"led_text": observed(moment.still)}


def observed(still: Still) -> str:
    """Where the model fell and where it came back, beside what is predicted."""
    led = still.led
    assert led is not None
    if len(led.down) < len(led.betas):
        return "one model, led up and down again"
    from vibcore.warm import Walk  # not above: it needs PyTorch, which pages open without

    falls, returns = (_place(beta, led.betas) for beta in _edges(Walk(led.up, led.down[::-1])))
    return f"rising it falls at β ≈ {falls}, falling it is back below {returns}"


def _edges(walk: Any) -> tuple[float, float]:
    return walk.falls, walk.returns


def _place(beta: float, betas: tuple[float, ...]) -> str:
    if not np.isfinite(beta):
        return f"{words.beta_label(betas[0])} or less" if beta < 0 else f"{words.beta_label(betas[-1])} or more"
    return words.beta_label(beta)


def alt(moment: Moment) -> list[str]:
    """The same in a sentence, for every model."""
    led = moment.still.led
    assert led is not None
    rate = _last(led.points, moment.nats_per_unit)
    said = (
        f"{observed(moment.still)}; {len(led.points)} of {2 * len(led.betas)} stops, the last at {rate} {moment.unit}."
    )
    return [said[0].upper() + said[1:] for _ in moment.everyone]


def _last(points: tuple[Point, ...], nats_per_unit: float) -> str:
    return words.plain(points[-1].rate.value / nats_per_unit) if points else "–"


WARM = Panel(
    "warm",
    "Warm β",
    "Rate over β of one model that is led up and down.",
    about=lambda still: ABOUT,
    figure=figure,
    arrays=arrays,
    texts=texts,
    specs=SPECS,
    alt=alt,
    note="led_text",
    shows=lambda still: still.led is not None,
)
