"""A page and what is known of its runs → what the stage is sent: a document, a frame, or a patch between two frames."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from dashboard import card, controls, slider
from dashboard.figures import palette, spaces, words
from dashboard.page import Page
from dashboard.panel import Arrays, Moment, Number, Panel, Still, Texts
from dashboard.protocol import ArraySpec

T = TypeVar("T")


def document(page: Page, still: Still) -> str:
    """The still part as JSON: every figure, the slider and the captions."""
    return json.dumps(
        {
            "panels": [card_of(page, each, still) for each in panels(page, still)],
            "numbers": [
                {
                    "name": each.name,
                    "caption": each.caption.format(unit=still.unit) + each.detail(still),
                    "help": each.help,
                }
                for each in numbers(page, still)
            ],
            "slider": slider.described(page.slider, still),
            "speeds": controls.SPEEDS,
            "present": still.choices.present,
            "title": page.title,
            "sentence": page.sentence,
            "dataset": still.choices.dataset,
            "classes": {"names": still.scene.class_names, "colours": palette.CLASSES, "unit": still.unit},
            "card": card.WORDS,
            "decoder": card.decoder(still.scene) if page.card else None,
        }
    )


def panels(page: Page, still: Still) -> list[Panel]:
    """The panels that the problem has, and the visitor's choices."""
    return [each for each in page.panels if each.applies(still.of(each.run).scene) and each.shows(still)]


def specs(page: Page, still: Still) -> dict[str, ArraySpec]:
    """What the arrays of the panels hold, by `protocol.pattern`."""
    return {name: spec for each in panels(page, still) for name, spec in each.specs.items()}


def numbers(page: Page, still: Still) -> list[Number]:
    """The key numbers that the problem has."""
    return [each for each in page.numbers if each.applies(still.scene)]


def card_of(page: Page, panel: Panel, still: Still) -> dict[str, Any]:
    """A panel as the stage draws it."""
    own, prefix = still.of(panel.run), page.runs[panel.run].prefix
    about = {
        "id": page.place + panel.id,
        "title": panel.title,
        "figure": tree(spaces.prefixed(panel.figure(own), prefix)),
        "subtitle": panel.subtitle if isinstance(panel.subtitle, str) else panel.subtitle(own),
        "alt": panel.summary,
        "tab": panel.tab or panel.title,
        "low": panel.low,
        "about": panel.about(own),
    }
    return about | ({"subtitle_name": prefix + panel.note} if panel.note else {})


def tree(figure: Any) -> dict[str, Any]:
    """A figure as JSON has it, with nothing in its bound places."""
    found: dict[str, Any] = json.loads(figure.to_json())
    found["layout"].pop("template", None)  # every style is ours: plotly's would be half of a document
    for trace in found["data"]:
        for path in trace.get("meta", {}).get("bind", {}):
            if path in ("x", "y"):
                trace.setdefault(path, [])  # nothing until it is sent: plotly would count 0, 1, 2 …
    return found


def loading_header(still: Still, notice: str) -> dict[str, Any]:
    """The header of a picture before any training, while PyTorch is being loaded."""
    status = ". ".join(part for part in ("Loading PyTorch …", notice) if part)
    return _header(still, True, {"status": status})


def _header(still: Still, playing: bool, texts: Texts) -> dict[str, Any]:
    chosen = controls.nearest(still.scene.config.betas, still.choices.beta)
    return {"chosen": chosen, "playing": playing, "speed": still.choices.speed, "texts": texts}


def frame(page: Page, moment: Moment, playing: bool, notice: str) -> tuple[dict[str, Any], Arrays]:
    """What moves: texts and points of every model, pictures of those that the snapshot shows."""
    moment = moment.with_estimates()
    arrays, texts = patch(page, moment), {"status": status(page, moment, playing, notice)}
    for each in panels(page, moment.still):
        own, prefix = moment.of(each.run), page.runs[each.run].prefix
        arrays |= _named(each.arrays(own), prefix)
        texts |= _named(each.texts(own), prefix)
        if each.alt is not None:
            texts[f"alt_{page.place}{each.id}"] = each.alt(own)
    if page.card:
        arrays |= card.arrays(moment)
    texts |= {each.name: each.texts(moment) for each in numbers(page, moment.still)} | page.beside(moment)
    return _header(moment.still, playing, texts), arrays


def patch(page: Page, moment: Moment) -> Arrays:
    """What a moment between two frames adds to the last: pictures alone, to be small."""
    found = card.pictures(moment) if page.card else {}
    for each in panels(page, moment.still):
        found |= _named(each.pictures(moment.of(each.run)), page.runs[each.run].prefix)
    return found


def _named(values: Mapping[str, T], prefix: str) -> dict[str, T]:
    return {prefix + name: value for name, value in values.items()}


def status(page: Page, moment: Moment, playing: bool, notice: str) -> list[str]:
    """The line under the pictures, for every model: it says on how many inputs the model's numbers rest."""
    run, snapshot, steps = moment.run, moment.snapshot, moment.still.choices.steps
    seconds, trained, is_past = run.training.seconds, run.training.trained, run.looks_back(snapshot.step)
    first = words.status(snapshot, playing, seconds, trained, run.config.seed, steps, is_past)
    for other, of in zip(page.runs[1:], moment.beside, strict=True):
        first += f" · {other.name} at step {of.snapshot.step:,}"
    others = (page.remark(moment), notice)
    rests = [words.rests_on(p, p.inputs > len(run.problem.test.x)) for p in snapshot.test]
    return [". ".join(part for part in (f"{first} · {on}", *others) if part) for on in rests]
