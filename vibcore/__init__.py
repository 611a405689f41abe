"""The science of Bottleneck Lab: variational information bottlenecks, a whole β curve at a time. Nats throughout.

Names load when they are first used: PyTorch takes seconds to import, and a page can be drawn without it.
"""

from importlib import import_module
from typing import Any

from vibcore.config import Config, Dataset, DatasetSpec, beta_grid
from vibcore.types import ConfigError, Curve, Estimate, Interval, Point, Reference, Snapshot

_LATER = {
    "load": "data",
    "reference": "densities",
    "init": "training",
    "tensors": "training",
    "advance": "training",
    "weights": "training",
    "make_problem": "problem",
    "moment": "training",
    "evaluate": "evaluation",
    "take_snapshot": "snapshot",
    "model_budgets": "budgets",
    "information_budget": "information",
    "sandwich": "information",
    "VIBClassifier": "estimator",
    "vib_path": "estimator",
    "load_classifier": "classifiers",
    "save_classifier": "classifiers",
    "Fit": "fits",
    "Trajectory": "trajectory",
    "load_trajectory": "trajectory",
    "load_fit": "fits",
    "fit": "fits",
    "run_config": "sweeps",
    "sweep": "sweeps",
    "walk": "warm",
}
__all__ = [
    "Config",
    "ConfigError",
    "Curve",
    "Dataset",
    "DatasetSpec",
    "Estimate",
    "Interval",
    "Point",
    "Reference",
    "Snapshot",
    "beta_grid",
    *_LATER,
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module vibcore has no attribute {name!r}")
    return getattr(import_module(f"vibcore.{_LATER[name]}"), name)
