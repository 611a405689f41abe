"""What a training knows of one visitor: what to picture for them, and whether they still look."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from dashboard.crowd import LARGEST
from vibcore.types import Snapshot

PATIENCE = 1.5  # seconds without a word from the page, after which it counts as closed; more when pages ask less often
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
