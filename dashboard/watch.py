"""What a training knows of one visitor: what to picture for them, and whether they still look."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from dashboard.crowd import LARGEST
from vibcore.types import Snapshot

PATIENCE = 1.5  # seconds without a word from the page, after which it counts as closed; more when pages ask less often
REPLAYED = 8  # checkpoints that one tick goes on by at least, behind the front of a training
CATCH_UP = 4  # ticks after which who starts behind the front has about reached it, however far it is
EVERY = 2  # of the checkpoints one is pictured; of more, where many pages are at work
MOST_PENDING = 6  # pictures of a training that a page may fetch at once; more when it asks less often


@dataclass(eq=False)
class Watch:
    """What a training knows of one visitor: how far to train, what to picture, and what they have not fetched yet."""

    goal: int = 0
    last_poll: float = 0.0
    models: tuple[int, ...] = (0,)
    dims: tuple[int, ...] = ()
    slowdown: int = 1  # how many times its own pace the page asks at
    pending_snapshots: deque[Snapshot] = field(default_factory=lambda: deque(maxlen=MOST_PENDING * LARGEST))

    def is_live(self, now: float) -> bool:
        return now - self.last_poll < PATIENCE * self.slowdown

    def drain(self) -> list[Snapshot]:
        """The pictures since the last call, the newest of them where there are too many.

        With many visitors those behind the last new points wait for the next call: so all who look at a model end at
        the same picture, and what is written of it is written once.
        """
        pending = list(self.pending_snapshots)
        if self.slowdown > 1 and pending:
            new = [i for i in range(1, len(pending)) if pending[i].test is not pending[i - 1].test]
            pending = pending[: max(new, default=0) + 1]
        for _ in pending:
            self.pending_snapshots.popleft()
        return pending[-MOST_PENDING * self.slowdown :]


def next_places(first: int, ahead: int, slowdown: int, looks_back: bool) -> tuple[int, list[int]]:
    """Behind the front: by how many of the `ahead` checkpoints from place `first` on a tick goes on, and the places of
    those that are pictured before the last of them.

    Places are counted from the start: all who come to a training that is far on see the same moments, each made once.
    Who looks back sees every moment again.
    """
    most = REPLAYED * slowdown
    if looks_back:
        every, count = 1, min(ahead, most // EVERY)
    else:
        every = EVERY * math.isqrt(slowdown)
        count = max(most, -(-ahead // CATCH_UP))
        count = ahead if count >= ahead else count - (first + count - 1) % every
    return count, [place for place in range(first, first + count - 1) if (place - 1) % every == 0][-most // EVERY :]
