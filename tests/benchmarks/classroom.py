"""Many visitors of one server, without a browser: python -m tests.benchmarks.classroom [visitors] [seconds] [same]

Each visitor speaks Streamlit's websocket, ticks as a page does, and chooses another β every few seconds. Printed: steps
of every visitor's training and pictures a second, seconds of a tick and of a chosen β until it is shown, and of the
first picture. `same`: all open one link; else each its own seed. The server runs on loopback alone, on the same cores.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from dashboard.stage import parts, unpack
from tests.servers import Server, serving

DRAG = 4.0  # seconds between two choices of β
STEP = re.compile(r"step ([\d,]+)")
TRIGGER = "$$STREAMLIT_INTERNAL_KEY_{}__events"


@dataclass
class Visitor:
    """One page that is open."""

    query: str
    offset: float = 0.0  # seconds: not all choose at the same moment
    began: float = 0.0
    first: float = float("nan")  # seconds to the first picture
    step: int = 0
    ticks: list[float] = field(default_factory=list)
    choices: list[float] = field(default_factory=list)
    component: str = ""
    fragment: str = ""  # the part of the page that a tick or a press reruns
    pictures: int = 0
    chosen: int | None = None
    asked: float = 0.0  # when a β was asked for that is not shown yet
    pressed: int = 0
    timer: asyncio.Task[None] | None = None
    answering: asyncio.Task[None] | None = None
    sent: float = 0.0
    ticked: bool = False  # what opens the page is no tick: it has its first picture as a measure

    async def live(self, app: Server, seconds: float) -> None:
        address = app.address.replace("http", "ws") + "/_stcore/stream"
        async with connect(address, subprotocols=["streamlit"], max_size=None) as socket_:  # type: ignore[list-item]
            self.began = time.monotonic()
            await self.rerun(socket_)
            dragging = asyncio.create_task(self.drag(socket_))
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    async for raw in socket_:
                        await self.take(socket_, ForwardMsg.FromString(raw))  # type: ignore[arg-type]
            for task in (dragging, self.timer, self.answering):
                if task:
                    task.cancel()

    async def rerun(self, socket_: ClientConnection, fragment: str = "", **trigger: Any) -> None:
        """Ask for a run of the script or of a fragment, with what the page's widgets say."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.fragment_id = self.query, fragment
        if self.chosen is not None:
            widget = state.widget_states.widgets.add()
            widget.id, widget.json_value = self.component, json.dumps({"chosen": self.chosen})
        if trigger:
            self.pressed += 1
            action = {"n": self.pressed, **trigger}
            value = {"event": "transport", "value": {"from": str(id(self)), "actions": [action]}}
            widget = state.widget_states.widgets.add()
            widget.id, widget.json_trigger_value = TRIGGER.format(self.component), json.dumps([value])
        self.sent = time.monotonic()
        await socket_.send(message.SerializeToString())

    async def take(self, socket_: ClientConnection, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "auto_rerun":
            if self.timer:
                self.timer.cancel()
            again = message.auto_rerun
            self.timer = asyncio.create_task(self.tick(socket_, again.interval, again.fragment_id))
        elif kind in ("stop_auto_rerun", "new_session") and self.timer and kind == "stop_auto_rerun":
            self.timer.cancel()
        elif kind == "script_finished" and self.sent:
            if self.ticked:
                self.ticks.append(time.monotonic() - self.sent)
            self.ticked = True
            self.sent = 0.0
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "bidi_component":
            self.fragment = message.delta.fragment_id
            await self.picture(socket_, message.delta.new_element.bidi_component)

    async def picture(self, socket_: ClientConnection, found: Any) -> None:
        self.component = found.id
        messages = parts(found.bytes)
        self.pictures += len(messages)
        _, header, _ = unpack(messages[-1])
        now = time.monotonic()
        if self.first != self.first:
            self.first = now - self.began
        status = header["texts"].get("status", "")
        if step := STEP.search(status if isinstance(status, str) else status[0]):
            self.step = int(step[1].replace(",", ""))
        if self.asked and header["chosen"] == self.chosen:
            self.choices.append(now - self.asked)
            self.asked = 0.0
        if (call := header.get("call")) and self.answering is None:
            self.answering = asyncio.create_task(self.answer(socket_, call, header.get("after", 0) / 1000))

    async def answer(self, socket_: ClientConnection, call: int, after: float) -> None:
        await asyncio.sleep(after)
        await self.rerun(socket_, self.fragment, action="ready", value=call)
        self.answering = None

    async def tick(self, socket_: ClientConnection, interval: float, fragment: str) -> None:
        while True:
            await asyncio.sleep(interval)
            if not self.sent:  # as a page does: one at a time
                await self.rerun(socket_, fragment)

    async def drag(self, socket_: ClientConnection) -> None:
        await asyncio.sleep(self.offset)
        for turn in range(1000):
            await asyncio.sleep(DRAG)
            if self.component and not self.asked:
                self.chosen, self.asked = (3 + 5 * turn) % 25, time.monotonic()
                await self.rerun(socket_, self.fragment)


async def classroom(app: Server, visitors: int, seconds: float, same: bool, seed: int = 0) -> list[Visitor]:
    """Visitors for some seconds. They begin at step 0 where nobody has opened their seeds before: all `seed`, or on."""
    link = "steps=100000&seed="  # none comes to its end
    pages = [Visitor(f"{link}{seed + i * (not same)}", DRAG * i / visitors) for i in range(visitors)]
    await asyncio.gather(*(page.live(app, seconds) for page in pages))
    return pages


def report(pages: list[Visitor], seconds: float, memory: int) -> None:
    steps = sorted(page.step for page in pages)
    print(
        f"{len(pages)} visitors, {seconds:.0f} s: steps {steps[0]} to {steps[-1]}, "
        f"median {statistics.median(steps):.0f}, {sum(steps) / seconds:.0f} a second in all; "
        f"{statistics.median(page.pictures for page in pages) / seconds:.1f} pictures a second; {memory} MiB"
    )
    for name, values in (
        ("first picture", [page.first for page in pages]),
        ("tick", [t for page in pages for t in page.ticks]),
        ("chosen β", [t for page in pages for t in page.choices]),
    ):
        if values:
            ordered = sorted(values)
            high = ordered[int(0.95 * (len(values) - 1))]
            middle, worst = statistics.median(values), ordered[-1]
            print(f"  {name}: median {middle:.2f} s, p95 {high:.2f} s, worst {worst:.2f} s ({len(values)})")


def resident(pid: int) -> int:
    """MiB of a server and of the process that trains for it."""
    listed = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid), "--ppid", str(pid)], capture_output=True, text=True, check=True
    )
    return sum(map(int, listed.stdout.split())) // 1024


def main(visitors: int = 30, seconds: float = 45.0, same: bool = True) -> None:
    with serving() as app:
        asyncio.run(classroom(app, 1, 12.0, True))  # PyTorch is loaded
        pages = asyncio.run(classroom(app, visitors, seconds, same, seed=1))
        report(pages, seconds, resident(app.pid))


if __name__ == "__main__":
    count, length, kind = (*sys.argv[1:4], *("30", "45", "same")[len(sys.argv) - 1 :])
    main(int(count), float(length), kind == "same")
