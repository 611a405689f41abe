"""Numbers of a snapshot → the arrays that the charts are bound to. Pure NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.figures.palette import shades
from vibcore.types import Array, Estimate, Interval, Point, Snapshot
from vibcore.window import Window

NATS_PER_BIT = float(np.log(2))
CIRCLE = np.linspace(0, 2 * np.pi, 49)
LARGEST_DECODER = 30_000  # numbers of one model: 60 KB
RADII = (1.0, 2.0)  # standard deviations of the contours of posteriors and prior: 39 % and 86 % of a 2-D Gaussian
STRIP = (-0.62, 1.12)  # heights of the picture of a lone latent dimension: points below 0, bells from 0 to 1
BELL = np.linspace(-3.2, 3.2, 65)  # standard deviations along a bell


def beta_places(betas: Sequence[float] | Array) -> Array:
    """Places of the stops on a log axis, log₁₀ β: such an axis has no 0, which stands left of all."""
    values = np.array(betas, dtype=float)
    return np.log10(np.where(values > 0, values, values[values > 0].min() / 3))


def nats_per_unit(units: str) -> float:
    """Nats in one unit of the page."""
    return NATS_PER_BIT if units == "bits" else 1.0


def ellipse(mu: Array, sigma: Array, radius: float) -> Array:
    """Points on the ellipse `radius` standard deviations around mu: (…, 2), (…, 2) → (…, 49, 2).

    A third column of sigma is the correlation of both dimensions.
    """
    circle = np.stack([np.cos(CIRCLE), np.sin(CIRCLE)], axis=-1)
    if sigma.shape[-1] == 3:
        rho = np.broadcast_to(sigma[..., 2:], (*sigma.shape[:-1], len(CIRCLE)))
        circle = np.stack([circle[:, 0] + 0 * rho, rho * circle[:, 0] + np.sqrt(1 - rho**2) * circle[:, 1]], axis=-1)
    path: Array = mu[..., None, :] + radius * sigma[..., None, :2] * circle
    return path


def rings(mu: Array, sigma: Array, radii: Sequence[float]) -> Array:
    """Several ellipses as one line with gaps: (…, 2) → (…, len(radii)·50, 2)."""
    gap = np.full((*mu.shape[:-1], 1, 2), np.nan)
    return np.concatenate([part for r in radii for part in (ellipse(mu, sigma, r), gap)], axis=-2)


def bells(mu: Array, sigma: Array) -> Array:
    """exp(−(z − μ)² / 2σ²) as a line, and behind a gap the bar from μ − σ to μ + σ (68 %): (…,) → (…, 68, 2)."""
    at = np.concatenate([BELL, [np.nan, -1.0, 1.0]])
    path: Array = np.stack(
        [mu[..., None] + sigma[..., None] * at, np.broadcast_to(np.exp(-(at**2) / 2), (*mu.shape, len(at)))], -1
    )
    return path


def decision_codes(probabilities: Array) -> Array:
    """Class odds (…, C) → one byte each: argmax · shades + lead, the odds by which the first class leads the second.

    The lead is 0 on every border, so that borders can be found between the cells.
    """
    levels = shades(probabilities.shape[-1])
    first = probabilities.max(-1)
    second = np.partition(probabilities, -2, axis=-1)[..., -2] if probabilities.shape[-1] > 1 else 0.0
    level = np.clip(np.rint((first - second) * (levels - 1)), 0, levels - 1)
    codes: Array = (probabilities.argmax(-1) * levels + level).astype(np.uint8)
    return codes


def median_posteriors(mu: Array, sigma: Array, labels: Array, classes: int) -> tuple[Array, Array]:
    """The input nearest each class's median mean stands for the class: (m, n, 2) → two of (m, C, 2); NaN if absent.

    sigma may have more columns than mu: they come along.
    """
    m = mu.shape[0]
    centre, width = np.full((m, classes, 2), np.nan), np.full((m, classes, sigma.shape[-1]), np.nan)
    for c in range(classes):
        rows = np.flatnonzero(labels == c)
        if len(rows) == 0:
            continue
        middle = np.median(mu[:, rows], axis=1, keepdims=True)
        nearest = rows[((mu[:, rows] - middle) ** 2).sum(-1).argmin(1)]
        centre[:, c], width[:, c] = mu[np.arange(m), nearest], sigma[np.arange(m), nearest]
    return centre, width


def values(points: Sequence[Point], name: str) -> Array:
    """One number of every point, (M,) nats: an estimate, or an interval's lower bound; NaN where it is not known."""
    found: list[Estimate | Interval | None] = [getattr(point, name) for point in points]
    estimates = [e.lower if isinstance(e, Interval) else e for e in found]
    return np.array([np.nan if e is None else e.value for e in estimates])


def spans(
    points: Sequence[Point], nats_per_unit: float, box: tuple[tuple[float, float], tuple[float, float]]
) -> dict[str, Array]:
    """The 95 % interval of each point's I(X;Z), lying, and of its I(Z;Y), standing, with gaps: (M, 6) each.

    An end beyond the plane's `box` is drawn at its edge, with an arrow head.
    """
    ends = (
        np.array(
            [[end for i in (p.i_xz, p.i_zy) for end in ((i.low, i.high) if i else (np.nan, np.nan))] for p in points]
        )
        / nats_per_unit
    )  # (M, 4)
    x, y, gap = (
        values(points, "i_xz") / nats_per_unit,
        values(points, "i_zy") / nats_per_unit,
        np.full(len(points), np.nan),
    )
    x_ends, y_ends = np.clip(ends[:, :2], *box[0]), np.clip(ends[:, 2:], *box[1])
    heads = np.zeros((len(points), 6))
    heads[:, 1], heads[:, 4] = 9.0 * (ends[:, 1] > box[0][1]), 9.0 * (ends[:, 3] > box[1][1])
    return {
        "span_x": np.column_stack([x_ends, gap, x, x, gap]),
        "span_y": np.column_stack([y, y, gap, y_ends, gap]),
        "span_size": heads,
    }


def latent_planes(snapshot: Snapshot, fill: Array) -> tuple[Array, Array]:
    """μ and σ in the two shown dimensions, (m, n, 2); a lone dimension is spread by `fill` (n,) as a strip."""
    if len(snapshot.dims) == 2:
        dims = list(snapshot.dims)
        return snapshot.mu[..., dims], snapshot.sigma[..., dims]
    spread = np.broadcast_to(fill, snapshot.mu.shape[:2])
    zero = np.zeros_like(spread)
    mu = np.stack([snapshot.mu[..., snapshot.dims[0]], spread], axis=-1)
    return mu, np.stack([snapshot.sigma[..., snapshot.dims[0]], zero], axis=-1)


def plane_arrays(
    train: Sequence[Point], test: Sequence[Point], nats_per_unit: float, show: str = "bound"
) -> dict[str, Array]:
    """Both axes of the information plane for both splits, (M,) in the page's unit."""
    x, y = ("i_xz", "i_zy") if show == "value" else ("rate", "i_zy_bound")
    arrays = {}
    for split, points in (("train", train), ("test", test)):
        arrays[f"plane_{split}_x"] = values(points, x) / nats_per_unit
        arrays[f"plane_{split}_y"] = values(points, y) / nats_per_unit
    return arrays


def arrows(points: Sequence[Point], nats_per_unit: float) -> dict[str, Array]:
    """From each point's bounds to its values, with a gap behind: bracket_x, bracket_y and marker sizes, (M, 3)."""
    gap = np.full(len(points), np.nan)
    x = np.stack([values(points, "rate") / nats_per_unit, values(points, "i_xz") / nats_per_unit, gap], axis=1)
    y = np.stack([values(points, "i_zy_bound") / nats_per_unit, values(points, "i_zy") / nats_per_unit, gap], axis=1)
    return {"bracket_x": x, "bracket_y": y, "bracket_size": np.tile([0.0, 9.0, 0.0], (len(points), 1))}


def latent_arrays(snapshot: Snapshot, window: Window) -> dict[str, Array]:
    """Everything that a latent plane draws of the snapshot's detailed models, leading axis m."""
    # a lone latent dimension is drawn as a strip: heights without a meaning, the same in every picture
    alone = len(snapshot.dims) == 1
    mu, sigma = latent_planes(snapshot, np.random.default_rng(0).uniform(-0.52, -0.08, len(window.shown)))
    arrays: dict[str, Array] = {"point_mu": mu, "point_sigma": sigma}
    if snapshot.correlation is not None:
        arrays["point_rho"] = snapshot.correlation
        sigma = np.concatenate([sigma, snapshot.correlation[..., None]], axis=-1)
    classes = len(window.dataset.class_names) or 3  # a real target is coloured by thirds
    centre, width = median_posteriors(mu, sigma, window.labels, classes)
    for c in range(classes):
        path = bells(centre[:, c, 0], width[:, c, 0]) if alone else rings(centre[:, c], width[:, c], RADII)
        arrays[f"ellipse_{c}_x"], arrays[f"ellipse_{c}_y"] = path[..., 0], path[..., 1]
    # the label of a bell stands on its top
    arrays["centre_x"], arrays["centre_y"] = centre[..., 0], np.where(alone, 0 * centre[..., 1] + 1, centre[..., 1])
    return arrays


def decoder_arrays(snapshot: Snapshot) -> dict[str, Array]:
    """Weights of the decoder, for the browser to decode the place under the cursor; none where that is much to send."""
    if sum(weight[0].size + bias[0].size for weight, bias in snapshot.decoder) > LARGEST_DECODER:
        return {}
    names = [(f"decoder_{i}_weight", f"decoder_{i}_bias") for i in range(len(snapshot.decoder))]
    return {
        name: array
        for pair, arrays in zip(names, snapshot.decoder, strict=True)
        for name, array in zip(pair, arrays, strict=True)
    }
