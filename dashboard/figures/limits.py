"""What no code can do, and what is known of a plane before any training: its shades, lines and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.palette import MUTED
from dashboard.figures.style import note
from vibcore.types import Array, Curve, Kind

LEFT = 0.015  # of the width, left of 0: a dot that keeps nothing is seen whole
BELOW = 0.09  # of the height, below 0
JUMP = 0.01  # by which two β must differ, as a share, to be told apart


@dataclass(frozen=True)
class PlaneFacts:
    """What is known of the problem on screen before any training. Nats; None where not known."""

    h_y: float | None  # entropy of the test labels; None for a target without a ceiling
    i_xy: float | None
    log_n: float  # of the training set
    frontier: Curve | None
    nats_per_unit: float  # nats in a unit of the page
    unit: str
    beta_stops: tuple[Array, Array] | None = None  # (I_X, I_Y) of the frontier at the slider's own β
    collapse: float | None = None  # β above which nothing is the best code
    unstable: float | None = None  # β above which nothing is a local optimum: training may stay there
    frontier_kind: Kind = "exact"
    log_test: float | None = None  # log of the number of test inputs
    is_gain: bool = False  # what is drawn upwards is over a Gaussian guess of Y, and no bound of I(Z;Y)


def impossible(figure: go.Figure, facts: PlaneFacts, right: float, top: float) -> None:
    """Shade y > x, y > H(Y), y > I(X;Y); nothing where y is not bounded by them."""
    if facts.is_gain:
        return
    grey = {"type": "path", "fillcolor": "rgba(120,124,140,0.13)", "line": {"width": 0}, "layer": "below"}
    figure.add_shape(path=f"M 0,0 L {top},{top} L 0,{top} Z", **grey)
    if right < 3 * top:  # else the wedge is too thin for words
        text = "no code knows more<br>about Y than about X"
        note(figure, 0.03 * right, 0.985 * top, text, "left", "top", align="left")
    else:
        slanted: list[dict[str, Any]] = [
            {"text": "no code gets here", "x": share * top, "y": (0.22 + share) * top} for share in (0.58, 0.3)
        ]
        text = "no code knows more about Y than about X"
        note(figure, 0.4 * top, 0.62 * top, text, others=slanted, textangle=_slope(right, top))
    dotted = {"line_width": 1, "line_dash": "dot", "line_color": MUTED, "layer": "below"}
    levels = ((facts.h_y, "H(Y)", "all there is of Y"), (facts.i_xy, "I(X;Y)", "all that x tells of Y"))
    for level, symbol, text in levels:
        if level is None:
            continue
        y = level / facts.nats_per_unit
        figure.add_shape(
            path=f"M {y},{y} L {right},{y} L {right},{top} L {top},{top} Z",
            **(grey | {"fillcolor": "rgba(120,124,140,0.07)"}),
        )
        figure.add_hline(y=y, **dotted)
        places: list[dict[str, Any]] = [
            {"text": words, "yanchor": up} for words in (f"{symbol}: {text}", symbol) for up in ("bottom", "top")
        ]
        inwards = [place | {"x": 0.7 * right} for place in places]
        raised = {"showarrow": True, "ax": 0, "ay": -24, "arrowwidth": 1, "arrowcolor": MUTED}
        others = [*places[1:2], *inwards[:2], raised, *places[2:], *inwards[2:]]
        note(figure, 0.99 * right, y, f"{symbol}: {text}", "right", "bottom", others)
    if facts.i_xy is not None and facts.i_xy > 0.05 * top * facts.nats_per_unit:
        corner = facts.i_xy / facts.nats_per_unit
        arrow = {"showarrow": True, "ax": 16, "ay": -30, "arrowwidth": 1, "arrowcolor": MUTED}
        others = [{"ax": 40, "ay": -44}, {"ax": 70, "ay": -24}, {"ax": 30, "ay": -70}, {"ax": 90, "ay": -60}]
        note(figure, corner, corner, "just enough", "left", "middle", others, **arrow)


def _slope(right: float, top: float) -> int:
    """Degrees by which words along the line y = x are turned, in a chart about as high as wide."""
    return -round(float(np.degrees(np.arctan(right / top * (1 + LEFT) / (1 + BELOW)))))


def ceilings(figure: go.Figure, facts: PlaneFacts, show: str, right: float, top: float) -> None:
    """What N inputs can hold, and both ends of the curve in words."""
    named = [(facts.log_n, "training")]
    if show == "value" and facts.log_test is not None:
        named.append((facts.log_test, "test"))
    for k, (nats, split) in enumerate(named):
        ceiling = nats / facts.nats_per_unit
        figure.add_vline(x=ceiling, line_width=1, line_dash="dot", line_color=MUTED, layer="below")
        text = f"{ceiling:.1f} {facts.unit} name every {split} input →"
        note(figure, min(ceiling, 0.99 * right), (0.08 + 0.08 * k) * top, text, "right", others=_heights(top, 0.08 * k))
    text = forgotten(facts)
    texts = (text, text.replace(": ", ":<br>"), "nothing kept")
    others: list[dict[str, Any]] = [
        {"text": words, "x": share * right} for words in texts for share in (0.02, 0.07, 0.12)
    ]
    # from further away words point back to the corner
    corner = {"text": "← nothing kept"}
    others += [
        corner | {"x": share * right, "y": height * top}
        for height in (-BELOW, 0.02, 0.08)
        for share in (0.17, 0.23, 0.3, 0.4)
    ]
    note(figure, 0.02 * right, -BELOW * top, text, "left", "bottom", others, align="left")
    note(figure, 0.99 * right, 0.24 * top, "memorising: far more than it needs →", "right", others=_heights(top, 0.1))


def _heights(top: float, above: float) -> list[dict[str, float]]:
    """Other heights for words at the right, whose place among the dots is free."""
    return [{"y": (share + above) * top} for share in (0.22, 0.3, 0.38, 0.5, 0.6, 0.7, 0.78)]


def forgotten(facts: PlaneFacts) -> str:
    """Where nothing is kept, and from which β that is the best, or a trap."""
    if facts.collapse is None:
        return "nothing kept"
    if facts.collapse <= 0:
        return "nothing kept: always best, as x tells nothing of y"
    text = f"nothing kept: best above β = {facts.collapse:.3g}"
    if facts.unstable is None or not differ(facts.collapse, facts.unstable):
        return text
    return f"{text}, a trap above {facts.unstable:.3g}"


def differ(collapse: float, unstable: float) -> bool:
    """Whether there is a jump: two β so far apart that a slider can show both."""
    return collapse > (1 + JUMP) * unstable
