"""The rate-distortion plane: what every β keeps of x and what it loses, and the best that can be."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import alts, edges, frames, planes, words
from dashboard.figures.about import DOTS, Marks
from dashboard.figures.palette import COLLAPSE
from dashboard.figures.rate_distortion import RateDistortionFacts, known
from dashboard.figures.style import beside, bound, layout
from dashboard.panel import Arrays, Moment, Panel, Still, Texts, sent
from dashboard.protocol import declare
from dashboard.scene import Scene
from vibcore.config import DatasetSpec
from vibcore.exact import rate_distortion
from vibcore.types import Array, Point
from vibcore.window import Window

ABOUT: Marks = [
    *DOTS,
    ["purple diamond", "the model trained with β = 1, whose loss is the negative ELBO"],
    ["thick line", "the best model with a linear decoder of this variance, exactly"],
    ["grey area", "below the entropy of the data: no model gets there on new inputs, but by the error of a sample"],
    ["the best that keeps nothing", "distortion of a decoder that always answers with the mean"],
    ["perfect reconstruction", "distortion that is left when every input comes back as it was"],
]
SPECS = planes.SPECS | declare("elbo_x elbo_y", "f4", "any", "shared")


@dataclass(frozen=True)
class _Asked:
    """What the facts of a scene go by. The window is only borrowed: a visitor's own table goes with its session."""

    dataset: DatasetSpec
    latent_dim: int
    variance: float | None
    betas: tuple[float, ...]
    bends: bool
    window: Callable[[], Window | None] = field(compare=False)


def facts(still: Still) -> RateDistortionFacts:
    """What the rate-distortion plane may draw before any training."""
    config = still.scene.config
    window = weakref.ref(still.scene.window)
    asked = _Asked(config.dataset, config.latent_dim, config.variance, config.betas, bool(config.decoder), window)
    return replace(_spanned(asked), nats_per_unit=still.nats_per_unit, unit=still.unit, entropy=still.facts.entropy)


@lru_cache(maxsize=64)
def _spanned(asked: _Asked) -> RateDistortionFacts:
    """In nats; made once for a scene, as it takes the principal components of the data."""
    window = asked.window()
    assert window is not None
    x, betas = window.dataset.x[window.dataset.train].astype(np.float64), np.array(asked.betas)
    if window.dataset.image_shape is not None:
        found = rate_distortion.pixels_known(x, asked.latent_dim, float(betas[betas > 0].min()))
    else:
        found = rate_distortion.reals_known(x, asked.latent_dim, asked.variance, betas)
    # how far down K dimensions may lead: principal components, and farther where they bend
    depth = found.depth
    if found.floor is not None:
        depth = min(found.ceiling - found.floor, (2.0 if asked.bends else 1.15) * depth)
    return RateDistortionFacts(
        nats_per_unit=1.0,
        unit="nats",
        entropy=None,
        ceiling=found.ceiling,
        floor=found.floor,
        lowest=found.ceiling - depth,
        right=max(1.0, 1.12 * found.reach),
        linear=found.linear,
    )


def rate_distortion_plane(facts: RateDistortionFacts) -> go.Figure:
    """Rate against distortion: every β, what no model can reach, and the price line through the chosen one."""
    figure = go.Figure()
    known(figure, facts)
    planes.learned(figure)
    figure.add_scatter(
        mode="markers+text",
        hoverinfo="skip",
        meta=bound("elbo_x", "elbo_y")
        | beside((0, "top right"), (0, "bottom left"), (0, "bottom right"), (0, "top left")),
        text=["β = 1: D + R = −ELBO"],
        textposition="top right",
        textfont={"color": COLLAPSE, "size": 12},
        marker={"size": 15, "symbol": "diamond-open", "color": COLLAPSE, "line": {"width": 2.4}},
    )
    layout(figure, f"{facts.unit} about X, at most: rate R ≥ I(X;Z)", f"{facts.unit} lost: distortion D = −E ln q(x|z)")
    across, up = facts.box
    figure.update_xaxes(range=[v / facts.nats_per_unit for v in across])
    figure.update_yaxes(range=[v / facts.nats_per_unit for v in up])
    return figure


def _box(moment: Moment) -> edges.Box:
    (left, right), (low, high) = facts(moment.still).box
    size = moment.nats_per_unit
    return (left / size, right / size), (low / size, high / size)


def points(moment: Moment) -> dict[str, Array]:
    """Rate and distortion of every model on both splits, (M,) in the page's unit."""
    snapshot, size, found = moment.snapshot, moment.nats_per_unit, {}
    for split, of in (("train", snapshot.train), ("test", snapshot.test)):
        found[f"plane_{split}_x"] = frames.values(of, "rate") / size
        found[f"plane_{split}_y"] = frames.values(of, "distortion") / size
    return found


def _marks(moment: Moment) -> dict[str, Array]:
    dots = points(moment)
    return edges.marks(dots["plane_test_x"], dots["plane_test_y"], moment.snapshot.betas, _box(moment), falls=True)


def _ways(moment: Moment) -> dict[str, Array]:
    return planes.ways(moment.past[1], moment.shown, (2, 5), _box(moment))


def arrays(moment: Moment) -> Arrays:
    """Dots of all models, that of β = 1, and the chosen one with its past."""
    dots, one = points(moment), np.flatnonzero(np.isclose(moment.snapshot.betas, 1.0))
    elbo = {f"elbo_{axis}": dots[f"plane_test_{axis}"][one] for axis in "xy"}
    return sent(dots | elbo, None) | sent(_marks(moment), moment.everyone) | sent(_ways(moment), moment.shown)


def texts(moment: Moment) -> Texts:
    """What hovering a dot says, and the words of the chosen one."""
    snapshot, box, dots = moment.snapshot, _box(moment), points(moment)
    x, y = dots["plane_test_x"], dots["plane_test_y"]
    return {
        "chosen_text": edges.waiting(x, y, _marks(moment), box, moment.unit),
        **edges.prices(snapshot.betas),
        **edges.starts(_ways(moment), snapshot.models, box, len(x)),
        "plane_train_text": [_point_text(p, moment.nats_per_unit, moment.unit) for p in snapshot.train],
        "plane_test_text": [_point_text(p, moment.nats_per_unit, moment.unit) for p in snapshot.test],
    }


def _point_text(point: Point, nats_per_unit: float, unit: str) -> str:
    terms = {"R": point.rate, "D": point.distortion}
    lines = [
        f"{name} {words.number(e, nats_per_unit)} ± {e.stderr / nats_per_unit:.2f} {unit}" for name, e in terms.items()
    ]
    loss = words.plain((point.rate.value + point.distortion.value) / nats_per_unit)
    return "<br>".join([f"<b>β = {words.beta_label(point.beta)}</b>", *lines, f"D + R = {loss} {unit}"])


def alt(moment: Moment) -> list[str]:
    """The chosen model's place on test inputs."""
    losses = alts.losses(moment.snapshot.test, moment.nats_per_unit, moment.unit)
    return [f"β = {words.beta_label(p.beta)}: {text}." for p, text in zip(moment.snapshot.test, losses, strict=True)]


def _subtitle(still: Still) -> str:
    return f"● test  ○ train; q(x|z): {_decoder(still.scene)}"


def _decoder(scene: Scene) -> str:
    if scene.likelihood == "bernoulli":
        return "odds of pixels"
    return f"N(decoder(z), {scene.config.variance:g})" if scene.config.variance else "learnt variances"


RATE_DISTORTION = Panel(
    "plane",
    "Rate and distortion",
    "Rate against distortion of every β, and the best that can be.",
    about=lambda still: ABOUT,
    figure=lambda still: rate_distortion_plane(facts(still)),
    arrays=arrays,
    texts=texts,
    specs=SPECS,
    alt=alt,
    subtitle=_subtitle,
)
