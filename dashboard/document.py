"""A scene and some choices → the stage's document: every figure, the slider and the captions, which stand still."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard import captions, controls, slider
from dashboard.controls import Choices
from dashboard.figures import about, curves, frames, limits, outputs, planes, spaces, words
from dashboard.figures.palette import CLASSES
from dashboard.scene import Scene
from vibcore.frontiers import frontier_at
from vibcore.types import Reference
from vibcore.window import LATENT_RANGE


def document(scene: Scene, choices: Choices, reference: Reference | None) -> str:
    """The still part: every figure, the slider and the captions, as JSON."""
    nats_per_unit, facts = frames.nats_per_unit(choices.units), plane_facts(scene, choices, reference)
    ends = planes.reach(scene.dataset, facts.i_xy)
    panels = [
        panel(
            "plane",
            "Information plane",
            planes.information_plane(facts, choices.show, ends),
            "● test  ○ train · CE + β·KL; Tishby:\u00a01\u2060/\u2060β",
            "Bits about X against bits about Y of every β, and the best that can be.",
            about.PLANE,
        )
    ]
    panels += _model_panels(scene, choices, (ends[0] / nats_per_unit, ends[1] / nats_per_unit))
    # while it is being computed a dash holds its place: the row of numbers keeps its height
    most = words.plain(reference.i_xy / nats_per_unit) if reference is not None else "–"
    of = f" (of {most})" if controls.has_density(choices.dataset) else ""
    chosen = [
        captions.GAIN if scene.is_gain and each[0] == captions.GAIN[0] else each
        for each in captions.NUMBERS
        if _applies(each[0], scene)
    ]
    numbers = [
        {"name": name, "caption": caption.format(unit=choices.units, of=of), "help": text}
        for name, caption, text in chosen
    ]
    return json.dumps(
        {
            "panels": panels,
            "numbers": numbers,
            "slider": _slider(scene, choices.units, reference),
            "speeds": controls.SPEEDS,
            "card": captions.CARD,
            "present": choices.present,
            "title": "Explore",
            "sentence": captions.SENTENCE,
            "dataset": choices.dataset,
            "classes": {"names": scene.class_names, "colours": CLASSES, "unit": choices.units},
            "decoder": decoder(scene),
        }
    )


def _applies(name: str, scene: Scene) -> bool:
    """Whether a key number can be known: no error without classes, no frontier without a density."""
    if name == "number_below":
        return controls.has_density(scene.config.dataset.name)
    return scene.dataset.y.ndim == 1 or "error" not in name


def decoder(scene: Scene) -> dict[str, Any]:
    """How the browser decodes a place of the latent plane, and what comes out."""
    config, dataset = scene.config, scene.dataset
    features: list[str] = []
    if scene.likelihood == "gaussian":
        reconstruct = config.task == "reconstruct"
        features = list(dataset.feature_names) if reconstruct else [f"y{i + 1}" for i in range(dataset.y.shape[1])]
    return {
        "layers": len(config.decoder) + 1,
        "likelihood": scene.likelihood,
        "latent_dim": config.latent_dim,
        "dims": scene.dims,
        "features": features,
        "image": dataset.image_shape if config.task == "reconstruct" else None,
    }


def plane_facts(scene: Scene, choices: Choices, reference: Reference | None) -> limits.PlaneFacts:
    """What the information plane may draw before any training."""
    dataset, nats_per_unit = scene.dataset, frames.nats_per_unit(choices.units)
    h_y = planes.entropy(dataset.y[dataset.test]) if dataset.y.ndim == 1 else None
    stops = None
    if reference is not None:
        solved = max(reference.frontier.least, 1e-300)  # below it the frontier is a chord
        betas = [b for b in scene.config.betas if solved <= b < reference.collapse]
        stops = frontier_at(reference.frontier, np.array(betas))
    return limits.PlaneFacts(
        h_y=h_y if h_y is None or reference is None else reference.h_y,
        i_xy=None if reference is None else reference.i_xy,
        log_n=float(np.log(len(dataset.train))),
        frontier=None if reference is None else reference.frontier,
        nats_per_unit=nats_per_unit,
        unit=choices.units,
        beta_stops=stops,
        collapse=None if reference is None else reference.collapse,
        unstable=None if reference is None else reference.unstable,
        frontier_kind="exact" if reference is None else reference.frontier_kind,
        is_gain=scene.is_gain,
        log_test=None if reference is not None else float(np.log(len(dataset.test))),  # else the population is shown
    )


def panel(
    id: str,
    title: str,
    figure: go.Figure,
    subtitle: str,
    alt: str,
    marks: about.Marks,
    tab: str = "",
    low: bool = False,
) -> dict[str, Any]:
    """A card of the stage, or a tab of one; `low` ones may stand in a second row; `marks` say what is drawn."""
    tree = json.loads(figure.to_json())
    tree["layout"].pop("template", None)  # every style is ours: plotly's would be half of a document
    for trace in tree["data"]:
        for path in trace.get("meta", {}).get("bind", {}):
            if path in ("x", "y"):
                trace.setdefault(path, [])  # nothing until it is sent: plotly would count 0, 1, 2 …
    return {
        "id": id,
        "title": title,
        "figure": tree,
        "subtitle": subtitle,
        "alt": alt,
        "tab": tab or title,
        "low": low,
        "about": marks,
    }


def _model_panels(scene: Scene, choices: Choices, ends: tuple[float, float]) -> list[dict[str, Any]]:
    labelled, unit = scene.dataset.y.ndim == 1, choices.units
    panels = [
        latent_panel("latent", "Latent plane", scene, scene.likelihood == "categorical"),
        _third(scene, choices),
    ]
    if labelled:
        figure, alt = curves.over_beta(scene.config.betas), "Train and test error of every stop."
        errors = panel("beta", "Error against β", figure, "", alt, about.ERROR, "Over β", low=True)
        panels.append(errors | {"subtitle_name": "beta_note"})
    figure = curves.account_bars(unit, curves.account_reach(*ends), labelled)
    alt = "Both informations, each split into value and slack."
    account = panel("account", "Where the bits go", figure, "", alt, about.ACCOUNT, "Bits", low=True)
    panels.append(account | {"subtitle_name": "account_note"})
    figure, alt = curves.over_time(unit, scene.is_gain), "Both bounds of the chosen model against steps."
    panels.append(
        panel(
            "time",
            "Training so far",
            figure,
            "the chosen β; dotted: training inputs",
            alt,
            about.TIME,
            "Over time",
            low=True,
        )
    )
    figure, alt = curves.kl_bars(scene.config.latent_dim, unit, ends[0]), "KL of every latent dimension."
    panels.append(panel("kl", "Latent dimensions", figure, "test inputs", alt, about.DIMENSIONS, "KL"))
    return panels


def latent_panel(
    id: str, title: str, scene: Scene, decides: bool, subtitle: str = "", tab: str = "Latent", prefix: str = ""
) -> dict[str, Any]:
    """The latent plane of a run, with decisions where its decoder makes some; `prefix` before its arrays' names."""
    window, dims = scene.window, scene.dims
    alone, images = len(dims) == 1, scene.dataset.image_shape is not None
    figure = spaces.latent_plane(window.labels, window.is_train, scene.class_names, LATENT_RANGE, dims, decides, images)
    figure = spaces.prefixed(figure, prefix)
    drawn = "a bell a class, its bar 68 %" if alone else "rings: 1σ, 2σ of a posterior a class"
    return panel(
        id,
        title,
        figure,
        subtitle or drawn,
        "Posterior means, a median posterior a class, the prior.",
        about.latent(alone, decides, images),
        tab,
    )


def _third(scene: Scene, choices: Choices) -> dict[str, Any]:
    """What stands beside both planes: the input plane, or what is told of y."""
    window, dataset, names = scene.window, scene.dataset, scene.class_names
    if window.input_range is not None:
        figure = spaces.input_plane(window.x, window.labels, window.is_train, names, window.input_range)
        return panel(
            "input",
            "Input plane",
            figure,
            f"decisions; contours: {choices.units} spent on an input",
            "Decisions over the input plane and what each place costs.",
            about.INPUT,
            "Input",
        )
    if dataset.y.ndim == 1:
        return panel(
            "odds",
            "Told and true",
            outputs.odds_table(names),
            "of the shown test inputs of each class",
            "Mean odds of every class for the inputs of every class.",
            about.ODDS,
            "Odds",
        )
    y = dataset.y[window.shown[~window.is_train], 0]
    return panel(
        "told",
        "Told and true",
        outputs.told_against_true(y, "y" if dataset.y.shape[1] == 1 else "y₁"),
        "test inputs",
        "What is told of y against what it is.",
        about.TOLD,
        "Told",
    )


def _slider(scene: Scene, unit: str, reference: Reference | None) -> dict[str, Any]:
    betas = scene.config.betas
    labels = [words.beta_label(beta) for beta in betas]
    marks = [] if reference is None else slider.collapse_marks(betas, reference.collapse, reference.unstable)
    return {
        "name": captions.SLIDER,
        "labels": labels,
        "meanings": [captions.MEANING.format(one=unit[:-1], beta=label) for label in labels],
        "ticks": slider.ticks(betas),
        "marks": marks,
        "help": captions.CONVENTION,
    }
