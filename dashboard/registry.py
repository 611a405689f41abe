"""Which training is whose: visitors of equal configs share one, those of their own tables have theirs alone.

What nobody rides is let go when others need the room; what another server has finished is taken over.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from dashboard import store
from dashboard.bounds import MOST_HELD, WEIGHT_BYTES
from dashboard.trainings import ALIVE, MOST_FAILURES, Training
from vibcore.config import Config, Dataset
from vibcore.trajectory import Trajectory, make_trajectory

MOST_BYTES = MOST_HELD * 2 // 5  # of what is kept; what nobody rides is let go, the longest unasked first

_shared: OrderedDict[Config, Training] = OrderedDict()
_shared_guard = threading.Lock()


def training_of(config: Config, dataset: Dataset, is_private: bool = False) -> Training:
    """The training of a config, shared by all who ask for it; of a visitor's own table it is theirs alone."""
    if is_private:
        return Training(make_trajectory(config, dataset))
    found = None if knows(config) else store.find(config, dataset)
    with _asked(config) as key:
        if key not in _shared or _shared[key].failures >= MOST_FAILURES:
            _shared[key] = Training(found or make_trajectory(config, dataset), is_shared=True)
        return _shared[key]


def put(trajectory: Trajectory) -> None:
    """Have a trajectory among the shared ones, in the place of a shorter one, which those who ride it keep."""
    with _asked(trajectory.config) as key:
        known = _shared.get(key)
        if known is None or known.step < trajectory.step or known.failures >= MOST_FAILURES:
            _shared[key] = Training(trajectory, is_shared=True)


def branch(training: Training, step: int, config: Config, is_private: bool = False) -> Training:
    """The training of a config that is like another up to a step: shared where there is one that came so far."""
    with _asked(config) as key:
        known = _shared.get(key)
        if known is not None and known is not training and known.step >= step and not is_private:
            return known
        found = Training(training.trajectory.branch(step, config), is_shared=not is_private)
        found.history = {at: row for at, row in training.history.items() if at <= step}
        found.seconds, found.trained, found.latest = training.seconds, training.trained, training.latest
        if not is_private and known is None:
            _shared[key] = found
        return found


@contextmanager
def _asked(config: Config) -> Iterator[Config]:
    """A config's key among the shared trainings, which stay under their bytes: where one stops is not part of it."""
    key = replace(config, steps=Config.steps)
    with _shared_guard:
        yield key
        if key in _shared:
            _shared.move_to_end(key)
        held = sum(training.bytes for training in _shared.values())
        for other in list(_shared):
            if held > MOST_BYTES and other != key and not _shared[other].riders():
                held -= _shared.pop(other).bytes


def held() -> int:
    """Bytes of all trainings that anybody has, about: checkpoints, pictures, and what trains."""
    return sum(each.bytes + WEIGHT_BYTES * each.trajectory.state.parameters.numel() for each in list(ALIVE))


def knows(config: Config) -> bool:
    """Whether a config is trained already, so that one more visitor needs no more room."""
    return replace(config, steps=Config.steps) in _shared


def forget() -> None:
    """Let go of all shared trainings: who rides one keeps it."""
    with _shared_guard:
        _shared.clear()
