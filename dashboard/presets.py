"""What suits each dataset: the choices that change with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboard.controls import DEFAULTS, OWN, Choices

# what other datasets start from: the defaults of `Choices` are made for two spirals, which show all within seconds
PLAIN: Mapping[str, Any] = {
    "n": 1500,
    "noise": 0.18,
    "flip": 0.05,
    "classes": 5,
    "batch": 128,
    "latent_dim": 2,
    "encoder": (24,),
    "decoder": (),
}
PRESETS: Mapping[str, dict[str, Any]] = {
    "spirals": {key: getattr(DEFAULTS, key) for key in PLAIN},
    "moons": {"n": 1000, "noise": 0.2, "flip": 0.05, "encoder": (64, 64), "decoder": (32,)},
    "gaussian": {"n": 5000, "encoder": (), "latent_dim": 1, "rho": (0.9,)},
    "digits": {"flip": 0.0},
    "iris": {"flip": 0.0, "batch": 64},
    "wine": {"flip": 0.0, "batch": 64},
    "breast_cancer": {"flip": 0.0},
    "mnist": {"flip": 0.0, "n": 2000, "encoder": (64,)},
    "fashion_mnist": {"flip": 0.0, "n": 2000, "encoder": (64,)},
    OWN: {"flip": 0.0, "batch": 32, "encoder": (32,)},
}


def preset(choices: Choices, dataset: str) -> Choices:
    """The choices with another dataset and what suits it."""
    table = choices.table if dataset == OWN else ""
    return replace(choices, dataset=dataset, table=table, **{**PLAIN, **PRESETS.get(dataset, {})})
