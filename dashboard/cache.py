"""Every cache, and what is prepared behind the first picture's back.

Asked several times a tick: functools finds a frozen spec in a microsecond, where Streamlit's cache takes a millisecond.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cache, lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from vibcore import data
from vibcore import window as windows
from vibcore.config import Dataset, DatasetSpec
from vibcore.types import Reference
from vibcore.window import Window

if TYPE_CHECKING:
    from vibcore.populations import Population

T = TypeVar("T")


@lru_cache(maxsize=64)
def dataset(spec: DatasetSpec) -> Dataset:
    """Shared by visitors with the same problem; nothing writes to its arrays."""
    return data.load(spec)


@lru_cache(maxsize=64)
def window(spec: DatasetSpec) -> Window:
    """Which inputs of a problem are drawn; shared as the dataset is."""
    return windows.window(dataset(spec))


class Shared(Generic[T]):
    """What visitors with the same choices share: a class that opens one link has it made once. The oldest goes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[object, T] = OrderedDict()
        self._making: dict[object, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, key: object, make: Callable[[], T]) -> T:
        """What was made for a key. Of those who ask at once one makes it; where that fails, the next tries."""
        found = self._kept.get(key)
        if found is not None:
            return found
        with self._guard:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            found = self._kept.get(key)
            if found is None:
                found = make()
                self._keep(key, found)
        return found

    def kept(self) -> list[T]:
        """What is kept now."""
        return list(self._kept.values())

    def _keep(self, key: object, value: T) -> None:
        with self._guard:
            self._kept[key] = value
            self._making.pop(key, None)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


_AT_ONCE = threading.Semaphore(2)  # computations in the background
TEXTS: Shared[str] = Shared(64)  # documents of about 50 KB


class Background(Generic[T]):
    """A computation in a daemon thread: `result()` is None until it is there.

    A few at a time where it can wait: whoever opens many problems keeps the others waiting no longer than that.
    """

    def __init__(self, work: Callable[[], T], can_wait: bool = True) -> None:
        self._value: T | None = None
        self.error: Exception | None = None
        self.done = threading.Event()
        self._turn: AbstractContextManager[Any] = _AT_ONCE if can_wait else nullcontext()
        threading.Thread(target=self._run, args=(work,), daemon=True).start()

    def _run(self, work: Callable[[], T]) -> None:
        try:
            with self._turn:
                self._value = work()
        except Exception as error:  # shown to the visitor by whoever asks for the result
            self.error = error
        finally:
            self.done.set()

    def result(self) -> T | None:
        if self.error is not None:
            raise self.error
        return self._value


def engine_is_loaded() -> bool:
    """Whether PyTorch is there already, as it is for all but a server's first visitor."""
    return "dashboard.run" in sys.modules and engine().done.is_set()


@cache
def engine() -> Background[ModuleType]:
    """PyTorch and what needs it, imported behind the first picture: 2.6 s that no one has to look at."""

    def load() -> ModuleType:
        module = importlib.import_module("dashboard.run")
        module.trainings.prepare()
        return module

    return Background(load, can_wait=False)


def _of_density(spec: DatasetSpec) -> DatasetSpec:
    """A problem as its density has it: the same for samples of every size and seed."""
    return replace(spec, n=DatasetSpec.n, seed=DatasetSpec.seed)


def reference(spec: DatasetSpec) -> Background[Reference | None]:
    """The exact frontier of a problem, computed without holding up its first picture."""
    return _reference(_of_density(spec))


def population(spec: DatasetSpec) -> Background[Population | None]:
    """Fresh inputs of a problem, shared by all samples of its density, drawn without holding up a picture."""
    return _population(_of_density(spec))


def input_entropy(spec: DatasetSpec) -> Background[float | None]:
    """h(X) of a problem, without holding up its first picture."""
    return _input_entropy(_of_density(spec))


@lru_cache(maxsize=64)
def _reference(spec: DatasetSpec) -> Background[Reference | None]:
    def work() -> Reference | None:
        from vibcore import densities

        return densities.reference(spec)

    return Background(work)


@lru_cache(maxsize=32)  # of about a megabyte
def _population(spec: DatasetSpec) -> Background[Population | None]:
    def work() -> Population | None:
        from vibcore import populations

        return populations.population(spec)

    return Background(work)


@lru_cache(maxsize=64)
def _input_entropy(spec: DatasetSpec) -> Background[float | None]:
    def work() -> float | None:
        from vibcore import densities

        return densities.input_entropy(spec)

    return Background(work)
