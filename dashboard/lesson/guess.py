"""A guess in the plane: where a dot goes, clicked before it is seen; and how far off it was."""

from __future__ import annotations

import math
from typing import Any

from dashboard.figures import words
from dashboard.lesson.step import Question, Step, Walk, nearest
from dashboard.panel import Moment, Still
from vibcore.types import Point

PANEL = "lesson.plane"
NEAR = 0.05  # of a unit: closer is where it goes


def header(walk: Walk, step: Step, number: int, still: Still, moment: Moment | None) -> dict[str, Any]:
    """What of a visitor's walk the stage draws: their guess beside the answer, and what a switch has replaced."""
    found: dict[str, Any] = {"marks": [step.switch.mark] if step.switch and walk.turned.get(number) else []}
    question = step.question
    if question is None or question.aim is None or number in walk.guesses:
        return found
    place, size = walk.places.get(number), still.nats_per_unit
    answer = None if moment is None or place is None else _place(nearest(moment.with_estimates(), question.aim))
    about = {
        "panel": PANEL,
        "place": None if place is None else [each / size for each in place],
        "answer": None if answer is None else [each / size for each in answer],
        "help": "Your guess: click where the dot goes. Arrow keys move the cross, Enter sets it.",
        "words": f"{{x}} {still.unit} about X, {{y}} {still.unit} about Y",
        "said": "Your guess is set",
    }
    return found | {"guess": about}


def _place(point: Point) -> tuple[float, float] | None:
    """Where a model stands on the plane, in nats."""
    return None if point.i_zy_bound is None else (point.rate.value, point.i_zy_bound.value)


def note(walk: Walk, step: Step, number: int, value: object, nats_per_unit: float) -> bool:
    """Keep a place that a browser has sent, once; a browser's word is not trusted."""
    if step.question is None or step.question.aim is None or number in walk.guesses | walk.places:
        return False
    if not isinstance(value, list) or len(value) != 2:
        return False
    if not all(isinstance(each, int | float) and math.isfinite(each) and abs(each) < 1e6 for each in value):
        return False
    walk.places[number] = (value[0] * nats_per_unit, value[1] * nats_per_unit)
    walk.done.add(number)
    return True


def distance(question: Question, place: tuple[float, float], moment: Moment) -> str:
    """How far a guess is from where the run's dot stands, in both directions, in words."""
    assert question.aim is not None
    point = nearest(moment, question.aim)
    answer = _place(point)
    if answer is None:
        return ""
    size, unit = moment.nats_per_unit, moment.unit
    off = [(guessed - true) / size for guessed, true in zip(place, answer, strict=True)]
    sides = (("too far right", "too far left"), ("too high", "too low"))
    told = [
        f"{words.plain(abs(by))} {unit} {names[by < 0]}"
        for by, names in zip(off, sides, strict=True)
        if abs(by) >= NEAR
    ]
    stands = ", ".join(
        f"{words.plain(each / size)} {unit} about {name}" for each, name in zip(answer, "XY", strict=True)
    )
    is_over = moment.snapshot.step >= moment.still.choices.steps
    when = "" if is_over else f"at step {moment.snapshot.step:,} of training "
    verdict = f"Your cross stands {' and '.join(told)}" if told else "Your cross stands where it goes"
    return f"{verdict}: the dot of β = {words.beta_label(point.beta)} is {when}at {stands}."
