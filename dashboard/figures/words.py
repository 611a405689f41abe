"""Numbers → the words and digits that stand beside the pictures. Pure; no Streamlit."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vibcore.types import Estimate, Interval, Point, Snapshot


def number(estimate: Estimate | None, nats_per_unit: float, digits: int = 2) -> str:
    """A value in the page's unit, or a dash where it is not known."""
    return "–" if estimate is None else plain(estimate.value / nats_per_unit, digits)


def plain(value: float, digits: int = 2) -> str:
    """A number to so many digits, with a true minus and never “-0.00”; a dash where it is not known."""
    return f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", "−") if math.isfinite(value) else "–"


def span(interval: Interval | None, nats_per_unit: float) -> str:
    """An information from low to high in the page's unit: its 95 % interval; a dash where it is not known."""
    return "–" if interval is None else ends(interval.low, interval.high, nats_per_unit)


def ends(low: float, high: float, nats_per_unit: float, digits: int = 2) -> str:
    """Two numbers in the page's unit, or one where both are written alike."""
    first, last = plain(low / nats_per_unit, digits), plain(high / nats_per_unit, digits)
    return first if first == last else f"{first}–{last}"


def percent(estimate: Estimate | None) -> str:
    return "–" if estimate is None else f"{100 * estimate.value:.1f} %"


def beta_label(beta: float) -> str:
    """A β as it is written everywhere: three digits."""
    return f"{beta:.3g}"


def count(number: int, one: str, many: str) -> str:
    """A number and its noun: “1 feature”, “2 features”."""
    return f"{number:,} {one if number == 1 else many}"


def with_error(estimate: Estimate, nats_per_unit: float) -> str:
    """A number with its standard error."""
    return f"{number(estimate, nats_per_unit)} ± {estimate.stderr / nats_per_unit:.2f}"


def point_text(point: Point, nats_per_unit: float, unit: str) -> str:
    """What hovering a dot of the information plane says."""
    lines = [f"<b>β = {beta_label(point.beta)}</b>", f"rate {number(point.rate, nats_per_unit)} {unit} ≥ I(X;Z)"]
    if point.i_zy_bound is not None:
        known = number(point.i_zy_bound, nats_per_unit)
        gained, at_least = f"{known} {unit} gained about Y over a Gaussian guess", f"H(Y) − CE {known} {unit} ≤ I(Z;Y)"
        lines.append(gained if point.i_zy_bound.kind == "gain" else at_least)
    for name, interval in (("I(X;Z)", point.i_xz), ("I(Z;Y)", point.i_zy)):
        if interval is not None:
            of = " of these very inputs" if interval.of == "sample" else ""
            lines.append(f"{name}{of}: {span(interval, nats_per_unit)} (95 %, {interval.inputs:,} inputs)")
    lines.append(f"bounds on {point.inputs:,} inputs")
    return "<br>".join(lines)


def rests_on(point: Point, fresh: bool) -> str:
    """On how many inputs the numbers of a model rest."""
    return f"numbers on {point.inputs:,} {'fresh' if fresh else 'test'} inputs"


def status(
    snapshot: Snapshot, playing: bool, seconds: float, trained: int, seed: int, stop_at: int, is_past: bool = False
) -> str:
    """The one line under the pictures."""
    m = len(snapshot.betas)
    frozen = [
        f"β = {beta_label(snapshot.betas[i])} at step {snapshot.diverged[i]:,}"
        for i in range(m)
        if snapshot.diverged[i] >= 0
    ]
    speed = f"{m * trained / seconds:,.0f} model-steps/s" if seconds > 0.05 else "starting"
    if not trained and not playing and snapshot.step:
        speed = "trained elsewhere"
    doing = "training" if playing else ("finished:" if snapshot.step >= stop_at else "paused:")
    at = f"step {snapshot.step:,}" + (f" of {stop_at:,}, a past moment" if is_past else "")
    parts = [f"{doing} all {m} stops", at, speed, f"{seconds:.1f} s", f"seed {seed}"]
    if frozen:
        parts.append(f"diverged and frozen: {', '.join(frozen)}; a smaller learning rate helps")
    return " · ".join(parts)


SILENT = 0.005  # nats: a rate that is written as 0.00
FAINT, FALLEN = 0.05, 0.1  # nats, and of the last stop that learns: a rate below both is on its way to nothing


def keeping(points: Sequence[Point]) -> list[bool]:
    """Whether each of some stops (by ascending β) keeps anything of x, as far as a trained rate can tell.

    It keeps nothing where its rate is under `SILENT`, or under both `FAINT` and a tenth of the rate of the last stop
    below that keeps something: beside its collapse a stop needs ever longer to forget. Rates fall to zero in
    proportion to the distance in β, so that what is seen is off by no more than a ninth of the step between two stops.
    """
    found: list[bool] = []
    last = 0.0
    for rate in (p.rate.value for p in points):
        found.append(rate > SILENT and (rate > FAINT or rate > FALLEN * last))
        last = rate if found[-1] else last
    return found


def collapse(points: Sequence[Point], predicted: float, unstable: float, flexible: bool) -> str:
    """The collapse that training shows (`keeping`) beside the predicted β, and why the two may differ.

    `unstable`: β above which nothing is a local optimum. `flexible`: whether the encoder can find whatever x tells.
    """
    points = sorted((p for p in points if math.isfinite(p.rate.value)), key=lambda p: p.beta)
    kept = keeping(points)
    alive = [p.beta for p, keeps in zip(points, kept, strict=True) if keeps]
    dead = [p.beta for p, keeps in zip(points, kept, strict=True) if not keeps]
    if predicted <= 0:
        return "x tells nothing of y: keeping nothing is best at every β"
    said = f"Collapse predicted at β = {beta_label(predicted)}"
    if not dead:
        return f"{said}; no stop has collapsed yet"
    if not alive:
        return f"{said}; every stop keeps nothing so far"
    if max(alive) > min(dead):
        return f"{said}; the stops have not settled yet"
    low, high = max(alive), min(dead)
    seen = f"{said}, observed between {beta_label(low)} and {beta_label(high)}"
    if low <= predicted <= high:
        return seen
    if low > predicted:
        return f"{seen}: later than predicted, as a stop near the collapse is slow to forget"
    if unstable <= high:
        return f"{seen}: from {beta_label(unstable)} on training may stay at nothing though more were better"
    return f"{seen}: earlier than predicted, as " + (
        "a stop near the collapse is slow to learn" if flexible else "a linear encoder may miss what x tells"
    )
