"""A page without a browser: it speaks Streamlit's websocket, ticks as a page does, and remembers what it was told."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from dashboard.stage import parts, unpack
from tests.servers import Server

STEP = re.compile(r"step ([\d,]+)")
TRIGGER = "$$STREAMLIT_INTERNAL_KEY_{}__events"
PATIENCE = 30.0  # seconds


@dataclass
class Visitor:
    """One open page. `said` is all that the server has sent to it."""

    socket: ClientConnection
    query: str = ""
    session: str = ""
    component: str = ""
    header: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    status: str = ""
    timer: tuple[float, float, str] | None = None  # when it is due, seconds between two, and the fragment
    said: bytes = b""
    chosen: object = 0
    pictures: int = 0
    asked: bool = False  # for a run that has not ended
    pressed: int = 0

    @property
    def step(self) -> int:
        """Steps trained, as the page says."""
        found = STEP.search(self.status)
        return int(found[1].replace(",", "")) if found else 0

    def ask(self, fragment: str = "", chosen: object = None, actions: Sequence[dict[str, Any]] = ()) -> None:
        """A run of the script, or of a fragment, with what the stage says."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.fragment_id = self.query, fragment
        if self.component:  # without a state of its own a component's presses are not heard
            self.chosen = self.chosen if chosen is None else chosen
            widget = state.widget_states.widgets.add()
            widget.id, widget.json_value = self.component, json.dumps({"chosen": self.chosen})
        if actions:
            numbered = [{"n": self.pressed + i, **action} for i, action in enumerate(actions, 1)]
            self.pressed += len(numbered)
            value = {"event": "transport", "value": {"from": str(id(self)), "actions": numbered}}
            widget = state.widget_states.widgets.add()
            widget.id, widget.json_trigger_value = TRIGGER.format(self.component), json.dumps([value])
        self.asked = True
        self.socket.send(message.SerializeToString())

    def until(self, happens: Callable[[Visitor], object], seconds: float = PATIENCE) -> Visitor:
        """Be a page until something happens."""
        deadline = time.monotonic() + seconds
        while not happens(self):
            now = time.monotonic()
            assert now < deadline, f"it did not happen in {seconds} s: {self.status!r}"
            if self.timer is not None and now >= self.timer[0] and not self.asked:
                self.timer = (now + self.timer[1], *self.timer[1:])
                self.ask(self.timer[2])
            due = deadline if self.timer is None or self.asked else min(deadline, self.timer[0])
            try:
                raw = self.socket.recv(timeout=max(0.0, due - now))
            except TimeoutError:
                continue
            assert isinstance(raw, bytes)
            self.take(raw)
        return self

    def take(self, raw: bytes) -> None:
        """What one message says."""
        self.said += raw
        message = ForwardMsg.FromString(raw)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id
        elif kind == "auto_rerun":
            again = message.auto_rerun
            self.timer = (time.monotonic() + again.interval, again.interval, again.fragment_id)
        elif kind == "script_finished":
            self.asked = False
            if self.header.get("call"):  # a press that comes while the script still runs may be lost
                self.ask(actions=[{"action": "ready", "value": self.header["call"]}])
        elif kind == "stop_auto_rerun":
            self.timer = None
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "bidi_component":
            self.see(message.delta.new_element.bidi_component)

    def see(self, found: Any) -> None:
        """A picture."""
        self.component = found.id
        text, self.header, _ = unpack(parts(found.bytes)[-1])
        self.document = json.loads(text) if text else self.document
        status = self.header["texts"].get("status", "")
        self.status = status if isinstance(status, str) else status[self.header["chosen"]]
        self.pictures += 1


@contextmanager
def visiting(app: Server, query: str = "", session: str = "", **about: Any) -> Iterator[Visitor]:
    """Open a page by a link, or again with the session that it had before its connection was lost."""
    address = app.address.replace("http", "ws", 1) + "/_stcore/stream"
    protocols: Any = ["streamlit", "none", session] if session else ["streamlit"]
    with connect(address, subprotocols=protocols, max_size=None, proxy=None, close_timeout=1, **about) as socket:
        visitor = Visitor(socket, query)
        visitor.ask()
        yield visitor
