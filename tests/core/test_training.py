"""The laws of training: splitting, independence of the stack's models, shared noise, freezing, and bad requests."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from vibcore import data as datasets
from vibcore import evaluation, training
from vibcore.config import Config, Dataset, DatasetSpec, beta_grid
from vibcore.problem import Split, make_problem
from vibcore.types import ConfigError

SMALL = Config(
    dataset=DatasetSpec("moons", 300, 0.2, 0.05), encoder=(8, 8), decoder=(8,), batch=32, betas=(0.0, 0.01, 0.3, 1.2)
)
VARIANTS = {
    "classes": SMALL,
    "linear": replace(SMALL, encoder=(), decoder=()),
    "regression": replace(SMALL, dataset=DatasetSpec("gaussian", 300, rho=(0.9, 0.5)), latent_dim=3),
    "fixed variance": replace(SMALL, task="reconstruct", variance=0.5),
    "images": replace(SMALL, dataset=DatasetSpec("digits", flip=0.0), task="reconstruct", encoder=(12,)),
}


def start(config: Config, dtype: torch.dtype = torch.float64) -> tuple[training.TrainState, Split]:
    dataset = datasets.load(config.dataset)
    data = training.tensors(dataset, config)
    if data.target.is_floating_point():
        data = Split(data.x, data.target.to(dtype))
    return training.init(config, dataset, dtype=dtype), data


@pytest.mark.parametrize("path", ["fast", "readable"])
def test_splitting_the_calls_never_changes_a_bit(path: training.Path) -> None:
    whole, data = start(SMALL, torch.float32)
    parts, _ = start(SMALL, torch.float32)
    training.advance(whole, data, 40, path)
    for steps in (1, 6, 10, 23):
        training.advance(parts, data, steps, path)
    assert torch.equal(whole.parameters, parts.parameters) and torch.equal(whole.average, parts.average)


def test_the_fast_path_is_what_runs_by_itself_on_a_cpu() -> None:
    chosen, data = start(SMALL)
    fast, _ = start(SMALL)
    training.advance(chosen, data, 10)
    training.advance(fast, data, 10, training.which_path(fast))
    assert training.which_path(chosen) == "fast"
    assert torch.equal(chosen.parameters, fast.parameters)


def test_equal_configs_give_equal_models_and_other_seeds_do_not() -> None:
    runs = []
    for seed in (0, 0, 1):
        state, data = start(replace(SMALL, seed=seed), torch.float32)
        training.advance(state, data, 20)
        runs.append(state.parameters)
    assert torch.equal(runs[0], runs[1])
    assert not torch.equal(runs[0], runs[2])


@pytest.mark.parametrize("name", VARIANTS)
def test_the_fast_path_equals_autograd(name: str) -> None:
    fast, data = start(VARIANTS[name])
    readable, _ = start(VARIANTS[name])
    training.advance(fast, data, 100, "fast")
    training.advance(readable, data, 100, "readable")
    torch.testing.assert_close(fast.parameters, readable.parameters, rtol=0, atol=1e-10)
    assert not torch.equal(fast.parameters, start(VARIANTS[name])[0].parameters)


@pytest.mark.parametrize("working_set", [1, 50_000])
def test_groups_of_any_size_give_the_same_gradient(working_set: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, data = start(SMALL)
    training.advance(whole, data, 10)
    monkeypatch.setattr("vibcore.fused.WORKING_SET", working_set)
    parts, _ = start(SMALL)
    training.advance(parts, data, 10)
    assert parts.scratch is not None and len(parts.scratch.groups) > 1
    torch.testing.assert_close(whole.parameters, parts.parameters, rtol=0, atol=1e-12)


@pytest.mark.parametrize("path", ["fast", "readable"])
def test_a_stack_equals_its_models_trained_apart(path: training.Path) -> None:
    together, data = start(SMALL)
    training.advance(together, data, 60, path)
    for i, beta in enumerate(SMALL.betas):
        alone, _ = start(replace(SMALL, betas=(beta,)))
        training.advance(alone, data, 60, path)
        for name, value in training.weights(alone).items():
            torch.testing.assert_close(training.weights(together)[name][i], value[0], rtol=0, atol=1e-10)


def test_clipping_one_model_leaves_its_neighbours_alone() -> None:
    loose, data = start(replace(SMALL, betas=(0.01, 1e6), clip=1e12))
    tight, _ = start(replace(SMALL, betas=(0.01, 1e6), clip=100.0))
    training.advance(loose, data, 5)
    training.advance(tight, data, 5)
    for name, value in training.weights(loose, averaged=False).items():
        torch.testing.assert_close(training.weights(tight, averaged=False)[name][0], value[0], rtol=0, atol=1e-12)


def test_models_of_one_beta_stay_identical() -> None:
    state, data = start(replace(SMALL, betas=(0.1, 0.1)))
    training.advance(state, data, 30)
    for value in training.weights(state).values():
        torch.testing.assert_close(value[0], value[1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("path", ["fast", "readable"])
def test_a_diverging_model_freezes_and_leaves_its_neighbours_alone(path: training.Path) -> None:
    sick, data = start(SMALL)
    well, _ = start(SMALL)
    for state in (sick, well):
        training.advance(state, data, 10, path)
    training.weights(sick, averaged=False)["encoder.0.bias"][1] = 1e308  # finite, but what it computes is not
    frozen = training.weights(sick, averaged=False)["decoder.0.weight"][1].clone()
    for state in (sick, well):
        training.advance(state, data, 10, path)
    assert sick.diverged.tolist() == [-1, 10, -1, -1]
    assert torch.equal(training.weights(sick, averaged=False)["decoder.0.weight"][1], frozen)
    assert all(torch.isfinite(value[1]).all() for value in training.weights(sick).values())
    for i in (0, 2, 3):
        for name, value in training.weights(well).items():
            torch.testing.assert_close(training.weights(sick)[name][i], value[i], rtol=0, atol=1e-12)


def test_beta_zero_trains_without_a_price_and_stays_finite() -> None:
    state, data = start(replace(SMALL, betas=(0.0,), lr=0.05), torch.float32)
    training.advance(state, data, 400)
    assert torch.isfinite(state.parameters).all() and state.diverged.tolist() == [-1]


def test_a_large_beta_forgets_everything() -> None:
    config = replace(SMALL, betas=(1.5,))
    state, data = start(config, torch.float32)
    training.advance(state, data, 1500)
    problem = make_problem(config, datasets.load(config.dataset))
    points = evaluation.evaluate(training.weights(state), problem, data, 1)
    assert points[0].rate.value < 1e-3


def test_the_average_is_that_of_the_weights_it_saw() -> None:
    state, data = start(replace(SMALL, averaging=0.9))
    expected = state.parameters.clone()
    for t in range(1, 31):
        training.advance(state, data, 1)
        decay = min(0.9, (1 + t) / (10 + t))
        expected = decay * expected + (1 - decay) * state.parameters
    torch.testing.assert_close(state.average, expected, rtol=0, atol=1e-12)


def test_an_epoch_shows_every_input_at_most_once() -> None:
    state, data = start(SMALL)
    marked = Split(torch.arange(len(data.x)).float()[:, None].expand(-1, 2), data.target)
    keep = training._scratch(state)
    rows: list[float] = []
    for _ in range(len(data.x) // SMALL.batch):
        rows += training.batch(state, marked, keep)[0][:, 0].tolist()
        state.step += 1
    assert len(set(rows)) == len(rows) == len(data.x) // SMALL.batch * SMALL.batch


def test_rows_are_shown_in_proportion_to_their_weights() -> None:
    """Each epoch rounds n·w/Σw up or down; over epochs the mean is exact. Equal weights are a plain epoch."""
    n, weights = 50, np.random.default_rng(0).uniform(0, 3, 50) * (np.arange(50) != 49)
    counts = np.stack([np.bincount(training.epoch_rows(n, weights, 5, e), minlength=n) for e in range(600)])
    share = n * weights / weights.sum()
    assert np.all((counts == np.floor(share)) | (counts == np.ceil(share)))
    np.testing.assert_allclose(counts.mean(0), share, atol=4.5 * 0.5 / np.sqrt(600))
    np.testing.assert_array_equal(training.epoch_rows(n, np.full(n, 0.3), 5, 2), training.epoch_rows(n, None, 5, 2))
    order = [training.epoch_rows(n, weights, *which).tolist() for which in ((5, 0), (5, 1), (6, 0))]
    assert order[0] != order[1] != order[2] != order[0]


BAD = {
    "negative beta": ({"betas": (-0.1,)}, "≥ 0"),
    "NaN beta": ({"betas": (math.nan,)}, "finite"),
    "no beta": ({"betas": ()}, "at least one"),
    "zero width": ({"encoder": (0,)}, "from 1 to 4096"),
    "huge batch": ({"batch": 10_000}, "size of the training split"),
    "no latent": ({"latent_dim": 0}, "1 to 64"),
    "too many latents": ({"latent_dim": 65}, "1 to 64"),
    "no learning rate": ({"lr": 0.0}, "above 0"),
    "NaN learning rate": ({"lr": math.nan}, "above 0"),
    "no steps": ({"steps": 0}, "at least 1"),
    "negative variance": ({"variance": -1.0}, "above 0"),
    "averaging of one": ({"averaging": 1.0}, "< 1"),
    "negative seed": ({"seed": -1}, "from 0"),
}


@pytest.mark.parametrize("name", BAD)
def test_an_illegal_config_says_what_was_got_and_expected(name: str) -> None:
    changes, expected = BAD[name]
    with pytest.raises(ConfigError) as raised:
        start(replace(SMALL, **changes))  # type: ignore[arg-type]
    message = str(raised.value)
    assert "got" in message and expected in message and message.rstrip().endswith(".")


def test_one_class_is_refused() -> None:
    whole = datasets.load(SMALL.dataset)
    one = Dataset(whole.spec, whole.x, np.zeros_like(whole.y), whole.train, whole.test, ("a", "b"), ("only",))
    with pytest.raises(ConfigError, match="at least two"):
        training.init(SMALL, one)


def test_config_survives_json() -> None:
    config = replace(SMALL, betas=beta_grid(zero=True), variance=0.25)
    assert Config.from_json(config.to_json()) == config
    same = replace(config, seed=np.uint32(0), betas=tuple(np.array(config.betas)), lr=np.float64(config.lr))  # type: ignore[arg-type]
    assert same.to_json() == config.to_json()
    with pytest.raises(ConfigError, match="fields of Config"):
        Config.from_json('{"colour": 1}')


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"lr": "fast"}', "lr: got 'fast', expected a number. Correct it."),
        ('{"lr": true}', "lr: got True, expected a number"),
        ('{"steps": 1.5}', "steps: got 1.5, expected a whole number"),
        ('{"encoder": 32}', "encoder: got 32, expected several whole numbers"),
        ('{"encoder": [32, "a"]}', "encoder: got (32, 'a')"),
        ('{"betas": [0.1, null]}', "beta: got (0.1, None), expected several numbers"),
        ('{"task": "sing"}', "task: got 'sing', expected one of classify"),
        ('{"variance": "learnt"}', "variance: got 'learnt', expected a number or null"),
        ('{"dataset": {"name": 5}}', "dataset name: got 5, expected a text"),
        ('{"dataset": {"n": "many"}}', "dataset n: got 'many', expected a whole number"),
        ('{"dataset": {"rho": 0.9}}', "dataset rho: got 0.9, expected several numbers"),
        ('{"dataset": "moons"}', "expected JSON with the fields of Config"),
        ("[1]", "expected JSON with the fields of Config"),
        ("{", "expected JSON with the fields of Config"),
    ],
)
def test_a_config_of_other_types_names_the_field(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as raised:
        Config.from_json(text)
    assert says in str(raised.value)
