"""Every type that rooms share: frozen, plain, and importing nothing of ours.

Information is in nats throughout; figures convert to bits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy.typing as npt

Array = npt.NDArray[Any]
# "gain" is over a Gaussian guess of a real-valued Y: a lower bound of I(Z;Y) only where Y is Gaussian
Kind = Literal["exact", "lower", "upper", "monte_carlo", "gain"]
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

    Standard errors are over inputs and draws. Informations and slacks are None until `budgets.with_budget` fills them:
    rate = i_xz + marginal_slack, i_zy_bound = i_zy − decoder_slack.
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
    marginal_slack: Interval | None = None
    decoder_slack: Interval | None = None


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
    sigma: Array  # (m, n, K) standard deviation of each dimension given x
    kl: Array  # (m, n) nats that each input costs
    output: Array  # (m, n, O) posterior-averaged class probabilities, or decoded means
    latent_grid: Array  # (m, G, G, O) decoder at the grid of z: class probabilities, or means
    input_grid: Array | None  # (m, G, G, O) posterior-averaged class probabilities over the input plane
    input_kl: Array | None  # (m, G, G) nats
    decoder: tuple[tuple[Array, Array], ...] = ()  # weights (m, in, out) and bias (m, out) of each linear map
    correlation: Array | None = None  # (m, n) of both `dims` given x; None where they are independent


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
