"""A table of one's own: known by the digest of its file, and read by `vibcore.tables`."""

from __future__ import annotations

import re

from vibcore.data.source import SMALL, Source
from vibcore.types import ConfigError, Dataset, DatasetSpec


def _load(spec: DatasetSpec) -> Dataset:
    remedy = "Read it with vibcore.tables.read and give it to vibcore.tables.dataset."
    raise ConfigError("dataset", spec.name, "a set that is known by its name", remedy)


def _check(spec: DatasetSpec) -> None:
    if not re.fullmatch("[0-9a-f]{64}", spec.digest):
        expected, remedy = "the 64 hexadecimal digits of an own table's sha256", "Read the table with vibcore.tables."
        raise ConfigError("dataset digest", spec.digest[:12], expected, remedy)


SOURCE = Source(_load, preset={**SMALL, "flip": 0.0, "batch": 32, "encoder": (32,)}, check=_check)
