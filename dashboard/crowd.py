"""How many pages are at work at once, and what each may ask of the server: messages less often, values in turn.

A message costs about 20 ms of the one interpreter that all visitors share. Up to `ROOM` pages get theirs at their own
pace; beyond, the time between two doubles whenever their number has, so that messages never take more than about half
of the server and each is answered at once. A message that comes later brings more pictures.
"""

from __future__ import annotations

import math
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ROOM = 8  # pages that are served at their own pace
CLOSED = 10.0  # seconds without a word, after which a page counts as closed
LARGEST = 16  # times its own pace
GOLDEN = 0.618034  # its multiples, less what is whole, are spread evenly
LAYOUT = 0.06  # seconds of the server that a page's controls take, and a little more
SHARE = 0.2  # of the server's time that values in training may take, of all visitors together


class Crowd:
    """The pages that are at work, and when values may be computed next."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: weakref.WeakKeyDictionary[object, float] = weakref.WeakKeyDictionary()
        self._guard = threading.Lock()
        self._free_at = 0.0
        self._laid_out_at = 0.0
        self._pages = 0

    def note(self, page: object) -> None:
        """A page has asked for a picture that moves."""
        self._seen[page] = self._clock()

    def count(self) -> int:
        """How many pages are at work."""
        now = self._clock()
        return sum(now - at < CLOSED for at in list(self._seen.values()))

    def slowdown(self, current: int = 1) -> int:
        """How many times a page's own pace is between two of its messages: 1, 2, 4 …

        Slower as soon as there are too many; faster only once they have become clearly fewer, as each change lays the
        page out anew.
        """
        wanted, pages = 1, self.count()
        while wanted < LARGEST and pages > ROOM * wanted:
            wanted *= 2
        if wanted < current and pages > 0.7 * ROOM * current / 2:
            return current
        return wanted

    def jitter(self) -> float:
        """Another factor around 1 for each page: those that opened together shall not ask together for ever."""
        self._pages += 1
        return 0.85 + 0.3 * (self._pages * GOLDEN % 1)

    def layout_delay(self) -> float:
        """Seconds until a page that opens now may have its controls: of a class that opens one link, one after another.

        Its picture it has at once, and who chooses a β meanwhile waits for one page to be laid out, not for all.
        """
        with self._guard:
            now = self._clock()
            self._laid_out_at = max(now, self._laid_out_at + LAYOUT)
            return self._laid_out_at - now

    @contextmanager
    def valuing(self) -> Iterator[bool]:
        """Whether values may be computed in the `with` block, in training: one at a time, `SHARE` of the time."""
        with self._guard:
            is_free = self._clock() >= self._free_at
            if is_free:
                self._free_at = math.inf
        begin = self._clock()
        try:
            yield is_free
        finally:
            if is_free:
                now = self._clock()
                self._free_at = now + (now - begin) * (1 / SHARE - 1)


CROWD = Crowd()
