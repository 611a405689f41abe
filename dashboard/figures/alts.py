"""What the sentences of several charts share, for who cannot see them: the numbers of now, over the models."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.figures import words
from vibcore.types import Point, Snapshot


def informations(point: Point, nats_per_unit: float, unit: str) -> str:
    """Both bounds, and which side of the truth they are on."""
    text = f"at most {words.number(point.rate, nats_per_unit)} {unit} about X"
    if point.i_zy_bound is None:
        return text
    known = words.number(point.i_zy_bound, nats_per_unit)
    if point.i_zy_bound.kind == "gain":
        return f"{text}, {known} {unit} gained about Y over a Gaussian guess"
    return f"{text}, at least {known} {unit} about Y"


def losses(points: Sequence[Point], nats_per_unit: float, unit: str) -> list[str]:
    """Rate, distortion and their sum."""
    return [
        f"rate {words.number(p.rate, nats_per_unit)} {unit}, "
        f"distortion {words.number(p.distortion, nats_per_unit)} {unit}, "
        f"D + R {words.plain((p.rate.value + p.distortion.value) / nats_per_unit)} {unit} on test inputs"
        for p in points
    ]


def error(point: Point) -> str:
    """The error that is known: averaged, else of one draw."""
    if point.error_mc is not None:
        return f"{words.percent(point.error_mc)} wrong with 12 draws of z voting"
    return f"{words.percent(point.error_1)} wrong with one draw of z" if point.error_1 else "no error is known"


def spent(snapshot: Snapshot, named: str, nats_per_unit: float, unit: str, more: Sequence[str] = ()) -> list[str]:
    """The mean cost of the drawn inputs, where they are drawn; a dash for the others. `named` has a {beta} in it."""
    costs = dict(zip(snapshot.models, snapshot.kl.mean(1) / nats_per_unit, strict=True))
    return [
        named.format(beta=f"β = {words.beta_label(point.beta)}")
        + (more[i] if more else "")
        + f"an input costs {words.plain(costs[i]) if i in costs else '–'} {unit} in the mean."
        for i, point in enumerate(snapshot.test)
    ]
