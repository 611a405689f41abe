"""The front door of the library: `fit(config)` trains, and what it gives back answers for the whole curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from vibcore import populations, threads
from vibcore.config import Config, Dataset
from vibcore.data.own import from_arrays
from vibcore.evaluation import evaluate
from vibcore.snapshot import take_snapshot
from vibcore.trajectory import Trajectory, load_trajectory, make_trajectory
from vibcore.types import Array, ConfigError, Curve, Point, Snapshot

REPORTS = 20  # of progress, and checkpoints on the way
SplitName = Literal["train", "test", "population"]


@dataclass(frozen=True)
class Fit:
    """A trained stack. Nats."""

    trajectory: Trajectory

    @property
    def config(self) -> Config:
        return self.trajectory.config

    @cached_property
    def points(self) -> dict[SplitName, tuple[Point, ...]]:
        """A point for each β on train, on test and, where the density is known, on 20,000 fresh inputs."""
        moment, problem = self.trajectory.at(self.trajectory.step), self.trajectory.problem
        splits = {"train": problem.train, "test": problem.test}
        if (fresh := populations.population(problem.dataset.spec)) is not None:
            splits["population"] = populations.split_of_population(fresh, problem)
        return {name: evaluate(moment.weights, problem, split) for name, split in splits.items()}  # type: ignore[misc]

    def curve(self, split: SplitName = "test") -> Curve:
        """(rate, H(Y) − D) of every β on a split, by increasing rate: an upper bound against a lower one.

        ConfigError where there is no such split, or H(Y) is not known.
        """
        if split not in self.points:
            expected = f"one of {', '.join(self.points)}"
            raise ConfigError("split", split, expected, "No density of this problem is known.")
        points = sorted(self.points[split], key=lambda p: p.rate.value)
        bounds = [p.i_zy_bound.value for p in points if p.i_zy_bound]
        if len(bounds) < len(points):
            raise ConfigError("curve", self.config.task, "a target whose entropy is known", "Use `points`.")
        rate, beta = (np.array(v) for v in ([p.rate.value for p in points], [p.beta for p in points]))
        return Curve(rate, np.array(bounds), beta, f"VIB on {split}, {points[0].inputs} inputs")

    def snapshot(self) -> Snapshot:
        """What a picture needs of every model, as plain NumPy."""
        return take_snapshot(self.trajectory.at(self.trajectory.step), self.trajectory.problem)

    def save(self, path: str | Path) -> None:
        """All of it as one .npz, which `load_fit` reads."""
        self.trajectory.save(path)


def fit(
    config: Config,
    dataset: Dataset | tuple[Array, Array] | None = None,
    report: Callable[[int, int], None] | None = None,
    count: int | None = None,
) -> Fit:
    """Train a stack to `config.steps`.

    dataset: one at hand, or arrays (X, y) as `from_arrays` takes them, in the place of the one that the config names.
    report(step, steps) is called now and then; `count`: threads of torch, by default those of `threads.wanted`.
    ConfigError for a config that cannot be had.
    """
    config, given = with_data(config, dataset)
    found = make_trajectory(config, given)
    with threads.limited(threads.wanted(config, found.problem.dataset, count)):
        while found.step < config.steps:
            found.advance(min(max(1, config.steps // REPORTS), config.steps - found.step))
            found.checkpoint()
            if report:
                report(found.step, config.steps)
    return Fit(found)


def load_fit(path: str | Path, dataset: Dataset | None = None) -> Fit:
    """What `Fit.save` saved; `dataset`: where it is not one that is known by name."""
    return Fit(load_trajectory(path, dataset))


def with_data(config: Config, dataset: Dataset | tuple[Array, Array] | None) -> tuple[Config, Dataset | None]:
    """A config that names the data at hand, and those as a dataset: its own name where there are none."""
    if dataset is None:
        return config, None
    found = from_arrays(*dataset, seed=config.dataset.seed) if isinstance(dataset, tuple) else dataset
    return replace(config, dataset=found.spec), found
