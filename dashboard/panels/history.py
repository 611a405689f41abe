"""Training so far: both informations of the chosen model against steps."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.figures import alts
from dashboard.figures.about import Marks
from dashboard.figures.curves import past, timed
from dashboard.figures.palette import CURVE, KNOWN_Y
from dashboard.panel import Arrays, Moment, Panel, sent
from dashboard.protocol import declare

ABOUT: Marks = [
    ["blue", "bits about X, at most: the rate of the chosen model"],
    [
        "brown",
        "bits about Y, at least: H(Y) − CE of the chosen model; of a table's real values, those gained over a Gaussian "
        "guess",
    ],
    ["dotted, solid", "training inputs, test inputs"],
]
ROWS = {"time_rate_train": 0, "time_i_zy_train": 1, "time_rate_test": 2, "time_i_zy_test": 3}  # of `Moment.past`
SPECS = {
    **declare("time_steps", "f4", "moment", "shared"),
    **declare("time_rate_train time_i_zy_train time_rate_test time_i_zy_test", "f4", "moment"),
}


def over_time(unit: str, is_gain: bool = False) -> go.Figure:
    """The chosen model's two informations against training steps."""
    figure = go.Figure()
    about_y = "about Y, gained" if is_gain else "about Y, at least"
    for name, colour, label in (("rate", CURVE, "about X, at most"), ("i_zy", KNOWN_Y, about_y)):
        past(figure, name, colour, label)
    return timed(figure, unit)


def arrays(moment: Moment) -> Arrays:
    """The pasts of the shown models: those of all would be most of a live message."""
    steps, values = moment.past
    pasts = {name: values[:, row, moment.shown].T for name, row in ROWS.items()}
    return sent({"time_steps": steps}, None) | sent(pasts, moment.shown)


def alt(moment: Moment) -> list[str]:
    """Where both informations are now."""
    step, size = f"At step {moment.snapshot.step:,}", moment.nats_per_unit
    return [f"{step}: {alts.informations(p, size, moment.unit)}." for p in moment.snapshot.test]


HISTORY = Panel(
    "time",
    "Training so far",
    "Both bounds of the chosen model against steps.",
    about=lambda still: ABOUT,
    figure=lambda still: over_time(still.unit, still.scene.is_gain),
    arrays=arrays,
    specs=SPECS,
    alt=alt,
    subtitle="the chosen β; dotted: training inputs",
    tab="Over time",
    low=True,
)
