"""One thread a process: tests share their cores with a browser, and waiting threads slow everything down."""

import os
from pathlib import Path

import pytest
import torch

torch.set_num_threads(1)
os.environ["BOTTLENECK_DATA"] = str(Path(__file__).with_name("none"))  # the same sets whatever a machine has loaded


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)
