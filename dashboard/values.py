"""What was computed of a training's moments beyond its points: informations, and points on a large fresh sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from vibcore.information import InformationBudget
from vibcore.types import Array, Point, Snapshot

T = TypeVar("T")
MOST_STEPS = 24  # at which one model's values are kept
NEAR = 0.03  # nats, and share of the rate: what a rate may have moved since a value was computed beside it


@dataclass(frozen=True)
class Estimates:
    """Where one model's nats went at a step, of the training sample (None if too large) and of the population."""

    step: int
    mixture: int
    train: InformationBudget | None
    test: InformationBudget


@dataclass
class Values:
    """Shared by all who look at the training; each sees what is of their own step, or of one before it."""

    estimates: dict[int, dict[int, Estimates]] = field(default_factory=dict)  # by model and step
    fresh: dict[int, dict[int, Point]] = field(default_factory=dict)  # points on the population, by model and step
    estimated_at: float = 0.0

    def note_estimates(self, model: int, estimates: Estimates) -> None:
        _keep(self.estimates, model, estimates.step, estimates)

    def note_fresh(self, model: int, step: int, point: Point) -> None:
        _keep(self.fresh, model, step, point)

    def estimate(self, model: int, step: int) -> Estimates | None:
        """A model's last up to a step."""
        of = self.estimates.get(model, {})
        steps = [at for at in of if at <= step]
        return of[max(steps)] if steps else None

    def estimates_at(self, step: int) -> dict[int, Estimates]:
        """Of each model that has any, the last up to a step."""
        found = {model: self.estimate(model, step) for model in sorted(self.estimates)}
        return {model: estimates for model, estimates in found.items() if estimates is not None}

    def fresh_at(self, step: int) -> dict[int, tuple[int, Point]]:
        """Step and point of each model that was looked at on the population at that very step."""
        return {model: (step, of[step]) for model, of in list(self.fresh.items()) if step in of}


def is_near(values: Estimates, model: int, snapshot: Snapshot) -> bool:
    """Whether values may stand beside the bounds of a snapshot: computed when the model's rate was as it is there."""
    if values.step == snapshot.step:
        return True
    then, now = values.test.rate, snapshot.test[model].rate
    return abs(then.value - now.value) <= NEAR * (1 + now.value) + 2 * (then.stderr + now.stderr)


def _keep(kept: dict[int, dict[int, T]], model: int, step: int, value: T) -> None:
    """Note what was computed of a model at a step; the oldest goes. A new dict: others may be reading the old one."""
    of = {at: v for at, v in kept.get(model, {}).items() if at != step}
    while len(of) >= MOST_STEPS:
        del of[next(iter(of))]
    kept[model] = {**of, step: value}


def informations(train: tuple[Point, ...], test: tuple[Point, ...]) -> Array:
    """(6, M): rate and I(Z;Y) bound on train, then on test, NaN where there is none; distortion on train and test."""
    rows = [[p.rate.value for p in points] for points in (train, test)]
    bounds = [[p.i_zy_bound.value if p.i_zy_bound else np.nan for p in points] for points in (train, test)]
    costs = [[p.distortion.value for p in points] for points in (train, test)]
    return np.array([rows[0], bounds[0], rows[1], bounds[1], *costs])
