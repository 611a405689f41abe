"""Every type that rooms share: frozen, plain, and importing nothing of ours.

Information is in nats throughout; figures convert to bits.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from numbers import Integral, Real
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
# "gain" is over a Gaussian guess of a real-valued Y: a lower bound of I(Z;Y) only where Y is Gaussian
Kind = Literal["exact", "lower", "upper", "monte_carlo", "gain"]
Task = Literal["classify", "reconstruct"]
Scope = Literal["population", "sample"]
Z_95 = 1.959964  # standard errors to either side of a mean that cover 95 % of a normal distribution


class ConfigError(ValueError):
    """A request that cannot be met: what was got, what was expected, what to do."""

    def __init__(self, what: str, got: object, expected: str, remedy: str) -> None:
        super().__init__(f"{what}: got {got!r}, expected {expected}. {remedy}")
        self.what = what


@dataclass(frozen=True)
class Estimate:
    """A number and what it is: never a bound in a value's place. Nats unless said."""

    value: float
    stderr: float
    kind: Kind


@dataclass(frozen=True)
class Interval:
    """An information between two bounds; of a sample, both are that finite set's own value. Nats.

    From `low` to `high` covers the value in 95 % of repetitions, over inputs and draws.
    """

    lower: Estimate
    upper: Estimate
    inputs: int  # whose representations were scored
    of: Scope

    @property
    def low(self) -> float:
        """Lower end, never below zero: no information is."""
        return max(0.0, self.lower.value - Z_95 * self.lower.stderr)

    @property
    def high(self) -> float:
        """Upper end, never below the lower one."""
        return max(self.low, self.upper.value + Z_95 * self.upper.stderr)


@dataclass(frozen=True)
class Point:
    """One model on some inputs. `rate` bounds I(X;Z) above; `i_zy_bound` = H(Y) − D bounds I(Z;Y) below.

    Standard errors are over inputs and draws. `i_xz` and `i_zy` are None until computed.
    """

    beta: float
    rate: Estimate
    distortion: Estimate
    i_zy_bound: Estimate | None  # None where H of the target is unknown
    error_1: Estimate | None
    error_mc: Estimate | None
    kl_per_dim: tuple[float, ...]
    inputs: int  # that the numbers rest on
    i_xz: Interval | None = None
    i_zy: Interval | None = None


@dataclass(frozen=True)
class Snapshot:
    """Plain NumPy view of a stack at one step: M models, of which m = len(models) are shown in detail.

    Evaluation points are the same n rows in every snapshot of a run. Latent grids lie at `window.latent_axis` in both
    chosen dimensions `dims`; input grids span `input_range` and are None unless x is two-dimensional.
    """

    step: int
    betas: Array  # (M,)
    diverged: Array  # (M,) step at which a model froze, or -1
    train: tuple[Point, ...]
    test: tuple[Point, ...]
    models: tuple[int, ...]
    dims: tuple[int, ...]
    mu: Array  # (m, n, K)
    sigma: Array  # (m, n, K)
    kl: Array  # (m, n) nats that each input costs
    output: Array  # (m, n, O) posterior-averaged class probabilities, or decoded means
    latent_grid: Array  # (m, G, G, O) decoder at the grid of z: class probabilities, or means
    input_grid: Array | None  # (m, G, G, O) posterior-averaged class probabilities over the input plane
    input_kl: Array | None  # (m, G, G) nats
    decoder: tuple[tuple[Array, Array], ...] = ()  # weights (m, in, out) and bias (m, out) of each linear map


@dataclass(frozen=True)
class Curve:
    """A frontier or a learned curve, by increasing information: i_x, i_y, beta (P,), and where it comes from."""

    i_x: Array
    i_y: Array
    beta: Array
    source: str
    least: float = field(default=0.0, kw_only=True)  # smallest β solved for: beyond its point, the curve is a chord


@dataclass(frozen=True)
class Reference:
    """What is exactly known of a problem, up to a grid named in `source`. Nats."""

    frontier: Curve
    i_xy: float
    h_y: float
    collapse: float  # β_c, from which on the best representation is none: slope of the frontier at the origin
    source: str
    unstable: float = 0.0  # ρ_m², squared maximal correlation: below it, a model that knows nothing starts to learn
    frontier_kind: Kind = "lower"  # "exact" where it is a closed form; "lower": every point is some encoder's


@dataclass(frozen=True)
class Joint:
    """A discrete joint p(x, y): (cells, classes), and what it discretises; cell centres are (cells, d) or None."""

    p: Array
    centres: Array | None
    source: str


@dataclass(frozen=True)
class DatasetSpec:
    """What makes a dataset: equal specs give equal data, bit for bit."""

    name: str = "spirals"
    n: int = 1500
    noise: float = 0.18
    flip: float = 0.05
    classes: int = 5
    seed: int = 0
    rho: tuple[float, ...] = (0.9,)  # canonical correlations, "gaussian" alone
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


def beta_grid(count: int = 25, low: float = 1e-4, high: float = 1.5, zero: bool = False) -> tuple[float, ...]:
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
    encoder: tuple[int, ...] = (24,)
    decoder: tuple[int, ...] = ()
    latent_dim: int = 2
    betas: tuple[float, ...] = field(default_factory=beta_grid)
    steps: int = 20_000
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
        check_fields(spec)
        check_fields(config)
        return config

    def with_dataset(self, **changes: Any) -> Config:
        return replace(self, dataset=replace(self.dataset, **changes))


def _number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool | np.bool)


def _whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _edits(value: Any) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(e, tuple) and len(e) == 3 and _whole(e[0]) and isinstance(e[1], str) and _number(e[2]) for e in value
    )


# What may stand in a field of each type, and its name. Ranges are judged elsewhere.
LEGAL: dict[str, tuple[Callable[[Any], bool], str]] = {
    "str": (lambda v: isinstance(v, str), "a text"),
    "int": (_whole, "a whole number"),
    "float": (_number, "a number"),
    "float | None": (lambda v: v is None or _number(v), "a number or null"),
    "tuple[int, ...]": (lambda v: isinstance(v, tuple) and all(map(_whole, v)), "several whole numbers, or none"),
    "tuple[float, ...]": (lambda v: isinstance(v, tuple) and all(map(_number, v)), "several numbers"),
    "tuple[tuple[int, str, float], ...]": (_edits, "edits as (step, field, value)"),
    "Task": (lambda v: v in get_args(Task), "classify or reconstruct"),
    "DatasetSpec": (lambda v: isinstance(v, DatasetSpec), "a DatasetSpec"),
}


def check_fields(of: Config | DatasetSpec) -> None:
    """Raise ConfigError for a field whose value is of another type than it should be."""
    for each in fields(of):
        legal, expected = LEGAL[str(each.type)]
        value = getattr(of, each.name)
        if not legal(value):
            what = {"betas": "beta"}.get(each.name, each.name)
            raise ConfigError(what if isinstance(of, Config) else f"dataset {what}", value, expected, "Correct it.")
