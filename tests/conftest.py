"""One thread a process: tests share their cores with a browser, and waiting threads slow everything down."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import torch  # two seconds, which the process that only hands out the tests need not wait

os.environ["BOTTLENECK_DATA"] = str(Path(__file__).with_name("none"))  # the same sets whatever a machine has loaded


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    import torch

    torch.set_num_threads(1)


@pytest.fixture
def generator() -> torch.Generator:
    import torch

    return torch.Generator().manual_seed(0)


@pytest.fixture(autouse=True)
def no_training_of_another_test() -> None:
    """Equal configs share a training, but not those of two tests."""
    if "dashboard.registry" in sys.modules:
        sys.modules["dashboard.registry"].forget()
