"""A VAE's run (Y = X), alone or beside the VIB of the same data → the stage's frame: what moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard import controls, message, vae_document, vae_panels
from dashboard.controls import Choices
from dashboard.figures import alts, decoded, edges, frames, words
from dashboard.figures.vae import RateDistortionFacts
from dashboard.message import Arrays
from dashboard.scene import Scene
from dashboard.vae_panels import VIB
from vibcore.types import Array, Point, Snapshot

if TYPE_CHECKING:
    from dashboard.run import Run

DRAWN = 300  # draws from the model


def frame(
    run: Run, snapshot: Snapshot, vib: tuple[Run, Snapshot] | None, choices: Choices, playing: bool, notice: str
) -> tuple[dict[str, Any], Arrays]:
    """Texts for every model, pictures of those that the snapshot shows, and of the VIB beside."""
    nats_per_unit, snapshot = frames.nats_per_unit(choices.units), message.with_estimates(run, snapshot)
    texts = _texts(run, snapshot, choices, nats_per_unit)
    status = words.status(snapshot, playing, run.seconds, run.trained, run.config.seed, choices.steps)
    if vib is not None:
        bars, spent = spending(message.with_estimates(*vib), snapshot, nats_per_unit)
        texts |= spent
        texts |= alts.compared(vib[1], nats_per_unit, choices.units, np.stack([bar for bar, _ in bars.values()], -1))
        status += f" · VIB at step {vib[1].step:,}"
    texts["status"] = message.statuses(run, snapshot, status, notice)
    header = {
        "chosen": controls.nearest(run.config.betas, choices.beta),
        "playing": playing,
        "speed": choices.speed,
        "texts": texts,
    }
    arrays = moment(run, snapshot, vib, choices)
    if vib is not None:
        return header, arrays | bars
    texts |= _marks(run, snapshot, arrays, nats_per_unit, choices.units)
    return header, arrays


def facts(run: Run) -> RateDistortionFacts:
    """What the plane of a run spans, in nats; computed once, as it takes the principal components of the data."""
    if run.drawn is None:
        run.drawn = vae_document.facts(Scene(run.config, run.window, ()), controls.Choices(units="nats"), None)
    drawn: RateDistortionFacts = run.drawn
    return drawn


def _box(run: Run, nats_per_unit: float) -> edges.Box:
    (left, right), (low, high) = facts(run).box
    return (left / nats_per_unit, right / nats_per_unit), (low / nats_per_unit, high / nats_per_unit)


def _marks(run: Run, snapshot: Snapshot, arrays: Arrays, nats_per_unit: float, unit: str) -> dict[str, Any]:
    """Words that belong to marks of the charts, for every model."""
    at = {name: arrays[name][0] for name in ("chosen_x", "chosen_y", "iso_x")}
    x, y = arrays["plane_test_x"][0], arrays["plane_test_y"][0]
    high, losses = facts(run).losses[1] / nats_per_unit, arrays["loss_test"][0]
    return {
        "chosen_text": edges.waiting(x, y, at, _box(run, nats_per_unit), unit),
        **edges.prices(snapshot.betas),
        **edges.starts(
            arrays["trail_x"][0], arrays["trail_y"][0], snapshot.models, _box(run, nats_per_unit), len(losses)
        ),
        "chosen_loss_text": [f"↑ {words.plain(loss, 1)} {unit}" if loss > high else "" for loss in losses],
    }


def moment(run: Run, snapshot: Snapshot, vib: tuple[Run, Snapshot] | None, choices: Choices) -> Arrays:
    """The pictures alone of a moment between two frames."""
    nats_per_unit = frames.nats_per_unit(choices.units)
    arrays = _latents(run, snapshot, nats_per_unit)
    if vib is None:
        weights = frames.decoder_arrays(snapshot)
        decoder = {name: (w.astype(np.float16), list(snapshot.models)) for name, w in weights.items()}
        return arrays | decoder | _shared(run, snapshot, nats_per_unit) | _decoded(run, snapshot)
    arrays |= {VIB + name: array for name, array in _latents(*vib, nats_per_unit).items()}
    # no card: it would be of one model beside two
    return {name: array for name, array in arrays.items() if not name.endswith("point_bits")}


def _texts(run: Run, snapshot: Snapshot, choices: Choices, nats_per_unit: float) -> dict[str, Any]:
    points = snapshot.test
    errors = dict(zip(snapshot.models, _errors(run, snapshot), strict=True))
    texts: dict[str, Any] = {
        "number_rate": [words.number(p.rate, nats_per_unit) for p in points],
        "number_cost": [words.number(p.distortion, nats_per_unit) for p in points],
        "number_elbo": [words.plain(-(p.rate.value + p.distortion.value) / nats_per_unit) for p in points],
        "number_error": [f"{errors[i]:.3g}" if i in errors else "–" for i in range(len(points))],
        "number_class": [words.span(p.i_zy, nats_per_unit) for p in points],
        "number_dims": words.key_numbers(points, [None] * len(points), nats_per_unit)["number_dims"],
    }
    texts |= alts.vae(snapshot, nats_per_unit, choices.units, errors)
    for split, of in (("train", snapshot.train), ("test", snapshot.test)):
        texts[f"plane_{split}_text"] = [_point_text(p, nats_per_unit, choices.units) for p in of]
    return texts


def _errors(run: Run, snapshot: Snapshot) -> Array:
    """Mean square error per feature of the shown test inputs' reconstructions, (m,)."""
    test = ~run.window.is_train
    errors: Array = ((snapshot.output[:, test] - run.window.x[test]) ** 2).mean((1, 2))
    return errors


def _point_text(point: Point, nats_per_unit: float, unit: str) -> str:
    terms = {"R": point.rate, "D": point.distortion}
    lines = [
        f"{name} {words.number(e, nats_per_unit)} ± {e.stderr / nats_per_unit:.2f} {unit}" for name, e in terms.items()
    ]
    loss = words.plain((point.rate.value + point.distortion.value) / nats_per_unit)
    return "<br>".join([f"<b>β = {words.beta_label(point.beta)}</b>", *lines, f"D + R = {loss} {unit}"])


def _latents(run: Run, snapshot: Snapshot, nats_per_unit: float) -> Arrays:
    """Latent plane of the snapshot's detailed models, with the decisions of a model that takes any."""
    models = list(snapshot.models)
    arrays = frames.latent_arrays(snapshot, run.window, nats_per_unit)
    found: Arrays = {name: (values.astype(np.float16), models) for name, values in arrays.items()}
    if run.likelihood == "categorical":
        found["latent_code"] = (frames.decision_codes(snapshot.latent_grid), models)
    return found


def _shared(run: Run, snapshot: Snapshot, nats_per_unit: float) -> Arrays:
    """Points and curves of all models."""
    betas = snapshot.betas
    splits = {"train": snapshot.train, "test": snapshot.test}
    rates, costs = (
        {split: frames.values(points, name) / nats_per_unit for split, points in splits.items()}
        for name in ("rate", "distortion")
    )
    history = list(run.history)  # as it is now: training goes on
    past = np.stack([values for _, values in history]) / nats_per_unit  # (T, 6, M)
    loss = {split: costs[split] + rates[split] for split in rates}
    x, y = rates["test"], costs["test"]
    low, high = (v / nats_per_unit for v in facts(run).losses)
    room = edges.ROOM * (high - low)
    own = {
        **edges.marks(x, y, betas, _box(run, nats_per_unit), falls=True),
        "kl_dims": np.array([p.kl_per_dim for p in snapshot.test]) / nats_per_unit,
        "chosen_beta": frames.beta_places(betas)[:, None],
        "chosen_loss": np.clip(loss["test"], low + room, high - room)[:, None],
    }
    rows = {
        "trail_x": 2,
        "trail_y": 5,
        "time_rate_train": 0,
        "time_rate_test": 2,
        "time_cost_train": 4,
        "time_cost_test": 5,
    }
    trails = {name: past[:, row, list(snapshot.models)].T for name, row in rows.items()}
    trails |= edges.beginnings(trails["trail_x"], trails["trail_y"], _box(run, nats_per_unit))
    one = np.flatnonzero(np.isclose(betas, 1.0))
    shared = {"time_steps": np.array([step for step, _ in history]), "elbo_x": x[one], "elbo_y": y[one]}
    for split in rates:
        shared |= {f"plane_{split}_x": rates[split], f"plane_{split}_y": costs[split], f"loss_{split}": loss[split]}
    found: Arrays = {name: (values.astype(np.float32), None) for name, values in shared.items()}
    found |= {name: (values.astype(np.float32), list(snapshot.models)) for name, values in trails.items()}
    return found | {name: (values.astype(np.float32), list(range(len(betas)))) for name, values in own.items()}


def _decoded(run: Run, snapshot: Snapshot) -> Arrays:
    """Reconstructions, draws and the decoded grid of the snapshot's detailed models."""
    dataset, models, test = run.dataset, list(snapshot.models), ~run.window.is_train
    if dataset.image_shape is not None:
        rows, shape = vae_panels.chosen_inputs(run.window), dataset.image_shape
        place = {row: i for i, row in enumerate(run.window.shown)}
        of = np.vectorize(place.__getitem__)(rows)
        out = snapshot.output[:, of].reshape(len(models), *rows.shape, *shape)
        pairs = decoded.in_pairs(dataset.x[rows].reshape(*rows.shape, *shape), out)
        tiles = snapshot.latent_grid if len(snapshot.dims) == 2 else snapshot.latent_grid[:, :1]
        tiles = tiles.reshape(*tiles.shape[:3], *shape)[..., ::-1, :]  # the picture's rows go up, those of images down
        return {"pairs": (decoded.montage_codes(pairs), models), "grid": (decoded.montage_codes(tiles), models)}
    if dataset.x.shape[1] == 2:
        out, drawn = snapshot.output[:, test], run.draws(models, DRAWN)
        arrays = decoded.net_arrays(snapshot.latent_grid)
        arrays |= {
            "decoded_x": out[..., 0],
            "decoded_y": out[..., 1],
            "sample_x": drawn[..., 0],
            "sample_y": drawn[..., 1],
        }
        return {name: (values.astype(np.float16), models) for name, values in arrays.items()}
    rows = vae_panels.chosen_inputs(run.window)[0]
    return {
        f"profile_{i}": (snapshot.output[:, np.flatnonzero(run.window.shown == row)[0]].astype(np.float16), models)
        for i, row in enumerate(rows)
    }


def spending(vib: Snapshot, vae: Snapshot, nats_per_unit: float) -> tuple[Arrays, dict[str, list[str]]]:
    """Bits about the class and about the rest of VIB and VAE, for every model: bars, (m, 2), and numbers."""
    count = len(vae.betas)
    spent = [[split(point) for point in snapshot.test] for snapshot in (vib, vae)]  # of each task
    bars = (
        np.array([[each.bars if each else (np.nan,) * 3 for each in row] for row in spent]) / nats_per_unit
    )  # (2, m, 3)
    names = ("bits_class", "bits_between", "bits_rest")
    arrays: Arrays = {name: (bars[..., k].T.astype(np.float32), list(range(count))) for k, name in enumerate(names)}
    texts = {}
    for name, row in zip(("vib", "vae"), spent, strict=True):
        texts[f"number_{name}_class"] = [words.ends(*each.of_class, nats_per_unit) if each else "–" for each in row]
        texts[f"number_{name}_rest"] = [words.ends(*each.of_rest, nats_per_unit) if each else "–" for each in row]
    texts["number_shares"] = [" · ".join(_share(each) for each in pair) for pair in zip(*spent, strict=True)]
    return arrays, texts


@dataclass(frozen=True)
class Spent:
    """Nats about the class and about the rest, I(Z;Y) and I(X;Z) − I(Z;Y), each from low to high."""

    of_class: tuple[float, float]
    of_rest: tuple[float, float]

    @property
    def bars(self) -> tuple[float, float, float]:
        """About the class at least, one or the other, about the rest at least."""
        return self.of_class[0], self.of_class[1] - self.of_class[0], self.of_rest[0]


def split(point: Point) -> Spent | None:
    """What a model's nats are spent on, as far as its intervals tell; None where they are not known now."""
    x, y = point.i_xz, point.i_zy
    if x is None:
        return None
    if y is None:
        return Spent((np.nan, np.nan), (x.low, x.high))
    y_low, y_high = y.low, min(y.high, x.high)  # Y – X – Z: z knows no more about y than about x
    return Spent((y_low, y_high), (max(0.0, x.low - y_high), x.high - y_low))


def _share(spent: Spent | None) -> str:
    """The share of the class, in per cent; of next to nothing there is none."""
    if spent is None or np.isnan(spent.of_class[0]) or spent.of_class[1] + spent.of_rest[1] < words.IN_USE:
        return "–"
    low = spent.of_class[0] / (spent.of_class[0] + spent.of_rest[1])
    high = spent.of_class[1] / max(spent.of_class[1] + spent.of_rest[0], 1e-9)
    ends = [f"{100 * share:.0f}" for share in (low, high)]
    return f"{ends[0]} %" if ends[0] == ends[1] else f"{ends[0]}–{ends[1]} %"
