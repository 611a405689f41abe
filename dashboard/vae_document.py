"""A VAE's scene (Y = X), alone or beside the VIB of the same data → the stage's document: what stands still."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from dashboard import captions, controls, slider, vae_panels
from dashboard import document as explore_document
from dashboard.controls import Choices
from dashboard.figures import frames, words
from dashboard.figures.palette import CLASSES
from dashboard.figures.vae import RateDistortionFacts
from dashboard.scene import Scene
from vibcore.exact import rate_distortion

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
    (
        "number_error",
        "mean square error{pca}",
        "Of the reconstructions, per feature or pixel, on the shown test "
        "inputs; in brackets that of principal components, as many as there are latent dimensions.",
    ),
    ("number_class", "{unit} about the class, never told", TOLD_NOTHING),
    ("number_dims", "latent dims in use", "Dimensions whose KL exceeds 0.01 nats; the others fell back to the prior."),
)
SPENT = (
    ("number_vib_class", "VIB: {unit} about the class", "I(Z;Y), between its bounds (95 %)."),
    ("number_vib_rest", "VIB: {unit} about the rest", REST),
    ("number_vae_class", "VAE: {unit} about the class", TOLD_NOTHING),
    ("number_vae_rest", "VAE: {unit} about the rest", REST),
    ("number_shares", "spent on the class, VIB and VAE", "I(Z;Y) / I(X;Z), as far as their bounds tell."),
)


def facts(scene: Scene, choices: Choices, entropy: float | None) -> RateDistortionFacts:
    """What the rate-distortion plane may draw before any training; `entropy` is h(X) in nats where it is known."""
    x = scene.dataset.x[scene.dataset.train].astype(np.float64)
    config, betas = scene.config, np.array(scene.config.betas)
    if scene.dataset.image_shape is not None:
        known = rate_distortion.pixels_known(x, config.latent_dim, float(betas[betas > 0].min()))
    else:
        known = rate_distortion.reals_known(x, config.latent_dim, config.variance, betas)
    # how far down K dimensions may lead: principal components, and farther where they bend
    depth = known.depth
    if known.floor is not None:
        depth = min(known.ceiling - known.floor, (2.0 if config.decoder else 1.15) * depth)
    return RateDistortionFacts(
        nats_per_unit=frames.nats_per_unit(choices.units),
        unit=choices.units,
        entropy=entropy,
        ceiling=known.ceiling,
        floor=known.floor,
        lowest=known.ceiling - depth,
        right=max(1.0, 1.12 * known.reach),
        linear=known.linear,
    )


def document(scene: Scene, vib: Scene | None, choices: Choices, entropy: float | None) -> str:
    """The still part, as JSON: the VAE alone, or beside the VIB of the same data; `entropy` is h(X) if known."""
    known = facts(scene, choices, entropy)
    panels = vae_panels.alone(scene, choices, known) if vib is None else vae_panels.compared(scene, vib, choices, known)
    x, test = scene.dataset.x.astype(np.float64), scene.window.x[~scene.window.is_train]
    pca = f" (PCA {rate_distortion.pca_error(x[scene.dataset.train], test, scene.config.latent_dim):.3g})"
    names = scene.class_names
    return json.dumps(
        {
            "panels": panels,
            "numbers": [
                {"name": name, "caption": caption.format(unit=choices.units, pca=pca), "help": text}
                for name, caption, text in _numbers(scene, vib)
            ],
            "slider": _slider(scene, choices.units),
            "speeds": controls.SPEEDS,
            "card": captions.CARD,
            "present": choices.present,
            "title": "VAE" if vib is None else "VIB beside VAE",
            "sentence": SENTENCE,
            "dataset": choices.dataset,
            "classes": {"names": names, "colours": CLASSES, "unit": choices.units},
            "decoder": explore_document.decoder(scene) if vib is None else None,
        }
    )


def _numbers(scene: Scene, vib: Scene | None) -> list[tuple[str, str, str]]:
    """Key numbers of the view; no bits about a class where there are none."""
    unknown = "number_class" if scene.dataset.y.ndim > 1 else ""
    return [number for number in (NUMBERS if vib is None else SPENT) if number[0] != unknown]


def _slider(scene: Scene, unit: str) -> dict[str, Any]:
    betas = scene.config.betas
    labels = [words.beta_label(beta) for beta in betas]
    positive = [b for b in betas if b > 0]
    marks = []
    if min(positive) <= 1 <= max(positive):
        marks.append(
            {
                "index": slider.position(betas, 1.0),
                "label": "ELBO: β = 1",
                "help": "Here the loss D + R is the negative evidence lower bound of the VAE.",
            }
        )
    return {
        "name": captions.SLIDER,
        "labels": labels,
        "meanings": [MEANING.format(one=unit[:-1], beta=label) for label in labels],
        "ticks": slider.ticks(betas, (1.0,)),
        "marks": marks,
        "help": CONVENTION,
    }
