"""The key numbers: what each is called, what it means, and how it is written for every model."""

from __future__ import annotations

import numpy as np

from dashboard.figures import words
from dashboard.panel import Moment, Number, Still, labelled
from dashboard.panels.bits import Spent, spent
from dashboard.panels.reconstructions import errors
from vibcore.data import has_density
from vibcore.exact.rate_distortion import pca_error
from vibcore.frontiers import below_frontier
from vibcore.types import Point

IN_USE = 0.01  # nats: a latent dimension that costs less has fallen back to the prior
TOLD_NOTHING = "I(Z;Y), between its bounds (95 %). Training saw no label."
REST_HELP = "I(X;Z) − I(Z;Y), between bounds: what z says of x and not of the class."


def _named(moment: Moment, name: str) -> list[str]:
    """One estimate of every model."""
    return [words.number(getattr(p, name), moment.nats_per_unit) for p in moment.snapshot.test]


def _most(still: Still) -> str:
    """All that x tells of Y; while it is being computed a dash holds its place: the row keeps its height."""
    if not has_density(still.scene.dataset.spec):
        return ""
    reference = still.facts.reference
    return f" (of {'–' if reference is None else words.plain(reference.i_xy / still.nats_per_unit)})"


def _below(moment: Moment) -> list[str]:
    reference = moment.still.facts.reference
    gaps = [None if reference is None else below_frontier(reference, p) for p in moment.snapshot.test]
    return ["–" if gap is None else words.with_error(gap, moment.nats_per_unit) for gap in gaps]


def _in_use(point: Point) -> str:
    return f"{sum(kl > IN_USE for kl in point.kl_per_dim)} of {len(point.kl_per_dim)}"


def _elbo(moment: Moment) -> list[str]:
    size = moment.nats_per_unit
    return [words.plain(-(p.rate.value + p.distortion.value) / size) for p in moment.snapshot.test]


def _mean_square_error(moment: Moment) -> list[str]:
    known = errors(moment)
    return [f"{known[i]:.3g}" if i in known else "–" for i in moment.everyone]


def _pca(still: Still) -> str:
    """What principal components lose of the same inputs."""
    window, dataset = still.scene.window, still.scene.dataset
    train = dataset.x.astype(np.float64)[dataset.train]
    return f" (PCA {pca_error(train, window.x[~window.is_train], still.scene.config.latent_dim):.3g})"


RATE = Number(
    "number_rate",
    "{unit} about X, at most",
    "The rate E KL(p(z|x) ‖ r(z)), an upper bound of I(X;Z). The line below says of how many inputs it is the mean.",
    lambda moment: _named(moment, "rate"),
)
KNOWN = Number(
    "number_known",
    "{unit} about Y, at least",
    "H(Y) − cross-entropy of q(y|z), a lower bound of I(Z;Y).",
    lambda moment: _named(moment, "i_zy_bound"),
    detail=_most,
    applies=lambda scene: not scene.is_gain,
)
GAINED = Number(
    "number_known",
    "{unit} gained about Y over a Gaussian guess",
    "Entropy of a Gaussian with the targets' variance − cross-entropy of q(y|z): what z tells of y beyond a guess that "
    "does not look. It bounds I(Z;Y) from below only if Y is Gaussian, which nobody knows of this table.",
    lambda moment: _named(moment, "i_zy_bound"),
    applies=lambda scene: scene.is_gain,
)
ERROR_MC = Number(
    "number_error_mc",
    "error, 12 draws of z voting",
    "How often the class is wrong that is most probable on average over 12 draws of z. Of known densities the chance "
    "of it, not of one sample's labels.",
    lambda moment: [words.percent(p.error_mc) for p in moment.snapshot.test],
    applies=labelled,
)
ERROR_1 = Number(
    "number_error_1",
    "error, one draw of z",
    "How often the most probable class of a single draw of z is wrong.",
    lambda moment: [words.percent(p.error_1) for p in moment.snapshot.test],
    applies=labelled,
)
BELOW = Number(
    "number_below",
    "{unit} below the frontier, at most",
    "From the best that any code of this rate can know about Y down to H(Y) − CE. The code itself may know more, "
    "and keep less of X, than these bounds say, so it is at most so far from the best. ± is one standard error, "
    "over inputs and draws.",
    _below,
    applies=lambda scene: has_density(scene.dataset.spec),
)
DIMS = Number(
    "number_dims",
    "latent dims in use",
    "Dimensions whose KL exceeds 0.01 nats; the others fell back to the prior.",
    lambda moment: [_in_use(p) for p in moment.snapshot.test],
)
VAE_RATE = Number(
    "number_rate",
    "rate R [{unit}]",
    "E KL(p(z|x) ‖ r(z)), an upper bound of I(X;Z).",
    lambda moment: _named(moment, "rate"),
)
COST = Number(
    "number_cost",
    "distortion D [{unit}]",
    "−E ln q(x|z); of real numbers it may be negative.",
    lambda moment: _named(moment, "distortion"),
)
ELBO = Number(
    "number_elbo",
    "ELBO, −(D + R) [{unit}]",
    "A lower bound of the mean ln p(x) that the model gives fresh inputs.",
    _elbo,
)
SQUARE_ERROR = Number(
    "number_error",
    "mean square error",
    "Of the reconstructions, per feature or pixel, on the shown test inputs; in brackets that of principal components, "
    "as many as there are latent dimensions.",
    _mean_square_error,
    detail=_pca,
)
OF_CLASS = Number(
    "number_class",
    "{unit} about the class, never told",
    TOLD_NOTHING,
    lambda moment: [words.span(p.i_zy, moment.nats_per_unit) for p in moment.snapshot.test],
    applies=labelled,
)


def _spent_on_class(moment: Moment) -> list[str]:
    return [words.ends(*each.of_class, moment.nats_per_unit) if each else "–" for each in spent(moment)]


def _spent_on_rest(moment: Moment) -> list[str]:
    return [words.ends(*each.of_rest, moment.nats_per_unit) if each else "–" for each in spent(moment)]


def share(spent: Spent | None) -> str:
    """The share of the class, in per cent; of next to nothing there is none."""
    if spent is None or np.isnan(spent.of_class[0]) or spent.of_class[1] + spent.of_rest[1] < IN_USE:
        return "–"
    low = spent.of_class[0] / (spent.of_class[0] + spent.of_rest[1])
    high = spent.of_class[1] / max(spent.of_class[1] + spent.of_rest[0], 1e-9)
    ends = [f"{100 * each:.0f}" for each in (low, high)]
    return f"{ends[0]} %" if ends[0] == ends[1] else f"{ends[0]}–{ends[1]} %"


def _shares(moment: Moment) -> list[str]:
    both = zip(spent(moment.beside[0]), spent(moment), strict=True)
    return [" · ".join(share(each) for each in pair) for pair in both]


VIB_CLASS = Number(
    "number_vib_class",
    "VIB: {unit} about the class",
    "I(Z;Y), between its bounds (95 %).",
    lambda moment: _spent_on_class(moment.beside[0]),
)
VIB_REST = Number(
    "number_vib_rest", "VIB: {unit} about the rest", REST_HELP, lambda moment: _spent_on_rest(moment.beside[0])
)
VAE_CLASS = Number("number_vae_class", "VAE: {unit} about the class", TOLD_NOTHING, _spent_on_class)
VAE_REST = Number("number_vae_rest", "VAE: {unit} about the rest", REST_HELP, _spent_on_rest)
SHARES = Number(
    "number_shares",
    "spent on the class, VIB and VAE",
    "I(Z;Y) / I(X;Z), as far as their bounds tell.",
    _shares,
)
