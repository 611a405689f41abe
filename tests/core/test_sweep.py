"""One config's account, and many of them: parallel, streamed, resumed, and on a cluster that loses a worker."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from joblib.externals.loky import reusable_executor

from vibcore import sweep as module
from vibcore.exact import gaussian
from vibcore.sweep import WorkersLost, run_config, sweep
from vibcore.types import Config, ConfigError, DatasetSpec

ROOT = Path(__file__).parents[2]
MOONS = Config(DatasetSpec("moons", n=150, noise=0.2), betas=(0.01, 0.3, 2.0), steps=60, batch=64)
LINE = Config(DatasetSpec("gaussian", n=150), betas=(0.1, 0.5), steps=20, batch=64)  # its frontier costs no time


def seeds(count: int, **changes) -> list[Config]:
    return [replace(LINE, seed=seed, **changes) for seed in range(count)]


def without_time(result: dict) -> dict:
    return {key: value for key, value in result.items() if key not in ("seconds", "versions")}


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


def test_every_beta_is_accounted_for_on_both_splits(result):
    assert [p["beta"] for p in result["points"]] == list(MOONS.betas)
    for split in (p[name] for p in result["points"] for name in ("train", "test")):
        assert {e["kind"] for e in (split["i_xz"], split["i_zy"])} == {"monte_carlo"}
        assert split["rate"]["value"] == pytest.approx(sum(split["kl_per_dim"]), rel=1e-5)
        assert 0 <= split["error_mc"]["value"] <= 1


def test_bounds_bracket_the_monte_carlo_values(result):
    """R ≥ I(X;Z) and H(Y) − D ≤ I(Y;Z) on each finite set, within the errors of the draws; I(X;Z) ≤ ln N."""
    for p in result["points"]:
        for name, n in (("train", 100), ("test", 50)):
            split = p[name]
            assert split["i_xz"]["value"] <= split["rate"]["value"] + 5 * split["i_xz"]["stderr"]
            assert split["i_xz"]["value"] <= math.log(n)
            error = math.hypot(split["i_zy"]["stderr"], split["i_zy_bound"]["stderr"])
            assert split["i_zy_bound"]["value"] <= split["i_zy"]["value"] + 5 * error


def test_a_model_beyond_the_collapse_says_nothing(result):
    collapsed = result["points"][2]["train"]  # β = 2: above every ρ_m²
    assert result["frontier"]["collapse"] < 2.0
    assert collapsed["i_xz"]["value"] < 0.02
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
    ran = Counter()
    real = run_config

    def fails_at_seed_2(config, **_):
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
    with pytest.raises(ConfigError, match="batch: got 101"):
        sweep([LINE, replace(LINE, batch=101)], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"folder: got .*file.*Choose another folder"):
        sweep([LINE], tmp_path / "file")


def test_dask_that_is_missing_or_silent_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "WAIT", 0.3)
    for address in (None, "tcp://127.0.0.1:1", "nonsense://x"):
        with pytest.raises(ConfigError, match="Start one with `dask scheduler`"):
            sweep([LINE], tmp_path, backend="dask", scheduler=address)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"Run pip install 'dask\[distributed\]'"):
        sweep([LINE], tmp_path, backend="dask", scheduler="tcp://127.0.0.1:1")


@pytest.fixture
def cluster(tmp_path):
    """A dask scheduler and two workers as processes of their own: (address, name → worker process)."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}

    def start(what: str, *flags: str) -> subprocess.Popen:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard", "--scheduler-file", file]
        with (tmp_path / f"{what}.log").open("a") as log:
            return subprocess.Popen([*command, *flags], cwd=tmp_path, env=environment, stdout=log, stderr=log)

    processes = {"scheduler": start("scheduler", "--port", "0", "--host", "127.0.0.1")}
    try:
        for name in ("a", "b"):
            processes[name] = start("worker", "--no-nanny", "--nthreads", "1", "--name", name)
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        yield json.loads(file.read_text())["address"], processes
    finally:
        for process in reversed(processes.values()):
            process.kill()
            process.wait()


def test_a_cluster_that_loses_a_worker_loses_no_result_and_repeats_none(cluster, tmp_path):
    from distributed import Client

    address, processes = cluster
    configs = seeds(6, steps=1000)
    seen, lost = [], []
    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        names = {worker: w["name"] for worker, w in client.scheduler_info()["workers"].items()}

        def kill_a_busy_worker(done: int, total: int) -> None:
            seen.append((done, total))
            if not lost:
                lost.extend(next((names[w], keys) for w, keys in client.processing().items() if keys))
                processes[lost[0]].kill()

        files = sweep(configs, tmp_path / "out", progress=kill_a_busy_worker, backend="dask", scheduler=address)
        assert [w["name"] for w in client.scheduler_info()["workers"].values()] != ["a", "b"]
    assert processes[lost[0]].wait() == -9
    assert lost[1], "the worker had work in hand"
    assert seen == [(i, 6) for i in range(1, 7)]
    assert sorted(files) == sorted((tmp_path / "out").iterdir())
    for config, file in zip(configs, files, strict=True):
        found = json.loads(file.read_text())
        assert Config.from_json(json.dumps(found["config"])) == config
    assert without_time(found) == without_time(run_config(configs[-1]))
