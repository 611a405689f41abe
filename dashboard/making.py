"""What is taken home of a run, made: curve, trajectory, classifier, charts and replay of the moment on screen.

Behind the page's back, in short turns of the lanes that training and pictures have, so that nobody waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace

from dashboard import cache, charts, controls, replay, snippet
from dashboard.controls import Choices
from dashboard.jobs import Report
from dashboard.page import Page
from dashboard.run import Run
from dashboard.take_home import ALONE, Compared
from dashboard.trainings import SLICE, Training
from dashboard.turns import PICTURES, TRAINING
from dashboard.values import Values
from dashboard.watch import Watch
from vibcore import classifiers, sweeps
from vibcore.files import csv_text, json_text, sweep_rows
from vibcore.tables import Reading
from vibcore.trajectory import Trajectory, clone, packed
from vibcore.types import ConfigError


@dataclass(frozen=True)
class Taken:
    """A page's runs as they were when a visitor pressed: training goes on, and changes nothing here."""

    page: Page
    choices: Choices
    runs: tuple[Run, ...]
    title: str  # page, dataset, seed and step; no name of a visitor's
    source: str = ""  # of an own table: its file's name
    reading: Reading | None = None  # … and how it was read
    compared: Compared = ALONE
    which: int = 0  # of the runs, for what is of one

    @property
    def own(self) -> Run:
        """The run that a file is of, where it is of one."""
        return self.runs[self.which]

    @property
    def chosen(self) -> int:
        return controls.nearest(self.own.config.betas, self.choices.beta)


def make(taken: Taken, key: str, report: Report) -> bytes:
    """The file of an item of `take_home`; ConfigError for what cannot be had."""
    if not taken.own.step:
        raise ConfigError("step", 0, "at least one step of training", "Press play first.")
    return MAKERS[key](taken, report)


def frozen(run: Run) -> Run:
    """A run at the visitor's cursor, and its past, as they are now: nobody trains it on."""
    with TRAINING.turn(ahead=True):
        found = copy(run)
        found.moment = found.moment or found.training.trajectory.checkpoint()
        found.training = _still(found.training)
        found.ahead = _still(found.ahead) if found.ahead is not None else None
    found.watch = Watch()
    return found


def whole_of(run: Run) -> tuple[int, Trajectory]:
    """The furthest step of a run, and its training as it is now, in which others may have gone further."""
    with TRAINING.turn(ahead=True):
        training, step = run.ahead or run.training, run.furthest
        training.trajectory.checkpoint()
        return step, _still(training).trajectory


def _still(training: Training) -> Training:
    found, of = copy(training), training.trajectory
    found.trajectory = replace(of, state=clone(of.state), full=dict(of.full))
    found.values = Values(dict(training.values.estimates), dict(training.values.fresh))
    found._guard, found.watches, found.worker = threading.Lock(), (), None
    return found


def curve(taken: Taken, report: Report) -> sweeps.Result:
    """What the command line's sweep says of the same config: to the bit, but for the seconds."""
    run, found = taken.own, []
    assert run.moment is not None
    report(0, len(run.config.betas))
    for row in sweeps.points(run.moment, run.problem, PICTURES.turn):
        found.append(row)
        report(len(found), len(run.config.betas))
    known = None
    if run.config.task == "classify":
        frontier = cache.reference(run.config.dataset)  # shared with all who look at the problem
        frontier.done.wait()
        known = frontier.result()
    return sweeps.result(snippet.stopped(run.config, run.step), found, known, run.training.seconds)


def trajectory_of(run: Run, report: Report) -> Trajectory:
    """The training up to the cursor, with its checkpoints; of one that has gone on, from a full one to there again."""
    whole, step = run.training.trajectory, run.step
    if whole.step == step:
        whole.checkpoint()
        return replace(whole, config=run.config)
    begin = max((at for at in whole.full if at <= step), default=0)
    with TRAINING.turn():
        found = Training(whole.branch(begin, run.config))
    while found.step < step:
        report(found.step - begin, step - begin)
        found.advance(step, step, SLICE)
    found.trajectory.light = {at: moment for at, moment in whole.light.items() if at <= step}
    found.trajectory.checkpoint()
    return found.trajectory


def python(taken: Taken, report: Report) -> bytes:
    run = taken.own
    config = snippet.stopped(run.config, run.step)
    return snippet.python(config, taken.title, taken.chosen, taken.source, taken.reading).encode()


def as_json(taken: Taken, report: Report) -> bytes:
    return json_text(curve(taken, report)).encode()


def as_csv(taken: Taken, report: Report) -> bytes:
    return csv_text(sweep_rows(curve(taken, report))).encode()


def packed_of(run: Run, report: Report) -> bytes:
    """The trajectory of a frozen run as the bytes of an .npz."""
    return packed(trajectory_of(run, report), report)


def trajectory(taken: Taken, report: Report) -> bytes:
    return packed_of(taken.own, report)


def classifier(taken: Taken, report: Report) -> bytes:
    run = taken.own
    assert run.moment is not None
    return classifiers.packed(classifiers.classifier_of(run.moment, run.problem, taken.chosen))


def figures(taken: Taken, report: Report) -> bytes:
    still = replay.still_of(taken.page, taken.choices, taken.runs, taken.compared)
    return charts.charts(taken.page, replay.seen_now(still, taken.runs), taken.title, report).encode()


def recording(taken: Taken, report: Report) -> bytes:
    return replay.recorded(taken.page, taken.choices, taken.runs, report=report, compared=taken.compared).encode()


MAKERS: dict[str, Callable[[Taken, Report], bytes]] = {
    "python": python,
    "csv": as_csv,
    "json": as_json,
    "trajectory": trajectory,
    "classifier": classifier,
    "figures": figures,
    "replay": recording,
}
