"""One config's account, and many of them: parallel, streamed, resumed, and on a cluster that loses a worker."""

import json
import math
import os
import signal
import threading
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from joblib.externals.loky import reusable_executor

from tests.core import byhand
from vibcore import data as datasets
from vibcore import densities, training
from vibcore import sweeps as module
from vibcore.config import Config, DatasetSpec
from vibcore.exact import gaussian
from vibcore.sweeps import WorkersLost, run_config, sweep
from vibcore.types import ConfigError

ROOT = Path(__file__).parents[2]
MOONS = Config(DatasetSpec("moons", n=150, noise=0.2), betas=(0.01, 0.3, 2.0), steps=60, batch=64)
LINE = Config(DatasetSpec("gaussian", n=150), betas=(0.1, 0.5), steps=20, batch=64)  # its frontier costs no time


def seeds(count: int, **changes) -> list[Config]:
    return [replace(LINE, seed=seed, **changes) for seed in range(count)]


def without_time(result: dict) -> dict:
    return {key: value for key, value in result.items() if key not in ("seconds", "versions")}


@pytest.fixture(scope="module", autouse=True)
def frontiers_computed_once():
    """Most runs here are of one problem, whose frontier takes longer than their training."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(densities, "reference", cache(densities.reference))
        yield


@pytest.fixture(scope="module")
def result():
    return run_config(replace(MOONS, steps=300))


def test_a_result_is_json_and_carries_its_config(result):
    again = json.loads(json.dumps(result, allow_nan=False))
    assert again == result
    assert Config.from_json(json.dumps(again["config"])) == replace(MOONS, steps=300)
    assert set(result) == {"config", "points", "frontier", "seconds", "versions"}
    assert result["seconds"] > 0
    assert result["versions"]["torch"] == torch.__version__


def test_every_beta_is_accounted_for_on_all_that_there_is_to_look_at(result):
    assert [p["beta"] for p in result["points"]] == list(MOONS.betas)
    inputs = {"train": 100, "test": 50, "population": 5000}
    for p in result["points"]:
        for name, n in inputs.items():
            split = p[name]
            assert split["inputs"] == n
            assert split["i_xz"]["of"] == split["i_zy"]["of"] == ("sample" if name == "train" else "population")
            assert split["rate"]["value"] == pytest.approx(sum(split["kl_per_dim"]), rel=1e-5)
            assert 0 <= split["error_mc"]["value"] <= 1


def test_every_number_of_a_result_is_what_its_definition_gives():
    """From the weights of the same training, in NumPy: on each split its own rows, labels and draws."""
    config = replace(MOONS, steps=200, averaging=0.9)
    found, dataset = run_config(config), datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), 200)
    for i, point in enumerate(found["points"]):
        w = {name: value[i].double().numpy() for name, value in training.weights(state).items()}
        for split, rows in (("train", dataset.train), ("test", dataset.test)):
            x, y = dataset.x[rows], dataset.y[rows]
            expected = byhand.account(w, x, y, 12)
            assert point[split]["kl_per_dim"] == pytest.approx(expected.pop("kl_per_dim"), abs=1e-4)
            for name, (value, stderr) in expected.items():
                slack = 1.01 / len(rows) if name.startswith("error") else 1e-4  # one input may stand on the border
                assert point[split][name]["value"] == pytest.approx(value, abs=slack), (i, split, name)
                assert point[split][name]["stderr"] == pytest.approx(stderr, rel=0.05, abs=1e-5), (i, split, name)
        told = byhand.informations(w, dataset.x[dataset.train], dataset.y[dataset.train], 60)
        for name, (value, stderr) in told.items():  # of the training sample as a world of its own
            found_ = point["train"][name]["lower"]
            assert point["train"][name]["upper"] == found_
            assert abs(found_["value"] - value) < 5 * math.hypot(found_["stderr"], stderr) + 1e-4, (i, name)
    kinds = {name: e["kind"] for name, e in found["points"][0]["test"].items() if isinstance(e, dict) and "kind" in e}
    assert kinds == {
        "rate": "upper",
        "distortion": "monte_carlo",
        "i_zy_bound": "lower",
        "error_1": "monte_carlo",
        "error_mc": "monte_carlo",
    }
    ends = {
        name: [found["points"][0][s][name][end]["kind"] for s in ("train", "test") for end in ("lower", "upper")]
        for name in ("i_xz", "i_zy")
    }
    assert ends == {name: ["monte_carlo", "monte_carlo", "lower", "upper"] for name in ends}


def test_bounds_bracket_the_informations(result):
    """I(X;Z) ≤ R and H(Y) − D ≤ I(Y;Z), between their ends; of a sample I(X;Z) ≤ ln N as well."""
    for p in result["points"]:
        for name in ("train", "test", "population"):
            split = p[name]
            i_xz, i_zy = split["i_xz"], split["i_zy"]
            assert 0 <= i_xz["low"] <= i_xz["high"] and 0 <= i_zy["low"] <= i_zy["high"]
            assert i_xz["low"] == max(0.0, i_xz["lower"]["value"] - 1.959964 * i_xz["lower"]["stderr"])
            assert i_xz["low"] <= split["rate"]["value"] + 4 * split["rate"]["stderr"]
            assert split["i_zy_bound"]["value"] <= i_zy["high"] + 4 * split["i_zy_bound"]["stderr"]
        assert p["train"]["i_xz"]["upper"]["value"] <= math.log(100) + 1e-9
        assert p["population"]["i_zy"]["low"] <= result["frontier"]["i_xy"]


def test_slacks_are_what_bounds_and_informations_differ_by(result):
    """Draw by draw the far end of one goes with the near end of the other; bounds rest on more draws, so ± errors."""
    for p in result["points"]:
        for name in ("train", "test", "population"):
            of = p[name]
            sums = [
                (of["i_xz"][ours], of["marginal_slack"][other], 1, of["rate"])
                for ours, other in (("lower", "upper"), ("upper", "lower"))
            ] + [(of["i_zy"][end], of["decoder_slack"][end], -1, of["i_zy_bound"]) for end in ("lower", "upper")]
            for information, slack, sign, bound in sums:
                error = math.hypot(*(e["stderr"] for e in (information, slack, bound)))
                found = information["value"] + sign * slack["value"]
                assert found == pytest.approx(bound["value"], abs=4 * error + 1e-5), (p["beta"], name)
            assert of["marginal_slack"]["of"] == of["i_xz"]["of"] and of["decoder_slack"]["low"] >= 0


def test_a_model_beyond_the_collapse_says_nothing(result):
    collapsed = result["points"][2]["train"]  # β = 2: above every ρ_m²
    assert result["frontier"]["collapse"] < 2.0
    assert collapsed["i_xz"]["upper"]["value"] < 0.02
    assert collapsed["rate"]["value"] < 0.05


def test_the_gaussian_frontier_is_the_closed_form():
    config = Config(DatasetSpec("gaussian", n=120, rho=(0.9, 0.6)), betas=(0.1,), steps=2, batch=32)
    found = run_config(config)
    assert found["frontier"]["i_xy"] == pytest.approx(-0.5 * np.log((1 - 0.81) * (1 - 0.36)))
    i = len(found["frontier"]["beta"]) // 2
    point = gaussian.point((0.9, 0.6), found["frontier"]["beta"][i])
    assert (found["frontier"]["i_x"][i], found["frontier"]["i_y"][i]) == pytest.approx(point)
    assert found["points"][0]["train"]["i_zy"] is None  # real targets have no class labels


def test_what_is_not_known_is_null():
    found = run_config(Config(DatasetSpec("iris", n=150), betas=(0.1,), steps=2, batch=32))
    assert found["frontier"] is None
    itself = run_config(Config(DatasetSpec("moons", n=150), "reconstruct", betas=(0.1,), steps=2, batch=32))
    assert itself["frontier"] is None  # that of Y = X is another


def test_a_diverged_model_is_named_and_the_result_stays_json():
    found = run_config(replace(MOONS, lr=1e30, steps=20))
    assert all(0 <= p["diverged"] < 20 for p in found["points"])
    assert json.dumps(found, allow_nan=False)
    at_once = run_config(replace(MOONS, betas=(0.1, 1e39), steps=2))  # the second is infinite in single precision
    assert [p["diverged"] for p in at_once["points"]] == [None, 0]


def test_the_cost_of_a_reconstruction_is_minus_the_log_density_of_the_input():
    """−ln N(x; decoded mean, variance given) in NumPy, averaged over the twelve draws, on each split."""
    config = replace(MOONS, task="reconstruct", variance=0.25, betas=(0.1,))
    found, dataset = run_config(config)["points"][0], datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), config.steps)
    w = {name: value[0].double().numpy() for name, value in training.weights(state).items()}
    for split, rows in (("train", dataset.train), ("test", dataset.test)):
        x = dataset.x[rows].astype(float)
        mu, sigma = byhand.encode(w, x)
        apart = x - byhand.mlp(w, "decoder", mu + sigma * byhand.eps(12, *mu.shape))
        cost = (apart**2 / 0.5 + np.log(2 * np.pi * 0.25) / 2).sum(-1).mean(0)
        assert found[split]["distortion"]["value"] == pytest.approx(cost.mean(), abs=1e-4)
        assert found[split]["i_zy_bound"] is None and found[split]["error_mc"] is None


def test_equal_configs_give_equal_results_whatever_the_reports():
    seen = []
    reported = run_config(LINE, lambda step, steps: seen.append((step, steps)))
    assert without_time(reported) == without_time(run_config(LINE))
    assert seen == [(step, 20) for step in range(1, 21)]


def test_a_sweep_writes_each_config_once_and_silently_leaves_nothing_else(tmp_path, capfd):
    configs = seeds(3)
    files = sweep([*configs, configs[0]], tmp_path / "new" / "folder")
    assert sorted(set(files)) == sorted((tmp_path / "new" / "folder").iterdir())
    assert [json.loads(f.read_text())["config"]["seed"] for f in files] == [0, 1, 2, 0]
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1].endswith("3/3")


def test_a_sweep_resumes_where_it_stopped(tmp_path, monkeypatch):
    ran: Counter[int] = Counter()
    real = run_config

    def fails_at_seed_2(config, *_, **__):
        if config.seed == 2 and not ran[2]:
            ran[2] += 1
            raise MemoryError
        ran[config.seed] += 1
        return real(config)

    monkeypatch.setattr(module, "run_config", fails_at_seed_2)
    with pytest.raises(MemoryError):
        sweep(seeds(4), tmp_path, progress=None)
    assert len(list(tmp_path.iterdir())) == 2  # what was finished is kept
    counts = []
    files = sweep(seeds(4), tmp_path, progress=lambda done, total: counts.append((done, total)))
    assert counts == [(3, 4), (4, 4)]
    assert all(f.exists() for f in files)
    assert ran == {0: 1, 1: 1, 2: 2, 3: 1}  # seed 2: the failure and its repetition


@pytest.mark.parametrize("left", ["", "{}", "[1]", "null", '{"config": {}', "another config", "half"])
def test_what_is_no_whole_result_of_its_config_is_made_anew(tmp_path, left):
    """Left by a full disk, by another program or by a config whose name happens to be the same."""
    (file,) = sweep([LINE], tmp_path, progress=None)
    good = file.read_text()
    if left == "another config":
        left = good.replace('"lr": 0.01', '"lr": 0.02')
    elif left == "half":
        left = good[: len(good) // 2]
    assert left != good
    file.write_text(left)
    counts = []
    sweep([LINE], tmp_path, progress=lambda done, total: counts.append((done, total)))
    assert counts == [(1, 1)]
    assert without_time(json.loads(file.read_text())) == without_time(json.loads(good))
    sweep([LINE], tmp_path, progress=lambda done, total: counts.append((done, total)))
    assert counts == [(1, 1)], "a whole one is not"


def test_two_sweeps_into_one_folder_leave_whole_results_alone(tmp_path):
    failures = []

    def run() -> None:
        try:
            for steps in range(1, 9):
                for file in sweep([replace(LINE, steps=steps)], tmp_path, progress=None, threads=1):
                    json.loads(file.read_text())
        except Exception as error:
            failures.append(error)

    both = [threading.Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert failures == []
    assert len(list(tmp_path.iterdir())) == 8 and all(file.suffix == ".json" for file in tmp_path.iterdir())


def test_a_sweep_whose_workers_die_keeps_what_one_process_gives_and_says_how_to_go_on(tmp_path):
    def kill_them_all(done: int, total: int) -> None:
        for process in reusable_executor._executor._processes:
            os.kill(process, signal.SIGKILL)

    configs = seeds(6, steps=100)
    with pytest.raises(WorkersLost, match=r"TerminatedWorkerError.*Run the same again to go on"):
        sweep(configs, tmp_path, n_jobs=2, progress=kill_them_all)
    kept = list(tmp_path.iterdir())
    assert 1 <= len(kept) < 6
    for file in kept:
        found = json.loads(file.read_text())
        assert without_time(found) == without_time(run_config(Config.from_json(json.dumps(found["config"]))))
        assert found["versions"]["threads"] == "1"
    counts = []
    files = sweep(configs, tmp_path, progress=lambda done, total: counts.append(done))
    assert counts == list(range(len(kept) + 1, 7))
    assert sorted(files) == sorted(tmp_path.iterdir())


def test_threads_of_a_run_in_this_process_are_put_back(tmp_path):
    sweep(seeds(1, steps=1), tmp_path, progress=None, threads=2)
    assert json.loads(next(tmp_path.iterdir()).read_text())["versions"]["threads"] == "2"
    assert torch.get_num_threads() == 1


def test_a_config_that_cannot_be_had_stops_the_sweep_before_it_starts(tmp_path):
    with pytest.raises(ConfigError, match="batch: got 150"):
        sweep([LINE, replace(LINE, batch=150)], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"folder: got .*file.*Choose another folder"):
        sweep([LINE], tmp_path / "file")
