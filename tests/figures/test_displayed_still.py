"""Numbers that stand still on both pages: marks, captions and ends, from the problem and the rows alone."""

import base64
import json
import re
from typing import Any

import numpy as np
import pytest

from dashboard import picture
from dashboard.pages import COMPARE, EXPLORE, VAE
from dashboard.panel import Facts
from tests.core import byhand
from tests.figures.small import BITS, REFERENCE, before_training, says, seen
from vibcore.config import Task
from vibcore.types import Reference

UNITS = ("bits", "nats")


def still(kind: str, units: str, reference: Reference | None = REFERENCE, **changes: Any) -> dict[str, Any]:
    known = before_training(seen(kind), Facts(reference), units=units, **changes)
    tree: dict[str, Any] = json.loads(picture.document(EXPLORE, known))
    return tree


def vae_still(kind: str, units: str, beside: bool = False, entropy: float | None = None) -> dict[str, Any]:
    vib = seen(kind) if beside else None
    known = before_training(seen(kind, "reconstruct"), Facts(entropy=entropy), vib, units=units)
    tree: dict[str, Any] = json.loads(picture.document(COMPARE if beside else VAE, known))
    return tree


def figure(tree: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(panel["figure"] for panel in tree["panels"] if panel["id"] == name)
    return found


def heights(drawn: dict[str, Any], key: str = "y0") -> list[float]:
    """Of the lines across a chart."""
    across = [s for s in drawn["layout"]["shapes"] if s["type"] == "line" and s[key] == s[key.replace("0", "1")]]
    return sorted(s[key] for s in across)


def notes(drawn: dict[str, Any]) -> list[str]:
    return [note["text"] for note in drawn["layout"]["annotations"]]


def numbers(drawn: Any) -> np.ndarray:
    """An array as plotly writes it."""
    if isinstance(drawn, dict):
        return np.frombuffer(base64.b64decode(drawn["bdata"]), drawn["dtype"]).astype(float)
    return np.array(drawn, dtype=float)


def h_of(labels: np.ndarray) -> float:
    """Entropy of labels at hand, nats."""
    return float(byhand.surprise(np.eye(labels.max() + 1)[labels]).mean())


@pytest.mark.parametrize("units", UNITS)
def test_the_plane_of_a_known_problem(units: str) -> None:
    of, size = seen("spirals"), BITS[units]
    tree = still("spirals", units, show="value")
    plane = figure(tree, "plane")
    np.testing.assert_allclose(heights(plane), [REFERENCE.i_xy / size, REFERENCE.h_y / size])
    drawn = {trace.get("name"): trace for trace in plane["data"]}
    curve, dots = drawn["frontier, at least"], drawn["frontier, at least at the β stops"]
    np.testing.assert_allclose(numbers(curve["x"]), REFERENCE.frontier.i_x / size)
    np.testing.assert_allclose(numbers(curve["y"]), REFERENCE.frontier.i_y / size)
    x, y = numbers(dots["x"]), numbers(dots["y"])
    assert len(x) == sum(beta < REFERENCE.collapse for beta in of.run.config.betas) == 4
    np.testing.assert_allclose(y, np.interp(x, REFERENCE.frontier.i_x / size, REFERENCE.frontier.i_y / size))
    (named,) = (note for note in notes(plane) if "every training input" in note)
    says(named, f"{{}} {units} name every training input →", np.log(100) / size)
    assert not [note for note in notes(plane) if "test input" in note], "the population has no log N"
    assert "nothing kept: best above β = 0.5, a trap above 0.4" in notes(plane)
    h_y = h_of(of.run.dataset.y[of.run.dataset.test])
    assert plane["layout"]["yaxis"]["range"][1] == pytest.approx(1.14 * h_y / size)
    assert plane["layout"]["xaxis"]["range"][1] == pytest.approx(1.05 * np.log(100) / size)
    (known,) = (n["caption"] for n in tree["numbers"] if n["name"] == "number_known")
    says(known, f"{units} about Y, at least (of {{}})", REFERENCE.i_xy / size)
    assert tree["slider"]["labels"] == [f"{beta:.3g}" for beta in of.run.config.betas]
    assert [mark["label"] for mark in tree["slider"]["marks"]] == ["predicted collapse β = 0.5", "trap from β = 0.4"]
    for mark, beta in zip(tree["slider"]["marks"], (0.5, 0.4), strict=True):
        place = np.log(beta / 1e-3) / np.log(1e3) * 4
        assert mark["index"] == pytest.approx(place, abs=1e-3)


@pytest.mark.parametrize("units", UNITS)
def test_the_plane_of_a_table(units: str) -> None:
    """No density is known: H(Y) is that of the test labels, and test dots are capped by the test set's log N."""
    of, size = seen("iris"), BITS[units]
    plane = figure(still("iris", units, None, show="value"), "plane")
    h_y = h_of(of.run.dataset.y[of.run.dataset.test])
    np.testing.assert_allclose(heights(plane), [h_y / size])
    capped = [note for note in notes(plane) if "name every" in note]
    says(capped[0], f"{{}} {units} name every training input →", np.log(99) / size)
    says(capped[1], f"{{}} {units} name every test input →", np.log(51) / size)
    places = sorted(s["x0"] for s in plane["layout"]["shapes"] if s["type"] == "line" and s["x0"] == s["x1"])
    np.testing.assert_allclose(places, [np.log(51) / size, np.log(99) / size])


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("kind", ["moons", "iris"])
def test_the_rate_distortion_plane_and_its_principal_components(kind: str, units: str) -> None:
    of, size = seen(kind, "reconstruct"), BITS[units]
    tree = vae_still(kind, units, entropy=1.7)
    plane, losses = figure(tree, "vae.plane"), figure(tree, "vae.beta")
    train, test = (of.run.dataset.x[getattr(of.run.dataset, split)].astype(float) for split in ("train", "test"))
    v = train.var(0) if kind == "iris" else np.full(2, 0.05)
    ceiling = byhand.normal_cost(train.mean(0), train, v).mean() / size
    lines = heights(plane)
    assert any(abs(y - ceiling) < 1e-4 for y in lines)
    if kind == "moons":
        floor = 0.5 * 2 * np.log(2 * np.pi * 0.05) / size
        assert any(abs(y - floor) < 1e-4 for y in lines)
    (grey,) = (note for note in notes(plane) if "h(X)" in note)
    says(grey, "grey: D + R < h(X) = {},<br>where no model of new inputs lies", 1.7 / size)
    assert any(abs(y - 1.7 / size) < 1e-6 for y in heights(losses))
    caption = next(n["caption"] for n in tree["numbers"] if n["name"] == "number_error")
    values, vectors = np.linalg.eigh(np.cov(train.T))
    lost = vectors[:, np.argsort(values)][:, :-2]  # all but the two largest
    error = (((test - train.mean(0)) @ lost) ** 2).sum() / test.size
    found = re.fullmatch(r"mean square error \(PCA (.*)\)", caption)
    assert found is not None and float(found[1]) == pytest.approx(error, rel=6e-3, abs=1e-9)


@pytest.mark.parametrize("units", UNITS)
def test_the_bars_beside_the_vib_have_the_entropy_and_the_ceiling_of_the_test_set(units: str) -> None:
    bars = figure(vae_still("iris", units, beside=True), "vae.bits")
    test = seen("iris").run.dataset.test
    h_y = h_of(seen("iris").run.dataset.y[test])
    np.testing.assert_allclose(heights(bars, "x0"), np.array([h_y, np.log(51)]) / BITS[units])


@pytest.mark.parametrize("task", ["classify", "reconstruct"])
def test_every_text_that_has_a_unit_has_the_one_that_was_chosen(task: Task) -> None:
    other = {"bits": "nats", "nats": "bits"}
    for units in UNITS:
        tree = still("moons", units) if task == "classify" else vae_still("moons", units, entropy=1.0)
        for panel in tree["panels"]:
            layout = panel["figure"]["layout"]
            axes = [layout.get(axis, {}).get("title", {}).get("text") or "" for axis in ("xaxis", "yaxis", "yaxis2")]
            for text in [*axes, *notes(panel["figure"] | {"layout": {"annotations": []} | layout}), panel["subtitle"]]:
                assert other[units] not in text.split(), (panel["id"], text)
        for number in tree["numbers"]:
            assert other[units] not in re.findall(r"\w+", number["caption"])
        assert tree["classes"]["unit"] == units
