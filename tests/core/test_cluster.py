"""Sweeps on a dask cluster: one that cannot be had, and one that loses a worker."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vibcore import clusters
from vibcore.config import Config, DatasetSpec
from vibcore.sweeps import run_config, sweep
from vibcore.types import ConfigError

ROOT = Path(__file__).parents[2]
LINE = Config(DatasetSpec("gaussian", n=150), betas=(0.1, 0.5), steps=20, batch=64)  # its frontier costs no time


def test_dask_that_is_missing_or_silent_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "WAIT", 0.3)
    for address in (None, "tcp://127.0.0.1:1", "nonsense://x", "nonsense", "tcp://", "host:1:2", "tcp://host:99999999"):
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
    configs = [replace(LINE, seed=seed, steps=300) for seed in range(4)]
    seen: list[Any] = []
    lost: list[Any] = []
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
    assert seen == [(i, 4) for i in range(1, 5)]
    assert sorted(files) == sorted((tmp_path / "out").iterdir())
    for config, file in zip(configs, files, strict=True):
        found = json.loads(file.read_text())
        assert Config.from_json(json.dumps(found["config"])) == config
    assert found["points"] == run_config(configs[-1])["points"]
