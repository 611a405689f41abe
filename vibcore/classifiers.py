"""One model of a trained stack as a `VIBClassifier`, and a fitted one as a file: data, never code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from vibcore import archives, model
from vibcore.config import Config
from vibcore.estimator import VIBClassifier
from vibcore.files import whole
from vibcore.model import Sizes
from vibcore.problem import Problem
from vibcore.training import Moment
from vibcore.types import Array, ConfigError

FORMAT = 1  # of a saved classifier
PARAMETERS = ("beta", "encoder", "decoder", "latent_dim", "steps", "batch", "lr", "samples")
FITTED = ("classes_", "mean_", "scale_")
PARTS = {"task": "classify", "posterior": "diagonal", "marginal": "standard_normal"}  # that the classifier has


def classifier_of(moment: Moment, problem: Problem, index: int) -> VIBClassifier:
    """Model `index` of a stack at a moment. X is as `problem.dataset.x` (n, d), classes are its codes, 0 to C − 1.

    ConfigError for a run that is no classification, or that has other parts than a `VIBClassifier`.
    """
    config, dataset = problem.config, problem.dataset
    for name, wanted in PARTS.items():
        if (got := getattr(config, name)) != wanted:
            raise ConfigError(name, got, f"{wanted}, which is what a VIBClassifier has", "Keep the trajectory instead.")
    if dataset.y.ndim > 1:
        raise ConfigError("y", "real values", "classes", "Keep the trajectory instead.")
    given: dict[str, Any] = {name: getattr(config, name) for name in PARAMETERS if hasattr(config, name)}
    given |= {"beta": config.betas[index], "steps": moment.step, "random_state": config.seed}
    found = VIBClassifier(**given)
    d = dataset.x.shape[1]
    found.classes_ = np.arange(len(dataset.class_names))
    found.mean_, found.scale_ = np.zeros(d), np.ones(d)  # x is standardised already
    found.n_features_in_, found.threads_ = d, 1
    found.weights_ = {name: w[index : index + 1].cpu().numpy().copy() for name, w in moment.weights.items()}
    return found


def packed(of: VIBClassifier) -> bytes:
    """A fitted classifier as the bytes of an .npz that `load_classifier` reads.

    ConfigError for classes that are Python objects: text and numbers are data.
    """
    if of.classes_.dtype.kind == "O":
        raise ConfigError("classes", "Python objects", "texts or numbers", "Fit it to y.astype(str).")
    given = {name: getattr(of, name) for name in PARAMETERS}
    meta = {"format": FORMAT, "parameters": {name: _plain(value) for name, value in given.items()}}
    arrays = {name: getattr(of, name) for name in FITTED}
    return archives.packed(meta, arrays | {f"weights.{name}": w for name, w in of.weights_.items()})


def save_classifier(of: VIBClassifier, path: str | Path) -> None:
    """The same as a file, whole or not at all."""
    with whole(Path(path)) as part:
        part.write_bytes(packed(of))


def load_classifier(path: str | Path) -> VIBClassifier:
    """A fitted classifier of a file; ConfigError where it is no whole one. It predicts what the saved one does."""
    with archives.opened(Path(path), "saved classifier", FORMAT) as (meta, arrays):
        given = {name: tuple(v) if isinstance(v, list) else v for name, v in meta["parameters"].items()}
        found = VIBClassifier()
        found.set_params(**{name: given[name] for name in PARAMETERS})
        for name in FITTED:
            setattr(found, name, arrays.pop(name))
        found.n_features_in_, found.threads_ = len(found.mean_), 1
        found.weights_ = {name.removeprefix("weights."): w for name, w in arrays.items()}
        _check(found)
    return found


def _plain(value: Any) -> Any:
    """Without NumPy's scalars, as JSON has it."""
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value


def _check(of: VIBClassifier) -> None:
    """ValueError where arrays are not of the shapes that the parameters ask for."""
    config = Config(encoder=_widths(of.encoder), decoder=_widths(of.decoder), latent_dim=of.latent_dim)
    wanted = model.shapes(config, Sizes(of.n_features_in_, len(of.classes_), "categorical"))
    got: dict[str, Array] = of.weights_
    if {name: (1, *shape) for name, shape in wanted.items()} != {name: w.shape for name, w in got.items()}:
        raise ValueError("weights of other shapes")
    if of.scale_.shape != of.mean_.shape or of.classes_.ndim != 1:
        raise ValueError("other shapes")


def _widths(value: Any) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,)
