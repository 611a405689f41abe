"""The command line: what it writes, and that every wrong request ends in one line, before any work."""

import csv
import itertools
import json
import math
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from vibcore import sweeps as engine
from vibcore.__main__ import main
from vibcore.config import Config, DatasetSpec, beta_grid
from vibcore.exact import discrete, gaussian
from vibcore.sweeps import run_config

ROOT = Path(__file__).parents[2]
SPLITS = ("train", "test", "population")
SMALL = ["--dataset", "gaussian", "--n", "90", "--betas", "2", "--steps", "3", "--batch", "20", "--threads", "1"]

PAIRS = ["--dataset", "gaussian", "--rho"]


def status(*arguments: object) -> int:
    """Exit status, whether argparse or main ends the command."""
    try:
        return main([str(a) for a in arguments])
    except SystemExit as error:
        return int(error.code)


def refused(capsys: pytest.CaptureFixture, *arguments: object) -> str:
    """The one line of a request that cannot be had."""
    assert status(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1, captured.err
    assert captured.err.startswith("python -m vibcore")
    return captured.err


def table(path: Path) -> list[dict]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_sweep_of_one_config_is_run_config_of_its_flags(tmp_path, capsys):
    out = tmp_path / "curve.json"
    text = (
        "--dataset moons --noise 0.3 --flip 0.1 --n 120 --betas 3 --beta-min 0.01 --beta-max 1 --steps 30 --seed 4 "
        "--encoder 16-8 --decoder linear --latent-dim 2 --posterior full --batch 40 --lr 0.01 --threads 1 --out"
    )
    flags = text.split()
    assert status("sweep", *flags, out) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1].endswith("30/30")
    config = Config(
        DatasetSpec("moons", 120, 0.3, 0.1, seed=4),
        encoder=(16, 8),
        decoder=(),
        latent_dim=2,
        posterior="full",
        betas=beta_grid(3, 0.01, 1),
        steps=30,
        batch=40,
        lr=0.01,
        seed=4,
    )
    found = json.loads(out.read_text())
    assert Config.from_json(json.dumps(found["config"])) == config
    expected = run_config(config, count=1)
    assert found["points"] == expected["points"]
    assert found["frontier"] == expected["frontier"]


def test_standard_output_is_json_alone_and_threads_are_put_back(capsys):
    before = torch.get_num_threads()
    assert status("sweep", *SMALL) == 0
    found = json.loads(capsys.readouterr().out)
    assert [p["beta"] for p in found["points"]] == [1e-3, 1.8]
    assert found["versions"]["threads"] == "1"
    assert torch.get_num_threads() == before


def test_a_sweep_as_csv_has_a_row_for_each_beta_and_split(tmp_path):
    assert status("sweep", *SMALL, "--out", tmp_path / "a.csv") == 0
    assert status("sweep", *SMALL, "--out", tmp_path / "a.json") == 0
    rows, points = table(tmp_path / "a.csv"), json.loads((tmp_path / "a.json").read_text())["points"]
    assert [(r["beta"], r["split"]) for r in rows] == [(b, s) for b in ("0.001", "1.8") for s in SPLITS]
    names = {"rate", "distortion", "i_zy_bound", "error_1", "error_mc"}
    assert set(rows[0]) >= {f"{name}_{part}" for name in names for part in ("value", "stderr", "kind")}
    for row in rows:
        point = points[float(row["beta"]) > 1][row["split"]]
        cells = itertools.chain(
            itertools.product(names, ("value", "stderr", "kind")),
            itertools.product(("i_xz", "i_zy", "marginal_slack", "decoder_slack"), ("low", "high", "of", "inputs")),
        )
        for name, part in cells:
            assert row[f"{name}_{part}"] == ("" if point[name] is None else str(point[name][part]))
        assert list(map(float, row["kl_per_dim"].split())) == point["kl_per_dim"]
        assert row["inputs"] == str(point["inputs"])
    assert (rows[2]["inputs"], rows[2]["i_xz_inputs"]) == ("5000", "800")
    assert float(rows[2]["i_zy_low"]) >= 0 and rows[1]["i_zy_low"] == "", "real y: its density alone tells"


def test_seeds_up_to_the_largest_are_taken(capsys):
    for seed in ("3000000000", "4294967295"):
        assert status("sweep", *SMALL, "--seed", seed) == 0
        found = json.loads(capsys.readouterr().out)["config"]
        assert found["seed"] == found["dataset"]["seed"] == int(seed)
    assert "--seed: got '4294967296', expected a whole number from 0 to 4294967295" in refused(
        capsys, "sweep", *SMALL, "--seed", "4294967296"
    )


def test_tables_run_with_the_default_flags_and_say_what_they_changed(capsys, monkeypatch):
    seen = []
    monkeypatch.setattr(engine, "run_config", lambda config, *_: seen.append(config) or {})
    for name in ("iris", "wine", "digits", "moons"):
        assert status("sweep", "--dataset", name) == 0
    assert status("sweep", "--dataset", "moons", "--n", "90") == 0
    assert "batch 60: moons has no more training rows" in capsys.readouterr().err
    assert [(c.dataset.flip, c.batch) for c in seen] == [(0.0, 64), (0.0, 64), (0.0, 128), (0.05, 128), (0.05, 60)]
    assert (seen[3].encoder, seen[3].decoder, seen[3].dataset.n) == ((64, 64), (32,), 1000), "as on the page"
    assert "batch: got 128, expected 1 to 99" in refused(capsys, "sweep", "--dataset", "iris", "--batch", "128")


def test_several_values_are_swept_over_their_product_into_a_folder(tmp_path, capsys):
    out = f"{tmp_path}/results/"
    flags = [*SMALL, "--seed", "0,1,1", "--encoder", "8,linear", "--data-seed", "7", "--out", out]
    assert status("sweep", *flags) == 0
    configs = [json.loads(f.read_text())["config"] for f in Path(out).iterdir()]
    assert sorted((c["seed"], c["encoder"], c["dataset"]["seed"]) for c in configs) == [
        (0, [], 7),
        (0, [8], 7),
        (1, [], 7),
        (1, [8], 7),
    ]
    assert "4/4" in capsys.readouterr().err
    assert status("sweep", *flags) == 0  # nothing is left to do
    assert capsys.readouterr().err == f"4 results in {out}\n"


@pytest.mark.parametrize("flags", [PAIRS, ["--gaussian"]])
def test_the_gaussian_frontier_of_the_command_line_is_chechiks(tmp_path, flags):
    out = tmp_path / "frontier.csv"
    assert status("frontier", *flags, "0.9,0.6,0.3", "--out", out) == 0
    rows = table(out)
    for row in (rows[1], rows[len(rows) // 2], rows[-1]):
        point = gaussian.point((0.9, 0.6, 0.3), float(row["beta"]))
        assert (float(row["i_x"]), float(row["i_y"])) == pytest.approx(point)


def test_the_frontier_of_a_joint_is_the_binary_symmetric_one(tmp_path, capsys):
    """A fair bit through a flip of 0.1: I(X;Y) = ln 2 − h(0.1), collapse (1 − 0.2)², and the known curve."""
    (tmp_path / "joint.csv").write_text("0.45, 0.05\n\n0.05,0.45\n")
    assert status("frontier", "--joint", tmp_path / "joint.csv") == 0
    found = json.loads(capsys.readouterr().out)
    h = -0.1 * math.log(0.1) - 0.9 * math.log(0.9)
    assert found["i_xy"] == pytest.approx(math.log(2) - h)
    assert found["h_y"] == pytest.approx(math.log(2))
    assert found["collapse"] == pytest.approx(0.64)
    assert "joint.csv" in found["source"] and "lower bound" in found["source"] and found["frontier_kind"] == "lower"
    assert (found["collapse"], found["unstable"]) == pytest.approx((0.64, 0.64), abs=1e-6)
    i_x, i_y = discrete.binary_symmetric(0.1, 0.5)
    assert np.interp(i_x, found["i_x"], found["i_y"]) == pytest.approx(i_y, abs=2e-3)


def test_the_frontier_of_a_set_bends_below_its_information(tmp_path, monkeypatch):
    monkeypatch.setattr("vibcore.densities.CELLS", 40)
    out = tmp_path / "frontier.json"
    assert status("frontier", "--dataset", "circles", "--noise", "0.3", "--out", out) == 0
    found = json.loads(out.read_text())
    assert np.all(np.diff(found["i_x"]) > 0)
    assert np.all(np.array(found["i_y"]) <= found["i_xy"] + 1e-9)
    assert found["h_y"] == pytest.approx(math.log(2), abs=1e-6)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--dataset", "bananas"], "expected one of spirals, moons"),
        (["--n", "10"], "--n: got '10', expected a whole number from 60"),
        (["--noise", "nan"], "--noise: got 'nan'"),
        (["--noise", "0.001"], "--noise: got '0.001'"),
        (["--betas", "0"], "--betas: got '0', expected a whole number from 1"),
        (["--beta-min", "2"], "--beta-min: got 2.0, expected at most --beta-max, 1.8"),
        (["--steps", "many"], "--steps: got 'many'"),
        (["--seed", "0,-1"], "--seed: got '-1'"),
        (["--seed", "0,"], "--seed: got ''"),
        (["--encoder", "32-0"], "--encoder: got '32-0', expected at most 16 layer widths"),
        (["--encoder", "32x32"], "--encoder: got '32x32'"),
        (["--batch", "5000"], "batch: got 5000, expected 1 to"),
        (["--latent-dim", "65"], "--latent-dim: got '65'"),
        (["--lr", "-1"], "--lr: got '-1'"),
        (["--rho", "1"], "--rho: got '1'"),
        (["--threads", "0"], "--threads: got '0'"),
        (["--jobs", "0", "--out", "x/"], "--jobs: got '0'"),
        (["--task", "sing"], "--task: got 'sing', expected one of classify, reconstruct"),
        (["--encoder", "4096-4096-4096", "--betas", "100"], "parameters: got '3.4e+09', expected at most 2e+08"),
        (["--colour", "red"], "unrecognized arguments: --colour red"),
        (["--seed", "0,1"], "expected a folder"),
        (["--jobs", "2"], "expected a folder"),
        (["--backend", "dask"], "expected a folder"),
        (
            ["--backend", "dask", "--scheduler", "nonsense", "--out", "x/"],
            "scheduler: got 'nonsense', expected the addr",
        ),
    ],
)
def test_a_sweep_that_cannot_be_had_is_refused_before_training(capsys, monkeypatch, flags, says):
    monkeypatch.setattr(engine, "run_config", lambda *_, **__: pytest.fail("it trained"))
    assert says in refused(capsys, "sweep", *flags)


@pytest.mark.parametrize("command", ["sweep", "frontier", "bench", "datasets"])
def test_an_output_that_cannot_be_written_is_refused_before_the_work(tmp_path, capsys, monkeypatch, command):
    never = lambda *_: pytest.fail("it worked")  # noqa: E731
    monkeypatch.setattr(engine, "run_config", never)
    monkeypatch.setattr("vibcore.densities.reference", never)
    monkeypatch.setitem(sys.modules, "vibcore.bench", SimpleNamespace(bench=never))
    flags = ["--dataset", "moons"] if command in ("sweep", "frontier") else []
    (tmp_path / "folder.json").mkdir()
    for out in (tmp_path / "a.txt", tmp_path / "missing" / "a.json", tmp_path / "folder.json" / "a", "/proc/a.json"):
        assert "--out: got" in refused(capsys, command, *flags, "--out", out)
    assert [p.name for p in tmp_path.iterdir()] == ["folder.json"]  # and nothing is left behind


def test_a_folder_that_cannot_be_made_is_refused(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert "expected one to write in" in refused(capsys, "sweep", *SMALL, "--out", f"{tmp_path}/file/")


def test_frontiers_that_nobody_knows_are_refused(capsys):
    assert "expected a set whose density is known" in refused(capsys, "frontier", "--dataset", "iris")
    assert "--dataset: not allowed with" in refused(capsys, "frontier", "--joint", "a.csv", "--dataset", "moons")
    assert "is required" in refused(capsys, "frontier")
    given = ("--noise", "0.2", "--flip", "0.1", "--classes", "3")
    for of, unused in ((PAIRS[:2], "--noise, --flip, --classes"), (["--dataset", "moons"], "--classes")):
        says = f"{unused}: got 'given', expected none with {' '.join(of)}. Leave it out"
        assert says in refused(capsys, "frontier", *of, *given)
    says = "--noise, --flip, --classes, --rho: got 'given', expected none with --joint"
    assert says in refused(capsys, "frontier", "--joint", "a.csv", *given, "--rho", "0.9")
    assert "--counts: got 'given'" in refused(capsys, "frontier", "--dataset", "moons", "--counts")
    assert "--noise: got 'given', expected none" in refused(capsys, "frontier", "--gaussian", "0.9", "--noise", "1")
    assert "--rho: got 'given', expected none with --gaussian" in refused(
        capsys, "frontier", "--gaussian", "0.9", *PAIRS[2:], "0.5"
    )
    for rho in ("1", "-0.5", "nan", "a", ""):
        assert f"--rho: got {rho!r}" in refused(capsys, "frontier", *PAIRS[:2], f"--rho={rho}")
    assert "one to eight" in refused(capsys, "frontier", *PAIRS, ",".join(["0.5"] * 9))
    assert "gaussian, whose x says nothing of y" in refused(capsys, "frontier", *PAIRS, "0,0")


def test_bench_writes_what_was_measured(tmp_path, monkeypatch):
    seen = []

    def measure(seconds):
        seen.append(seconds)
        return {"threads": 2, "ratios": {"a": 1.5, "b": {"c": 2}}}

    monkeypatch.setitem(sys.modules, "vibcore.bench", SimpleNamespace(bench=measure))
    assert status("bench", "--seconds", "3", "--out", tmp_path / "b.json") == 0
    assert status("bench", "--out", tmp_path / "b.csv") == 0
    assert json.loads((tmp_path / "b.json").read_text())["ratios"]["b"] == {"c": 2}
    assert [tuple(r.values()) for r in table(tmp_path / "b.csv")] == [
        ("threads", "2"),
        ("ratios.a", "1.5"),
        ("ratios.b.c", "2"),
    ]
    assert seen == [3.0, 20.0]


def test_datasets_lists_every_name_with_its_size(capsys):
    assert status("datasets") == 0
    rows = {r["name"]: r for r in json.loads(capsys.readouterr().out)}
    assert {k: rows["iris"][k] for k in ("rows", "features", "classes")} == {"rows": 150, "features": 4, "classes": 3}
    assert (rows["spirals"]["classes"], rows["gaussian"]["classes"]) == (2, None)


def test_workers_that_die_end_in_one_line(tmp_path, capsys, monkeypatch):
    def lost(*_, **__):
        raise engine.WorkersLost("workers died. Run the same again to go on.")

    monkeypatch.setattr(engine, "sweep", lost)
    assert status("sweep", *SMALL, "--out", f"{tmp_path}/") == 1
    assert capsys.readouterr().err == "python -m vibcore sweep: workers died. Run the same again to go on.\n"


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (OSError(28, "No space left on device"), 1, "No space left"),
        (MemoryError(), 1, "MemoryError"),
        (KeyboardInterrupt(), 130, "stopped"),
    ],
)
def test_trouble_on_the_way_ends_in_one_line(capsys, monkeypatch, error, code, says):
    def fails(*_):
        raise error

    monkeypatch.setattr("vibcore.densities.reference", fails)
    assert status("frontier", "--dataset", "moons") == code
    captured = capsys.readouterr().err
    assert says in captured
    assert captured.count("\n") == 1


def test_the_module_runs_as_a_program():
    run = lambda *a: subprocess.run([sys.executable, "-m", "vibcore", *a], cwd=ROOT, capture_output=True, text=True)  # noqa: E731
    good, bad = run("frontier", *PAIRS, "0.9"), run("frontier", *PAIRS, "2")
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout)["collapse"] == pytest.approx(0.81)
    assert (bad.returncode, bad.stdout, bad.stderr.count("\n")) == (2, "", 1)


def test_help_ends_in_examples(capsys):
    assert status("sweep", "--help") == 0
    helped = capsys.readouterr()
    assert helped.err == "" and "examples:\n  python -m vibcore sweep" in helped.out


def test_a_reader_that_leaves_early_gets_no_traceback():
    command = f"{sys.executable} -m vibcore frontier {' '.join(PAIRS)} 0.9 | true"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""
