"""The end of a server: who looks on is told before the connection closes. No PyTorch, no Streamlit."""

from __future__ import annotations

import asyncio
import signal
import threading
from types import FrameType

GRACE = 2.5  # seconds between the signal and the end: pages that play tick in them, unless there are very many
WORD = "The server is being restarted: reload this page in a minute, its address opens the same run"
_is_closing = threading.Event()


def word() -> str:
    """What is said on every page from the signal on; nothing before."""
    return WORD if _is_closing.is_set() else ""


def tell_before_the_end() -> None:
    """From SIGTERM on say so, and end a moment later as the server would have; called in the server's own loop."""
    if threading.current_thread() is not threading.main_thread():  # as in a test: signals are not ours
        return
    loop, ends = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)

    def told(number: int, frame: FrameType | None) -> None:
        again = _is_closing.is_set()
        _is_closing.set()
        if callable(ends):  # told twice: at once
            loop.call_soon_threadsafe(loop.call_later, 0 if again else GRACE, ends, number, frame)

    if callable(ends):
        signal.signal(signal.SIGTERM, told)
