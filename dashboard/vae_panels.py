"""The panels of the VAE page: the VAE alone, or beside the VIB of the same data. What stands still."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard import document as explore_document
from dashboard.controls import Choices
from dashboard.figures import about, curves, decoded, planes, vae
from dashboard.figures.vae import RateDistortionFacts
from dashboard.scene import Scene
from vibcore.exact import linear
from vibcore.types import Array
from vibcore.window import Window, latent_axis

PAIRS = {8: 4, 28: 2}  # inputs of a class shown above their reconstructions, by the side of an image; else one
VIB = "vib_"  # before the names of the other run's arrays


def _panel(
    id: str, title: str, figure: Any, subtitle: str, alt: str, marks: about.Marks, tab: str = "", low: bool = False
) -> dict[str, Any]:
    """A card of this page: charts of two pages never share a place."""
    return explore_document.panel(f"vae.{id}", title, figure, subtitle, alt, marks, tab, low)


def alone(scene: Scene, choices: Choices, known: RateDistortionFacts) -> list[dict[str, Any]]:
    """The VAE's planes, its reconstructions and what its loss is made of."""
    right = known.right / known.nats_per_unit
    decoder = f"N(decoder(z), {scene.config.variance:g})" if scene.config.variance else "learnt variances"
    decoder = "odds of pixels" if scene.likelihood == "bernoulli" else decoder
    return [
        _panel(
            "plane",
            "Rate and distortion",
            vae.rate_distortion_plane(known),
            f"● test  ○ train; q(x|z): {decoder}",
            "Rate against distortion of every β, and the best that can be.",
            about.DISTORTION,
        ),
        explore_document.latent_panel("vae.latent", "Latent plane", scene, False, "labels unused in training"),
        *_decoded(scene),
        _panel(
            "kl",
            "Latent dimensions",
            curves.kl_bars(scene.config.latent_dim, choices.units, 0.6 * right),
            _kept(scene),
            "KL of every latent dimension.",
            about.DIMENSIONS,
            "KL",
            low=True,
        ),
        _panel(
            "beta",
            "ELBO over β",
            vae.elbo_over_beta(scene.config.betas, known),
            "what β = 1 trains for; dotted: training inputs",
            "D + R of every stop.",
            about.ELBO,
            "Over β",
            low=True,
        ),
        _panel(
            "time",
            "Training so far",
            curves.rate_and_cost(choices.units),
            "the chosen β; dotted: training inputs",
            "Rate and distortion of the chosen model against steps.",
            about.VAE_TIME,
            "Over time",
            low=True,
        ),
    ]


def _kept(scene: Scene) -> str:
    """Which β a direction of the data survives, where that is exactly known."""
    if scene.likelihood != "gaussian" or scene.config.variance is None or scene.config.decoder:
        return "test inputs"
    spread = linear.variances(scene.dataset.x[scene.dataset.train])[: scene.config.latent_dim]
    limits = ", ".join(f"{v / scene.config.variance:.3g}" for v in spread[:4])
    return f"linear decoder: kept while β < λ/σ² = {limits}{' …' if len(spread) > 4 else ''}"


def _decoded(scene: Scene) -> list[dict[str, Any]]:
    """Reconstructions and the decoded latent grid, as the kind of data allows."""
    if scene.dataset.image_shape is not None:
        return _images(scene)
    if scene.dataset.x.shape[1] == 2:
        return _plane_of_data(scene)
    dataset, rows = scene.dataset, chosen_inputs(scene.window)[0]
    figure = decoded.profiles(dataset.x[rows], dataset.labels[rows], scene.class_names, dataset.feature_names)
    return [
        _panel(
            "decoded",
            "Reconstructions",
            figure,
            "an input a class; dotted: decoded",
            "Features of one input a class and their reconstructions.",
            about.PROFILES,
        )
    ]


def _others(scene: Scene) -> str:
    return "" if scene.config.latent_dim == len(scene.dims) else "; other dims at 0"


def _images(scene: Scene) -> list[dict[str, Any]]:
    h, w = scene.dataset.image_shape or (1, 1)
    rows = chosen_inputs(scene.window)
    names = [scene.dataset.class_names[c] for c in scene.dataset.labels[rows[0]]]
    pairs = decoded.montage(
        "pairs", (len(names), 2 * len(rows)), (w, h), (names, ["in", "out"] * len(rows)), ("class", ""), upwards=False
    )
    z = [f"{v:.1f}".replace("-", "−") for v in latent_axis(True)]
    flat = len(scene.dims) == 1
    titles = f"z{scene.dims[0] + 1}", "" if flat else f"z{scene.dims[1] + 1}"
    grid = decoded.montage(
        "grid", (len(z), 1 if flat else len(z)), (w, h), (z, [""] if flat else z), titles, upwards=True
    )
    return [
        _panel(
            "decoded",
            "Reconstructions",
            pairs,
            "test input above, decoded below",
            "Images above their reconstructions, a column for each class.",
            about.PAIRS,
        ),
        _panel(
            "grid",
            "Decoded latent grid",
            grid,
            f"what each z means{_others(scene)}",
            "Decoder output at an even grid of latent points.",
            about.GRID,
            "Latent grid",
        ),
    ]


def _plane_of_data(scene: Scene) -> list[dict[str, Any]]:
    x, reach = scene.window.x[~scene.window.is_train], scene.window.input_range or (-1.0, 1.0)
    lines = " and ".join(f"z{d + 1}" for d in scene.dims)
    return [
        _panel(
            "decoded",
            "Reconstructions",
            decoded.data_plane(x, reach),
            "and draws z ~ r(z), x ~ q(x|z)",
            "Inputs, their reconstructions and samples of the model in the plane of the data.",
            about.CLOUD,
        ),
        _panel(
            "grid",
            "Decoded latent grid",
            decoded.net_plane(x, reach),
            f"lines of constant {lines} from −2.3 to 2.3, among the inputs{_others(scene)}",
            "Where the decoder puts the lines of the latent grid.",
            about.NET,
            "Latent grid",
        ),
    ]


def chosen_inputs(window: Window) -> Array:
    """Rows of the dataset, (count, classes): the first shown test inputs of every class that has so many."""
    count = PAIRS[window.dataset.image_shape[0]] if window.dataset.image_shape else 1
    shown, labels = window.shown[~window.is_train], window.labels[~window.is_train]
    columns = [shown[labels == c][:count] for c in np.unique(labels)]
    return np.stack([column for column in columns if len(column) == count], axis=1)


def compared(scene: Scene, vib: Scene, choices: Choices, known: RateDistortionFacts) -> list[dict[str, Any]]:
    """The latent planes of VIB and VAE, and what both spend their bits on."""
    test = vib.dataset.test
    bars = vae.bits_bars(
        choices.units,
        float(np.log(len(test))) / known.nats_per_unit,
        planes.entropy(vib.dataset.y[test]) / known.nats_per_unit,
    )
    other = explore_document.latent_panel("vae.vib", "VIB: asked for the class", vib, True, prefix=VIB)
    return [
        other,
        explore_document.latent_panel(
            "vae.latent", "VAE: asked for the input", scene, False, "labels unused in training", "VAE"
        ),
        _panel(
            "bits",
            "Where the bits go",
            bars,
            "same data, β, seed and encoder",
            "I(X;Z) of both models, split into what is about the class and the rest.",
            about.BITS,
            "Bits",
        ),
    ]
