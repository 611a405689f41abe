"""Every number that the command line writes, as JSON and as CSV, recomputed from weights and rows."""

import csv
import io
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from tests.core import byhand
from vibcore import data as datasets
from vibcore import files, populations, sweeps, training
from vibcore.config import Config, DatasetSpec
from vibcore.problem import EVALUATION_SEED, make_problem
from vibcore.streams import torch_stream

CONFIGS = {
    "moons": Config(DatasetSpec("moons", 150, 0.2, 0.15), encoder=(8,), betas=(1e-3, 0.05), batch=50, averaging=0.9),
    "iris": Config(DatasetSpec("iris", flip=0.0), encoder=(8,), betas=(1e-3, 0.3), batch=50, averaging=0.9),
}


@cache
def made(kind: str) -> tuple[list[dict[str, Any]], list[dict[str, np.ndarray]]]:
    """The points of a result, and the weights that they are of."""
    config = CONFIGS[kind]
    dataset = datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), 150)
    weights = [
        {name: value[i].double().numpy().copy() for name, value in training.weights(state).items()} for i in (0, 1)
    ]
    return list(sweeps.points(training.moment(state), make_problem(state.config, dataset))), weights


def draws(n: int) -> np.ndarray:
    """z of the informations, by the documented stream."""
    return torch.randn(1, n, 2, generator=torch_stream(EVALUATION_SEED, "values"))[0].double().numpy()


def by_hand(kind: str, split: str, w: dict[str, np.ndarray]) -> tuple[dict[str, Any], dict[str, Any], str, int]:
    """Bounds and errors of a split, its informations, what those are of, and on how many inputs they rest."""
    dataset = datasets.load(CONFIGS[kind].dataset)
    if split == "population":
        fresh = populations.population(dataset.spec, 5000)
        assert fresh is not None
        told = byhand.intervals(w, fresh.x[:2000], fresh.target[:2000], draws(800))
        return byhand.account(w, fresh.x, fresh.target, 12), told, "population", 800

    def known(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return dataset.x[rows], byhand.one_hot(dataset.y[rows], len(dataset.class_names))

    rows = getattr(dataset, split)
    others = () if split == "train" else known(dataset.train)
    told = byhand.intervals(w, *known(rows), draws(len(rows)), sample=split == "train", others=others)
    of = "sample" if split == "train" else "population"
    return byhand.account(w, dataset.x[rows], dataset.y[rows], 12), told, of, len(rows)


def test_the_informations_of_real_targets_are_of_fresh_pairs() -> None:
    config = Config(DatasetSpec("gaussian", 150, rho=(0.9, 0.5)), encoder=(8,), betas=(1e-3, 0.3), batch=50)
    dataset = datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), 300)
    fresh = populations.population(dataset.spec, 5000)
    assert fresh is not None
    noise = torch.randn(1, 800, 2, generator=torch_stream(EVALUATION_SEED, "values"))[0].double().numpy()
    for i, point in enumerate(sweeps.points(training.moment(state), make_problem(state.config, dataset))):
        w = {name: value[i].double().numpy() for name, value in training.weights(state).items()}
        told = byhand.intervals(
            w, fresh.x[:2000], None, noise, reals=(fresh.target[:2000].astype(float), np.array(dataset.spec.rho))
        )
        for name in ("i_xz", "i_zy"):
            tree = point["population"][name]
            assert (tree["of"], tree["inputs"]) == ("population", 800)
            for end, (value, error) in zip(("lower", "upper"), told[name], strict=True):
                assert tree[end]["value"] == pytest.approx(value, abs=2e-3), (name, end)
                assert tree[end]["stderr"] == pytest.approx(error, rel=0.02, abs=1e-5), (name, end)
        assert point["train"]["i_zy"] is point["test"]["i_zy"] is None  # labels alone say nothing of their density


@pytest.mark.parametrize("kind", CONFIGS)
def test_every_estimate_and_interval_of_a_result(kind: str) -> None:
    found, weights = made(kind)
    for point, w, beta in zip(found, weights, CONFIGS[kind].betas, strict=True):
        assert point["beta"] == beta and point["diverged"] is None
        splits = {"train", "test", "population"} if kind == "moons" else {"train", "test"}
        assert set(point) - {"beta", "diverged"} == splits
        for split in splits:
            expected, told, of, scored = by_hand(kind, split, w)
            tree = point[split]
            rows = 5000 if split == "population" else scored
            assert tree["inputs"] == rows
            assert tree["kl_per_dim"] == pytest.approx(expected.pop("kl_per_dim"), abs=1e-4)
            for name, (value, error) in expected.items():
                border = 1.01 / rows if name.startswith("error") else 3e-4
                assert tree[name]["value"] == pytest.approx(value, abs=border), (split, name)
                assert tree[name]["stderr"] == pytest.approx(error, rel=0.05, abs=1e-5), (split, name)
            for name in ("i_xz", "i_zy"):
                assert (tree[name]["of"], tree[name]["inputs"]) == (of, scored)
                for end, (value, error) in zip(("lower", "upper"), told[name], strict=True):
                    assert tree[name][end]["value"] == pytest.approx(value, abs=2e-3), (split, name, end)
                    assert tree[name][end]["stderr"] == pytest.approx(error, rel=0.02, abs=1e-5), (split, name, end)
                ends = byhand.interval(told[name])
                assert (tree[name]["low"], tree[name]["high"]) == pytest.approx(ends, abs=4e-3)


def test_a_row_of_the_csv_has_the_numbers_of_its_beta_and_split() -> None:
    found, _ = made("moons")
    text = io.StringIO()
    csv.writer(text).writerows(files.sweep_rows({"points": found}))
    rows = list(csv.DictReader(io.StringIO(text.getvalue())))
    assert len(rows) == 6
    for row in rows:
        (point,) = (p for p in found if p["beta"] == float(row["beta"]))
        tree = point[row["split"]]
        for name in ("rate", "distortion", "i_zy_bound", "error_1", "error_mc"):
            for part in ("value", "stderr"):
                assert float(row[f"{name}_{part}"]) == tree[name][part]
            assert row[f"{name}_kind"] == tree[name]["kind"]
        for name in ("i_xz", "i_zy"):
            for part in ("low", "high", "inputs"):
                assert float(row[f"{name}_{part}"]) == tree[name][part]
            assert row[f"{name}_of"] == tree[name]["of"]
        assert int(row["inputs"]) == tree["inputs"]
        assert [float(kl) for kl in row["kl_per_dim"].split()] == tree["kl_per_dim"]
    assert len({row["rate_value"] for row in rows}) == 6
