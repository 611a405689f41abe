"""A lock that serves in the order of asking. Python's own lets a busy loop take it again before all who wait."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

SHARE = 1.5  # seconds of training for one of pictures, while both are asked for
MOST_OWED = 0.1  # seconds: the longest that pictures wait for what training has coming


class Turns:
    """One at a time, each kind in the order of asking: pictures ahead of training, until they owe it time.

    What pictures take while training waits is owed to training, `SHARE` times. So neither starves: pictures wait for
    `MOST_OWED` at most, and training keeps its share however many visitors look.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._pictures: deque[threading.Lock] = deque()
        self._training: deque[threading.Lock] = deque()
        self._owed = 0.0

    @contextmanager
    def turn(self, ahead: bool = False) -> Iterator[None]:
        """Wait for a turn, of a picture when `ahead`, and hold it for the `with` block."""
        self._take(self._pictures if ahead else self._training)
        begin = time.monotonic()
        try:
            yield
        finally:
            self._pass_on(ahead, time.monotonic() - begin)

    def _take(self, queue: deque[threading.Lock]) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            door = threading.Lock()
            door.acquire()
            queue.append(door)
        door.acquire()  # until the one before passes on

    def _pass_on(self, ahead: bool, spent: float) -> None:
        with self._guard:
            self._owed = min(MOST_OWED, self._owed + SHARE * spent) if ahead else max(0.0, self._owed - spent)
            if not self._training:
                self._owed = 0.0  # nobody waits for it
            first, second = self._pictures, self._training
            if self._owed > 0:
                first, second = second, first
            if first or second:
                (first or second).popleft().release()
            else:
                self._taken = False


TURNS = Turns()  # all trainings compute one after another: two at once only slow each other down
