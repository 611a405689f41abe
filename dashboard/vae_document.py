"""A VAE's scene (Y = X), alone or beside the VIB of the same data → the stage's document: what stands still."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from dashboard import controls, slider, vae_panels
from dashboard import document as explore_document
from dashboard.controls import Choices
from dashboard.figures import frames, words
from dashboard.figures.palette import CLASSES
from dashboard.figures.vae import RateDistortionFacts
from dashboard.scene import Scene
from vibcore.exact import linear
from vibcore.types import Array

SENTENCE = "Squeeze x through a noisy code z and draw it again. β is the price of remembering. Drag it."
MEANING = "one {one} of R must save {beta} of D"
CONVENTION = (
    "Trained: minimise D + β·R, D = −E ln q(x|z), R = E KL(p(z|x) ‖ r(z)): the bottleneck with Y = X. At β = 1 the "
    "loss is the negative ELBO; β is that of the β-VAE."
)
TOLD_NOTHING = "I(Z;Y), between its bounds (95 %). Training saw no label."
REST = "I(X;Z) − I(Z;Y), between bounds: what z says of x and not of the class."
NUMBERS = (
    ("number_rate", "rate R [{unit}]", "E KL(p(z|x) ‖ r(z)), an upper bound of I(X;Z)."),
    ("number_cost", "distortion D [{unit}]", "−E ln q(x|z); of real numbers it may be negative."),
    ("number_elbo", "ELBO, −(D + R) [{unit}]", "A lower bound of the mean ln p(x) that the model gives fresh inputs."),
    ("number_error", "mean square error{pca}", "Of the reconstructions, per feature or pixel, on the shown test "
     "inputs; in brackets that of principal components, as many as there are latent dimensions."),
    ("number_class", "{unit} about the class, never told", TOLD_NOTHING),
    ("number_dims", "latent dims in use", "Dimensions whose KL exceeds 0.01 nats; the others fell back to the prior."),
)  # fmt: skip
SPENT = (
    ("number_vib_class", "VIB: {unit} about the class", "I(Z;Y), between its bounds (95 %)."),
    ("number_vib_rest", "VIB: {unit} about the rest", REST),
    ("number_vae_class", "VAE: {unit} about the class", TOLD_NOTHING),
    ("number_vae_rest", "VAE: {unit} about the rest", REST),
    ("number_shares", "spent on the class, VIB and VAE", "I(Z;Y) / I(X;Z), as far as their bounds tell."),
)  # fmt: skip


def facts(scene: Scene, choices: Choices, entropy: float | None) -> RateDistortionFacts:
    """What the rate-distortion plane may draw before any training; `entropy` is h(X) in nats where it is known."""
    x = scene.dataset.x[scene.dataset.train].astype(np.float64)
    k, variance, betas = scene.config.latent_dim, scene.config.variance, np.array(scene.config.betas)
    least, spread = float(betas[betas > 0].min()), linear.variances(x)
    curve, floor = None, None
    if scene.likelihood == "bernoulli":
        ceiling, floor, right = _coins(x.mean(0)[None]), _coins(x), 0.55 * min(k, 4) * np.log(25 / least)
    else:
        typical = variance or max(float(spread[k:].mean()) if k < len(spread) else 0.0, 0.05)
        ceiling, right = (
            _gaussian(x.var(0), variance),
            linear.water_filling(spread, k, typical, np.array([least]))[0][0],
        )
        if variance is not None:
            floor = _gaussian(np.zeros(x.shape[1]), variance)
            stops = np.geomspace(least, max(betas.max(), spread[0] / variance), 200)
            curve = linear.water_filling(spread, k, variance, stops)
    # how far down from the ceiling K dimensions may lead: principal components, and farther where they bend
    reached = min(1.0, (2.0 if scene.config.decoder else 1.15) * float(spread[:k].sum() / spread.sum()))
    return RateDistortionFacts(
        size=frames.unit_size(choices.units),
        unit=choices.units,
        entropy=entropy,
        ceiling=ceiling,
        floor=floor,
        lowest=ceiling - (0.8 * right if floor is None else reached * (ceiling - floor)),
        right=max(1.0, 1.12 * float(right)),
        linear=curve,
    )


def _coins(p: Array) -> float:
    """Mean entropy of pixels taken as the odds of coins, in nats: p (n, d)."""
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-(p * np.log(p) + (1 - p) * np.log(1 - p)).sum(1).mean())


def _gaussian(error: Array, variance: float | None) -> float:
    """Distortion in nats of a Gaussian decoder with this mean square error in every feature, (d,)."""
    v = np.maximum(error, 1e-6) if variance is None else np.full_like(error, variance)
    return float(0.5 * (linear.LOG_2PI + np.log(v) + error / v).sum())


def document(scene: Scene, vib: Scene | None, choices: Choices, entropy: float | None) -> str:
    """The still part, as JSON: the VAE alone, or beside the VIB of the same data; `entropy` is h(X) if known."""
    known = facts(scene, choices, entropy)
    panels = vae_panels.alone(scene, choices, known) if vib is None else vae_panels.compared(scene, vib, choices, known)
    pca = f" (PCA {_pca_error(scene):.3g})"
    names = scene.class_names
    return json.dumps(
        {
            "panels": panels,
            "numbers": [{"name": name, "caption": caption.format(unit=choices.units, pca=pca), "help": text}
                        for name, caption, text in _numbers(scene, vib)],
            "slider": _slider(scene, choices.units),
            "speeds": controls.SPEEDS,
            "present": choices.present,
            "title": "VAE" if vib is None else "VIB beside VAE",
            "sentence": SENTENCE,
            "dataset": choices.dataset,
            "classes": {"names": names, "colours": CLASSES, "unit": choices.units},
            "decoder": explore_document.decoder(scene) if vib is None else None,
        }
    )  # fmt: skip


def _numbers(scene: Scene, vib: Scene | None) -> list[tuple[str, str, str]]:
    """Key numbers of the view; no bits about a class where there are none."""
    unknown = "number_class" if scene.dataset.y.ndim > 1 else ""
    return [number for number in (NUMBERS if vib is None else SPENT) if number[0] != unknown]


def _pca_error(scene: Scene) -> float:
    """Mean square error per feature of principal components fitted to the training inputs, on the shown test inputs."""
    x, k = scene.dataset.x.astype(np.float64), scene.config.latent_dim
    mean = x[scene.dataset.train].mean(0)
    directions = np.linalg.svd(x[scene.dataset.train] - mean, full_matrices=False)[2][:k]
    rest = scene.window.x[~scene.window.is_train] - mean
    if k >= x.shape[1]:
        return 0.0  # exactly: no rounding error is a result
    return float(((rest - rest @ directions.T @ directions) ** 2).mean())


def _slider(scene: Scene, unit: str) -> dict[str, Any]:
    betas = scene.config.betas
    labels = [words.beta_label(beta) for beta in betas]
    positive = [b for b in betas if b > 0]
    marks = []
    if min(positive) <= 1 <= max(positive):
        marks.append({"index": slider.position(betas, 1.0), "label": "ELBO: β = 1",
                      "help": "Here the loss D + R is the negative evidence lower bound of the VAE."})  # fmt: skip
    return {"labels": labels, "meanings": [MEANING.format(one=unit[:-1], beta=label) for label in labels],
            "ticks": slider.ticks(betas, (1.0,)), "marks": marks, "help": CONVENTION}  # fmt: skip
