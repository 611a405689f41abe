"""One visitor's run: a stack in training, what was seen of it, and the arrays of its next picture."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from vibcore import information, snapshot, training
from vibcore.types import Array, Config, Dataset, Point, Snapshot

TRAINING = threading.Semaphore(1)  # slices of many visitors take turns: two at once only slow each other down
# one thread a slice: on a shared machine more threads wait for each other and for the browser
torch.set_num_threads(1)
BUDGET = 0.06  # seconds of training between two pictures
LONGEST_HISTORY = 300


@dataclass
class Run:
    """The state of one training run and its history. Its own: no two sessions share one."""

    config: Config
    dataset: Dataset
    state: training.TrainState = field(init=False)
    data: training.Data = field(init=False)
    view: snapshot.View = field(init=False)
    latest: Snapshot | None = None
    seconds: float = 0.0  # spent training
    trained: int = 0  # steps in those seconds
    # step, train and test account of each model that has them
    values: dict[int, tuple[int, information.Account, information.Account]] = field(default_factory=dict)
    valued_at: float = 0.0
    history: list[tuple[int, Array]] = field(default_factory=list)  # step, (6, M): see `informations`

    def __post_init__(self) -> None:
        self.state = training.init(self.config, self.dataset)
        self.data = training.tensors(self.dataset, self.config)
        self.view = snapshot.view(self.state, self.dataset)

    def advance(self, steps: int | None, stop_at: int, budget: float = BUDGET) -> None:
        """Train `steps` (as many as fit the budget when None), never past `stop_at`."""
        with TRAINING:
            begin = time.perf_counter()
            left = min(steps or stop_at, stop_at - self.state.step)
            while left > 0:
                part = min(left, 10)
                training.advance(self.state, self.data, part)
                left -= part
                self.trained += part
                if time.perf_counter() - begin > budget:
                    break
            self.seconds += time.perf_counter() - begin

    def look(self, models: list[int] | None, dims: tuple[int, ...] = ()) -> Snapshot:
        """A snapshot of now, with the pictures of `models` (None: the whole family)."""
        if models is None and self._is_family(dims) and self.latest is not None:
            return self.latest  # at rest the picture stays: β is chosen in the browser
        with TRAINING:
            self.latest = snapshot.take(self.state, self.view, models, dims or None)
        if not self.history or self.history[-1][0] != self.state.step:
            self.history.append((self.state.step, informations(self.latest.train, self.latest.test)))
            if len(self.history) > LONGEST_HISTORY:  # keep the whole past at half the detail
                self.history = self.history[::2]
        return self.latest

    def _is_family(self, dims: tuple[int, ...]) -> bool:
        """Whether the latest snapshot shows every model as it is now."""
        known = self.latest
        if known is None or known.step != self.state.step or dims not in ((), known.dims):
            return False
        return len(known.models) == len(known.betas)

    def value(self, models: list[int]) -> None:
        """Compute the Monte-Carlo values of some models, as they are now."""
        with TRAINING:
            for i in models:
                self.values[i] = self.state.step, *snapshot.accounts(self.state, self.view, i)
        self.valued_at = time.monotonic()

    def without_value(self) -> list[int]:
        """Models whose values are of an earlier step, the longest waiting first; none of a set too large."""
        if max(len(self.dataset.train), len(self.dataset.test)) > information.EXACT_UP_TO:
            return []
        ages = {i: self.values[i][0] if i in self.values else -1 for i in range(len(self.config.betas))}
        return sorted((i for i, step in ages.items() if step < self.state.step), key=ages.__getitem__)

    def set_learning_rate(self, lr: float) -> None:
        self.state.lr = lr
        self.config = replace(self.config, lr=lr)


def informations(train: tuple[Point, ...], test: tuple[Point, ...]) -> Array:
    """(6, M): rate and I(Z;Y) bound on train, then on test, NaN where there is none; distortion on train and test."""
    rows = [[p.rate.value for p in points] for points in (train, test)]
    bounds = [[p.i_zy_bound.value if p.i_zy_bound else np.nan for p in points] for points in (train, test)]
    costs = [[p.distortion.value for p in points] for points in (train, test)]
    return np.array([rows[0], bounds[0], rows[1], bounds[1], *costs])
