"""What suits each dataset: the choices that change with it."""

from __future__ import annotations

from dataclasses import replace

from dashboard.controls import DEFAULTS, OWN, Choices
from vibcore import data
from vibcore.data.source import SMALL

CHANGING = ("batch", "latent_dim", *SMALL)  # fields that go with a dataset: what a preset leaves out is the default's


def preset(choices: Choices, dataset: str) -> Choices:
    """The choices with another dataset and what suits it."""
    table = choices.table if dataset == OWN else ""
    usual = {key: getattr(DEFAULTS, key) for key in CHANGING}
    return replace(choices, dataset=dataset, table=table, **{**usual, **data.source(dataset).preset})
