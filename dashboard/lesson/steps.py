"""The lesson: its steps in their order, and the choices that each starts from."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from dashboard import controls, presets
from dashboard.controls import Choices
from dashboard.lesson import lines, marks
from dashboard.lesson.bounds import FIRST, LOSS, SECOND
from dashboard.lesson.goal import HARD, WANTED, WHAT
from dashboard.lesson.step import Step
from dashboard.lesson.uses import BREAKS, GOOD, SAME, UP_DOWN
from dashboard.page import Page
from vibcore.config import Dataset

STEPS: tuple[Step, ...] = (WHAT, WANTED, HARD, FIRST, SECOND, LOSS, UP_DOWN, SAME, BREAKS, GOOD)
VIEW = ("units", "dims", "present", "hide")  # what a visitor takes along from step to step


def step(number: int) -> Step:
    """The step of a number, from 1; the first where a visitor is in none."""
    return STEPS[max(1, min(number, len(STEPS))) - 1]


def choices(number: int, now: Choices = controls.DEFAULTS) -> Choices:
    """What a step starts from, for who sees a page by `now`."""
    changes = dict(step(number).changes)
    start = presets.preset(Choices(), changes.pop("dataset", Choices.dataset))
    kept = {key: getattr(now, key) for key in VIEW}
    return replace(start, **{**kept, **changes, "lesson": number})


def _page(number: int, of: Step) -> Page:
    def applies(choices: Choices, dataset: Dataset) -> bool:
        return max(choices.lesson, 1) == number

    has_lines, is_asked = bool(of.lines(lines.ANY)), of.question is not None and of.question.aim is not None
    panels = tuple(marks.explained(panel, has_lines, is_asked) for panel in of.page.panels)
    return replace(of.page, title=f"Lesson {number}", panels=panels, applies=applies, beside=partial(lines.texts, of))


PAGES = tuple(_page(number, of) for number, of in enumerate(STEPS, 1))
