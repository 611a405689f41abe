"""A run as a value: its config determines every moment of its training, and `at(step)` gives any of them.

One state advances. On the way it leaves light checkpoints (the averaged weights of a step, which is all that pictures
and numbers are made from, with the points of all models where somebody has asked for them) and a few full ones (all
that training needs to go on), thinned by count and by bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vibcore import archives, data, training
from vibcore.config import Config, Dataset
from vibcore.files import whole
from vibcore.problem import Problem, make_problem
from vibcore.snapshot import Points
from vibcore.training import Moment, TrainState
from vibcore.types import Array, ConfigError

MOST_LIGHT = 96  # checkpoints of one trajectory
MOST_FULL = 8
MOST_BYTES = 32 * 2**20
FORMAT = 1  # of a saved trajectory
POINT_BYTES = 1500  # of one model on one split
BUFFERS = ("parameters", "average", "moment1", "moment2", "diverged")


@dataclass
class Trajectory:
    """The training of one config, from its first step to the furthest that was asked for.

    ConfigError for a config that cannot be had. A config with edits is a fork: it is the same training up to the first
    edit, and `fork` takes the past along.
    """

    config: Config
    problem: Problem
    state: TrainState
    light: dict[int, Moment] = field(default_factory=dict)  # by step, ascending
    full: dict[int, TrainState] = field(default_factory=dict)
    points: dict[int, Points] = field(default_factory=dict)  # of light checkpoints: what was evaluated
    most_bytes: int = MOST_BYTES

    @property
    def step(self) -> int:
        """The furthest step."""
        return self.state.step

    @property
    def bytes(self) -> int:
        """What the checkpoints hold."""
        points = 2 * POINT_BYTES * len(self.config.betas) * len(self.points)
        return _weight_bytes(self.state) * len(self.light) + _full_bytes(self.state) * len(self.full) + points

    def advance(self, steps: int) -> None:
        """Train on. Splitting the calls never changes the result."""
        training.advance(self.state, self.problem.train, steps)

    def checkpoint(self) -> Moment:
        """Keep the moment of now, and now and then all that is needed to go on from it."""
        if self.step not in self.light:
            self._keep(_copied(training.moment(self.state)))
            if self.step >= 1.5 * max(self.full, default=0):
                self.full[self.step] = clone(self.state)
                self.full = _thinned(self.full, min(MOST_FULL, self.most_bytes // 2 // _full_bytes(self.state)))
        return self.light[self.step]

    def note_points(self, step: int, points: Points) -> None:
        """Keep what was evaluated of a checkpoint. A new dict, as another thread may be training on meanwhile."""
        if step in self.light:
            self.points = {**self.points, step: points}

    def at(self, step: int) -> Moment:
        """The moment of any step, exact: a checkpoint, or training on from the full one before it.

        A step beyond the furthest moves the trajectory there. ConfigError for a step below 0.
        """
        if step < 0:
            raise ConfigError("step", step, "a whole number of at least 0", "Ask for a step of the training.")
        if step >= self.step:
            self.advance(step - self.step)
            return _copied(training.moment(self.state))
        if step in self.light:
            return self.light[step]
        state = self._before(step)
        training.advance(state, self.problem.train, step - state.step)
        return self._keep(training.moment(state))

    def rewind(self) -> None:
        """Go back to the last full checkpoint, where what was trained since may be broken."""
        self.state = self._before(self.step)

    def fork(self, edit: tuple[int, str, float]) -> Trajectory:
        """The same training with one more edit, whose past up to there is shared: nothing of it is trained again."""
        step = edit[0]
        edits = (*(e for e in self.config.edits if e[0] <= step), edit)
        return self.branch(step, replace(self.config, edits=edits))

    def branch(self, step: int, config: Config) -> Trajectory:
        """The training of a config that is this one's up to a step, which it has come to; the past is shared."""
        state = clone(self.state) if self.step == step else self._before(step)
        state.config = config
        light = {at: moment for at, moment in self.light.items() if at <= step}
        points = {at: found for at, found in self.points.items() if at <= step}
        full = {at: replace(each, config=config) for at, each in self.full.items() if at <= step}
        found = Trajectory(config, replace(self.problem, config=config), state, light, full, points, self.most_bytes)
        found.advance(step - state.step)
        return found

    def _keep(self, moment: Moment) -> Moment:
        most = min(MOST_LIGHT, self.most_bytes // 2 // _light_bytes(self.state))
        self.light = _thinned({**self.light, moment.step: moment}, most)
        self.points = {step: points for step, points in self.points.items() if step in self.light}
        return moment

    def _before(self, step: int) -> TrainState:
        """A state of the last full checkpoint up to a step, or of the beginning: the caller's own."""
        kept = [at for at in self.full if at <= step]
        if kept:
            return clone(self.full[max(kept)])
        return training.init(self.config, self.problem.dataset, str(self.state.parameters.device))

    def save(self, path: str | Path) -> None:
        """Config, furthest state and checkpoints as one .npz, whole or not at all."""
        with whole(Path(path)) as part:
            part.write_bytes(packed(self))


def packed(of: Trajectory, report: Callable[[int, int], None] = lambda done, total: None) -> bytes:
    """What `save` writes; report(done, total) may raise to end it."""
    arrays: dict[str, Array] = {}
    for step, state in {**of.full, of.step: of.state}.items():
        arrays |= {f"full.{step}.{name}": getattr(state, name).cpu().numpy() for name in BUFFERS}
    for step, moment in of.light.items():
        arrays |= {f"light.{step}.{name}": w.cpu().numpy() for name, w in moment.weights.items()}
        arrays[f"light.{step}.diverged"] = moment.diverged.cpu().numpy()
    return archives.packed(_meta(of), arrays, report)


def make_trajectory(config: Config, dataset: Dataset | None = None, device: str = "cpu") -> Trajectory:
    """The training of a config before its first step; `dataset`: where it is not one that is known by name."""
    found = data.load(config.dataset) if dataset is None else dataset
    return Trajectory(config, make_problem(config, found, device), training.init(config, found, device))


def load_trajectory(path: str | Path, dataset: Dataset | None = None) -> Trajectory:
    """Inverse of `Trajectory.save`: a file is data, and what is no whole trajectory is refused in words."""
    with archives.opened(Path(path), "saved trajectory", FORMAT) as (meta, arrays):
        config = Config.from_json(json.dumps(meta["config"]))
        found = make_trajectory(config, dataset)
        _fill(found, arrays, meta)
    return found


def clone(state: TrainState) -> TrainState:
    """A state that goes on by itself."""
    return replace(state, scratch=None, **{name: getattr(state, name).clone() for name in BUFFERS})


def _copied(moment: Moment) -> Moment:
    return Moment(moment.step, {k: w.clone() for k, w in moment.weights.items()}, moment.diverged.clone())


def _thinned(kept: dict[int, Any], most: int) -> dict[int, Any]:
    """At most so many of them, the first and the last always: out goes whatever lies closest to the one before it.

    Closeness is relative, so that early steps, where all happens, stay dense and later ones grow geometric.
    """
    steps = sorted(kept)
    while len(steps) > max(2, most):
        ratios = [(steps[i + 1] + 1) / (steps[i - 1] + 1) for i in range(1, len(steps) - 1)]
        del steps[1 + int(np.argmin(ratios))]
    return {step: kept[step] for step in steps}


def _light_bytes(state: TrainState) -> int:
    return _weight_bytes(state) + 2 * POINT_BYTES * len(state.betas)


def _weight_bytes(state: TrainState) -> int:
    return state.average.numel() * state.average.element_size()


def _full_bytes(state: TrainState) -> int:
    return 4 * _weight_bytes(state)


def _meta(of: Trajectory) -> dict[str, Any]:
    return {"format": FORMAT, "config": json.loads(of.config.to_json()), "step": of.step}


def _fill(found: Trajectory, arrays: dict[str, Array], meta: dict[str, Any]) -> None:
    """Checkpoints and state of a saved trajectory, each of the shape that its config asks for."""
    for step in _steps(arrays, "full"):
        state = clone(found.state)
        state.step = step
        for name in BUFFERS:
            _copy(getattr(state, name), arrays[f"full.{step}.{name}"])
        found.full[step] = state
    for step in _steps(arrays, "light"):
        moment = replace(_copied(training.moment(found.state)), step=step)
        for name, weight in {**moment.weights, "diverged": moment.diverged}.items():
            _copy(weight, arrays[f"light.{step}.{name}"])
        found.light[step] = moment
    found.state = clone(found.full[int(meta["step"])])


def _steps(arrays: dict[str, Array], kind: str) -> list[int]:
    return sorted({int(name.split(".")[1]) for name in arrays if name.startswith(f"{kind}.")})


def _copy(into: Tensor, array: Array) -> None:
    if tuple(into.shape) != array.shape:
        raise ValueError(f"{array.shape} in the place of {tuple(into.shape)}")
    into.copy_(torch.from_numpy(array))
