"""Both bounds of one trained model, line by line: from the definitions of the informations to the loss. Nats.

    I(Z;Y) = H(Y) − H(Y|Z) ≥ H(Y) − CE                   the gap is E KL(p(y|z) ‖ q(y|z))
    I(Z;X) = H(Z) − H(Z|X) ≤ E KL(p(z|x) ‖ r(z))         the gap is KL(p(z) ‖ r(z))

Alemi et al. 2016, arXiv 1612.00410, eqs. 12, 14 and 15. Nothing is estimated anew: bounds and intervals are those of a
`Point` with its budget. Without PyTorch: what a code's posteriors say by themselves is computed by `vibcore.codes`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from vibcore.types import Z_95, Array, Estimate, Interval, Point

Relation = Literal["", "=", "≥", "≤"]
ALEMI = "Alemi et al. 2016, arXiv 1612.00410"
POOLE = "interval: Poole et al. 2019, arXiv 1905.06922, sec. 2"
DEFINITION = "follows from the definition (Cover & Thomas 2006, sec. 2.4)"


@dataclass(frozen=True)
class Between:
    """A number between two estimates, which may be negative as entropies of real z are. Nats."""

    lower: Estimate
    upper: Estimate

    @property
    def low(self) -> float:
        """From `low` to `high` covers it in 95 % of repetitions."""
        return self.lower.value - Z_95 * self.lower.stderr

    @property
    def high(self) -> float:
        return max(self.low, self.upper.value + Z_95 * self.upper.stderr)


Value = Estimate | Interval | Between


@dataclass(frozen=True)
class Line:
    """One line of a derivation: how it follows from the one it starts at, its formula, and its number for one model."""

    key: str
    relation: Relation
    latex: str
    value: Value | None  # None where it is not known (yet)
    what: str
    source: str
    is_gap: bool = False  # what the step from the line before costs: drawn as a bar


@dataclass(frozen=True)
class Codes:
    """What p(z|x) of n inputs say by themselves, in closed form; standard errors over the inputs. Nats."""

    entropy: Estimate  # H(Z|X)
    fitted: Estimate  # E KL(p(z|x) ‖ r*(z)), r* the Gaussian with p(z)'s moments
    mean: Array  # (K,) of p(z)
    covariance: Array  # (K, K)
    inputs: int


def about_y(point: Point, bayes: bool = False) -> tuple[Line, ...]:
    """The lower bound of I(Z;Y); none where H(Y) is not known. `bayes`: a line with p(y|z) in the decoder's place."""
    if point.i_zy_bound is None or point.i_zy_bound.kind == "gain":
        return ()
    h_y = _exact(point.i_zy_bound.value + point.distortion.value)
    rest = None if point.i_zy is None else _less(h_y, point.i_zy)
    lines = (
        Line("i_zy", "", r"I(Z;Y)", point.i_zy, "What the code tells of the label.", POOLE),
        Line("h_y", "=", r"H(Y)", h_y, "Entropy of the labels at hand: the data's, a constant.", DEFINITION),
        Line("h_y_given_z", "", r"-\,{H(Y\mid Z)}", rest, "What the best predictor from z leaves open.", DEFINITION),
        Line("bound_y", "≥", r"H(Y)-\mathrm{CE}", point.i_zy_bound, LOWER, f"{ALEMI}, eq. 12"),
        Line("ce", "", rf"{CE_IS}\ge H(Y\mid Z)", point.distortion, CE, f"{ALEMI}, eq. 12"),
        Line("gap_y", "", GAP_Y, point.decoder_slack, "What the decoder misses.", f"{ALEMI}, eqs. 10–12", is_gap=True),
    )
    return (*lines, _bayes(point)) if bayes else lines


CE = "The decoder's cross-entropy: q stands for p(y|z), and can only overstate H(Y|Z)."
LOWER = "The lower bound that is trained."
CE_IS = r"\mathrm{CE}=\mathbb{E}\,[-\ln {q(y\mid z)}]"
GAP_Y = r"\mathbb{E}\,\mathrm{KL}({p(y\mid z)}\,\Vert\,{q(y\mid z)})"
GAP_X = r"\mathrm{KL}(p(z)\,\Vert\,r(z))"
RATE = r"\mathbb{E}\,\mathrm{KL}({p(z\mid x)}\,\Vert\,r(z))"
GAP_OF_X = r"\mathbb{E}\,\mathrm{KL}({p(x\mid z)}\,\Vert\,{q(x\mid z)})"
BAYES = r"H(Y)+\mathbb{E}\ln {p(y\mid z)}"


def _bayes(point: Point) -> Line:
    what = "With the Bayes decoder, from posteriors of inputs whose p(y|x) is known, no gap is left: it is I(Z;Y)."
    return Line("bayes", "=", BAYES, point.i_zy, what, POOLE)


def about_x(point: Point, of: Codes | None, fit: bool = False) -> tuple[Line, ...]:
    """The upper bound of I(Z;X), `of` the point's own inputs. `fit`: lines with r*(z) in r's place."""
    given_x = None if of is None else of.entropy
    h_z = None if given_x is None or point.i_xz is None else _more(given_x, point.i_xz)
    cross = None if given_x is None else replace(given_x, value=given_x.value + point.rate.value, kind="upper")
    lines = (
        Line("i_zx", "", r"I(Z;X)", point.i_xz, "What the code keeps of the input.", POOLE),
        Line("h_z", "=", r"H(Z)", h_z, "Entropy of all codes together: p(z) needs every input.", DEFINITION),
        Line("h_z_given_x", "", r"-\,{H(Z\mid X)}", given_x, GIVEN_X, "Cover & Thomas 2006, thm 8.4.1"),
        Line("bound_x", "≤", RATE, point.rate, UPPER, f"{ALEMI}, eq. 14"),
        Line("cross", "", r"\mathbb{E}\,[-\ln r(z)]\ge H(Z)", cross, CROSS, f"{ALEMI}, eq. 14"),
        Line("gap_x", "", GAP_X, point.marginal_slack, "How r misfits p(z).", f"{ALEMI}, eqs. 13–14", is_gap=True),
    )
    return (*lines, *_fitted(point, of)) if fit else lines


GIVEN_X = "Entropy of the noise that the encoder adds: of Gaussians a closed form."
CROSS = "The fixed r(z) stands for p(z), and can only overstate H(Z)."
UPPER = "The rate: the upper bound that is trained."


def _fitted(point: Point, of: Codes | None) -> tuple[Line, ...]:
    rate = None if of is None else of.fitted
    left = None
    if rate is not None and point.marginal_slack is not None:
        saved = point.rate.value - rate.value  # of the same inputs, so that its error is next to nothing
        least, most = (replace(end, value=end.value - saved) for end in _ends(point.marginal_slack))
        left = replace(point.marginal_slack, lower=least, upper=most)
    what = "r*(z) is the Gaussian with p(z)'s mean and covariance: of all Gaussians the one that costs least."
    source = "Bishop 2006, sec. 10.7"
    kl = r"\mathbb{E}\,\mathrm{KL}({p(z\mid x)}\,\Vert\,r^{*}(z))"
    return (
        Line("fitted", "≤", kl, rate, what, source),
        Line("gap_fitted", "", r"\mathrm{KL}(p(z)\,\Vert\,r^{*}(z))", left, "What is left.", source, is_gap=True),
    )


def together(point: Point, beta: float) -> tuple[Line, ...]:
    """Both bounds in the objective, and the loss that is trained; none where H(Y) is not known."""
    if point.i_zy_bound is None or point.i_zy_bound.kind == "gain":
        return ()
    loss = point.distortion.value + beta * point.rate.value
    error = point.distortion.stderr + beta * point.rate.stderr  # as if both erred by the same inputs
    bound = Estimate(point.i_zy_bound.value - beta * point.rate.value, error, "lower")
    known = point.i_zy is not None and point.i_xz is not None
    objective = _less(point.i_zy, point.i_xz, beta) if point.i_zy and point.i_xz else None
    gap = _plus(point.decoder_slack, point.marginal_slack, beta) if known else None
    return (
        Line("objective", "", r"I(Z;Y)-\beta\,I(Z;X)", objective, "What is wanted.", f"{ALEMI}, eq. 3"),
        Line("bound", "≥", r"H(Y)-\mathrm{CE}-\beta\,\mathrm{KL}", bound, "What can be had.", f"{ALEMI}, eq. 15"),
        Line("loss", "", r"\mathrm{CE}+\beta\,\mathrm{KL}", _upper(loss, error), LOSS, f"{ALEMI}, eq. 17"),
        Line("gap", "", rf"{GAP_Y}+\beta\,{GAP_X}", gap, "Both gaps.", f"{ALEMI}, eq. 15", is_gap=True),
    )


LOSS = "What is minimised: H(Y) is a constant and drops out."


def same_twice(point: Point, h_x: float | None) -> tuple[Line, ...]:
    """A VAE, Y = X: two different approximations of one I(Z;X), each by its own term. `h_x`: H(X) where it is known."""
    cost, rate = point.distortion, point.rate
    lower = None if h_x is None else Estimate(h_x - cost.value, cost.stderr, "lower")
    apart = None if lower is None else replace(lower, value=lower.value - rate.value, stderr=cost.stderr + rate.stderr)
    missed = None if lower is None or point.i_xz is None else _less(point.i_xz, lower)
    source = "Alemi et al. 2018, arXiv 1711.00464, sec. 2"
    entropy = None if h_x is None else _exact(h_x)
    return (
        Line("h_x", "", r"H(X)", entropy, "Entropy of the inputs: the data's, a constant.", DEFINITION),
        Line("distortion", "", r"D=\mathbb{E}\,[-\ln {q(x\mid z)}]", cost, "Stands for H(X|Z), from above.", source),
        Line("first", "", r"H(X)-D", lower, "First approximation: I(X;Z) from below.", source),
        Line("gap_first", "", GAP_OF_X, missed, "What the decoder misses.", source, is_gap=True),
        Line("i_zx", "≤", r"I(Z;X)", point.i_xz, "The one information that both approximate.", POOLE),
        Line("second", "≤", rf"R={RATE}", rate, SECOND, source),
        Line("gap_second", "", GAP_X, point.marginal_slack, "How r misfits p(z).", source, is_gap=True),
        Line("difference", "", r"(H(X)-D)-R", apart, DIFFERENCE, source),
    )


SECOND = "Second approximation: H(Z|X) is exact, r(z) stands for p(z): I(X;Z) from above."
DIFFERENCE = "H(X) + ELBO: not zero, but minus both gaps together."


def _exact(value: float) -> Estimate:
    return Estimate(value, 0.0, "exact")


def _upper(value: float, stderr: float) -> Estimate:
    return Estimate(value, stderr, "upper")


def _ends(of: Value) -> tuple[Estimate, Estimate]:
    return (of, of) if isinstance(of, Estimate) else (of.lower, of.upper)


def _less(one: Value, other: Value, times: float = 1.0) -> Between:
    """one − times · other, each as far as it is known."""
    (a, b), (c, d) = _ends(one), _ends(other)
    return Between(_sum(a, d, -times, "lower"), _sum(b, c, -times, "upper"))


def _more(one: Value, other: Value) -> Between:
    (a, b), (c, d) = _ends(one), _ends(other)
    return Between(_sum(a, c, 1.0, "lower"), _sum(b, d, 1.0, "upper"))


def _plus(one: Value | None, other: Value | None, times: float) -> Between | None:
    """one + times · other; None where either is not known."""
    if one is None or other is None:
        return None
    (a, b), (c, d) = _ends(one), _ends(other)
    return Between(_sum(a, c, times, "lower"), _sum(b, d, times, "upper"))


def _sum(one: Estimate, other: Estimate, times: float, kind: Literal["lower", "upper"]) -> Estimate:
    """Their errors are those of the same inputs, and are added."""
    return Estimate(one.value + times * other.value, one.stderr + abs(times) * other.stderr, kind)
