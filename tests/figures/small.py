"""Small runs that were looked at and valued, with their weights at every moment; and texts read number by number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
import torch

from dashboard import controls, picture
from dashboard.cache import population
from dashboard.page import Page
from dashboard.pages import COMPARE, EXPLORE, VAE
from dashboard.panel import Arrays, Facts, Moment, Still
from dashboard.run import Run
from dashboard.scene import scene
from tests.core import byhand
from vibcore import data as datasets
from vibcore import training
from vibcore.config import Task
from vibcore.problem import EVALUATION_SEED
from vibcore.streams import torch_stream
from vibcore.types import Curve, Reference

BITS = {"bits": np.log(2), "nats": 1.0}
NOTHING = Facts()
MIXTURE = 150  # inputs of the population in a mixture, of which 60 are scored
NUMBER = r"−?[\d,]*\.?\d+"
CHOICES = {
    "spirals": controls.Choices("spirals", 150, 0.12, 0.2, 3, encoder=(24,), decoder=(8,), latent_dim=3, batch=50),
    "moons": controls.Choices("moons", 150, 0.15, 0.1, encoder=(12,), decoder=(8,), batch=50, variance=0.05),
    "iris": controls.Choices("iris", flip=0.0, encoder=(8,), batch=50, variance=0.0),
    "gaussian": controls.Choices("gaussian", 150, rho=(0.9, 0.6, 0.3), encoder=(8,), latent_dim=1, batch=50),
    "digits": controls.Choices("digits", flip=0.0, encoder=(8,), latent_dim=3, batch=50),
}
STOPS: dict[str, Any] = {"stops": 5, "beta_min": 1e-3, "beta_max": 1.0, "beta": 0.04, "lr": 0.02}
REFERENCE = Reference(
    Curve(np.array([0.0, 0.3, 1.5, 4.0]), np.array([0.0, 0.1, 0.38, 0.4]), np.array([0.5, 0.3, 0.1, 0.02]), "drawn"),
    i_xy=0.4,
    h_y=1.1,
    collapse=0.5,
    source="drawn",
    unstable=0.4,
)


@dataclass
class Seen:
    """A run with the weights, (M of them), of every step that something was computed at; all of it in the run."""

    run: Run
    choices: controls.Choices
    weights: dict[int, list[dict[str, np.ndarray]]] = field(default_factory=dict)

    def keep(self) -> None:
        state, count = self.run.training.trajectory.state, len(self.run.config.betas)
        self.weights[state.step] = [
            {name: value[i].double().numpy().copy() for name, value in training.weights(state).items()}
            for i in range(count)
        ]

    @property
    def now(self) -> list[dict[str, np.ndarray]]:
        return self.weights[self.run.training.trajectory.state.step]

    def rows(self, split: str) -> np.ndarray:
        rows: np.ndarray = getattr(self.run.dataset, split)
        return rows


@cache
def seen(kind: str, task: Task = "classify") -> Seen:
    """Looked at after 20 and 150 steps.

    Models 1 and 3 are valued and 1 is looked at on the population at the first moment alone, models 0 and 2 at the
    last; model 4 is valued a step before it.
    """
    choices = replace(CHOICES[kind], **STOPS)
    config = controls.config(choices, task)
    population(config.dataset).done.wait()
    run = Run(config, datasets.load(config.dataset))
    found = Seen(run, choices)
    run.advance(20, 10_000)
    found.keep()
    run.snapshot_now(None)
    run.estimate([1, 3], MIXTURE)
    run.look_at_population([1, 2])
    run.advance(129, 10_000)
    found.keep()
    run.estimate([4], MIXTURE)
    run.advance(1, 10_000)
    found.keep()
    run.snapshot_now(None)
    run.estimate([0, 2], MIXTURE)
    run.look_at_population([0, 2])
    return found


def forget_points(run: Run) -> None:
    """So that a picture in training is what it is where nobody looked at rest before: the others have one draw."""
    run.training.trajectory.points.clear()


def moment(
    runs: Run | Sequence[Run], choices: controls.Choices, facts: Facts = NOTHING, models: list[int] | None = None
) -> Moment:
    """What is seen now of the runs of a page."""
    own, *others = (runs,) if isinstance(runs, Run) else runs
    beside = tuple(moment(other, choices, facts, models) for other in others)
    snapshot = own.snapshot_now(models)
    where = scene(own.config, own.window, (), snapshot.dims)
    return Moment(Still(where, choices, facts, tuple(each.still for each in beside)), own, snapshot, beside)


def before_training(of: Seen, facts: Facts = NOTHING, beside: Seen | None = None, **changes: Any) -> Still:
    """What a page knows of a run before it is trained."""
    choices = replace(of.choices, **changes)
    others = () if beside is None else (before_training(beside, facts, **changes),)
    return Still(scene(of.run.config, of.run.window, ()), choices, facts, others)


def plain(arrays: Arrays) -> dict[str, np.ndarray]:
    """Arrays as numbers alone."""
    return {name: array.astype(float) for name, (array, _) in arrays.items()}


def pictured(page: Page, now: Moment, playing: bool) -> tuple[Any, Any, Any]:
    """The snapshot, the texts and the arrays of a page."""
    header, arrays = picture.frame(page, now, playing, "")
    return now.snapshot, header["texts"], plain(arrays)


def frame(
    of: Seen, playing: bool = False, reference: Reference | None = REFERENCE, **changes: Any
) -> tuple[Any, Any, Any]:
    """Of Explore."""
    choices, models = replace(of.choices, **changes), [2] if playing else None
    forget_points(of.run)
    return pictured(EXPLORE, moment(of.run, choices, Facts(reference), models), playing)


def vae_frame(of: Seen, vib: Seen | None = None, playing: bool = False, **changes: Any) -> tuple[Any, Any, Any]:
    """Of the VAE page, alone or beside the VIB."""
    choices, models = replace(of.choices, **changes), [2] if playing else None
    forget_points(of.run)
    runs = [of.run] if vib is None else [of.run, vib.run]
    return pictured(VAE if vib is None else COMPARE, moment(runs, choices, models=models), playing)


def of_split(of: Seen, i: int, split: str, samples: int = 12, step: int | None = None) -> dict[str, Any]:
    """A classifier's numbers on the inputs of its train, test or population, by definition."""
    w = of.weights[of.run.training.trajectory.state.step if step is None else step][i]
    if split == "population":
        fresh = of.run.population
        assert fresh is not None
        return byhand.account(w, fresh.x, fresh.target, samples) | {"inputs": len(fresh.x)}
    rows = of.rows(split)
    return byhand.account(w, of.run.dataset.x[rows], of.run.dataset.y[rows], samples) | {"inputs": len(rows)}


def draws(n: int, k: int) -> np.ndarray:
    """The documented draws of the informations."""
    noise: np.ndarray = torch.randn(1, n, k, generator=torch_stream(EVALUATION_SEED, "values"))[0].double().numpy()
    return noise


def informations(of: Seen, i: int, step: int, train: bool) -> dict[str, Any]:
    """Bounds of both informations of a model: of the training sample alone, or of the population as far as known."""
    w, run = of.weights[step][i], of.run
    dataset, k = run.dataset, run.config.latent_dim
    labelled, decodes = dataset.y.ndim == 1, run.config.task == "classify"

    def known(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        return dataset.x[rows], byhand.one_hot(dataset.y[rows], len(dataset.class_names)) if labelled else None

    if train:
        own = known(dataset.train)
        return byhand.intervals(w, *own, draws(len(own[0]), k), sample=True, decodes=decodes)
    fresh = run.population
    if fresh is not None and fresh.mean is not None:
        rows, noise = slice(MIXTURE), draws(2 * MIXTURE // 5, k)
        y = fresh.target[rows].astype(float)
        return byhand.intervals(w, fresh.x[rows], None, noise, decodes=decodes, reals=(y, np.array(dataset.spec.rho)))
    if fresh is not None:
        odds = fresh.target[:MIXTURE] if labelled else None
        return byhand.intervals(w, fresh.x[:MIXTURE], odds, draws(2 * MIXTURE // 5, k), decodes=decodes)
    own, others = known(dataset.test), known(dataset.train)
    return byhand.intervals(w, *own, draws(len(own[0]), k), others=others, decodes=decodes)


def says(text: str, template: str, *values: Any, slack: float = 3e-4) -> None:
    """A text is its template with each {} a number that was rounded from its value; a pair is “low–high” or one."""
    parts = [re.escape(part) for part in template.split("{}")]
    holes = [f"({NUMBER}(?:–{NUMBER})?)" if isinstance(value, tuple) else f"({NUMBER})" for value in values]
    found = re.fullmatch("".join(part + hole for part, hole in zip(parts, [*holes, ""], strict=True)), text)
    assert found is not None, f"{text!r} is not {template!r}"
    for number, value in zip(found.groups(), values, strict=True):
        written = number.split("–")
        ends = value if isinstance(value, tuple) else (value,)
        for got, right in zip(written * (len(ends) if len(written) == 1 else 1), ends, strict=True):
            half = 0.5 * 10.0 ** -len(got.partition(".")[2])
            apart = abs(float(got.replace("−", "-").replace(",", "")) - right)
            assert apart <= half + slack, f"{text!r}: {got} where {right} is right"


def estimated_at(of: Seen, i: int) -> int | None:
    """The step of a model's values, or None where they may not stand beside its rate of now: it has moved too far."""
    values = of.run.estimates.get(i)
    if values is None:
        return None
    if values.step == of.run.training.trajectory.state.step:
        return values.step
    (then, off), (now, beside) = informations(of, i, values.step, train=False)["rate"], of_point(of, i, "test")["rate"]
    apart = abs(then - now) / (0.03 * (1 + now) + 2 * (off + beside))
    assert not 0.97 < apart < 1.03, "a case that is on neither side"
    return values.step if apart < 1 else None


def of_point(of: Seen, i: int, split: str, samples: int = 12, step: int | None = None) -> dict[str, Any]:
    """`of_split` of a classifier, or the same of another decoder."""
    run = of.run
    if run.training.trajectory.state.sizes.likelihood == "categorical":
        return of_split(of, i, split, samples, step)
    rows, w = of.rows(split), of.weights[run.training.trajectory.state.step if step is None else step][i]
    if run.training.trajectory.state.sizes.likelihood == "bernoulli":
        return byhand.pixels(w, run.dataset.x[rows].astype(float), samples)
    target = run.dataset.x if run.config.task == "reconstruct" else run.dataset.y
    return byhand.reals(w, run.dataset.x[rows], target[rows].astype(float), samples, run.config.variance)
