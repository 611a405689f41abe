"""MNIST (LeCun et al. 1998) and Fashion-MNIST (Xiao et al. 2017), where their files have been put.

The files have Keras' layout: x_train, x_test uint8 (rows, 28, 28) and y_train, y_test uint8 (rows,), as
mnist.npz and fashion_mnist.npz in the folder that BOTTLENECK_DATA names, else in ~/.cache/bottleneck-lab.
"""

from __future__ import annotations

import os
import warnings
import zipfile
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path

import numpy as np

from vibcore.config import Dataset, DatasetSpec
from vibcore.data.source import SMALL, Source
from vibcore.files import make_folder, whole
from vibcore.labels import flip_labels
from vibcore.streams import stream
from vibcore.types import Array, ConfigError

NAMES = ("mnist", "fashion_mnist")
OPENML = {"mnist": "mnist_784", "fashion_mnist": "Fashion-MNIST"}
SHAPE = (28, 28)
TRAIN = 60_000  # the first rows of OpenML's 70,000
KEYS = ("x_train", "y_train", "x_test", "y_test")
LARGEST = 200 * 10**6  # bytes unpacked: a small file can declare any number of them


def folder() -> Path:
    """Where the files are looked for."""
    return Path(os.environ.get("BOTTLENECK_DATA") or os.path.expanduser("~/.cache/bottleneck-lab"))


def image_source(name: str, classes: Sequence[str]) -> Source:
    """The set of a file, by name."""
    return Source(
        lambda spec: load(spec, classes),
        fields=("n", "flip"),
        preset={**SMALL, "flip": 0.0, "n": 2000, "encoder": (64,)},
        pixels=True,
        present=lambda: is_present(name),
        check=lambda spec: check(name),
    )


def is_present(name: str) -> bool:
    """Whether the file of a set is there; nothing is read."""
    return os.path.isfile(_path(name))


def check(name: str) -> None:
    """Raise ConfigError for a set whose file is not there."""
    if not is_present(name):
        remedy = f"Run python -m vibcore fetch {name}, or set BOTTLENECK_DATA."
        raise ConfigError("dataset", name, f"the file {_path(name)}", remedy)


def load(spec: DatasetSpec, classes: Sequence[str]) -> Dataset:
    """spec.n images in a seeded order, a third of them from the set's own test rows; classes as even as they come.

    Pixels are in [0, 1]. Raises ConfigError for a file that is missing, broken or too small.
    """
    arrays = _read(spec.name)
    rng, tests = stream(spec.seed, "images"), round(spec.n / 3)
    x, y = [], []
    for part, count in (("train", spec.n - tests), ("test", tests)):
        rows = _draw(arrays[f"y_{part}"], count, rng)
        x.append(arrays[f"x_{part}"][rows])
        y.append(arrays[f"y_{part}"][rows])
    order = rng.permutation(spec.n)
    pixels = np.concatenate(x)[order].reshape(spec.n, -1).astype(np.float32) / np.float32(255)
    noisy = flip_labels(np.concatenate(y)[order], len(classes), spec.flip, stream(spec.seed, "flips"))
    tested = order >= spec.n - tests
    features = tuple(f"pixel_{row}_{column}" for row in range(SHAPE[0]) for column in range(SHAPE[1]))
    train, test = np.flatnonzero(~tested), np.flatnonzero(tested)
    return Dataset(spec, pixels, noisy, train, test, features, tuple(classes), SHAPE)


def fetch(name: str, into: Path) -> Path:
    """Download a set from OpenML into a folder, whole or not at all; the file's path.

    Raises ConfigError where OpenML cannot be reached or sends something else.
    """
    make_folder(into)
    x, y = _download(name, into)
    arrays = {"x_train": x[:TRAIN], "y_train": y[:TRAIN], "x_test": x[TRAIN:], "y_test": y[TRAIN:]}
    path = into / f"{name}.npz"
    with whole(path) as part, part.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # none is called allow_pickle
    return path


def _download(name: str, into: Path) -> tuple[Array, Array]:
    """Images uint8 (rows, 28, 28) and labels uint8 (rows,) as OpenML keeps them."""
    from sklearn.datasets import fetch_openml  # 3.5 s to import: only where it is needed

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of retries: what fails in the end says so
            bunch = fetch_openml(OPENML[name], version=1, as_frame=False)
        x = np.asarray(bunch.data).reshape(-1, *SHAPE).astype(np.uint8)
        if len(x) <= TRAIN:
            raise ValueError(f"{len(x)} images")
        return x, np.asarray(bunch.target).astype(np.uint8)
    except (OSError, ValueError, HTTPException) as error:
        remedy = f"Check the network, or put Keras' {name}.npz into {into}."
        got = f"no download ({error})"
        raise ConfigError(name, got, f"{OPENML[name]} from openml.org", remedy) from None


def _path(name: str) -> Path:
    return folder() / f"{name}.npz"


def _read(name: str) -> dict[str, Array]:
    """The four arrays of a set's file, each known to be what it should be."""
    check(name)
    arrays: dict[str, Array] = {}
    try:
        wrong = _declared(_path(name))
        if wrong is None:
            with np.load(_path(name), allow_pickle=False) as file:
                arrays = {key: file[key] for key in KEYS}
            wrong = _mistake(arrays)
    except Exception as error:  # broken archives fail in a dozen ways, tokenize.TokenError among them
        wrong = f"a broken file ({error})", "a NumPy archive"
    if wrong is not None:
        remedy = f"Replace {_path(name)}: run python -m vibcore fetch {name}."
        raise ConfigError(name, wrong[0], f"{wrong[1]}, in the layout of Keras", remedy)
    return arrays


def _declared(path: Path) -> tuple[str, str] | None:
    """What is wrong with an archive by its table of contents, before anything is unpacked: got, expected."""
    with zipfile.ZipFile(path) as archive:
        size, files = sum(i.file_size for i in archive.infolist()), archive.namelist()
    if size > LARGEST:
        return f"{size / 1e6:.0f} MB unpacked", f"at most {LARGEST // 10**6} MB"
    missing = [key for key in KEYS if f"{key}.npy" not in files]
    return (f"no {missing[0]}", f"arrays {', '.join(KEYS)}") if missing else None


def _mistake(arrays: dict[str, Array]) -> tuple[str, str] | None:
    """What is wrong with the arrays: got, expected."""
    for part in ("train", "test"):
        x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if x.dtype != np.uint8 or x.ndim != 3 or x.shape[1:] != SHAPE:
            return f"x_{part} {x.dtype} {x.shape}", "uint8 (rows, 28, 28)"
        if y.dtype != np.uint8 or y.shape != x.shape[:1]:
            return f"y_{part} {y.dtype} {y.shape}", f"uint8 ({len(x)},)"
        if y.max(initial=0) > 9:
            return f"label {y.max()} in y_{part}", "labels from 0 to 9"
    return None


def _draw(y: Array, count: int, rng: np.random.Generator) -> Array:
    """`count` row indices without replacement: of every class as many as of any other, while they last."""
    if count > len(y):
        raise ConfigError("dataset n", f"{count} rows", f"at most {len(y)} in that part of the file", "Lower n.")
    rows = rng.permutation(len(y))
    turn = np.empty(len(y), dtype=np.int64)  # the how-many-th of its class each row is
    for c in np.unique(y):
        of_class = y[rows] == c
        turn[of_class] = np.arange(of_class.sum())
    return rows[np.argsort(turn, kind="stable")[:count]]
