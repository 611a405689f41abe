"""One thread a process: tests share their cores with a browser, and waiting threads slow everything down."""

import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)
