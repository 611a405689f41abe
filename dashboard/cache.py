"""Every cache, and what is prepared behind the first picture's back."""

from __future__ import annotations

import threading

import streamlit as st

from vibcore import datasets
from vibcore.types import Dataset, DatasetSpec


@st.cache_resource(max_entries=64, show_spinner=False)
def dataset(spec: DatasetSpec) -> Dataset:
    """Shared by visitors with the same problem; nothing writes to its arrays."""
    return datasets.load(spec)


class Background:
    """A computation in a daemon thread: `result()` is None until it is there."""

    def __init__(self, work: object, *arguments: object) -> None:
        self._value: object = None
        self.error: Exception | None = None
        self.done = threading.Event()
        threading.Thread(target=self._run, args=(work, arguments), daemon=True).start()

    def _run(self, work: object, arguments: tuple[object, ...]) -> None:
        try:
            self._value = work(*arguments)  # type: ignore[operator]
        except Exception as error:  # shown to the visitor by whoever asks for the result
            self.error = error
        finally:
            self.done.set()

    def result(self) -> object:
        if self.error is not None:
            raise self.error
        return self._value


@st.cache_resource(show_spinner=False)
def engine() -> Background:
    """PyTorch and what needs it, imported behind the first picture: 2.6 s that no one has to look at."""

    def load() -> object:
        import dashboard.run

        return dashboard.run

    return Background(load)


@st.cache_resource(max_entries=64, show_spinner=False)
def reference(spec: DatasetSpec) -> Background:
    """The exact frontier of a problem, computed without holding up its first picture."""

    def work() -> object:
        from vibcore import densities

        return densities.reference(spec)

    return Background(work)
