"""Work in the background for one visitor: how far it has come, and an end whenever they want one. No Streamlit."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from dashboard import closing
from vibcore.types import ConfigError

T = TypeVar("T")
Report = Callable[[int, int], None]  # done, total; raises `Cancelled` where nobody wants it any more
AT_ONCE = 2  # works of all visitors: each takes its turns among the pictures, and memory
MOST = 12  # of all visitors that run or wait: each holds a copy of what it is made of
PATIENCE = 90.0  # seconds without a look, after which the page counts as closed: a hidden tab asks once a minute
LOG = logging.getLogger(__name__)
_places = threading.BoundedSemaphore(AT_ONCE)
_alive: set[Job[Any]] = set()


class Cancelled(Exception):
    """Nobody wants it any more."""


def in_words(error: Exception) -> str:
    """What a visitor is told of an error, without paths or source; one that nobody has foreseen goes to the log."""
    if isinstance(error, ConfigError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.strerror or type(error).__name__}."
    LOG.error("work in the background failed", exc_info=error)
    return f"It failed ({type(error).__name__}); try again."


def check_room() -> None:
    """ConfigError where so many files are being made that there is no room for another."""
    if len(_alive) >= MOST:
        raise ConfigError("room", f"{len(_alive)} files being made", f"fewer than {MOST}", "Try again in a minute.")


class Job(Generic[T]):
    """Work that reports now and then; `value` is there once it is `done`, or `said` why not."""

    def __init__(self, work: Callable[[Report], T]) -> None:
        self.share: float | None = None  # of it that is done; None: waits for a place
        self.value: T | None = None
        self.said = ""
        self.done = threading.Event()
        self._is_cancelled = threading.Event()
        _alive.add(self)
        self._seen = time.monotonic()
        threading.Thread(target=self._run, args=(work,)).start()  # no daemon: torch must not be torn down under it

    def look(self) -> None:
        """The visitor's page is still there."""
        self._seen = time.monotonic()

    def cancel(self) -> None:
        """End it at its next report."""
        self._is_cancelled.set()

    def _run(self, work: Callable[[Report], T]) -> None:
        try:
            while not _places.acquire(timeout=0.1):
                self._check()
            self.share = 0.0
            try:
                self.value = work(self._report)
            finally:
                _places.release()
        except Cancelled:
            self.said = "Cancelled."
        except Exception as error:
            self.said = in_words(error)
        finally:
            _alive.discard(self)
            self.done.set()

    def _report(self, done: int, total: int) -> None:
        self._check()
        self.share = done / max(1, total)

    def _check(self) -> None:
        if self._is_cancelled.is_set() or closing.word() or time.monotonic() - self._seen > PATIENCE:
            raise Cancelled
