"""The lines of a step as a table, and their numbers of every model, which the stage writes as it does key numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from dashboard.figures import words
from dashboard.lesson import marks
from dashboard.lesson.step import Step, Told
from dashboard.panel import Moment, Texts
from dashboard.turns import PICTURES
from vibcore.derivation import Codes, Line, Value
from vibcore.types import Estimate, Interval, Point

if TYPE_CHECKING:
    from dashboard.run import Run
    from dashboard.trainings import Training

PIXELS, LONGEST = 150, 110  # of a bar, a bit and at most
MOST_CODES = 64  # that are kept of one training
CODES: WeakKeyDictionary[Training, dict[object, Codes]] = WeakKeyDictionary()
UNKNOWN = Estimate(0.0, 0.0, "lower")
ANY = Told(Point(0.0, UNKNOWN, UNKNOWN, UNKNOWN, None, None, (), 0), 0.0, None, None, is_turned=True)
WAITS = " A dash is still being computed; in training that is done for the chosen β alone."


def texts(step: Step, moment: Moment) -> Texts:
    """Of every model: `line_*` are numbers, `bar_*` two lengths in pixels, `mark_*` places on the charts."""
    told = [told_of(moment, i) for i in moment.everyone]
    lines = [{line.key: line for line in step.lines(each)} for each in told]
    size, found = moment.nats_per_unit, Texts()
    for line in step.lines(ANY):
        values = [of[line.key].value if line.key in of else None for of in lines]
        found[f"line_{line.key}"] = [number(value, size) for value in values]
        found[f"mark_{line.key}"] = [marks.shapes(line.key, *each, moment) for each in zip(told, lines, strict=True)]
        if line.is_gap:
            found[f"bar_{line.key}"] = [bar(value, size) for value in values]
    return found | ({"line_at": [_stands(moment, *each) for each in zip(told, lines, strict=True)]} if found else {})


def _stands(moment: Moment, told: Told, lines: dict[str, Line]) -> str:
    """Of which picture and which model the numbers are."""
    waiting = any(line.value is None for line in lines.values())
    return f"At step {moment.snapshot.step:,}, β = {words.beta_label(told.beta)}.{WAITS if waiting else ''}"


def told_of(moment: Moment, index: int) -> Told:
    """One model, with what its posteriors say where the picture shows it in full."""
    point = moment.snapshot.test[index]
    found = codes(moment, index, point.inputs) if index in moment.snapshot.models else None
    return Told(point, point.beta, found, moment.still.facts.entropy, is_turned=True)


def codes(moment: Moment, index: int, inputs: int) -> Codes | None:
    """What the posteriors of a model say by themselves, on the inputs that its point rests on; computed once."""
    run, step = moment.run, moment.snapshot.step
    kept, key = CODES.setdefault(run.training, {}), (step, index, inputs)
    if key not in kept:
        found = _computed(run, step, index, inputs)
        if found is None:
            return None
        for old in list(kept)[:-MOST_CODES]:
            kept.pop(old, None)
        kept[key] = found
        return found
    return kept[key]


def _computed(run: Run, step: int, index: int, inputs: int) -> Codes | None:
    from vibcore.codes import codes_of  # not above: these need PyTorch, which pages open without
    from vibcore.populations import split_of_population

    at, split = run.training.trajectory.light.get(step), run.problem.test
    if inputs != len(split.x) and run.population is not None:
        split = split_of_population(run.population, run.problem)
    if at is None or inputs != len(split.x):
        return None
    with PICTURES.turn(ahead=True):
        return codes_of(at, run.problem, index, split)


def table(step: Step, unit: str, is_turned: bool) -> str:
    """The lines of a step as a Markdown table, with places for what the stage writes: numbers, bars, and of when."""
    lines = step.lines(Told(ANY.point, 0.0, None, None, is_turned))
    has_gaps = any(line.is_gap for line in lines)
    rows = [
        f'| $\\;{_relation(line)}{line.latex}$ | <span data-name="line_{line.key}"></span> |'
        + f" {_bar_of(line)} |" * has_gaps
        for line in lines
    ]
    head = [f"| line | {unit} |" + " gap |" * has_gaps, "|:--|--:|" + ":--|" * has_gaps]
    return "\n".join([*head, *rows]) + '\n\n<span data-name="line_at"></span>' if rows else ""


def _bar_of(line: Line) -> str:
    return f'<span aria-hidden="true" data-bar="bar_{line.key}"><i></i><i></i></span>' if line.is_gap else ""


def described(step: Step) -> str:
    """What every line of a step is, and its source, as a list in Markdown; the same for every model."""
    return "\n".join(f"- ${line.latex}$ {line.what} *{line.source}.*" for line in step.lines(ANY))


def _relation(line: Line) -> str:
    signs = {"": "", "=": "=", "≥": r"\ge ", "≤": r"\le "}
    return signs[line.relation] + (r"\text{gap: }" if line.is_gap else "")


def number(value: Value | None, nats_per_unit: float) -> str:
    """As the key numbers are written: a value, or from where to where."""
    if value is None:
        return "–"
    if isinstance(value, Estimate):
        return words.number(value, nats_per_unit)
    return (
        words.span(value, nats_per_unit)
        if isinstance(value, Interval)
        else words.ends(value.low, value.high, nats_per_unit)
    )


def bar(value: Value | None, nats_per_unit: float) -> list[int]:
    """A gap's length in pixels: what it surely is, and what it may be besides."""
    if value is None or isinstance(value, Estimate):
        return [0, 0]
    low, high = (min(LONGEST, PIXELS * max(0.0, end) / nats_per_unit) for end in (value.low, value.high))
    return [round(low), round(high - low)]
