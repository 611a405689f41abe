"""Pins and choices: what is pinned, what differs from the run on screen in words, and what a link says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from dashboard import controls, presets
from dashboard.controls import BY_KEY, OF_RUN, OWN, Choices
from dashboard.pins import MOST, SEEDS, Pin, with_pin
from vibcore import forms
from vibcore.fields import Field

FULL = f"Not pinned: got one more, expected at most {MOST} pinned runs. Unpin one by its chip."
TWICE = "Not pinned: this run at this step is pinned already."


def pin_of(choices: Choices, step: int, seeds: int = 1) -> Pin:
    """The run of some choices at a step; what is changed later than that is no part of it."""
    past = replace(choices, edits=_past(choices, step), table=choices.table if choices.dataset == OWN else "")
    return Pin(step, tuple((key, getattr(past, key)) for key in OF_RUN), seeds)


def choices_of(pin: Pin, choices: Choices) -> Choices:
    """What opens a pinned run, for who looks at it as by `choices`."""
    return replace(choices, **dict(pin.run), pins=())


def seeds(pin: Pin, choices: Choices) -> Iterator[Choices]:
    """What opens each of its seeds, from the run's own on."""
    own, last = choices_of(pin, choices), int(controls.limits(BY_KEY["seed"], choices)[1])
    return (replace(own, seed=(own.seed + k) % (last + 1)) for k in range(pin.seeds))


def added(choices: Choices, step: int, count: int = 1) -> tuple[Choices, str]:
    """The choices with one more pin, of the run on screen at a step, and what is said of it."""
    found = with_pin(choices.pins, pin_of(choices, step, count))
    if found == choices.pins:
        return choices, FULL if len(found) == MOST else TWICE
    what = "This run" if count == 1 else f"{SEEDS} seeds of this run"
    return replace(choices, pins=found), f"{what} pinned at step {step:,}."


def relative(choices: Choices) -> tuple[Pin, ...]:
    """The pins of some choices as their link says them: each the difference from its own run."""
    return tuple(
        replace(pin, run=tuple((key, v) for key, v in pin.run if v != getattr(choices, key) and (v or key != "table")))
        for pin in choices.pins
    )


def resolved(choices: Choices) -> Choices:
    """The choices of a link, whose pins are differences, with pins that are whole."""
    whole = (
        replace(pin_of(replace(choices, **dict(pin.run)), pin.step, pin.seeds), colour=pin.colour)
        for pin in choices.pins
    )
    return replace(choices, pins=tuple(whole))


@lru_cache(maxsize=256)
def names(choices: Choices) -> tuple[str, ...]:
    """What each pin is called beside the run on screen: what differs, its seeds, its step where that tells it apart."""
    plain = [", ".join([*difference(pin, choices), *_band(pin, choices)]) for pin in choices.pins]
    named = zip(choices.pins, plain, strict=True)
    return tuple(
        name if name and plain.count(name) == 1 else f"{name}, step {pin.step:,}".removeprefix(", ")
        for pin, name in named
    )


def _band(pin: Pin, choices: Choices) -> list[str]:
    """What is called a band, for who sees the run of another seed."""
    if pin.seeds == 1:
        return []
    first, *_, last = (each.seed for each in seeds(pin, choices))
    return [
        f"{pin.seeds} seeds: median and range"
        if first == choices.seed
        else f"seeds {first} to {last}: median and range"
    ]


def difference(pin: Pin, choices: Choices) -> list[str]:
    """What of a pinned run is not as in the run on screen, a few words each; of another dataset not what suits it.

    A field of the table is named by itself: nothing here knows one but those that say more than a value.
    """
    run = choices_of(pin, choices)
    beside = choices if run.dataset == choices.dataset else presets.preset(choices, run.dataset)
    found = [] if beside is choices else [run.dataset]
    keys = [key for key in OF_RUN if key not in ("dataset", "edits") and controls.applies(OF_RUN[key], run)]
    if pin.seeds > 1:
        keys.remove("seed")
    found += [said(OF_RUN[key], getattr(run, key)) for key in keys if getattr(run, key) != getattr(beside, key)]
    own, other = _past(run, pin.step), _past(choices, pin.step)
    found += [_edit(each) for each in own if each not in other]
    return found + [f"without {_edit(each)}" for each in other if each not in own]


def said(control: Field, value: Any) -> str:
    """A value with the name of its control: “K 1”."""
    if isinstance(control.form, forms.Flag):
        return control.name if value else f"no {control.name}"
    return control.name if control.key == "table" else f"{control.name} {control.form.write(value)}"


def _edit(edit: tuple[int, str, float]) -> str:
    step, key, value = edit
    return f"{said(BY_KEY[key], value)} from step {step:,}"


def _past(choices: Choices, step: int) -> tuple[tuple[int, str, float], ...]:
    return tuple(edit for edit in choices.edits if edit[0] < step)
