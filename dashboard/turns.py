"""A lock that serves in the order of asking. Python's own lets a busy loop take it again before all who wait."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """One at a time: training in the order of asking, pictures ahead of training."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    @contextmanager
    def turn(self, ahead: bool = False) -> Iterator[None]:
        """Wait for a turn, before all others when `ahead`, and hold it for the `with` block."""
        self._take(ahead)
        try:
            yield
        finally:
            self._pass_on()

    def _take(self, ahead: bool) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            door = threading.Lock()
            door.acquire()
            self._waiting.insert(0 if ahead else len(self._waiting), door)
        door.acquire()  # until the one before passes on

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
