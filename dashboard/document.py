"""A scene and some choices → the stage's document: every figure, the slider and the captions, which stand still."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard import controls
from dashboard.controls import Choices
from dashboard.figures import curves, frames, planes, words
from dashboard.figures.palette import CLASSES
from dashboard.scene import Scene
from vibcore.exact.discrete import frontier_at
from vibcore.types import Reference
from vibcore.window import LATENT_RANGE

MEANING = "one bit about X must buy {} bits about Y"
CONVENTION = (
    "Trained: minimise CE + β·KL. β is the price of a bit about X, in bits about Y. "
    "Tishby's multiplier sits on the other term: it is 1/β."
)
NUMBERS = (
    ("number_rate", "{unit} kept about X (rate)", "E KL(p(z|x) ‖ r(z)) on the test inputs: an upper bound of I(X;Z)."),
    ("number_known", "{unit} known about Y{of}", "H(Y) − cross-entropy on the test inputs: a lower bound of I(Z;Y)."),
    ("number_error_mc", "error, averaged", "Test error of class probabilities averaged over 12 posterior samples."),
    ("number_error_1", "error, one sample", "Test error with a single posterior sample of each input."),
    ("number_below", "{unit} below the frontier", "How much more any encoder of the same rate could know about Y: "
     "the exact frontier of this problem, less the test point."),
    ("number_dims", "latent dims in use", "Dimensions whose KL exceeds 0.01 nats; the others fell back to the prior."),
)  # fmt: skip


def document(scene: Scene, choices: Choices, reference: Reference | None) -> str:
    """The still part: every figure, the slider and the captions, as JSON."""
    size, facts = frames.unit_size(choices.units), plane_facts(scene, choices, reference)
    panels = [panel("plane", "Information plane", planes.information_plane(facts, choices.show),
                     "● test  ○ train · min CE + β·KL; Tishby’s β is 1/β",
                     "I(Z;X) against I(Z;Y) of every β, the exact frontier, and what is impossible.")]  # fmt: skip
    panels += _model_panels(scene, choices, size)
    of = f" (of {reference.i_xy / size:.2f})" if reference is not None else ""
    numbers = [{"name": name, "caption": caption.format(unit=choices.units, of=of), "help": text}
               for name, caption, text in NUMBERS]  # fmt: skip
    return json.dumps(
        {
            "panels": panels,
            "numbers": numbers,
            "slider": _slider(scene, reference),
            "speeds": controls.BY_KEY["speed"].legal,
            "present": choices.present,
            "classes": {"names": scene.class_names, "colours": CLASSES, "unit": choices.units},
            "decoder": decoder(scene),
        }
    )


def decoder(scene: Scene) -> dict[str, Any]:
    """How the browser decodes a place of the latent plane, and what comes out."""
    config, dataset = scene.config, scene.dataset
    features: list[str] = []
    if scene.likelihood == "gaussian":
        reconstruct = config.task == "reconstruct"
        features = list(dataset.feature_names) if reconstruct else [f"y{i + 1}" for i in range(dataset.y.shape[1])]
    return {"layers": len(config.decoder) + 1, "likelihood": scene.likelihood, "latent_dim": config.latent_dim,
            "dims": scene.dims, "features": features,
            "image": dataset.image_shape if config.task == "reconstruct" else None}  # fmt: skip


def plane_facts(scene: Scene, choices: Choices, reference: Reference | None) -> planes.PlaneFacts:
    """What the information plane may draw before any training."""
    dataset, size = scene.dataset, frames.unit_size(choices.units)
    h_y = None
    if dataset.y.ndim == 1:
        odds = np.bincount(dataset.y[dataset.test]) / len(dataset.test)
        h_y = float(-(odds[odds > 0] * np.log(odds[odds > 0])).sum())
    stops = None
    if reference is not None:
        solved = max(reference.frontier.least, 1e-300)  # below it the frontier is a chord
        betas = [b for b in scene.config.betas if solved <= b < reference.collapse]
        stops = frontier_at(reference.frontier, np.array(betas))
    return planes.PlaneFacts(
        h_y=h_y,
        i_xy=None if reference is None else reference.i_xy,
        log_n=float(np.log(len(dataset.train))),
        frontier=None if reference is None else reference.frontier,
        size=size,
        unit=choices.units,
        beta_stops=stops,
        collapse=None if reference is None else reference.collapse,
    )


def panel(id: str, title: str, figure: go.Figure, subtitle: str, alt: str, tab: str = "", low: bool = False
          ) -> dict[str, Any]:  # fmt: skip
    """A card of the stage, or a tab of one; `low` ones may stand in a second row."""
    tree = json.loads(figure.to_json())
    tree["layout"].pop("template", None)  # every style is ours: plotly's would be half of a document
    return {"id": id, "title": title, "figure": tree, "subtitle": subtitle, "alt": alt, "tab": tab or title, "low": low}


def _model_panels(scene: Scene, choices: Choices, size: float) -> list[dict[str, Any]]:
    window, dataset, unit = scene.window, scene.dataset, choices.units
    names, dims = scene.class_names, scene.dims
    panels = [panel("latent", "Latent plane",
                     planes.latent_plane(window.labels, window.is_train, names, LATENT_RANGE, dims),
                     "posterior means; one median posterior a class: 1σ (39 %), 95 %",
                     "Posterior means of the shown inputs, decision regions of q(y|z), the prior's circles.",
                     "Latent")]  # fmt: skip
    if window.input_range is not None:
        figure = planes.input_plane(window.x, window.labels, window.is_train, names, window.input_range, unit)
        panels.append(panel("input", "Input plane", figure, f"decisions; contours: {unit} spent on an input",
                             "Decisions over the input plane and what each place costs.", "Input"))  # fmt: skip
    right, _ = planes.plane_reach(plane_facts(scene, choices, None))
    if dataset.y.ndim == 1:
        panels.append(panel("beta", "Error against β", curves.over_beta(scene.config.betas), "all stops",
                             "Train and test error of every stop.", "Over β", low=True))  # fmt: skip
    labelled = dataset.y.ndim == 1
    account = panel("account", "Where the bits go", curves.account_bars(unit, right / size, labelled), "",
                     "Rate and I(Z;Y) of the chosen model, each split into value and slack.", "Bits", True)  # fmt: skip
    panels.append(account | {"subtitle_name": "account_note"})
    panels.append(panel("time", "Training so far", curves.over_time(unit, right / size), "the chosen β",
                         "Rate and I(Z;Y) bound of the chosen model against steps.", "Over time", True))  # fmt: skip
    panels.append(panel("kl", "Latent dimensions", curves.kl_bars(scene.config.latent_dim, unit, right / size),
                         "test inputs", "KL of every latent dimension.", "KL"))  # fmt: skip
    return panels


def _slider(scene: Scene, reference: Reference | None) -> dict[str, Any]:
    betas = scene.config.betas
    labels = [words.beta_label(beta) for beta in betas]
    marks = []
    if reference is not None and reference.collapse > 0:
        place = position(betas, reference.collapse)
        marks.append({"index": place, "label": f"predicted collapse β = {reference.collapse:.2f}",
                      "help": "Slope of the frontier at its origin: from it on, the best that is learnt is nothing "
                      "(the contraction coefficient, Anantharam et al. 2013)."})  # fmt: skip
    return {
        "labels": labels,
        "meanings": [MEANING.format(label) for label in labels],
        "ticks": ticks(betas),
        "marks": marks,
        "help": CONVENTION,
    }


def ticks(betas: tuple[float, ...], marked: tuple[float, ...] = ()) -> list[dict[str, Any]]:
    """Powers of ten along the slider, and β = 0; not where another word stands or is `marked`."""
    least, most = min(b for b in betas if b > 0), max(betas)
    decades = [10.0**k for k in range(-6, 2) if least <= 10.0**k * 1.0001 <= 1.0002 * most and 10.0**k not in marked]
    places = [(position(betas, d), f"{d:g}") for d in decades]
    if betas[0] == 0:
        places = [(0.0, "0"), *((place, label) for place, label in places if place > 2)]
    return [{"index": place, "label": label} for place, label in places]


def position(betas: tuple[float, ...], beta: float) -> float:
    """Where a β lies between the stops, as a fractional index on the slider's log scale."""
    first = 1 if betas[0] == 0 else 0
    return float(first + np.interp(np.log(beta), np.log(betas[first:]), np.arange(len(betas) - first)))
