"""The lines of a step for the model on screen, as a table: formula, number, and the length of each gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import controls
from dashboard.figures import words
from dashboard.lesson.step import Step, Told, Walk
from dashboard.panel import Moment
from dashboard.turns import PICTURES
from vibcore.derivation import Codes, Line, Value
from vibcore.types import Estimate, Interval, Point

if TYPE_CHECKING:
    from dashboard.run import Run

PIXELS, LONGEST = 150, 110  # of a bar, a bit and at most


def written(step: Step, moment: Moment, walk: Walk, playing: bool) -> str:
    """Lines of now, as Markdown; nothing where a step has none."""
    found = step.lines(told_of(moment, walk, playing))
    return table(found, moment) if found else ""


def told_of(moment: Moment, walk: Walk, playing: bool) -> Told:
    """The chosen model, with its intervals where they are known."""
    chosen = controls.nearest(moment.still.scene.config.betas, moment.still.choices.beta)
    point = moment.snapshot.test[chosen]
    is_turned = walk.turned.get(moment.still.choices.lesson, False)
    found = None if playing else codes(moment, walk, chosen, point.inputs)
    return Told(point, point.beta, found, moment.still.facts.entropy, is_turned)


def codes(moment: Moment, walk: Walk, index: int, inputs: int) -> Codes | None:
    """What the posteriors of a model say by themselves, on the inputs that its point rests on; kept for one model."""
    run, step = moment.run, moment.snapshot.step
    key = (id(run.training), step, index, inputs)
    if walk.codes is None or walk.codes[0] != key:
        found = _computed(run, step, index, inputs)
        if found is None:
            return None
        walk.codes = key, found
    return walk.codes[1]


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


def table(lines: tuple[Line, ...], moment: Moment) -> str:
    """Lines as a Markdown table, and what the numbers stand at."""
    size, unit = moment.nats_per_unit, moment.unit
    rows = [
        f"| $\\;{_relation(line)}{line.latex}$ | {number(line.value, size)} | {bar(line, size)} |" for line in lines
    ]
    chosen = controls.nearest(moment.still.scene.config.betas, moment.still.choices.beta)
    beta = words.beta_label(moment.still.scene.config.betas[chosen])
    waiting = any(line.value is None for line in lines)
    stands = f"At step {moment.snapshot.step:,}, β = {beta}." + (
        " A dash: comes when training rests." if waiting else ""
    )
    gap = "gap" if any(line.is_gap for line in lines) else " "
    return "\n".join([f"| line | {unit} | {gap} |", "|:--|--:|:--|", *rows]) + f"\n\n{stands}"


def described(step: Step) -> str:
    """What every line of a step is, and its source, as a list in Markdown; the same for every model."""
    unknown = Estimate(0.0, 0.0, "lower")
    point = Point(0.0, unknown, unknown, unknown, None, None, (), 0)
    lines = step.lines(Told(point, 0.0, None, None, is_turned=True))
    return "\n".join(f"- ${line.latex}$ {line.what} *{line.source}.*" for line in lines)


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


def bar(line: Line, nats_per_unit: float) -> str:
    """A gap's length: what it surely is, and what it may be."""
    if not line.is_gap or line.value is None or isinstance(line.value, Estimate):
        return ""
    low, high = (min(LONGEST, PIXELS * max(0.0, end) / nats_per_unit) for end in (line.value.low, line.value.high))
    return "".join(f'<i aria-hidden="true" style="width:{part:.0f}px"></i>' for part in (low, high - low))
