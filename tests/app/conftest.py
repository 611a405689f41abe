"""Tests of the app train in their own process, where what they replace is seen."""

import pytest

from dashboard.trainer import Trainer


@pytest.fixture(autouse=True)
def training_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trainer, "start", lambda trainer: None)
