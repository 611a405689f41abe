"""Training so far of a VAE: rate and distortion of the chosen model against steps."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.figures import alts
from dashboard.figures.about import Marks
from dashboard.figures.curves import past, timed
from dashboard.figures.palette import CURVE, KNOWN_Y
from dashboard.panel import Arrays, Moment, Panel, sent
from dashboard.protocol import declare

ABOUT: Marks = [
    ["blue", "rate of the chosen model, left axis"],
    ["brown", "distortion of the chosen model, right axis"],
    ["dotted, solid", "training inputs, test inputs"],
]
ROWS = {"time_rate_train": 0, "time_rate_test": 2, "time_cost_train": 4, "time_cost_test": 5}  # of `Moment.past`
SPECS = {
    **declare("time_steps", "f4", "moment", "shared"),
    **declare("time_rate_train time_cost_train time_rate_test time_cost_test", "f4", "moment"),
}


def rate_and_cost(unit: str) -> go.Figure:
    """Rate (left axis) and distortion (right axis) of the chosen model against training steps."""
    figure = go.Figure()
    past(figure, "rate", CURVE, "R")
    past(figure, "cost", KNOWN_Y, "D", yaxis="y2")
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


def arrays(moment: Moment) -> Arrays:
    """The pasts of the shown models."""
    steps, values = moment.past
    pasts = {name: values[:, row, moment.shown].T for name, row in ROWS.items()}
    return sent({"time_steps": steps}, None) | sent(pasts, moment.shown)


def alt(moment: Moment) -> list[str]:
    """Where rate and distortion are now."""
    losses = alts.losses(moment.snapshot.test, moment.nats_per_unit, moment.unit)
    return [f"At step {moment.snapshot.step:,}: {text}." for text in losses]


VAE_HISTORY = Panel(
    "time",
    "Training so far",
    "Rate and distortion of the chosen model against steps.",
    about=lambda still: ABOUT,
    figure=lambda still: rate_and_cost(still.unit),
    arrays=arrays,
    specs=SPECS,
    alt=alt,
    subtitle="the chosen β; dotted: training inputs",
    tab="Over time",
    low=True,
)
