"""Seeds are seeds: every stream of chance differs from every other, and each is the same again."""

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vibcore import data as datasets
from vibcore import evaluation, labels, streams, training
from vibcore.config import Config, DatasetSpec
from vibcore.problem import EVALUATION_SEED, Split

ROOT = Path(__file__).parents[2]
LARGE = 2**32 - 1
CONFIG = Config(DatasetSpec("moons", 300), encoder=(8,), betas=(0.1,), batch=32)


def assert_no_two_alike(drawn: dict) -> None:
    for (a, one), (b, other) in itertools.combinations(drawn.items(), 2):
        assert not np.array_equal(one, other), f"{a} and {b} draw the same"


def test_no_two_streams_of_any_seed_draw_the_same() -> None:
    """Seeds that differ by powers of 2 share low bits; indices stand for epochs and blocks."""
    keys = itertools.product((0, 1, 2**16, 2**31, LARGE), streams.NAMES, ((), (0,), (1,), (2**20,)))
    drawn = {(s, n, i): streams.stream(s, n, *i).random(4) for s, n, i in keys}
    assert_no_two_alike(drawn)
    for (s, n, i), values in list(drawn.items())[::17]:
        np.testing.assert_array_equal(streams.stream(s, n, *i).random(4), values)


def test_no_two_torch_streams_draw_the_same() -> None:
    keys = itertools.product((0, 1, 2**31, LARGE), streams.NAMES)
    assert_no_two_alike({(s, n): torch.rand(4, generator=streams.torch_stream(s, n)).numpy() for s, n in keys})


def test_a_stream_without_a_name_is_none() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        streams.stream(0, "luck")


def drawn_by_training(seed: int) -> dict:
    """Initial weights, first batches of three epochs, and noise within and across blocks, as training draws them."""
    config = replace(CONFIG, seed=seed)
    dataset = datasets.load(config.dataset)
    state = training.init(config, dataset)
    rows = torch.arange(len(dataset.train))
    data, keep = Split(rows.float()[:, None].expand(-1, 2), rows), training._scratch(state)
    found: dict[Any, Any] = {(seed, "weights"): state.parameters.clone()}
    for state.step in (0, 16, len(rows) // config.batch):
        _, target, eps = training.batch(state, data, keep)
        found |= {(seed, "batch", keep.epoch): target, (seed, "noise", state.step): eps.clone()}
    return {key: value.numpy() for key, value in found.items()}


def test_training_draws_other_weights_batches_and_noise_for_every_seed_epoch_and_block() -> None:
    drawn: dict = {}
    for seed in (0, 1, 2**31, LARGE):
        drawn |= drawn_by_training(seed)
    assert len(drawn) == 4 * 7
    assert_no_two_alike(drawn)


def test_the_noise_of_training_is_standard_normal_whatever_the_seed() -> None:
    """Mean, variance and covariance of neighbours in steps, dimensions and inputs, within 4.5 standard errors."""
    dataset = datasets.load(CONFIG.dataset)
    for seed in (0, 3_000_000_000):
        state = training.init(replace(CONFIG, seed=seed), dataset)
        data, keep, eps = training.tensors(dataset, CONFIG), training._scratch(state), []
        for state.step in range(400):
            eps.append(training.batch(state, data, keep)[2].clone())
        e = torch.stack(eps).double()  # (steps, B, K)
        n = e.numel()
        assert abs(float(e.mean())) < 4.5 / np.sqrt(n)
        assert abs(float(e.var()) - 1) < 4.5 * np.sqrt(2 / n)
        for axis in range(3):
            half = [e.index_select(axis, torch.arange(k, e.shape[axis], 2)) for k in (0, 1)]
            assert abs(float((half[0] * half[1]).mean())) < 4.5 / np.sqrt(n / 2)


def test_data_of_every_seed_differ_in_each_of_their_draws() -> None:
    """The inputs, which labels are flipped, and which rows are for testing; of tables the last two."""
    drawn: dict = {}
    for seed in (0, 1, 2**31, LARGE):
        spec = DatasetSpec("moons", 300, flip=0.2, seed=seed)
        plain, flipped = datasets.load(replace(spec, flip=0.0)), datasets.load(spec)
        np.testing.assert_array_equal(plain.x, flipped.x)  # flips are a stream of their own
        drawn |= {(seed, "x"): plain.x, (seed, "flips"): plain.y != flipped.y, (seed, "train"): plain.train}
        iris = datasets.load(DatasetSpec("iris", flip=0.2, seed=seed))
        drawn |= {(seed, "iris flips"): iris.y, (seed, "iris train"): iris.train}
        drawn |= {(seed, "gaussian"): datasets.load(DatasetSpec("gaussian", 300, seed=seed)).x}
        drawn |= {(seed, "split"): labels.split(np.zeros(300), seed)[0]}
    assert_no_two_alike({k: v for k, v in drawn.items() if k[1] != "split"})
    assert_no_two_alike({k: v for k, v in drawn.items() if k[1] == "split"})


def test_evaluation_draws_the_same_for_all_runs_and_fewer_draws_are_the_first_of_many() -> None:
    like = torch.zeros(1, dtype=torch.float64)
    many = evaluation.noise((12, 5, 2), EVALUATION_SEED, like)
    assert torch.equal(evaluation.noise((3, 5, 2), EVALUATION_SEED, like), many[:3])
    expected = streams.stream(EVALUATION_SEED, "evaluation").standard_normal((12, 5, 2), np.float32)
    np.testing.assert_array_equal(many.numpy(), expected)
    assert many.dtype == torch.float64


def test_no_room_makes_generators_of_its_own() -> None:
    """What is exact perturbs its starts by a fixed pattern, and the benchmark measures time: neither has a seed."""
    for path in (ROOT / "vibcore").glob("*.py"):
        if path.name not in ("streams.py", "bench.py"):
            text = path.read_text().replace(
                "np.random.default_rng().integers", ""
            )  # new entropy, where no seed is given
            for call in ("default_rng(", "manual_seed(", "RandomState("):
                assert call not in text, f"{path.name} calls {call}"
