"""Training in a process of its own: beside an interpreter that writes pages it would wait for it at every product.

Where that process is not there yet, or has ended, training goes on here from the same step: both train the same bits.
"""

from __future__ import annotations

import copyreg
import importlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, replace
from queue import SimpleQueue
from types import ModuleType
from typing import IO, Any

import torch

from vibcore import training
from vibcore.problem import Split
from vibcore.training import TrainState
from vibcore.trajectory import BUFFERS, Trajectory
from vibcore.types import Array

NICE = 5  # behind the server and a browser on the same cores: they want little, and a visitor waits for it
PART = 5  # steps between two looks at the clock
MOST_BYTES = 256 * 2**20  # of states that the process keeps; another is sent to it again
MOST_STARTS = 3
AHEAD = 0.04  # seconds that it may train further while a reply is on its way
copyreg.pickle(ModuleType, lambda module: (importlib.import_module, (module.__name__,)))  # parts are modules
Reply = tuple[int, float, dict[str, Array]]  # steps trained, seconds, buffers


@dataclass
class Held:
    """A training as the process has it: it may be ahead of what the server knows."""

    state: TrainState
    split: Split
    told: int  # the step that the server knows
    seconds: float = 0.0  # spent since

    @property
    def bytes(self) -> int:
        tensors = *(getattr(self.state, name) for name in BUFFERS), self.split.x, self.split.target
        return sum(tensor.nbytes for tensor in tensors)

    def train(self, steps: int, budget: float) -> None:
        """Train up to `steps` beyond the one that the server knows, or until `budget` seconds are over."""
        begin, goal = time.perf_counter(), self.told + steps
        while self.state.step < goal and time.perf_counter() - begin < budget:
            training.advance(self.state, self.split, min(PART, goal - self.state.step))
        self.seconds += time.perf_counter() - begin

    def train_ahead(self, goal: int, inbox: SimpleQueue[Any]) -> None:
        """Train a little further, never beyond a goal, until something is asked for."""
        while inbox.empty() and self.seconds < AHEAD and self.state.step < goal:
            self.train(min(goal, self.state.step + PART) - self.told, AHEAD)

    def tell(self) -> Reply:
        """What was trained since the last time."""
        found = self.state.step - self.told, self.seconds, {n: getattr(self.state, n).numpy() for n in BUFFERS}
        self.told, self.seconds = self.state.step, 0.0
        return found


class Trainer:
    """The process that trains for this one. One request at a time: ask in a turn of training."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = threading.Event()
        self._starts = 0

    def start(self) -> None:
        """Start the process, which imports PyTorch for a few seconds; until then training goes on here."""
        if self._starts == MOST_STARTS:
            return
        self._starts += 1
        paths = {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dashboard.trainer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=os.environ | paths,
        )
        threading.Thread(target=self._await, args=(self._process,), daemon=True).start()

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        if process.stdout.read(1):  # its first word; nothing where it has ended
            self._is_ready.set()

    def advance(self, key: int, trajectory: Trajectory, steps: int, budget: float) -> tuple[int, float]:
        """Train a trajectory: how many steps, and in how many seconds. `key`: the same for it and for no other."""
        if self._is_ready.is_set():
            try:
                return self._ask(key, trajectory, steps, budget)
            except (OSError, EOFError, pickle.UnpicklingError):  # it has ended; what it trained last is here
                self.stop()
                self.start()
        here = Held(trajectory.state, trajectory.problem.train, trajectory.step)
        here.train(steps, budget)
        return here.state.step - here.told, here.seconds

    def _ask(self, key: int, trajectory: Trajectory, steps: int, budget: float) -> tuple[int, float]:
        assert self._process is not None and self._process.stdin is not None and self._process.stdout is not None
        state = trajectory.state
        send, receive = self._process.stdin, self._process.stdout
        _write(send, (key, state.step, steps, budget))
        reply = _read(receive)
        if reply is None:  # not known there, or at another step
            _write(send, (replace(state, scratch=None), trajectory.problem.train))
            reply = _read(receive)
        if isinstance(reply, Exception):
            raise reply
        trained, seconds, buffers = reply
        for name, buffer in buffers.items():
            setattr(state, name, torch.from_numpy(buffer))
        state.step, state.scratch = state.step + trained, None  # what is kept for speed looked at the old buffers
        return trained, seconds

    def stop(self) -> None:
        """End the process; it also ends by itself where this one does."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._process = None
        self._is_ready.clear()


def _write(pipe: IO[bytes], message: object) -> None:
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    rest = memoryview(len(data).to_bytes(8, "big") + data)  # in as few calls as may be: each waits for the interpreter
    while rest:
        rest = rest[pipe.write(rest) :]


def _read(pipe: IO[bytes]) -> Any:
    return pickle.loads(_exactly(pipe, int.from_bytes(_exactly(pipe, 8), "big")))


def _exactly(pipe: IO[bytes], size: int) -> bytearray:
    data = bytearray(size)
    rest = memoryview(data)
    while rest:
        count = pipe.readinto(rest)  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        rest = rest[count:]
    return data


def serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    """Train what is asked for, until nobody is there to ask; while a reply is on its way, a little further.

    What is unpickled comes from the process that started this one, and from nobody else.
    """
    known: OrderedDict[int, Held] = OrderedDict()
    inbox: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_receive, args=(requests, inbox), daemon=True).start()
    replies.write(b"\n")
    while (request := inbox.get()) is not None:
        key, step, steps, budget = request
        held = known.pop(key, None)
        if held is None or held.told != step or held.state.step > step + steps:
            _write(replies, None)
            if (sent := inbox.get()) is None:
                return
            held = Held(sent[0], sent[1], step)
        try:
            held.train(steps, budget)
            _write(replies, held.tell())
        except Exception as error:  # said over there; a state that may be broken is not trained further
            _write(replies, error)
            continue
        with suppress(Exception):  # comes again when that step is asked for
            held.train_ahead(step + steps, inbox)
            known[key] = held
        while len(known) > 1 and sum(each.bytes for each in known.values()) > MOST_BYTES:
            known.popitem(last=False)


def _receive(requests: IO[bytes], inbox: SimpleQueue[Any]) -> None:
    try:
        while True:
            inbox.put(_read(requests))
    except EOFError:
        inbox.put(None)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the server; this ends with it
    torch.set_num_threads(1)
    if hasattr(os, "nice"):  # not on Windows
        os.nice(NICE)
    replies, sys.stdout = os.fdopen(1, "wb", buffering=0), sys.stderr  # nothing printed gets between the replies
    serve(os.fdopen(0, "rb", buffering=0), replies)
