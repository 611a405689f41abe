"""p(x, y) of the synthetic sets on a grid, and with it what is exactly known of the problem on screen."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp, ndtr, xlogy
from scipy.stats import norm

from vibcore import data
from vibcore.config import DatasetSpec
from vibcore.data.curves import classes_of, drawn
from vibcore.data.source import ClosedForm, Curves
from vibcore.exact import collapse, discrete
from vibcore.types import Array, ConfigError, Joint, Reference

CELLS = 240
CURVE_POINTS = 400  # quadrature along a class's curve, and more where the noise is small
NODES = 6  # of Gauss–Legendre in each piece of a curve, no longer than twice the noise
STEPS = 3  # of the grid for the entropy, in one σ
BLOCK = 2**22  # kernels held at once
COARSEST = 1.5  # cell width in units of the noise: from here on the grid blurs what the noise does not


def curves_of(spec: DatasetSpec) -> Curves:
    """The curves of a set; ConfigError for one that has none, or that cannot be drawn."""
    density = data.source(spec.name).density
    if not isinstance(density, Curves):
        expected = f"one of {', '.join(data.curve_names())}"
        raise ConfigError("density", spec.name, expected, "Other sets have none.")
    data.check(spec)
    return density


def flips(classes: int, flip: float) -> Array:
    """p(label | class): the class, or any other with equal odds, (C, C)."""
    others = np.full((classes, classes), flip / (classes - 1))
    np.fill_diagonal(others, 1 - flip)
    return others


def joint(spec: DatasetSpec, cells: int = CELLS) -> Joint:
    """p(x, y) on cells × cells squares: exact Gaussian masses around each class's curve (cells², C).

    Raises ConfigError where no density is known, or where the cells are too coarse for the noise.
    """
    density = curves_of(spec)
    classes = classes_of(density, spec)
    steps = 2 * int(max(CURVE_POINTS, 8 / spec.noise) / 2)  # even, so that both corners of xor weigh the same
    t = (np.arange(steps) + 0.5) / steps
    curves = [density.curve(spec, c, t) for c in range(classes)]
    low, high = np.min(curves, axis=(0, 1)) - 5 * spec.noise, np.max(curves, axis=(0, 1)) + 5 * spec.noise
    width = float((high - low).max()) / cells
    if not width <= COARSEST * spec.noise:
        raise ConfigError(
            "grid cells",
            cells,
            f"cells no wider than {COARSEST} σ = {COARSEST * spec.noise:.3g} (they are {width:.3g})",
            "Use more cells or more noise.",
        )
    edges = [np.linspace(low[d], high[d], cells + 1) for d in (0, 1)]
    masses = np.stack([_masses(curve, edges, spec.noise) for curve in curves], axis=-1) / classes  # (cells², C)
    p = masses @ flips(classes, spec.flip)
    middle = [(e[:-1] + e[1:]) / 2 for e in edges]
    centres = np.stack(np.meshgrid(*middle, indexing="ij"), axis=-1).reshape(-1, 2)
    return Joint(p / p.sum(), centres, f"{spec.name} on a {cells}×{cells} grid")


def _masses(curve: Array, edges: list[Array], noise: float) -> Array:
    """Probability of every cell when a point of the curve, drawn evenly, is disturbed by N(0, noise²): (cells²,)."""
    along = [np.diff(ndtr((edges[d] - curve[:, d : d + 1]) / noise), axis=1) for d in (0, 1)]  # (T, cells) each
    masses: Array = (along[0].T @ along[1]).ravel() / len(curve)
    return masses


def log_densities(spec: DatasetSpec, x: Array) -> Array:
    """ln p(x | class) at the places x (n, 2), before any label is flipped: (n, C), nats, float64.

    A class is its curve, evenly weighted, blurred by N(0, σ²I): Gauss–Legendre along the curve, in log space.
    Raises ConfigError where no density is known.
    """
    density = curves_of(spec)
    x = np.asarray(x, dtype=np.float64)
    t, share = _along(density, spec.noise)
    curves = [density.curve(spec, c, t) for c in range(classes_of(density, spec))]
    blocks = np.array_split(x, max(1, int(np.ceil(len(x) * len(t) / BLOCK))))
    logs = [
        np.stack([_log_blurred(block, curve, np.log(share), spec.noise) for curve in curves], axis=-1)
        for block in blocks
    ]
    found: Array = np.concatenate(logs) - np.log(2 * np.pi * spec.noise**2)
    return found


def _along(density: Curves, noise: float) -> tuple[Array, Array]:
    """Places t along a class's curve and their weights, which sum to 1: Gauss–Legendre, piece by piece, (T,) each."""
    pieces = 2 * int(np.ceil(density.speed / noise / 4) + 1)  # even: xor's corners change at ½
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    t = ((np.arange(pieces)[:, None] + (nodes + 1) / 2) / pieces).ravel()
    return t, np.tile(weights / 2 / pieces, pieces)


def _log_blurred(x: Array, curve: Array, share: Array, noise: float) -> Array:
    """ln Σ_t share_t exp(−|x − curve_t|²/2σ²): x (n, 2), curve (T, 2), share (T,) logarithms → (n,)."""
    logs = (x @ curve.T - ((x**2).sum(1, keepdims=True) + (curve**2).sum(1)) / 2) / noise**2 + share  # (n, T)
    top = logs.max(1, keepdims=True)
    np.exp(np.subtract(logs, top, out=logs), out=logs)  # in place: for 20,000 places this is where the time goes
    found: Array = top[:, 0] + np.log(logs.sum(1))
    return found


def posterior(spec: DatasetSpec, x: Array) -> Array:
    """The known p(y|x) at any places x (n, 2): (n, C) float64, flips included. ConfigError where it is not known."""
    density = data.source(spec.name).density
    if isinstance(density, ClosedForm) and density.posterior is not None:
        return density.posterior(spec, x)
    logs = log_densities(spec, x)
    found: Array = np.exp(logs - logsumexp(logs, axis=1, keepdims=True)) @ flips(logs.shape[1], spec.flip)
    return found


def sample(spec: DatasetSpec, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """n fresh and independent inputs and targets of the very density: x (n, d) float64, y (n,) classes.

    Real-valued y is (n, d_y) float64. Raises ConfigError where no density is known.
    """
    density = data.source(spec.name).density
    if isinstance(density, ClosedForm):
        data.check(spec)
        return density.sample(spec, n, rng)
    density = curves_of(spec)
    return drawn(density, spec, rng.integers(classes_of(density, spec), size=n), rng, rng)


def reference(spec: DatasetSpec) -> Reference | None:
    """Frontier, I(X;Y), H(Y) and collapse β of a problem; None where its density is not known."""
    if not data.has_density(spec):
        return None
    data.check(spec)
    density = data.source(spec.name).density
    if isinstance(density, ClosedForm):
        return density.reference(spec)
    return known(joint(spec, max(CELLS, enough_cells(spec))))


def known(p: Joint) -> Reference:
    """Frontier, I(X;Y), H(Y), collapse β and ρ_m² of a discrete joint."""
    curve = discrete.frontier(p)
    i_xy, h_y = discrete.mutual_information(p.p), discrete.entropy_y(p.p)
    return Reference(curve, i_xy, h_y, float(curve.beta[0]), p.source, collapse.unstable_beta(p.p))


def input_entropy(spec: DatasetSpec) -> float | None:
    """Differential entropy h(X) in nats; None where the density of x is not known.

    −∫ p ln p by the trapezoid rule at steps of σ/STEPS, whose error falls exponentially for blurred densities. No model
    describes x in fewer nats: D + R ≥ h(X) (Alemi et al. 2018, sec. 2).
    """
    if not data.has_density(spec):
        return None
    data.check(spec)
    density = data.source(spec.name).density
    if isinstance(density, ClosedForm):
        return density.input_entropy(spec)
    density = curves_of(spec)
    t, share = _along(density, spec.noise)
    curves = [density.curve(spec, c, t) for c in range(classes_of(density, spec))]
    low, high = np.min(curves, axis=(0, 1)) - 8 * spec.noise, np.max(curves, axis=(0, 1)) + 8 * spec.noise
    step = spec.noise / STEPS
    axes = [np.arange(low[d], high[d] + step, step) for d in (0, 1)]
    kernels = [[norm.pdf(axes[d], curve[:, d : d + 1], spec.noise) for d in (0, 1)] for curve in curves]  # (T, cells)
    p = sum((share[:, None] * along).T @ across for along, across in kernels) / len(curves)
    return float(-xlogy(p, p).sum() * step**2)


def enough_cells(spec: DatasetSpec) -> int:
    """Cells that resolve the noise: no wider than σ. The widest set spans 4.2 and ten σ."""
    return int(np.ceil((4.2 + 10 * spec.noise) / spec.noise))
