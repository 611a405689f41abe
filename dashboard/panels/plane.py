"""The information plane: bits about X against bits about Y of every β, and the best that can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import alts, edges, frames, pins, planes, words
from dashboard.figures.about import DOTS, Marks
from dashboard.figures.limits import PlaneFacts, ceilings, impossible
from dashboard.figures.palette import MUTED
from dashboard.figures.style import bound, layout, note
from dashboard.panel import Arrays, Moment, Panel, Still, Texts, sent
from dashboard.pins import Pinned
from dashboard.protocol import declare
from vibcore.frontiers import frontier_at
from vibcore.types import Array

PENDING = "the value of this β is not computed yet"
ABOUT: Marks = [
    *DOTS,
    [
        "thick line",
        "the frontier: the most about Y that any code can know for its bits about X, from the known "
        "density; “at least” where only a lower bound of it could be computed",
    ],
    ["grey dots on it", "its places at the stops of the slider"],
    ["grey arrows", "from the two bounds to the estimated informations: the truth lies up and to the left"],
    [
        "grey areas",
        "what no code can do in the population; dots of a small sample may stand in them by its error, "
        "those of training inputs also by memorising",
    ],
    ["just enough", "all that x tells of Y, and not one bit more about X; noisy labels keep it out of reach"],
    [
        "nothing kept",
        "the code ignores x; between the two β named there, keeping nothing is not the best but training "
        "may stay there",
    ],
    ["bits that name every input", "log N: with so many bits about X a code can tell all N inputs apart"],
]
SPECS = (
    planes.SPECS
    | pins.SPECS
    | {
        **declare("bracket_x bracket_y bracket_size", "f4", "3"),
        **declare("brackets_x brackets_y brackets_size", "f4", "any", "shared"),  # of all stops, as one line
        **declare("span_x span_y span_size", "f4", "6"),
    }
)


def plane_facts(still: Still) -> PlaneFacts:
    """What the information plane may draw before any training."""
    dataset, reference = still.scene.dataset, still.facts.reference
    h_y = planes.entropy(dataset.y[dataset.test]) if dataset.y.ndim == 1 else None
    facts = PlaneFacts(
        h_y=h_y,
        i_xy=None,
        log_n=float(np.log(len(dataset.train))),
        frontier=None,
        nats_per_unit=still.nats_per_unit,
        unit=still.unit,
        is_gain=still.scene.is_gain,
        log_test=float(np.log(len(dataset.test))),
    )
    if reference is None:
        return facts
    solved = max(reference.frontier.least, 1e-300)  # below it the frontier is a chord
    betas = [b for b in still.scene.config.betas if solved <= b < reference.collapse]
    return replace(
        facts,
        h_y=h_y if h_y is None else reference.h_y,
        i_xy=reference.i_xy,
        frontier=reference.frontier,
        beta_stops=frontier_at(reference.frontier, np.array(betas)),
        collapse=reference.collapse,
        unstable=reference.unstable,
        frontier_kind=reference.frontier_kind,
        log_test=None,  # it is the population that is shown
    )


def ends(still: Still) -> tuple[float, float]:
    """Right and upper end of the plane in the page's unit, fixed for a run."""
    reference = still.facts.reference
    right, top = planes.reach(still.scene.dataset, None if reference is None else reference.i_xy)
    return right / still.nats_per_unit, top / still.nats_per_unit


def figure(still: Still) -> go.Figure:
    """The information plane of a problem."""
    return information_plane(plane_facts(still), still.choices.show, ends(still), still.pins)


def information_plane(
    facts: PlaneFacts, show: str, ends: tuple[float, float], pinned: Sequence[Pinned] = ()
) -> go.Figure:
    """I(Z;X) against I(Z;Y): the learned curve, the exact frontier, and what no code can do; `ends` in the unit."""
    figure = go.Figure()
    right, top = ends
    impossible(figure, facts, right, top)
    ceilings(figure, facts, show, right, top)
    _frontier(figure, facts)
    # from the bound to the Monte-Carlo value: the truth lies up and to the left; of every stop, or of the chosen one
    arrows = "brackets" if show == "bracket" else "bracket"
    figure.add_scatter(
        mode="lines+markers",
        line={"color": MUTED, "width": 1.2},
        hoverinfo="skip",
        opacity=0.9,
        marker={"symbol": "arrow", "angleref": "previous", "size": 9, "color": MUTED},
        meta=bound(f"{arrows}_x", f"{arrows}_y", **{"marker.size": f"{arrows}_size"}),
    )
    if show == "value":
        planes.spans(figure)
        planes.pending(figure, right, top)
    pins.lines(figure, pinned)
    planes.learned(figure, past=show != "value")
    layout(figure, *axis_titles(show, facts))
    x_range, y_range = planes.box(right, top)
    figure.update_xaxes(range=list(x_range))
    figure.update_yaxes(range=list(y_range))
    return figure


def axis_titles(show: str, facts: PlaneFacts) -> tuple[str, str]:
    """The axes say in words what they are, and what is computed."""
    unit = facts.unit
    if facts.is_gain:
        return f"{unit} about X, at most: rate ≥ I(X;Z)", f"{unit} gained about Y over a Gaussian guess"
    if show == "value":
        return f"{unit} about X, at least: I(X;Z); bars cover 95 %", f"{unit} about Y, at least: I(Z;Y)"
    return f"{unit} about X, at most: rate ≥ I(X;Z)", f"{unit} about Y, at least: H(Y) − CE ≤ I(Z;Y)"


def _frontier(figure: go.Figure, facts: PlaneFacts) -> None:
    """The best that any code can do, and its places at the slider's stops."""
    if facts.frontier is None:
        return
    name = "frontier, at least" if facts.frontier_kind == "lower" else "exact frontier"
    x, y = facts.frontier.i_x / facts.nats_per_unit, facts.frontier.i_y / facts.nats_per_unit
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": MUTED, "width": 3.2}, name=name, hoverinfo="name", meta={"role": "ink"}
    )
    k = min(int(np.searchsorted(y, 0.62 * y.max())), len(y) - 1)
    arrow = {"showarrow": True, "ax": 30, "ay": 34, "arrowwidth": 1, "arrowcolor": MUTED}
    others = [{"ax": 70, "ay": 40}, {"ax": 110, "ay": 30}, {"ax": 60, "ay": -90}, {"ax": 150, "ay": 20}]
    note(figure, float(x[k]), float(y[k]), name, "left", "middle", others, **arrow)
    if facts.beta_stops is not None:
        x, y = (v / facts.nats_per_unit for v in facts.beta_stops)
        figure.add_scatter(
            x=x,
            y=y,
            mode="markers",
            name=f"{name} at the β stops",
            hoverinfo="name",
            marker={"size": 6, "color": MUTED, "line": {"color": "white", "width": 1}},
        )


def _dots(moment: Moment) -> dict[str, Array]:
    snapshot, show = moment.snapshot, moment.still.choices.show
    return frames.plane_arrays(snapshot.train, snapshot.test, moment.nats_per_unit, show)


def _marks(moment: Moment) -> dict[str, Array]:
    dots = _dots(moment)
    return edges.marks(dots["plane_test_x"], dots["plane_test_y"], moment.snapshot.betas, _box(moment))


def _pins(moment: Moment) -> dict[str, Array]:
    still, inputs = moment.still, len(moment.run.problem.test.x)
    is_fresh = all(point.inputs > inputs for point in moment.snapshot.test)
    return pins.arrays(still.pins, still.choices.show, is_fresh, still.nats_per_unit, still.scene.is_gain)


def _box(moment: Moment) -> edges.Box:
    return planes.box(*ends(moment.still))


def _ways(moment: Moment) -> dict[str, Array]:
    return planes.ways(moment.past[1], moment.shown, (2, 3), _box(moment))


def arrays(moment: Moment) -> Arrays:
    """Dots of all models, arrows from bounds to values, and the chosen one with its past or its intervals."""
    test, show = moment.snapshot.test, moment.still.choices.show
    arrows = frames.arrows(test, moment.nats_per_unit)
    if show == "bracket":
        found = sent(_dots(moment) | {f"brackets{name[7:]}": each.ravel() for name, each in arrows.items()}, None)
    else:
        found = sent(_dots(moment), None) | sent(arrows, moment.everyone)
    found |= sent(_marks(moment), moment.everyone) | sent(_pins(moment), None)
    if show == "value":
        return found | sent(frames.spans(test, moment.nats_per_unit, _box(moment)), moment.everyone)
    return found | sent(_ways(moment), moment.shown)


def texts(moment: Moment) -> Texts:
    """What hovering a dot says, and the words of the chosen one."""
    snapshot, unit, box = moment.snapshot, moment.unit, _box(moment)
    dots = _dots(moment)
    x, y = dots["plane_test_x"], dots["plane_test_y"]
    found: Texts = {"chosen_text": edges.waiting(x, y, _marks(moment), box, unit), **edges.prices(snapshot.betas)}
    found |= pins.texts(moment.still.pins)
    for split, points in (("train", snapshot.train), ("test", snapshot.test)):
        found[f"plane_{split}_text"] = [words.point_text(p, moment.nats_per_unit, unit) for p in points]
    if moment.still.choices.show == "value":
        return found | {"pending_text": ["" if known else PENDING for known in np.isfinite(x)]}
    return found | edges.starts(_ways(moment), snapshot.models, box, len(x))


def alt(moment: Moment) -> list[str]:
    """The chosen model's place on both splits."""
    size, unit = moment.nats_per_unit, moment.unit
    return [
        f"β = {words.beta_label(test.beta)}: {alts.informations(test, size, unit)} on test inputs; "
        f"{alts.informations(train, size, unit)} on training inputs."
        for test, train in zip(moment.snapshot.test, moment.snapshot.train, strict=True)
    ]


PLANE = Panel(
    "plane",
    "Information plane",
    "Bits about X against bits about Y of every β, and the best that can be.",
    about=lambda still: ABOUT + (pins.ABOUT if still.pins else []),
    figure=figure,
    arrays=arrays,
    texts=texts,
    specs=SPECS,
    alt=alt,
    subtitle="● test  ○ train · CE + β·KL; Tishby:\u00a01\u2060/\u2060β",
)
