"""Many stacks: one JSON result for each config, in parallel on this machine or on a dask cluster, and resumable."""

from __future__ import annotations

import hashlib
import json
import math
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import joblib
import torch

from vibcore import budgets, data, densities, fits, populations, threads, training, validation
from vibcore.clusters import backend_of, client_of
from vibcore.config import Config, Dataset, DatasetSpec
from vibcore.data.own import from_arrays
from vibcore.evaluation import evaluate
from vibcore.files import INTERVALS, make_folder, reference_tree, write
from vibcore.fits import with_data
from vibcore.information import InformationBudget
from vibcore.populations import Population
from vibcore.problem import Problem
from vibcore.types import Array, Interval, Point, Reference

Result = dict[str, Any]
Load = Callable[[DatasetSpec], Dataset]
Backend = Literal["loky", "dask"]
FRESH = 5000  # inputs of the population: to look at it costs less than a short training
MIXTURE = 2000  # of them in p̂(z)
PACKAGES = ("torch", "numpy", "scipy", "scikit-learn")
LOST = ("TerminatedWorkerError", "KilledWorker", "FutureCancelledError")  # loky's, dask's: by name, as dask is optional


class WorkersLost(RuntimeError):
    """The machinery died, not the science: what was finished is kept, the same call goes on from there."""


def run_config(
    config: Config,
    report: Callable[[int, int], None] | None = None,
    count: int | None = None,
    load: Load = data.load,
) -> Result:
    """Train a stack to `config.steps` and say what it knows: JSON-ready, in nats; on `count` threads of torch.

    `points` has, for every β, `train`, `test` and, where the density of the problem is known, `population` with the
    fields of `Point`: each estimate as value, stderr and kind, each information and slack as an interval from low to
    high. Those of train are of that sample as a world of its own, null for more than 5,000 inputs. `frontier` is null
    where the density is not known. `report(step, steps)` is called now and then; without `count` the threads are those
    of `threads.wanted`. `load` gives the dataset of a spec: of an own table that is `partial(tables.dataset, table)`.
    ConfigError for a config that cannot be had.
    """
    dataset = load(config.dataset)
    validation.check(config, dataset)
    start = time.perf_counter()
    with threads.limited(threads.wanted(config, dataset, count)):
        trained = fits.fit(config, dataset, report, count).trajectory
        found = list(points(trained.at(trained.step), trained.problem))
        known = densities.reference(config.dataset) if config.task == "classify" else None
        return result(config, found, known, time.perf_counter() - start)


def result(config: Config, found: list[Result], known: Reference | None, seconds: float) -> Result:
    """What a run's file says: its `points` with all else. `config` stops at the step that they are of."""
    return {
        "config": json.loads(config.to_json()),
        "points": found,
        "frontier": None if known is None else reference_tree(known),
        "seconds": seconds,
        "versions": versions(),
    }


def points(
    moment: training.Moment, problem: Problem, turn: Callable[[], AbstractContextManager[None]] = nullcontext
) -> Iterator[Result]:
    """Every model on train, test and, where the density is known, population; `diverged` is when it froze, or null.

    One after another; the first takes longest, as all are evaluated together. Whatever takes time is done in a `turn`
    of its own, for who shares the machine.
    """
    fresh = populations.population(problem.dataset.spec, FRESH)
    splits = {"train": problem.train, "test": problem.test}
    if fresh is not None:
        splits["population"] = populations.split_of_population(fresh, problem)
    of_split: dict[str, tuple[Point, ...]] = {}
    for name, split in splits.items():
        with turn():
            of_split[name] = evaluate(moment.weights, problem, split)
    for i, beta in enumerate(problem.config.betas):
        step, rows = int(moment.diverged[i]), {}
        for name in splits:
            with turn():
                budget = _budget(moment, problem, i, name, fresh)
            rows[name] = _tree(budgets.with_budget(of_split[name][i], budget))
        yield {"beta": beta, "diverged": step if step >= 0 else None, **rows}


def _budget(
    moment: training.Moment, problem: Problem, index: int, split: str, fresh: Population | None
) -> InformationBudget | None:
    """Where one model's nats go on a split."""
    if split == "train":
        return budgets.training_budget(moment, problem, index)
    if split == "test" or fresh is None:
        return budgets.held_out_budget(moment, problem, index)
    return budgets.population_budget(moment, problem, index, fresh, MIXTURE)


def _tree(point: Point) -> Result:
    """JSON-ready: the estimates of a point, and its intervals with their ends."""
    tree = asdict(point)
    del tree["beta"]
    for name in INTERVALS:
        interval: Interval | None = getattr(point, name)
        if interval is not None:
            tree[name] |= {"low": interval.low, "high": interval.high}
    return {name: finite(value) for name, value in tree.items()}


def finite(tree: Any) -> Any:
    """The same with null for what JSON has no word for: NaN and infinities."""
    if isinstance(tree, dict):
        return {key: finite(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [finite(value) for value in tree]
    return None if isinstance(tree, float) and not math.isfinite(tree) else tree


def versions() -> dict[str, str]:
    """What a number depends on besides its config: equal here means equal results, bit for bit on one machine."""
    found = {name: version(name) for name in PACKAGES}
    return {"python": platform.python_version(), **found, "threads": str(torch.get_num_threads())}


def file_name(config: Config) -> str:
    """The file of a config's result: a hash of its JSON, so that equal configs share it."""
    return hashlib.sha256(config.to_json().encode()).hexdigest()[:16] + ".json"


def bar(done: int, total: int, width: int = 30) -> None:
    """A progress bar on standard error; one line a step where that is a file."""
    filled = width * done // total
    text = f"[{'#' * filled}{'.' * (width - filled)}] {done}/{total}"
    tty = sys.stderr.isatty()
    print(f"\r{text}" if tty else text, end="" if tty and done < total else "\n", file=sys.stderr, flush=True)


def sweep(
    configs: Sequence[Config],
    folder: str | Path,
    n_jobs: int = 1,
    progress: Callable[[int, int], None] | None = bar,
    backend: Backend = "loky",
    scheduler: str | None = None,
    threads: int | None = None,
    load: Load = data.load,
    dataset: Dataset | tuple[Array, Array] | None = None,
) -> list[Path]:
    """Run every config that has no result in `folder` yet; return all their files, in the order of the configs.

    Each result is written as soon as it is there, complete or not at all, so a sweep that was cut short goes on where
    it stopped; a file that is no whole result of its config is made anew. `n_jobs` stacks run at once (−1: one for each
    core), each with `threads` torch threads (by default one, or those of `threads.wanted` when n_jobs is 1). With
    backend "dask" they run on the workers of the cluster at `scheduler`, which need vibcore to be importable; their
    number is the cluster's. `dataset`, or arrays (X, y) as `from_arrays` takes them, is used in the place of those that
    the configs name. ConfigError, before anything runs, for a config that cannot be had, a folder that cannot be
    written, and dask that is not installed or not reached. A cluster goes on without a worker that dies; WorkersLost
    where nothing can.
    """
    folder = Path(folder)
    if dataset is not None:
        configs, load = [with_data(config, dataset)[0] for config in configs], partial(_given, dataset)
    names = {file_name(config): config for config in configs}
    for config in names.values():
        validation.check(config, load(config.dataset))
    make_folder(folder)
    missing = {name: config for name, config in names.items() if not is_result(folder / name, config)}
    done, total = len(names) - len(missing), len(names)
    each = threads or (None if n_jobs == 1 and backend == "loky" else 1)
    if missing:
        with _running(backend, scheduler, folder):
            work = joblib.Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1, pre_dispatch="all")
            for name, result in work(joblib.delayed(_work)(n, c, each, load) for n, c in missing.items()):
                write(folder / name, json.dumps(result, allow_nan=False))
                done += 1
                if progress:
                    progress(done, total)
    return [folder / file_name(config) for config in configs]


@contextmanager
def _running(backend: Backend, scheduler: str | None, folder: Path) -> Iterator[None]:
    """joblib on the backend asked for; a lost worker in plain words."""
    try:
        if backend == "loky":
            yield
            return
        with client_of(scheduler) as client, joblib.parallel_config(backend_of(client)):
            yield
    except Exception as error:
        if type(error).__name__ not in LOST:
            raise
        text = f"workers or the scheduler died ({type(error).__name__}), perhaps for memory; what was finished is kept"
        raise WorkersLost(f"{text} in {folder}. Run the same again to go on, with fewer jobs if need be.") from error


def _given(dataset: Dataset | tuple[Array, Array], spec: DatasetSpec) -> Dataset:
    """The caller's own data, split as a spec says."""
    return from_arrays(*dataset, seed=spec.seed) if isinstance(dataset, tuple) else dataset


def _work(name: str, config: Config, count: int | None, load: Load = data.load) -> tuple[str, Result]:
    """One task, in a worker: its name comes back with it, as results arrive in any order."""
    return name, run_config(config, None, count, load)


def is_result(path: Path, config: Config) -> bool:
    """Whether a file holds the whole result of a config: not what a full disk or another program left of it."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    if not isinstance(found, dict) or not {"config", "points", "frontier", "seconds", "versions"} <= set(found):
        return False
    return found["config"] == json.loads(config.to_json()) and len(found["points"]) == len(config.betas)
