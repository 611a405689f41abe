"""Tests of the app train in their own process, where what they replace is seen."""

from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from dashboard.trainer import Trainer


@pytest.fixture(scope="session", autouse=True)
def installed_packages_looked_through_once() -> None:
    """Each `AppTest` looks for components in all that is installed: as long as the whole rest of an opening."""
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def training_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trainer, "start", lambda trainer: None)
