"""Finished trajectories that several servers share: files in one folder, so that what one has trained the others have.

Off unless BOTTLENECK_STORE names a folder. A file is data: what is no whole trajectory of the very config, of this
format and this PyTorch, is passed over, and the log says so. Files appear whole or not at all; the longest unused go.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from vibcore.config import Config, Dataset
from vibcore.trajectory import FORMAT, Trajectory, load_trajectory
from vibcore.types import ConfigError

FOLDER = "BOTTLENECK_STORE"  # of the environment
MOST_BYTES = 2 * 2**30  # of all files
LARGEST = 64 * 2**20  # of one that is read
ABANDONED = 3600.0  # seconds after which a part that nobody has finished goes
LOG = logging.getLogger(__name__)


def share(trajectory: Trajectory) -> None:
    """Keep a trajectory as it is now, behind the page's back: training may go on. Nothing where there is no folder."""
    if path_of(trajectory.config) is None:
        return
    trajectory.checkpoint()
    now = trajectory.branch(trajectory.step, trajectory.config)
    threading.Thread(target=keep, args=(now,)).start()  # no daemon: a server that ends finishes it


def keep(trajectory: Trajectory) -> None:
    """Put a trajectory that nobody trains on meanwhile among the files, in the place of a shorter one."""
    path = path_of(trajectory.config)
    if path is None or _step_of(path) >= trajectory.step:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        trajectory.save(path)
        _make_room(path.parent)
    except OSError as error:
        LOG.warning("store: %s was not kept (%s)", path.name, error.strerror)


def find(config: Config, dataset: Dataset) -> Trajectory | None:
    """The trajectory of a config, wherever it stops, as far as any server has come; None where there is none."""
    path = path_of(config)
    if path is None or not path.exists():
        return None
    try:
        if path.stat().st_size > LARGEST:
            raise ConfigError(path.name, f"{path.stat().st_size >> 20} MiB", f"at most {LARGEST >> 20}", "Remove it.")
        found = load_trajectory(path, dataset)
        check(found, config, path.name)
        os.utime(path)  # it was used
    except (ConfigError, OSError) as error:
        LOG.warning("store: passed over: %s", error)
        return None
    return found.branch(found.step, config)


def path_of(config: Config) -> Path | None:
    """Where a config's file is, by a hash of all that its training depends on; None without a folder."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return None
    text = "\n".join((_key(config).to_json(), f"format {FORMAT}", f"torch {torch.__version__}"))
    return Path(folder) / f"{hashlib.sha256(text.encode()).hexdigest()}.npz"


def _key(config: Config) -> Config:
    """Where a training stops is no part of what it trains."""
    return replace(config, steps=Config.steps)


def check(found: Trajectory, config: Config, name: str) -> None:
    """ConfigError for a file's trajectory that is not a whole one of a config, wherever that stops."""
    if _key(found.config) != _key(config):
        raise ConfigError(name, "the trajectory of another config", "that of its name", "Remove it.")
    steps = [*found.light, *found.full]
    if 0 not in found.light or found.step not in found.light or not 0 <= min(steps) <= max(steps) == found.step:
        raise ConfigError(
            name, "checkpoints that do not go from 0 to the last step", "those of a training", "Remove it."
        )


def _step_of(path: Path) -> int:
    """How far a file's training has come; -1 where it is none."""
    try:
        with path.open("rb") as whole, np.load(whole, allow_pickle=False) as file:
            return int(json.loads(str(file["meta"]))["step"])
    except Exception:  # broken archives fail in a dozen ways, and are replaced
        return -1


def _make_room(folder: Path) -> None:
    """Remove what was used longest ago where there is too much, and what nobody has finished."""
    for part in folder.glob(".*.part"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > ABANDONED:
                part.unlink()
    files = []
    for path in folder.glob("*.npz"):
        with suppress(OSError):  # another server may have removed it
            files.append((path.stat().st_mtime, path.stat().st_size, path))
    held = sum(size for _, size, _ in files)
    for _, size, path in sorted(files)[:-1]:
        if held > MOST_BYTES:
            path.unlink(missing_ok=True)
            held -= size
