"""Visitors who come and go: python -m tests.benchmarks.soak [seconds] [at once]

Each opens a page of one of a few problems, looks at training for a second or two, chooses another β, and leaves: every
third by cutting the line. Printed: visits, and the server's memory, threads and open files, in each tenth of the time.
The exit status is 1 where the last third holds more of them than the second. Sessions whose line is lost are kept for
five seconds rather than two minutes, so that a minute here is half an hour there.
"""

import logging
import os
import random
import socket
import statistics
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from websockets.exceptions import WebSocketException

from tests.servers import Server, serving
from tests.visitor import visiting

PROBLEMS = [f"dataset={name}&n=300&stops=5&seed={seed}" for name in ("moons", "circles", "xor") for seed in range(3)]
SETTINGS = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "5"}
SLACK = {"MiB": 1.05, "threads": 1.25, "files": 1.25}  # of what is counted while some come and others go


@dataclass
class Count:
    """Visits, and what went wrong with them."""

    visits: int = 0
    failures: list[str] = field(default_factory=list)


def visit(app: Server, query: str, cuts: bool) -> None:
    """Open a page, see it train, choose another β, and leave."""
    with visiting(app, query) as visitor:
        visitor.until(lambda v: v.step > 0)
        visitor.ask(chosen=3)
        until = time.monotonic() + random.uniform(0.5, 2.0)
        visitor.until(lambda v: v.header["chosen"] == 3 and time.monotonic() > until)
        if cuts:
            visitor.socket.socket.shutdown(socket.SHUT_RDWR)


def keep_coming(app: Server, deadline: float, count: Count) -> None:
    while time.monotonic() < deadline:
        try:
            visit(app, random.choice(PROBLEMS), random.random() < 1 / 3)
        except (AssertionError, OSError, WebSocketException) as error:
            count.failures.append(f"{type(error).__name__}: {error}")
        count.visits += 1


def held(pid: int) -> dict[str, int]:
    """Resident memory, threads and open files of a process."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    files = len(os.listdir(f"/proc/{pid}/fd"))
    return {"MiB": int(status["VmRSS"].split()[0]) // 1024, "threads": int(status["Threads"]), "files": files}


def soak(app: Server, seconds: float, at_once: int) -> list[dict[str, int]]:
    """What the server held, about four times a second; a line is printed for every tenth."""
    begin, count, seen = time.monotonic(), Count(), []
    crowd = [threading.Thread(target=keep_coming, args=(app, begin + seconds, count)) for _ in range(at_once)]
    for each in crowd:
        each.start()
    printed = 0
    while (now := time.monotonic() - begin) < seconds:
        seen.append(held(app.pid))
        if now > (printed + 1) * seconds / 10:
            printed += 1
            print(f"{now:4.0f} s, {count.visits:4d} visits: {seen[-1]}", flush=True)
        time.sleep(0.25)
    for each in crowd:
        each.join(60)
    print(f"{count.visits} visits in {seconds:.0f} s, {at_once} at once; failures: {count.failures or 'none'}")
    return seen


def main(seconds: float = 90.0, at_once: int = 8) -> int:
    logging.getLogger("websockets").setLevel(logging.CRITICAL)  # lines are cut
    with serving(environment={**os.environ, **SETTINGS}) as app:
        visit(app, PROBLEMS[0], cuts=False)  # PyTorch is loaded
        seen = soak(app, seconds, at_once)
        time.sleep(8)  # all have left
        print(f"when all have left: {held(app.pid)}")
    third = len(seen) // 3
    grew = 0
    for what, slack in SLACK.items():
        second, last = (
            statistics.median(s[what] for s in part) for part in (seen[third : 2 * third], seen[2 * third :])
        )
        grew |= last > slack * second
        print(f"{what}: {second:.0f} in the second third, {last:.0f} in the last")
    return grew


if __name__ == "__main__":
    sys.exit(main(*(kind(text) for kind, text in zip((float, int), sys.argv[1:], strict=False))))
