"""A VAE's scene (Y = X), alone or beside the VIB of the same data → the stage's document: what stands still."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from dashboard import controls
from dashboard import document as explore_document
from dashboard.controls import Choices
from dashboard.figures import curves, decoded, frames, planes, vae, words
from dashboard.figures.palette import CLASSES
from dashboard.figures.vae import RateDistortionFacts
from dashboard.scene import Scene
from vibcore.exact import linear
from vibcore.types import Array
from vibcore.window import LATENT_RANGE, Window, latent_axis

PAIRS = {8: 4, 28: 2}  # inputs of a class shown above their reconstructions, by the side of an image; else one
VIB = "vib_"  # before the names of the other run's arrays
MEANING = "one bit of rate must save {} bits of distortion"
CONVENTION = (
    "Trained: minimise D + β·R, D = −E ln q(x|z), R = E KL(p(z|x) ‖ r(z)): the bottleneck with Y = X. At β = 1 the "
    "loss is the negative ELBO; β is that of the β-VAE."
)
TOLD_NOTHING = "I(Z;Y) of the test set by its Bayes decoder: training saw no label."
NUMBERS = (
    ("number_rate", "rate R [{unit}]", "E KL(p(z|x) ‖ r(z)) on the test inputs: an upper bound of I(X;Z)."),
    ("number_cost", "distortion D [{unit}]", "−E ln q(x|z) on the test inputs; of real numbers it may be negative."),
    ("number_elbo", "ELBO, −(D + R) [{unit}]", "A lower bound of the mean ln p(x) of the test inputs, of this model."),
    ("number_error", "mean square error{pca}", "Of the reconstructions, per feature or pixel, on the shown test "
     "inputs; in brackets that of principal components, as many as there are latent dimensions."),
    ("number_class", "{unit} about the class, never told", TOLD_NOTHING),
    ("number_dims", "latent dims in use", "Dimensions whose KL exceeds 0.01 nats; the others fell back to the prior."),
)  # fmt: skip
SPENT = (
    ("number_vib_class", "VIB: {unit} about the class", "I(Z;Y) of the test set, by its Bayes decoder."),
    ("number_vib_rest", "VIB: {unit} about the rest", "I(X;Z) − I(Z;Y): what z says of x and not of the class."),
    ("number_vae_class", "VAE: {unit} about the class", TOLD_NOTHING),
    ("number_vae_rest", "VAE: {unit} about the rest", "I(X;Z) − I(Z;Y): what z says of x and not of the class."),
    ("number_shares", "spent on the class, VIB and VAE", "I(Z;Y) / I(X;Z)."),
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
    panels = _vae_panels(scene, choices, known) if vib is None else _compared(scene, vib, choices, known)
    pca = f" (PCA {_pca_error(scene):.3f})"
    names = scene.class_names
    return json.dumps(
        {
            "panels": panels,
            "numbers": [{"name": name, "caption": caption.format(unit=choices.units, pca=pca), "help": text}
                        for name, caption, text in _numbers(scene, vib)],
            "slider": _slider(scene),
            "speeds": controls.BY_KEY["speed"].legal,
            "present": choices.present,
            "classes": {"names": names, "colours": CLASSES, "unit": choices.units},
            "decoder": explore_document.decoder(scene) if vib is None else None,
        }
    )  # fmt: skip


def _numbers(scene: Scene, vib: Scene | None) -> list[tuple[str, str, str]]:
    """Key numbers of the view; no bits about a class where there are none."""
    unknown = "number_class" if scene.dataset.y.ndim > 1 else ""
    return [number for number in (NUMBERS if vib is None else SPENT) if number[0] != unknown]


def _panel(id: str, title: str, figure: Any, subtitle: str, alt: str, tab: str = "", low: bool = False
           ) -> dict[str, Any]:  # fmt: skip
    """A card of this page: charts of two pages never share a place."""
    return explore_document.panel(f"vae.{id}", title, figure, subtitle, alt, tab, low)


def _latent(scene: Scene) -> Any:
    window = scene.window
    return vae.latent_plane(window.labels, window.is_train, scene.class_names, LATENT_RANGE, scene.dims)


def _vae_panels(scene: Scene, choices: Choices, known: RateDistortionFacts) -> list[dict[str, Any]]:
    right = known.right / known.size
    decoder = f"N(decoder(z), {scene.config.variance:g})" if scene.config.variance else "learnt variances"
    decoder = "pixels as odds of coins" if scene.likelihood == "bernoulli" else decoder
    return [
        _panel("plane", "Rate and distortion", vae.rate_distortion_plane(known), f"● test  ○ train; q(x|z): {decoder}",
               "Rate against distortion of every β, the price line of the chosen one, and what is impossible."),
        _panel("latent", "Latent plane", _latent(scene), "colours: labels unused in training",
               "Posterior means coloured by class, one median posterior a class, the prior's circles.", "Latent"),
        *_decoded_panels(scene),
        _panel("kl", "Latent dimensions", _bars(scene, choices, 0.6 * right), _kept(scene),
               "KL of every latent dimension.", "KL", low=True),
        _panel("beta", "ELBO over β", vae.elbo_over_beta(scene.config.betas, known), "β = 1 is trained for it",
               "D + R of every stop: least at β = 1.", "Over β", low=True),
        _panel("time", "Training so far", vae.over_time(known), "the chosen β",
               "Rate and distortion of the chosen model against steps.", "Over time", low=True),
    ]  # fmt: skip


def _bars(scene: Scene, choices: Choices, top: float) -> Any:
    figure = curves.kl_bars(scene.config.latent_dim, choices.units, top)
    return figure.update_yaxes(title_text=f"KL [{choices.units}]")  # short: the panel is low


def _kept(scene: Scene) -> str:
    """Which β a direction of the data survives, where that is exactly known."""
    if scene.config.variance is None or scene.config.decoder:
        return "test inputs"
    spread = linear.variances(scene.dataset.x[scene.dataset.train])[: scene.config.latent_dim]
    limits = ", ".join(f"{v / scene.config.variance:.3g}" for v in spread[:4])
    return f"linear decoder: kept while β < λ/σ² = {limits}{' …' if len(spread) > 4 else ''}"


def _decoded_panels(scene: Scene) -> list[dict[str, Any]]:
    """Reconstructions and the decoded latent grid, as the kind of data allows."""
    dataset, dims = scene.dataset, scene.dims
    axes = [f"z{d + 1}" for d in dims]
    rest = "" if scene.config.latent_dim == len(dims) else "; other dims at 0"
    if dataset.image_shape is not None:
        h, w = dataset.image_shape
        rows = chosen_inputs(scene.window)
        names = [dataset.class_names[c] for c in dataset.labels[rows[0]]]
        places = decoded.tile_centres(len(names), w), decoded.tile_centres(2 * len(rows), h)
        picture = decoded.montage("pairs", places, (names, ["in", "out"] * len(rows)), ("class", ""),
                                  upwards=False)  # fmt: skip
        z = [f"{v:.1f}" for v in latent_axis("bernoulli")]
        tall = z if len(dims) == 2 else [""]
        grid = decoded.montage("grid", (decoded.tile_centres(len(z), w), decoded.tile_centres(len(tall), h)),
                               (z, tall), (axes[0], axes[-1] if len(dims) == 2 else ""), upwards=True)  # fmt: skip
        return [_panel("decoded", "Reconstructions", picture, "test inputs, each above what its z is decoded to",
                       "Images above their reconstructions, a column for each class."),
                _panel("grid", "Decoded latent grid", grid, f"what each z means{rest}",
                       "Decoder output at an even grid of latent points.", "Latent grid")]  # fmt: skip
    if dataset.x.shape[1] == 2:
        x, reach = scene.window.x[~scene.window.is_train], scene.window.input_range or (-1.0, 1.0)
        return [_panel("decoded", "Reconstructions", decoded.data_plane(x, reach), "and draws z ~ r(z), x ~ q(x|z)",
                       "Inputs, their reconstructions and samples of the model in the plane of the data."),
                _panel("grid", "Decoded latent grid", decoded.net_plane(x, reach),
                       f"lines of constant {' and '.join(axes)} from −2.3 to 2.3, among the inputs{rest}",
                       "Where the decoder puts the lines of the latent grid.", "Latent grid")]  # fmt: skip
    rows = chosen_inputs(scene.window)[0]
    figure = decoded.profiles(dataset.x[rows], dataset.labels[rows], scene.class_names, dataset.feature_names)
    return [_panel("decoded", "Reconstructions", figure, "a test input of each class; dotted: what its z is decoded to",
                   "Features of one input a class and their reconstructions.")]  # fmt: skip


def chosen_inputs(window: Window) -> Array:
    """Rows of the dataset, (count, classes): the first shown test inputs of every class that has so many."""
    count = PAIRS[window.dataset.image_shape[0]] if window.dataset.image_shape else 1
    shown, labels = window.shown[~window.is_train], window.labels[~window.is_train]
    columns = [shown[labels == c][:count] for c in np.unique(labels)]
    return np.stack([column for column in columns if len(column) == count], axis=1)


def _pca_error(scene: Scene) -> float:
    """Mean square error per feature of principal components fitted to the training inputs, on the shown test inputs."""
    x, k = scene.dataset.x.astype(np.float64), scene.config.latent_dim
    mean = x[scene.dataset.train].mean(0)
    directions = np.linalg.svd(x[scene.dataset.train] - mean, full_matrices=False)[2][:k]
    rest = scene.window.x[~scene.window.is_train] - mean
    return float(((rest - rest @ directions.T @ directions) ** 2).mean())


def _compared(scene: Scene, vib: Scene, choices: Choices, known: RateDistortionFacts) -> list[dict[str, Any]]:
    window, size = vib.window, known.size
    names = vib.class_names
    odds = np.bincount(vib.dataset.y[vib.dataset.test]) / len(vib.dataset.test)
    h_y = float(-(odds[odds > 0] * np.log(odds[odds > 0])).sum())
    latent = planes.latent_plane(window.labels, window.is_train, names, LATENT_RANGE,
                                 vib.dims)  # fmt: skip
    bars = vae.bits_bars(choices.units, float(np.log(len(vib.dataset.test))) / size, h_y / size)
    return [
        _panel("vib", "VIB: asked for the class", vae.prefixed(latent, VIB), "decisions of q(y|z)",
               "Latent plane of the VIB: posterior means, decisions, the prior's circles."),
        _panel("latent", "VAE: asked for the input", _latent(scene), "colours: labels unused in training",
               "Latent plane of the VAE: posterior means coloured by class, the prior's circles.", "VAE"),
        _panel("bits", "Where the bits go", bars, "same data, β, seed and encoder",
               "I(X;Z) of both models, split into what is about the class and the rest.", "Bits"),
    ]  # fmt: skip


def _slider(scene: Scene) -> dict[str, Any]:
    betas = scene.config.betas
    labels = [words.beta_label(beta) for beta in betas]
    positive = [b for b in betas if b > 0]
    marks = []
    if min(positive) <= 1 <= max(positive):
        marks.append({"index": explore_document.position(betas, 1.0), "label": "ELBO: β = 1",
                      "help": "Here the loss D + R is the negative evidence lower bound of the VAE."})  # fmt: skip
    return {"labels": labels, "meanings": [MEANING.format(label) for label in labels],
            "ticks": explore_document.ticks(betas, (1.0,)), "marks": marks, "help": CONVENTION}  # fmt: skip
