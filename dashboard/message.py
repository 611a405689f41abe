"""A run and some choices → the stage's document (what stands still) and frame (what moves)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from dashboard import controls
from dashboard.controls import Choices
from dashboard.figures import frames, planes, words
from dashboard.figures.palette import CLASSES
from dashboard.run import Run
from vibcore import snapshot as snapshots
from vibcore.types import Array, Estimate, Point, Reference, Snapshot

MEANING = "one bit about X must buy {} bits about Y"
CONVENTION = (
    "Trained: minimise CE + β·KL. β is the price of a bit about X, in bits about Y. "
    "Tishby's multiplier sits on the other term: his β is 1/β, here {}."
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


def document(run: Run, choices: Choices, reference: Reference | None) -> str:
    """The still part: every figure, the slider and the captions, as JSON."""
    size, facts = frames.unit_size(choices.units), plane_facts(run, choices, reference)
    panels = [_panel("plane", "Information plane", planes.information_plane(facts, choices.show), "● test  ○ train",
                     "I(Z;X) against I(Z;Y) of every β, the exact frontier, and what is impossible.")]  # fmt: skip
    panels += _model_panels(run, choices, size)
    of = f" (of {reference.i_xy / size:.2f})" if reference is not None else ""
    numbers = [{"name": name, "caption": caption.format(unit=choices.units, of=of), "help": text}
               for name, caption, text in NUMBERS]  # fmt: skip
    return json.dumps(
        {
            "panels": panels,
            "numbers": numbers,
            "slider": _slider(run, reference),
            "speeds": controls.BY_KEY["speed"].legal,
            "present": choices.present,
            "classes": {"names": class_names(run), "colours": CLASSES, "unit": choices.units},
        }
    )


def plane_facts(run: Run, choices: Choices, reference: Reference | None) -> planes.PlaneFacts:
    """What the information plane may draw before any training."""
    dataset, size = run.dataset, frames.unit_size(choices.units)
    h_y = None
    if dataset.y.ndim == 1:
        odds = np.bincount(dataset.y[dataset.test]) / len(dataset.test)
        h_y = float(-(odds[odds > 0] * np.log(odds[odds > 0])).sum())
    stops = None
    if reference is not None:
        # the frontier is solved on a finer grid of β: between two of its points both informations are near linear
        order = np.argsort(reference.frontier.beta)
        betas = [b for b in run.config.betas if 0 < b < reference.collapse]
        of = [np.interp(betas, reference.frontier.beta[order], values[order])
              for values in (reference.frontier.i_x, reference.frontier.i_y)]  # fmt: skip
        stops = (of[0], of[1])
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


def class_names(run: Run) -> list[str]:
    """Names of the colours: the classes, or the thirds of a real-valued target."""
    return list(run.dataset.class_names) or ["low", "middle", "high"]


def _panel(id: str, title: str, figure: Any, subtitle: str, alt: str, tab: str = "") -> dict[str, Any]:
    return {"id": id, "title": title, "figure": json.loads(figure.to_json()), "subtitle": subtitle, "alt": alt,
            "tab": tab or title, "low": id in ("account", "beta", "time")}  # fmt: skip


def _model_panels(run: Run, choices: Choices, size: float) -> list[dict[str, Any]]:
    view, dataset, unit = run.view, run.dataset, choices.units
    labels, names = dataset.labels[view.shown], class_names(run)
    dims = shown_dims(run, choices)
    panels = [_panel("latent", "Latent plane",
                     planes.latent_plane(labels, view.is_train, names, snapshots.LATENT_RANGE, dims),
                     "posterior means; one median posterior a class: 1σ (39 %), 95 %",
                     "Posterior means of the shown inputs, decision regions of q(y|z), the prior's circles.",
                     "Latent")]  # fmt: skip
    if view.input_range is not None:
        figure = planes.input_plane(dataset.x[view.shown], labels, view.is_train, names, view.input_range, unit)
        panels.append(_panel("input", "Input plane", figure, f"decisions; contours: {unit} spent on an input",
                             "Decisions over the input plane and what each place costs.", "Input"))  # fmt: skip
    _, top = planes.plane_reach(plane_facts(run, choices, None))
    right, _ = planes.plane_reach(plane_facts(run, choices, None))
    if dataset.y.ndim == 1:
        panels.append(_panel("beta", "Error against β", planes.over_beta(run.config.betas, unit), "all stops",
                             "Train and test error of every stop.", "Over β"))  # fmt: skip
    labelled = dataset.y.ndim == 1
    account = _panel("account", "Where the bits go", planes.account_bars(unit, right / size, labelled), "",
                     "Rate and I(Z;Y) of the chosen model, each split into value and slack.", "Bits")  # fmt: skip
    panels.append(account | {"subtitle_name": "account_note"})
    panels.append(_panel("time", "Training so far", planes.over_time(unit, top / size, right / size), "the chosen β",
                         "Rate and I(Z;Y) bound of the chosen model against steps.", "Over time"))  # fmt: skip
    panels.append(_panel("kl", "Latent dimensions", planes.kl_bars(run.config.latent_dim, unit, right / size),
                         "test inputs", "KL of every latent dimension.", "KL"))  # fmt: skip
    return panels


def shown_dims(run: Run, choices: Choices) -> tuple[int, ...]:
    """The latent dimensions on screen: the visitor's pair, or the costliest."""
    if choices.dims and max(choices.dims) < run.config.latent_dim:
        return choices.dims
    return run.latest.dims if run.latest is not None else tuple(range(min(2, run.config.latent_dim)))


def _slider(run: Run, reference: Reference | None) -> dict[str, Any]:
    betas = run.config.betas
    labels = [words.beta_label(beta) for beta in betas]
    marks = []
    if reference is not None and reference.collapse > 0:
        place = position(betas, reference.collapse)
        marks.append({"index": place, "label": f"predicted collapse β = {reference.collapse:.2f}",
                      "help": "Squared maximal correlation of X and Y: above it, the best that is learnt is nothing "
                      "(Wu et al. 2019)."})  # fmt: skip
    decades = [
        10.0**k for k in range(-6, 2) if min(b for b in betas if b > 0) <= 10.0**k * 1.0001 <= 1.0002 * max(betas)
    ]
    ticks = [{"index": position(betas, d), "label": f"{d:g}"} for d in decades]
    if betas[0] == 0:
        ticks.insert(0, {"index": 0, "label": "0"})
    return {
        "labels": labels,
        "meanings": [MEANING.format(label) for label in labels],
        "ticks": ticks,
        "marks": marks,
        "help": CONVENTION.format("1/β"),
    }


def position(betas: tuple[float, ...], beta: float) -> float:
    """Where a β lies between the stops, as a fractional index on the slider's log scale."""
    first = 1 if betas[0] == 0 else 0
    return float(first + np.interp(np.log(beta), np.log(betas[first:]), np.arange(len(betas) - first)))


def frame(run: Run, choices: Choices, reference: Reference | None, playing: bool, family: bool, notice: str
          ) -> tuple[dict[str, Any], dict[str, tuple[Array, list[int] | None]]]:  # fmt: skip
    """What moves: texts for every model, arrays of the chosen one, or of the whole family at rest."""
    chosen = controls.nearest(run.config.betas, choices.beta)
    snapshot = _with_values(run, run.look(None if family else [chosen], choices.dims))
    size = frames.unit_size(choices.units)
    below = [None if reference is None else gap(reference, p) for p in snapshot.test]
    above = [reference is not None and _memorised(reference, p) for p in snapshot.train]
    texts: dict[str, Any] = words.key_numbers(snapshot.test, below, size)
    status = words.status(snapshot, playing, run.seconds, run.trained, run.config.seed, choices.steps)
    seen = words.collapse(snapshot.test, reference.collapse) if reference is not None else ""
    texts["status"] = ". ".join(part for part in (status, seen, notice) if part)
    texts["account_note"] = [words.MEMORISED if yes else words.NOT_MEMORISED for yes in above]
    for split, points in (("train", snapshot.train), ("test", snapshot.test)):
        texts[f"plane_{split}_text"] = [words.point_text(p, size, choices.units) for p in points]
    header = {"chosen": chosen, "playing": playing, "speed": choices.speed, "texts": texts}
    arrays = _shared(run, snapshot, choices, chosen) | _detail(run, snapshot, choices, size) | _accounts(run, size)
    return header, arrays


def gap(reference: Reference, point: Point) -> Estimate | None:
    """Nats by which the frontier lies above a point at the point's own rate; the error is that of the point."""
    if point.i_zy_bound is None:
        return None
    best = np.interp(point.rate.value, reference.frontier.i_x, reference.frontier.i_y)
    return Estimate(float(best - point.i_zy_bound.value), point.i_zy_bound.stderr, "monte_carlo")


def _memorised(reference: Reference, train: Point) -> bool:
    """Whether a training point stands above the population's frontier by more than its error."""
    below = gap(reference, train)
    return below is not None and below.value < -2 * below.stderr


def _with_values(run: Run, snapshot: Snapshot) -> Snapshot:
    """The snapshot with the Monte-Carlo values that are known."""
    splits: list[tuple[Point, ...]] = []
    for k, points in enumerate((snapshot.train, snapshot.test)):
        known = {i: accounts[k] for i, (_, *accounts) in run.values.items()}
        splits.append(tuple(
            replace(p, i_xz=known[i].i_xz, i_zy=known[i].i_zy) if i in known else p for i, p in enumerate(points)
        ))  # fmt: skip
    return replace(snapshot, train=splits[0], test=splits[1])


def _accounts(run: Run, size: float) -> dict[str, tuple[Array, list[int] | None]]:
    """Value and slack of both bounds, test then train, of the models that have them."""
    models = sorted(run.values)
    known, slack = [], []
    for i in models:
        _, train, test = run.values[i]
        rows = [(a.i_xz, a.marginal_slack) for a in (test, train)]
        rows += [(a.i_zy_bound, a.decoder_slack) for a in (test, train) if a.i_zy_bound and a.decoder_slack]
        known.append([value.value / size for value, _ in rows])
        slack.append([max(0.0, loose.value / size) for _, loose in rows])
    if not models:
        return {}
    return {"account_known": (np.array(known, dtype=np.float32), models),
            "account_slack": (np.array(slack, dtype=np.float32), models)}  # fmt: skip


def _shared(run: Run, snapshot: Snapshot, choices: Choices, chosen: int) -> dict[str, tuple[Array, list[int] | None]]:
    """Points and curves of all models, and what stands still of the inputs."""
    size = frames.unit_size(choices.units)
    arrays = frames.plane_arrays(snapshot.train, snapshot.test, size, choices.show)
    arrows = frames.arrows(snapshot.test, size)
    m = len(snapshot.betas)
    reach = planes.plane_reach_of(arrays)
    iso_x, iso_y = frames.iso_loss(arrays["plane_test_x"], arrays["plane_test_y"], snapshot.betas, reach)
    everyone = list(range(m))
    steps = np.array([step for step, _ in run.history], dtype=float)
    past = np.stack([values for _, values in run.history]) / size  # (T, 4, M)
    positive = snapshot.betas[snapshot.betas > 0].min()
    own = {
        "chosen_x": arrays["plane_test_x"][:, None], "chosen_y": arrays["plane_test_y"][:, None],
        "iso_x": iso_x, "iso_y": iso_y,
        **({} if choices.show == "bracket" else arrows),
        "trail_x": past[:, 2].T, "trail_y": past[:, 3].T,
        "time_rate_train": past[:, 0].T, "time_i_zy_train": past[:, 1].T,
        "time_rate_test": past[:, 2].T, "time_i_zy_test": past[:, 3].T,
        "kl_dims": np.array([p.kl_per_dim for p in snapshot.test]) / size,
        "chosen_beta": np.where(snapshot.betas > 0, snapshot.betas, positive / 3)[:, None],
        "chosen_error": frames.values(snapshot.test, "error_mc")[:, None],
    }  # fmt: skip
    arrays["time_steps"] = steps
    if choices.show == "bracket":
        arrays |= {name: values.ravel() for name, values in arrows.items()}
    for split, points in (("train", snapshot.train), ("test", snapshot.test)):
        arrays[f"error_mc_{split}"] = frames.values(points, "error_mc")
        arrays[f"error_1_{split}"] = frames.values(points, "error_1")
    shared: dict[str, tuple[Array, list[int] | None]] = {k: (v.astype(np.float32), None) for k, v in arrays.items()}
    shared["point_class"] = (run.dataset.labels[run.view.shown].astype(np.uint8), None)
    if run.dataset.x.shape[1] == 2:
        shared["point_x"] = (run.dataset.x[run.view.shown].astype(np.float16), None)
    if run.dataset.image_shape is not None:
        pixels = np.rint(255 * run.dataset.x[run.view.shown]).astype(np.uint8)
        shared["point_image"] = (pixels.reshape(-1, *run.dataset.image_shape), None)
    return shared | {k: (v.astype(np.float32), everyone) for k, v in own.items()}


def _detail(run: Run, snapshot: Snapshot, choices: Choices, size: float) -> dict[str, tuple[Array, list[int] | None]]:
    """Latent and input plane of the snapshot's detailed models."""
    view, models = run.view, list(snapshot.models)
    labels, names = run.dataset.labels[view.shown], class_names(run)
    fill = np.random.default_rng(0).uniform(-2.5, 2.5, len(view.shown))  # heights of a one-dimensional latent's strip
    arrays = frames.shown_arrays(snapshot, labels, len(names), view.is_train, fill, size)
    found: dict[str, tuple[Array, list[int] | None]] = {k: (v.astype(np.float16), models) for k, v in arrays.items()}
    if run.state.sizes.likelihood == "categorical":
        found["point_odds"] = (np.rint(255 * snapshot.output).astype(np.uint8), models)
        found["latent_code"] = (frames.decision_codes(snapshot.latent_grid), models)
        if snapshot.input_grid is not None and snapshot.input_kl is not None:
            found["input_code"] = (frames.decision_codes(snapshot.input_grid), models)
    if snapshot.input_kl is not None:
        found["input_bits"] = ((snapshot.input_kl / size).astype(np.float16), models)
    return found
