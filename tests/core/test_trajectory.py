"""A run is a trajectory and a cursor: every moment is the one that training there would have shown."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

import vibcore
from vibcore import data as datasets
from vibcore import fits, sweeps, training
from vibcore.config import Config, DatasetSpec
from vibcore.training import Moment, TrainState
from vibcore.trajectory import MOST_LIGHT, Trajectory, _thinned, clone, load_trajectory, make_trajectory
from vibcore.types import ConfigError

CONFIG = Config(DatasetSpec("moons", 300, 0.2, 0.05), encoder=(8,), decoder=(), batch=50, betas=(0.01, 0.3), steps=120)


def trained(config: Config, steps: int) -> TrainState:
    dataset = datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), steps)
    return state


def assert_same(moment: Moment, state: TrainState) -> None:
    assert moment.step == state.step
    for name, weight in training.weights(state).items():
        assert torch.equal(moment.weights[name], weight), name


@pytest.fixture
def kept() -> Trajectory:
    """A hundred steps with a checkpoint every ten."""
    found = make_trajectory(CONFIG)
    for _ in range(10):
        found.advance(10)
        found.checkpoint()
    return found


@pytest.mark.parametrize("step", [0, 1, 40, 47, 99, 100, 117])
def test_any_moment_is_that_of_a_training_which_stopped_there(kept: Trajectory, step: int) -> None:
    assert_same(kept.at(step), trained(CONFIG, step))
    assert kept.step == max(100, step)


def test_looking_back_does_not_disturb_what_comes(kept: Trajectory) -> None:
    kept.at(13)
    kept.at(88)
    assert_same(kept.at(110), trained(CONFIG, 110))


def test_a_fork_is_the_run_that_was_edited_live(kept: Trajectory) -> None:
    live = trained(CONFIG, 43)
    live.config = replace(live.config, edits=((43, "lr", 0.001),))
    training.advance(live, training.tensors(datasets.load(CONFIG.dataset), CONFIG), 50)
    forked = kept.fork((43, "lr", 0.001))
    assert_same(forked.at(93), live)
    assert_same(forked.at(43), trained(CONFIG, 43))  # the past is shared
    assert not torch.equal(forked.at(93).weights["encoder.0.weight"], kept.at(93).weights["encoder.0.weight"])


def test_a_config_with_edits_replays_to_the_same_bits(kept: Trajectory) -> None:
    forked = kept.fork((43, "lr", 0.001)).fork((70, "lr", 0.02))
    again = make_trajectory(Config.from_json(forked.config.to_json()))
    assert again.config == forked.config
    assert_same(again.at(100), _state(forked, 100))


def _state(of: Trajectory, step: int) -> TrainState:
    of.at(step)
    return of.state


def test_a_saved_trajectory_goes_on_as_if_it_had_not_been_away(kept: Trajectory, tmp_path) -> None:
    kept.save(tmp_path / "run.npz")
    found = load_trajectory(tmp_path / "run.npz")
    assert (found.config, found.step, list(found.light)) == (CONFIG, 100, list(kept.light))
    assert_same(found.at(115), trained(CONFIG, 115))
    assert_same(found.at(50), trained(CONFIG, 50))
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


@pytest.mark.parametrize("part", [0.0, 0.3, 0.999])
def test_a_truncated_file_is_refused_in_words(kept: Trajectory, tmp_path, part: float) -> None:
    kept.save(tmp_path / "run.npz")
    whole = (tmp_path / "run.npz").read_bytes()
    (tmp_path / "run.npz").write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(
        ConfigError, match=r"run.npz: got 'a broken file .*expected a whole saved trajectory. Save it again"
    ):
        load_trajectory(tmp_path / "run.npz")


def test_other_files_are_refused_in_words(kept: Trajectory, tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"none.npz: got 'no file'"):
        load_trajectory(tmp_path / "none.npz")
    meta = {"format": 99, "config": json.loads(CONFIG.to_json()), "step": 0}
    np.savez(tmp_path / "new.npz", meta=np.array(json.dumps(meta)))
    with pytest.raises(ConfigError, match=r"got 'format 99', expected format 1. Update this library"):
        load_trajectory(tmp_path / "new.npz")
    np.savez(tmp_path / "pickle.npz", meta=np.array([{"format": 1}], dtype=object))
    with pytest.raises(ConfigError, match="a broken file"):
        load_trajectory(tmp_path / "pickle.npz")


def test_checkpoints_are_thinned_early_steps_staying_dense() -> None:
    kept = _thinned({step: step for step in range(0, 5001, 10)}, MOST_LIGHT)
    gaps = np.diff(list(kept))
    assert len(kept) == MOST_LIGHT and next(iter(kept)) == 0 and list(kept)[-1] == 5000
    assert gaps[0] == 10 and gaps[-1] >= 100


@pytest.mark.parametrize("widths", [(24,), (64, 64), (512, 512)])
def test_checkpoints_of_a_trajectory_stay_under_their_cap(widths: tuple[int, ...]) -> None:
    found = make_trajectory(replace(CONFIG, encoder=widths, betas=tuple(np.geomspace(1e-3, 1, 25))))
    for step in range(300):
        found.state.step = step  # what a checkpoint holds does not depend on what was learnt
        found.checkpoint()
    assert 2 <= len(found.light) <= MOST_LIGHT and len(found.full) >= 1
    assert found.bytes <= found.most_bytes or len(found.light) == len(found.full) == 2


def test_a_clone_goes_on_by_itself() -> None:
    state = trained(CONFIG, 5)
    before = state.parameters.clone()
    other = clone(state)
    training.advance(other, training.tensors(datasets.load(CONFIG.dataset), CONFIG), 5)
    assert torch.equal(state.parameters, before) and state.step == 5 and other.step == 10


@pytest.mark.parametrize(
    ("edits", "says"),
    [
        (((5, "beta", 0.1),), "edits"),
        (((5, "lr", 0.1), (4, "lr", 0.1)), "edits"),
        (((5, "lr", -0.1),), "edits"),
        (((5, "lr"),), "edits"),
    ],
)
def test_edits_that_cannot_be_had_are_refused_by_name(edits: tuple, says: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(ConfigError, match=says):
        make_trajectory(replace(CONFIG, edits=edits))


def test_a_fit_answers_for_the_whole_curve(tmp_path) -> None:
    seen: list[int] = []
    found = vibcore.fit(CONFIG, report=lambda step, _: seen.append(step))
    assert seen[-1] == 120 and set(found.points) == {"train", "test", "population"}
    assert found.points["population"][0].inputs == 20_000
    for split in ("train", "test", "population"):
        curve = found.curve(split)  # type: ignore[arg-type]
        by_rate = sorted(found.points[split], key=lambda p: p.rate.value)  # type: ignore[index]
        assert curve.i_x.tolist() == [p.rate.value for p in by_rate] and curve.beta.tolist() == [
            p.beta for p in by_rate
        ]
        assert curve.i_y.tolist() == [p.i_zy_bound.value for p in by_rate if p.i_zy_bound]
    assert found.snapshot().step == 120
    found.save(tmp_path / "fit.npz")
    assert fits.load_fit(tmp_path / "fit.npz").points == found.points
    with pytest.raises(ConfigError, match=r"split: got 'all', expected one of train, test, population"):
        found.curve("all")  # type: ignore[arg-type]


def test_a_fit_and_a_sweep_take_arrays_of_ones_own(tmp_path) -> None:
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(-2, 1, (60, 3)), rng.normal(2, 1, (60, 3))]) * [1, 10, 100]
    y = np.repeat(["left", "right"], 60)
    found = vibcore.fit(replace(CONFIG, batch=20, steps=300), (X, y))
    assert set(found.points) == {"train", "test"}  # nobody knows the density
    error = found.points["test"][0].error_mc
    assert error is not None and error.value < 0.1
    config = replace(CONFIG, batch=20, steps=50)
    (path,) = sweeps.sweep([config], tmp_path, progress=None, dataset=(X, y))
    result = json.loads(path.read_text())
    assert result["config"]["dataset"]["digest"] == found.config.dataset.digest and result["frontier"] is None
    for bad, says in ((X[:10], "60 rows"), (X * np.nan, "NaN"), (X.astype(str), "numbers")):
        with pytest.raises(ConfigError, match=says):
            vibcore.fit(CONFIG, (bad, y[: len(bad)]))
    with pytest.raises(ConfigError, match="one class"):
        vibcore.fit(CONFIG, (X, np.zeros(120, int)))


def test_public_names_are_callable_twice_and_no_modules() -> None:
    for name in vibcore.__all__:
        for _ in range(2):
            assert callable(getattr(vibcore, name)), name
