"""Error against β: how often every stop is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import alts, frames, words
from dashboard.figures.about import Marks
from dashboard.figures.curves import beta_axis
from dashboard.figures.style import chosen, chosen_dot, layout
from dashboard.panel import Arrays, Moment, Panel, Texts, labelled, sent
from dashboard.protocol import declare

ERRORS = "bold: 12 draws of z voting; thin: one draw; dotted: training inputs"
ERRORS_MOVING = "one draw of z for each input; dotted: training inputs"
ABOUT: Marks = [
    ["bold lines", "error of the class odds averaged over 12 draws of z; in training known of the chosen model alone"],
    ["thin lines", "error with one draw of z for each input"],
    ["dotted, solid", "training inputs, test inputs"],
    ["red dot", "the chosen β on test inputs"],
]
SPECS = {
    **declare("error_mc_train error_*_train error_mc_test error_*_test", "f4", "stop", "shared"),
    **declare("chosen_beta chosen_error", "f4", "1"),
}


def over_beta(betas: Sequence[float]) -> go.Figure:
    """Error of both splits along the slider, told apart by ink and line style alone."""
    figure = beta_axis(layout(go.Figure(), "β", "wrong answers"), betas)
    for kind, width in (("mc", 2.8), ("1", 1.2)):
        for split, dash in (("train", "dot"), ("test", "solid")):
            name = f"{'12 draws of z voting' if kind == 'mc' else 'one draw of z'}, {split}"
            figure.add_scatter(
                x=frames.beta_places(betas).tolist(),
                y=[],
                mode="lines",
                line={"dash": dash, "width": width},
                name=name,
                text=[words.beta_label(b) for b in betas],
                hovertemplate="β = %{text}: %{y:.1%}<extra>" + name + "</extra>",
                meta={"bind": {"y": f"error_{kind}_{split}"}, "role": "ink"},
            )
    chosen_dot(figure, 14, chosen("chosen_beta", "chosen_error"))
    figure.update_layout(margin={"l": 64})
    figure.update_yaxes(
        range=[-0.02, 1.02], tickvals=[0, 0.25, 0.5, 0.75, 1], ticktext=["0 %", "25 %", "50 %", "75 %", "100 %"]
    )
    return figure


def arrays(moment: Moment) -> Arrays:
    """Both errors of both splits, and the one that is known of the chosen model."""
    snapshot = moment.snapshot
    errors = {
        f"{name}_{split}": frames.values(points, name)
        for split, points in (("train", snapshot.train), ("test", snapshot.test))
        for name in ("error_mc", "error_1")
    }
    voted = errors["error_mc_test"]
    own = {
        "chosen_beta": frames.beta_places(snapshot.betas)[:, None],
        "chosen_error": np.where(np.isnan(voted), errors["error_1_test"], voted)[:, None],
    }
    return sent(errors, None) | sent(own, moment.everyone)


def texts(moment: Moment) -> Texts:
    """Which lines there are."""
    averaged = sum(p.error_mc is not None for p in moment.snapshot.test) > 1
    return {"beta_note": ERRORS if averaged else ERRORS_MOVING}


def alt(moment: Moment) -> list[str]:
    """The chosen model's error on both splits."""
    return [
        f"β = {words.beta_label(p.beta)}: {alts.error(p)} on test inputs; on training inputs {alts.error(s)}."
        for p, s in zip(moment.snapshot.test, moment.snapshot.train, strict=True)
    ]


ERROR = Panel(
    "beta",
    "Error against β",
    "Train and test error of every stop.",
    about=lambda still: ABOUT,
    figure=lambda still: over_beta(still.scene.config.betas),
    arrays=arrays,
    texts=texts,
    specs=SPECS,
    alt=alt,
    applies=labelled,
    note="beta_note",
    tab="Over β",
    low=True,
)
