"""What a run is made of. Without PyTorch: a page can refuse before the engine is loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np

from vibcore.fields import OF_CONFIG, OF_DATASET, Field
from vibcore.types import Array, ConfigError

Task = Literal["classify", "reconstruct"]


@dataclass(frozen=True)
class DatasetSpec:
    """What makes a dataset: equal specs give equal data, bit for bit."""

    name: str = "spirals"
    n: int = 1200
    noise: float = 0.2
    flip: float = 0.1
    classes: int = 2
    seed: int = 0
    rho: tuple[float, ...] = (0.9,)  # canonical correlations, of sets that go by them
    digest: str = ""  # of an own table: its sha256


@dataclass(frozen=True)
class Dataset:
    """x (n, d) float32; y (n,) int64 classes, or (n, d_y) float32 for regression; train and test are row indices."""

    spec: DatasetSpec
    x: Array
    y: Array
    train: Array
    test: Array
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]  # empty for regression
    image_shape: tuple[int, int] | None = None
    colour: Array | None = None  # (n,) int64: classes to colour by where y is not a class

    @property
    def labels(self) -> Array:
        """(n,) int64: the class of every row, or the colour group of a regression set."""
        return self.y if self.colour is None else self.colour

    def likelihood(self, task: Task) -> str:
        """What the decoder's outputs parameterise by default: the target, or the input when it is the target."""
        if task == "reconstruct":
            return "gaussian" if self.image_shape is None else "bernoulli"
        return "categorical" if self.y.ndim == 1 else "gaussian"


def beta_grid(count: int = 25, low: float = 1e-3, high: float = 1.8, zero: bool = False) -> tuple[float, ...]:
    """`count` log-spaced stops, and β = 0 before them on request."""
    stops = [float(f"{b:.6g}") for b in np.geomspace(low, high, count)]
    return (0.0, *stops) if zero else tuple(stops)


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has lists where a hashable config needs tuples."""

    def tupled(value: Any) -> Any:
        return tuple(map(tupled, value)) if isinstance(value, list) else value

    return {key: tupled(value) for key, value in values.items()}


@dataclass(frozen=True)
class Config:
    """Everything that a run is made of; a link, a saved run and a lesson step are each one of these."""

    dataset: DatasetSpec = field(default_factory=DatasetSpec)
    task: Task = "classify"
    encoder: tuple[int, ...] = (32, 32)
    decoder: tuple[int, ...] = (32,)
    latent_dim: int = 2
    betas: tuple[float, ...] = field(default_factory=beta_grid)
    steps: int = 4000
    batch: int = 128
    lr: float = 0.01
    seed: int = 0
    clip: float = 5.0  # largest gradient norm of one model
    averaging: float = 0.999  # Polyak decay of the evaluated weights (Alemi et al. 2016, sec. 4.1)
    variance: float | None = None  # of a gaussian decoder; None learns it
    posterior: str = "diagonal"  # the parts by name, see `vibcore.parts`
    marginal: str = "standard_normal"
    likelihood: str = ""  # "": what the target asks for
    lagrangian: str = "linear"
    edits: tuple[tuple[int, str, float], ...] = ()  # (step, field, value): from that step on, the field has the value

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, default=lambda number: number.item())  # of NumPy's scalars

    @classmethod
    def from_json(cls, text: str) -> Config:
        """Inverse of `to_json`; text that is no config raises ConfigError. `validation.check` judges values."""
        try:
            raw: dict[str, Any] = json.loads(text)
            spec = DatasetSpec(**_tuples(raw.pop("dataset", {})))
            config = cls(dataset=spec, **_tuples(raw))
        except (TypeError, AttributeError, json.JSONDecodeError) as error:
            raise ConfigError("config", str(error), "JSON with the fields of Config", "Correct the field.") from None
        check_types(spec)
        check_types(config)
        return config

    def with_dataset(self, **changes: Any) -> Config:
        return replace(self, dataset=replace(self.dataset, **changes))


def check_types(of: Config | DatasetSpec) -> None:
    """Raise ConfigError, by the field's name, for a value of another type than it should be."""
    texts = ("name", "digest") if isinstance(of, DatasetSpec) else ()
    for name in texts:
        if not isinstance(getattr(of, name), str):
            raise ConfigError(f"dataset {name}", getattr(of, name), "a text", "Correct it.")
    if isinstance(of, Config) and not isinstance(of.dataset, DatasetSpec):
        raise ConfigError("dataset", of.dataset, "a DatasetSpec", "Correct it.")
    for each, name, value in _values(of):
        if not each.form.fits(value):
            raise ConfigError(name, value, each.form.typed, "Correct it.")


def check_values(of: Config | DatasetSpec) -> None:
    """The same, and for a value that is out of range."""
    check_types(of)
    for each, name, value in _values(of):
        if not each.form.is_legal(value):
            raise ConfigError(name, value, each.expected or each.form.expected, each.remedy)


def _values(of: Config | DatasetSpec) -> Iterator[tuple[Field, str, Any]]:
    """Every field with what a message calls it, and its value."""
    if isinstance(of, DatasetSpec):
        for each in OF_DATASET:
            name = "seed" if each.key == "data_seed" else each.key
            yield each, f"dataset {name}", getattr(of, name)
        return
    for each in OF_CONFIG:
        yield each, "beta" if each.key == "betas" else each.key, getattr(of, each.key)
