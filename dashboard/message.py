"""A run and some choices → the stage's frame: the arrays and texts that move."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard import controls
from dashboard.controls import Choices
from dashboard.figures import alts, curves, edges, frames, outputs, planes, words
from dashboard.scene import Scene
from vibcore.frontiers import below_frontier, is_memorised
from vibcore.types import Array, Reference, Snapshot
from vibcore.window import Window

if TYPE_CHECKING:
    from dashboard.run import Run
    from vibcore.information import InformationBudget

FRAMES_ALONE = {"point_bits", "point_odds", "input_bits"}
PENDING = "the value of this β is not computed yet"
Arrays = dict[str, tuple[Array, list[int] | None]]  # an array, and the models of its leading axis


def frame(
    run: Run, snapshot: Snapshot, choices: Choices, reference: Reference | None, playing: bool, notice: str
) -> tuple[dict[str, Any], Arrays]:
    """What moves: texts and points of every model, pictures of those that the snapshot shows."""
    snapshot = with_estimates(run, snapshot)
    nats_per_unit = frames.nats_per_unit(choices.units)
    below = [None if reference is None else below_frontier(reference, p) for p in snapshot.test]
    above = [reference is not None and is_memorised(reference, p) for p in snapshot.train]
    texts: dict[str, Any] = words.key_numbers(snapshot.test, below, nats_per_unit)
    status = words.status(snapshot, playing, run.seconds, run.trained, run.config.seed, choices.steps)
    seen = "" if reference is None else _collapse(run, snapshot, reference)
    texts["status"] = statuses(run, snapshot, status, seen, notice)
    texts["account_note"] = [words.MEMORISED if yes else words.NOT_MEMORISED for yes in above]
    for split, points in (("train", snapshot.train), ("test", snapshot.test)):
        texts[f"plane_{split}_text"] = [words.point_text(p, nats_per_unit, choices.units) for p in points]
    header = {
        "chosen": controls.nearest(run.config.betas, choices.beta),
        "playing": playing,
        "speed": choices.speed,
        "texts": texts,
    }
    arrays = _shared(run, snapshot, choices, reference) | _detail(run, snapshot, nats_per_unit)
    arrays |= _accounts(run, snapshot, nats_per_unit)
    texts |= _marks(run, snapshot, choices, reference, arrays)
    return header, arrays


def statuses(run: Run, snapshot: Snapshot, *parts: str) -> list[str]:
    """The line under the pictures, for every model: it says on how many inputs the model's numbers rest."""
    first, *others = parts
    rests = [words.rests_on(p, p.inputs > len(run.problem.test.x)) for p in snapshot.test]
    return [". ".join(part for part in (f"{first} · {on}", *others) if part) for on in rests]


def _collapse(run: Run, snapshot: Snapshot, reference: Reference) -> str:
    flexible = bool(run.config.encoder) or run.dataset.y.ndim > 1  # the Gaussian problem is linear
    return words.collapse(snapshot.test, reference.collapse, reference.unstable, flexible)


def _marks(
    run: Run, snapshot: Snapshot, choices: Choices, reference: Reference | None, arrays: Arrays
) -> dict[str, Any]:
    """Words that belong to marks of the charts, and the charts in words, for every model."""
    nats_per_unit, unit = frames.nats_per_unit(choices.units), choices.units
    right, top = (v / nats_per_unit for v in _reach(run, reference))
    x, y = arrays["plane_test_x"][0], arrays["plane_test_y"][0]
    at = {name: arrays[name][0] for name in ("chosen_x", "chosen_y", "iso_x")}
    known = arrays["account_known"][0] + arrays["account_between"][0]
    box = planes.box(right, top)
    averaged = sum(p.error_mc is not None for p in snapshot.test) > 1
    return {
        "chosen_text": edges.waiting(x, y, at, box, unit),
        **edges.prices(snapshot.betas),
        "pending_text": ["" if known else PENDING for known in np.isfinite(x)],
        **edges.starts(arrays["trail_x"][0], arrays["trail_y"][0], snapshot.models, box, len(snapshot.betas)),
        **curves.beyond(known, arrays["account_slack"][0], curves.account_reach(right, top), unit),
        "beta_note": words.ERRORS if averaged else words.ERRORS_MOVING,
        **alts.explore(snapshot, nats_per_unit, unit, arrays["odds"][0] if "odds" in arrays else None),
    }


def moment(run: Run, snapshot: Snapshot, choices: Choices) -> Arrays:
    """What a moment between two frames adds to the last: pictures alone, without prices and odds, to be small."""
    found = _detail(run, snapshot, frames.nats_per_unit(choices.units))
    return {name: array for name, array in found.items() if name not in FRAMES_ALONE}


def before(scene: Scene, choices: Choices, notice: str) -> dict[str, Any]:
    """The header of a picture before any training, while PyTorch is being loaded."""
    status = ". ".join(part for part in ("Loading PyTorch …", notice) if part)
    return {
        "chosen": controls.nearest(scene.config.betas, choices.beta),
        "playing": True,
        "speed": choices.speed,
        "texts": {"status": status},
    }


def inputs(window: Window) -> Arrays:
    """What stands still of the drawn inputs, sent with a document: classes, places in the plane, pixels."""
    found: Arrays = {"point_class": (window.labels.astype(np.uint8), None)}
    if window.x.shape[1] == 2:
        found["point_x"] = (window.x.astype(np.float16), None)
    if window.dataset.image_shape is not None:
        pixels = np.rint(255 * window.x).astype(np.uint8)
        found["point_image"] = (pixels.reshape(-1, *window.dataset.image_shape), None)
    return found


def with_estimates(run: Run, snapshot: Snapshot) -> Snapshot:
    """The snapshot with what is known beyond it: points on the population at its step, and values near it.

    Whether a value is near is asked here alone, by the split's point: whoever shows one finds it in the points, or not.
    """
    test = [run.fresh[i][1] if run.fresh.get(i, (-1,))[0] == snapshot.step else p for i, p in enumerate(snapshot.test)]
    train = list(snapshot.train)
    for i in filter(lambda i: run.estimate_is_near(i, snapshot), run.estimates):
        values = run.estimates[i]
        test[i] = replace(test[i], i_xz=values.test.i_xz, i_zy=values.test.i_zy)
        if values.train is not None:
            train[i] = replace(train[i], i_xz=values.train.i_xz, i_zy=values.train.i_zy)
    return replace(snapshot, train=tuple(train), test=tuple(test))


def _accounts(run: Run, snapshot: Snapshot, nats_per_unit: float) -> Arrays:
    """Each bound in three parts: what is at least the value, what lies between its bounds, what is slack at least.

    Rows are the rate on test and train and, with classes, I(Z;Y) on both: (M, 4) or (M, 2), NaN where not known now.
    """
    rows = 4 if run.dataset.y.ndim == 1 else 2
    parts = np.full((3, len(snapshot.betas), rows), np.nan)
    for i in (i for i, point in enumerate(snapshot.test) if point.i_xz is not None):
        both = (run.estimates[i].test, run.estimates[i].train)
        table = [_rate_parts(a) for a in both]
        table += [_label_parts(a) for a in both] if rows == 4 else []
        parts[:, i] = np.array(table).T / nats_per_unit
    everyone = list(range(len(snapshot.betas)))
    names = ("account_known", "account_between", "account_slack")
    return {name: (part.astype(np.float32), everyone) for name, part in zip(names, parts, strict=True)}


def _rate_parts(account: InformationBudget | None) -> tuple[float, float, float]:
    """I(X;Z) at least, up to its upper bound, and up to the rate."""
    if account is None:
        return np.nan, np.nan, np.nan
    rate = account.rate.value  # it bounds both ends, whose draws may have put them a little above it
    lower, upper = (min(max(0.0, end.value), rate) for end in (account.i_xz.lower, account.i_xz.upper))
    return lower, max(0.0, upper - lower), rate - upper


def _label_parts(account: InformationBudget | None) -> tuple[float, float, float]:
    """H(Y) − CE, what I(Z;Y) may be beyond its lower bound, and what it is beyond H(Y) − CE at least."""
    if account is None or account.i_zy is None or account.i_zy_bound is None:
        return np.nan, np.nan, np.nan
    bound, lower, upper = account.i_zy_bound.value, account.i_zy.lower.value, account.i_zy.upper.value
    return max(0.0, bound), max(0.0, upper - max(bound, lower)), max(0.0, lower - max(0.0, bound))


def _reach(run: Run, reference: Reference | None) -> tuple[float, float]:
    """Right and upper end of the information plane, as in the document: nats."""
    return planes.reach(run.dataset, None if reference is None else reference.i_xy)


def _shared(run: Run, snapshot: Snapshot, choices: Choices, reference: Reference | None) -> Arrays:
    """Points and curves of all models."""
    nats_per_unit = frames.nats_per_unit(choices.units)
    arrays = frames.plane_arrays(snapshot.train, snapshot.test, nats_per_unit, choices.show)
    arrows = frames.arrows(snapshot.test, nats_per_unit)
    m = len(snapshot.betas)
    right, top = (v / nats_per_unit for v in _reach(run, reference))
    error_mc, error_1 = (frames.values(snapshot.test, name) for name in ("error_mc", "error_1"))
    everyone = list(range(m))
    history = list(run.history)  # as it is now: training goes on
    steps = np.array([step for step, _ in history], dtype=float)
    past = np.stack([values for _, values in history]) / nats_per_unit  # (T, 6, M)
    own = {
        **edges.marks(arrays["plane_test_x"], arrays["plane_test_y"], snapshot.betas, planes.box(right, top)),
        **({} if choices.show == "bracket" else arrows),
        **(frames.spans(snapshot.test, nats_per_unit, planes.box(right, top)) if choices.show == "value" else {}),
        "kl_dims": np.array([p.kl_per_dim for p in snapshot.test]) / nats_per_unit,
        "chosen_beta": frames.beta_places(snapshot.betas)[:, None],
        "chosen_error": np.where(np.isnan(error_mc), error_1, error_mc)[:, None],
    }
    shown = list(snapshot.models)  # the pasts of all models would be most of a live message
    pasts = {
        "trail_x": past[:, 2],
        "trail_y": past[:, 3],
        "time_rate_train": past[:, 0],
        "time_i_zy_train": past[:, 1],
        "time_rate_test": past[:, 2],
        "time_i_zy_test": past[:, 3],
    }
    arrays["time_steps"] = steps
    if choices.show == "bracket":
        arrays |= {name: values.ravel() for name, values in arrows.items()}
    for split, points in (("train", snapshot.train), ("test", snapshot.test)):
        arrays[f"error_mc_{split}"] = frames.values(points, "error_mc")
        arrays[f"error_1_{split}"] = frames.values(points, "error_1")
    shared: Arrays = {k: (v.astype(np.float32), None) for k, v in arrays.items()}
    ways: Arrays = {k: (v[:, shown].T.astype(np.float32), shown) for k, v in pasts.items()}
    starts = edges.beginnings(ways["trail_x"][0], ways["trail_y"][0], planes.box(right, top))
    ways |= {k: (v.astype(np.float32), shown) for k, v in starts.items()}
    return shared | ways | {k: (v.astype(np.float32), everyone) for k, v in own.items()}


def _detail(run: Run, snapshot: Snapshot, nats_per_unit: float) -> Arrays:
    """Latent and input plane of the snapshot's detailed models."""
    models = list(snapshot.models)
    arrays = frames.latent_arrays(snapshot, run.window, nats_per_unit) | frames.decoder_arrays(snapshot)
    found: Arrays = {k: (v.astype(np.float16), models) for k, v in arrays.items()}
    if run.likelihood == "categorical":
        found["point_odds"] = (np.rint(255 * snapshot.output).astype(np.uint8), models)
        found["latent_code"] = (frames.decision_codes(snapshot.latent_grid), models)
        if snapshot.input_grid is not None and snapshot.input_kl is not None:
            found["input_code"] = (frames.decision_codes(snapshot.input_grid), models)
    if run.window.input_range is None:
        found |= _told(run, snapshot)
    if snapshot.input_kl is not None:
        found["input_bits"] = ((snapshot.input_kl / nats_per_unit).astype(np.float16), models)
    return found


def _told(run: Run, snapshot: Snapshot) -> Arrays:
    """What the shown test inputs are told of y: mean odds of every class, or the first told value of each."""
    models, test = list(snapshot.models), ~run.window.is_train
    output = snapshot.output[:, test]
    if run.likelihood != "categorical":
        return {"told": (output[..., 0].astype(np.float16), models)}
    table = outputs.mean_odds(output, run.window.labels[test], output.shape[-1])
    return {"odds": (table.astype(np.float16), models)}
