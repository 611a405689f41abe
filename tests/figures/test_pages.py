"""Every page on every dataset: what a chart binds is sent, what is sent is bound or read by name, and no two differ."""

import json
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from dashboard import card, controls, picture, presets
from dashboard.lesson import lines, steps
from dashboard.page import Page
from dashboard.pages import PAGES
from dashboard.panel import Arrays, Facts, Moment
from dashboard.run import Run
from dashboard.stage import pack, unpack
from dashboard.stage.check import check
from tests.figures.small import REFERENCE, moment
from vibcore import data as datasets
from vibcore import tables
from vibcore.config import Dataset, Task

CSV = "\n".join(["a,b,c,y", *(f"{i % 7},{i * i % 11},{i % 5},{i % 13 + 0.5 * (i % 7)}" for i in range(120))]).encode()
TABLE = tables.read(CSV, tables.Reading(label="y", target="real"))
SMALL = controls.Choices(stops=3, beta_min=0.01, beta_max=1.0, batch=20, encoder=(4,), decoder=(4,), n=300)
KINDS: dict[str, dict[str, Any]] = {
    **{name: {} for name in datasets.names()},
    "gaussian": {"rho": (0.9,), "latent_dim": 1},
    "gaussian in a plane": {"rho": (0.9, 0.5)},
    "gaussian in space": {"rho": (0.9, 0.5, 0.2), "latent_dim": 3},
    "own": {"table": TABLE.digest},
    "moons of full covariance": {"posterior": "full"},
}


def choices_of(kind: str) -> controls.Choices:
    small = {name: getattr(SMALL, name) for name in ("n", "encoder", "decoder", "batch")}
    return replace(presets.preset(SMALL, kind.split()[0]), **{**small, "latent_dim": 2, **KINDS[kind]})


@cache
def dataset_of(kind: str) -> Dataset:
    spec = controls.config(choices_of(kind)).dataset
    return tables.dataset(TABLE, spec) if kind == "own" else datasets.load(spec)


@cache
def opened(kind: str, task: Task) -> Run:
    run = Run(controls.config(choices_of(kind), task), dataset_of(kind))
    run.advance(5, 10_000)
    run.estimate([0, 1, 2], 30)
    return run


def seen(page: Page, kind: str, models: list[int] | None = None, show: str = "bound") -> Moment:
    facts = Facts(REFERENCE if datasets.has_density(controls.config(choices_of(kind)).dataset) else None, 9.0)
    runs = [opened(kind, each.task) for each in page.runs]
    return moment(runs, replace(choices_of(kind), show=show), facts, models)


@cache
def pictured(page: Page, kind: str, show: str = "bound") -> tuple[dict[str, Any], dict[str, Any], Arrays]:
    """Document, texts and arrays of the whole family."""
    now = seen(page, kind, show=show)
    header, arrays = picture.frame(page, now, False, "")
    assert unpack(pack("", header, arrays))[1]["texts"] == header["texts"]
    return json.loads(picture.document(page, now.still)), header["texts"], arrays


CASES = [
    pytest.param(page, kind, id=f"{page.title} of {kind}")
    for page in PAGES
    for kind in KINDS
    if page.applies(replace(choices_of(kind), compare=page.title == "VIB beside VAE"), dataset_of(kind))
] + [pytest.param(steps.PAGES[step - 1], "moons", id=f"step {step}") for step in (6, 8)]


def bound(panel: dict[str, Any], posteriors: tuple[str, ...]) -> set[str]:
    """Names of the arrays and texts that a chart is moved by."""
    layout, found = panel["figure"]["layout"], {panel.get("subtitle_name"), None}
    for trace in panel["figure"]["data"]:
        meta = trace.get("meta", {})
        found |= {name.split(".")[0] for name in meta.get("bind", {}).values()}
        if "ellipse" in meta:
            found |= {meta.get("of", "") + name for name in posteriors}
        if "thumbs" in meta:
            found.add("point_image")
    labels = layout.get("meta", {}).get("labels", {})
    return (found | {labels[axis] for axis in "xy" if labels}) - {None}


def read_by_name(document: dict[str, Any]) -> set[str]:
    """Arrays that the card of an input or place is made of."""
    if document["decoder"] is None:
        return set()
    layers = range(document["decoder"]["layers"])
    weights = {f"decoder_{layer}_{part}" for layer in layers for part in ("weight", "bias")}
    odds = {"point_odds"} if document["decoder"]["likelihood"] == "categorical" else set()
    return {"point_bits", "point_mu", *odds, *weights}


def beside(page: Page) -> set[str]:
    """Texts that a step of the lesson has places for, and the marks of its lines."""
    if page.path != "lesson":
        return set()
    table = lines.table(steps.STEPS[int(page.title.split()[1]) - 1], "bits", is_turned=True)
    found = set(re.findall(r'data-(?:name|bar)="(\w+)"', table))
    return found | {f"mark_{name[5:]}" for name in found if name.startswith("line_")} - {"mark_at"}


@pytest.mark.parametrize(("page", "kind"), CASES)
def test_what_is_bound_is_sent_and_what_is_sent_is_read(page: Page, kind: str) -> None:
    several = "show" not in page.without and kind in ("spirals", "iris", "own")
    for show in ("bound", "value", "bracket") if several else ("bound",):
        document, texts, arrays = pictured(page, kind, show)
        check(arrays, picture.specs(page, seen(page, kind, show=show).still))
        posteriors = ("point_mu", "point_sigma", *(("point_rho",) if "full" in kind else ()))
        moved = set().union(*(bound(panel, posteriors) for panel in document["panels"]))
        named = {each["name"] for each in document["numbers"]}
        said = {f"alt_{each['id']}" for each in document["panels"]}
        still = card.inputs(opened(kind, page.runs[0].task).window)
        assert moved <= set(arrays) | set(texts) | set(still), "bound and never sent"
        assert set(arrays) == (moved & set(arrays)) | read_by_name(document), "sent and not read, or read and not sent"
        said = (said & set(texts)) | beside(page)
        assert set(texts) == (moved & set(texts)) | named | {"status"} | said, "a text that nobody shows"
        assert said <= set(texts), "a chart without a sentence of now"


@pytest.mark.parametrize(("page", "kind"), CASES)
def test_every_chart_and_number_says_what_it_is_for_every_model(page: Page, kind: str) -> None:
    document, texts, _ = pictured(page, kind)
    for panel in document["panels"]:
        assert panel["alt"] and panel["title"] and panel["id"].startswith(page.place)
        assert panel["about"] and all(len(mark) == 2 and mark[1] for mark in panel["about"])
        said = texts[f"alt_{panel['id']}"]
        assert len(said) == 3 and all(any(letter.isdigit() for letter in text) for text in said)
    for number in document["numbers"]:
        assert number["help"] and number["caption"] and len(texts[number["name"]]) == 3
    assert len(document["panels"]) >= 2 and len(document["numbers"]) >= 2
    for each in (document["panels"], document["numbers"]):
        assert max(Counter(one.get("id", one.get("name")) for one in each).values()) == 1


@pytest.mark.parametrize(("page", "kind"), CASES)
def test_panels_of_a_page_that_share_an_array_or_text_send_the_same(page: Page, kind: str) -> None:
    now = seen(page, kind).with_estimates()
    arrays: dict[str, Any] = {}
    texts: dict[str, Any] = {}
    for panel in picture.panels(page, now.still):
        own, prefix = now.of(panel.run), page.runs[panel.run].prefix
        for name, (array, models) in (panel.arrays(own) | panel.pictures(own)).items():
            known = arrays.setdefault(prefix + name, (array, models))
            np.testing.assert_array_equal(array, known[0])
            assert models == known[1]
        for name, text in panel.texts(own).items():
            assert texts.setdefault(prefix + name, text) == text


@pytest.mark.parametrize(("page", "kind"), CASES)
def test_a_patch_is_part_of_a_frame_and_small(page: Page, kind: str) -> None:
    now = seen(page, kind, [1])
    patch, (header, arrays) = picture.patch(page, now), picture.frame(page, now, True, "")
    assert set(patch) < set(arrays) and all(models == [1] for _, models in patch.values())
    assert len(pack("", {}, patch)) < len(pack("", header, arrays)) < 60_000
