"""Where the bits go: each bound of the chosen model in what is known of its value, and its slack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import words
from dashboard.figures.about import Marks
from dashboard.figures.palette import BETWEEN, CURVE, KNOWN_Y
from dashboard.figures.style import SMALL, layout
from dashboard.panel import Moment, Panel, Still, Texts, labelled, sent
from dashboard.panels.plane import ends
from dashboard.protocol import declare
from vibcore.frontiers import is_memorised
from vibcore.types import Array

if TYPE_CHECKING:
    from vibcore.information import InformationBudget

SLACK_X, SLACK_Y, INK = "#b5d3f0", "#e2c9c1", "#1d2028"
MEMORISED = "train stands above what any code can know of fresh inputs: memorisation"
NOT_MEMORISED = "rate = I(X;Z) + slack of r(z); I(Z;Y) = H(Y) − CE + slack of q(y|z)"
ABOUT: Marks = [
    ["dark part, rate", "I(X;Z), at least: what z surely keeps of x"],
    ["light part, rate", "slack of the prior, at least: what the rate counts too much"],
    ["dark part, I(Z;Y)", "H(Y) − CE: what this decoder draws from z"],
    ["light part, I(Z;Y)", "slack of the decoder, at least: what the best decoder would draw besides"],
    ["grey part", "between the bounds of the information: value or slack, these inputs cannot tell"],
    ["test, train", "of the population; of the training inputs as a world of their own, their own labels included"],
]
SPECS = declare("account_known account_between account_slack", "f4", "row")


def figure(still: Still) -> go.Figure:
    """The bars of a problem."""
    return account_bars(still.unit, account_reach(*ends(still)), labelled(still.scene))


def account_bars(unit: str, right: float, labelled: bool) -> go.Figure:
    """Where the bits go, for the chosen model: rate = I(X;Z) + marginal slack; I(Z;Y) = (H(Y) − CE) + decoder slack.

    What lies between the bounds of an information belongs to one side or the other.
    """
    figure, rows = go.Figure(), account_rows(labelled)
    _part(figure, rows, "account_known", [CURVE, CURVE, KNOWN_Y, KNOWN_Y], "white", "start")
    _part(figure, rows, "account_between", [BETWEEN] * 4, INK, "middle")
    _part(figure, rows, "account_slack", [SLACK_X, SLACK_X, SLACK_Y, SLACK_Y], INK, "start", said=True)
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
    layout(figure, f"at least: dark, light (slack); grey: either  [{unit}]", "")
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


def _part(
    figure: go.Figure, rows: list[str], name: str, colours: list[str], ink: str, at: str, said: bool = False
) -> None:
    """One part of every bar; where it is `said`, its text says how long it is."""
    more = {"text": f"{name}_text"} if said else {}
    figure.add_bar(
        y=rows,
        x=[],
        orientation="h",
        marker={"color": colours[: len(rows)], "line": {"width": 0}},
        texttemplate="%{text}" if said else "%{x:.2f}",
        textposition="auto",
        textangle=0,
        insidetextanchor=at,
        insidetextfont={"color": ink},
        hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        meta={"bind": {"x": name} | more, "own": list(more)},
    )


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


def parts(moment: Moment) -> dict[str, Array]:
    """Each bound in three: what is at least the value, what lies between its bounds, what is slack at least.

    Rows are the rate on test and train and, with classes, I(Z;Y) on both: (M, 4) or (M, 2), NaN where not known now.
    """
    rows, known = len(account_rows(labelled(moment.still.scene))), moment.run.estimates
    found = np.full((3, len(moment.everyone), rows), np.nan)
    for i in (i for i, point in enumerate(moment.snapshot.test) if point.i_xz is not None):
        both = (known[i].test, known[i].train)
        table = [_rate_parts(a) for a in both]
        table += [_label_parts(a) for a in both] if rows == 4 else []
        found[:, i] = np.array(table).T / moment.nats_per_unit
    return dict(zip(("account_known", "account_between", "account_slack"), found, strict=True))


def _rate_parts(account: InformationBudget | None) -> tuple[float, float, float]:
    """I(X;Z) at least, up to its upper bound, and up to the rate."""
    if account is None:
        return np.nan, np.nan, np.nan
    rate = account.rate.value  # it bounds both ends, whose draws may have put them a little above it
    lower, upper = (min(max(0.0, end.value), rate) for end in (account.i_xz.lower, account.i_xz.upper))
    return lower, max(0.0, upper - lower), rate - upper


def _label_parts(account: InformationBudget | None) -> tuple[float, float, float]:
    """H(Y) − CE, what I(Z;Y) may be beyond its lower bound, and what it is beyond H(Y) − CE at least."""
    if account is None or account.i_zy is None or account.i_zy_bound is None:
        return np.nan, np.nan, np.nan
    bound, lower, upper = account.i_zy_bound.value, account.i_zy.lower.value, account.i_zy.upper.value
    return max(0.0, bound), max(0.0, upper - max(bound, lower)), max(0.0, lower - max(0.0, bound))


def texts(moment: Moment) -> Texts:
    """Words of the bars, and what to make of the training inputs."""
    found, reference = parts(moment), moment.still.facts.reference
    above = [reference is not None and is_memorised(reference, p) for p in moment.snapshot.train]
    known, right = found["account_known"] + found["account_between"], account_reach(*ends(moment.still))
    note = [MEMORISED if yes else NOT_MEMORISED for yes in above]
    return {"account_note": note, **beyond(known, found["account_slack"], right, moment.unit)}


def alt(moment: Moment) -> list[str]:
    """Bounds and what lies behind them."""
    size, unit, said = moment.nats_per_unit, moment.unit, []
    for point in moment.snapshot.test:
        known = {"I(X;Z)": point.i_xz, "I(Z;Y)": point.i_zy}
        of = {
            name: f"{name} {words.span(interval, size)} {unit}" if interval else f"{name} not known yet"
            for name, interval in known.items()
        }
        parts = [f"rate {words.number(point.rate, size)} {unit}", of["I(X;Z)"]]
        if point.i_zy_bound is not None:
            parts += [f"H(Y) − CE {words.number(point.i_zy_bound, size)} {unit}", of["I(Z;Y)"]]
        said.append(f"On test inputs: {', '.join(parts)}.")
    return said


ACCOUNT = Panel(
    "account",
    "Where the bits go",
    "Both informations, each split into value and slack.",
    about=lambda still: ABOUT,
    figure=figure,
    arrays=lambda moment: sent(parts(moment), moment.everyone),
    texts=texts,
    specs=SPECS,
    alt=alt,
    note="account_note",
    tab="Bits",
    low=True,
)
