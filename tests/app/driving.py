"""The app as Streamlit runs it, without a browser: each `run()` is one tick."""

import time

import numpy as np
from streamlit.testing.v1 import AppTest

from dashboard.session import OPEN
from dashboard.stage import parts, unpack
from tests.servers import ROOT


def opened(**query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    lab(at).phase = OPEN  # a browser would call back when the page stands
    at.run()
    until(lambda: at.exception or lab(at).runs, at.run)  # PyTorch is being imported
    assert not at.exception
    return at


def until(happens, meanwhile, seconds: float = 30) -> None:  # type: ignore[no-untyped-def]
    """Run ticks until something happens; training goes on between them."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
        meanwhile()


def frame(at: AppTest) -> tuple[str, dict, dict[str, np.ndarray]]:  # type: ignore[type-arg]
    """The newest of the pictures on their way to the browser."""
    return unpack(parts(at.get("bidi_component")[0].proto.bytes)[-1])


def lab(at: AppTest):  # type: ignore[no-untyped-def]
    return at.session_state["lab"]
