"""Two lanes, of training and of pictures: each serves one at a time, in the order of asking.

Python's own lock lets a busy loop take it again before all who wait.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

SHARE = 1.5  # seconds of the others for one of those who go ahead, while both are asked for
DUE = 0.04  # seconds owed from which they are paid: a turn of training, and not one for each who asks in passing
MOST_OWED = 0.1  # seconds: the longest that who goes ahead waits for what the others have coming


class Turns:
    """One at a time, each kind in the order of asking: what a visitor waits for goes ahead, until it owes time.

    What it takes while others wait is owed to them, `SHARE` times, and paid in whole once it is `DUE`. So neither
    starves: who goes ahead waits for `MOST_OWED` at most, and the others keep their share however many visitors ask.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._ahead: deque[threading.Lock] = deque()
        self._others: deque[threading.Lock] = deque()
        self._owed = 0.0
        self._pays = False  # what is owed, until it is paid

    @contextmanager
    def turn(self, ahead: bool = False) -> Iterator[None]:
        """Wait for a turn, `ahead` of the others where a visitor waits, and hold it for the `with` block."""
        self._take(self._ahead if ahead else self._others)
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
            if not self._others:
                self._owed = 0.0  # nobody waits for it
            self._pays = self._owed > (0 if self._pays else DUE)
            first, second = self._ahead, self._others
            if self._pays:
                first, second = second, first
            if first or second:
                (first or second).popleft().release()
            else:
                self._taken = False


# Nobody holds turns of both lanes at once. Two trainings at once would only slow each other down, as would two
# pictures; one of each keeps two cores busy, and on a single core each lane has half of it.
TRAINING = Turns()  # whatever changes a trajectory, or reads its furthest state
PICTURES = Turns()  # whatever is computed from moments that no longer change
