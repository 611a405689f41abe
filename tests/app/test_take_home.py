"""What is taken home comes back to the bit, runs without the app, and nothing of a name in it is code."""

import ast
import csv
import io
import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dashboard import cache, controls, jobs, leads, picture, pin_board, replay, snippet, take_home, turns
from dashboard.jobs import Job
from dashboard.making import Taken, frozen, make
from dashboard.pages import COMPARE, EXPLORE, VAE
from dashboard.pins import SEEDS
from dashboard.run import Run
from dashboard.scene import Scene
from dashboard.state import Session
from tests.app.driving import lab, opened, until
from tests.app.test_pin_links import SMALL
from tests.app.test_pins import begun, found_out
from tests.app.test_player import CHOICES, ahead, alone, assert_same
from tests.app.test_player import opened as opened_run
from tests.figures.test_recording import messages
from tests.servers import ROOT
from vibcore import classifiers, evaluation, sweeps, tables
from vibcore.config import Config
from vibcore.estimator import VIBClassifier
from vibcore.tables import Reading
from vibcore.trajectory import load_trajectory
from vibcore.types import ConfigError

EVIL = "x\"\"\"\n'+__import__('os').abort()#</script><script>alert(1)</script>"
WHOLE = """
import importlib.util, json, runpy, sys
assert importlib.util.find_spec("dashboard") is None and importlib.util.find_spec("vibcore") is not None
found = []
for script in sys.argv[1:]:
    points = runpy.run_path(script)["fit"].points["test"]
    found.append([[p.rate.value, p.distortion.value, p.error_mc.value] for p in points])
print(json.dumps(found))
"""


def quiet(done: int, total: int) -> None:
    """A report that nobody listens to."""


def taken(run: Run, **more: object) -> Taken:
    return Taken(EXPLORE, CHOICES, (frozen(run),), "Explore: moons, seed 0, 60 steps", **more)  # type: ignore[arg-type]


@pytest.fixture
def run() -> Run:
    """Looked at until step 60."""
    found = opened_run()
    ahead(found, 60)
    return found


def own_table() -> tuple[bytes, tables.Table, Config, Reading]:
    """A table whose names and labels would like to be code."""
    rng = np.random.default_rng(0)
    lines = [f"a,b,{json.dumps(EVIL).replace(chr(92) + chr(34), '')}"]
    for i in range(90):
        a, b = rng.normal((i % 2) * 3, 1, 2)
        lines.append(f"{a:.4f},{b:.4f},{'</script><script>alert(1)</script>' if i % 2 else 'its'}")
    data = "\n".join(lines).encode()
    reading = Reading(label=tables.columns(data)[2])
    table = tables.read(data, reading)
    own = controls.Choices("own", table=table.digest, encoder=(8,), decoder=(), batch=16, stops=3, steps=40, flip=0.0)
    return data, table, controls.config(own), reading


def test_the_curve_is_what_the_command_line_says_of_the_same_run_to_the_bit(run: Run) -> None:
    held = taken(run)
    run.training.advance(40, 10_000)  # another visitor goes on meanwhile
    found = json.loads(make(held, "json", quiet))
    assert found["config"]["steps"] == 60 and 0 < found.pop("seconds") < 60
    theirs = sweeps.run_config(Config.from_json(json.dumps(found["config"])), count=1)
    del theirs["seconds"]
    assert found == json.loads(json.dumps(theirs))
    rows = list(csv.reader(io.StringIO(make(held, "csv", quiet).decode())))
    assert (
        len(rows) == 1 + 3 * 3
        and float(rows[1][rows[0].index("rate_value")]) == theirs["points"][0]["train"]["rate"]["value"]
    )


@pytest.mark.parametrize("later", [0, 37])
def test_the_trajectory_comes_back_to_the_bit_also_of_a_run_that_others_took_further(
    run: Run, tmp_path: Path, later: int
) -> None:
    kept = set(run.training.trajectory.light)
    run.training.advance(later, 10_000)
    (tmp_path / "run.npz").write_bytes(make(taken(run), "trajectory", quiet))
    found = load_trajectory(tmp_path / "run.npz")
    assert found.step == 60 and found.config == run.config and set(found.light) == kept
    for step in (0, 30, 47, 60, 75):
        assert_same(found.at(step), alone(run.config, step))


def test_the_classifier_has_the_very_weights_of_the_chosen_model_and_predicts_as_the_page(
    run: Run, tmp_path: Path
) -> None:
    held = taken(run)
    (tmp_path / "model.npz").write_bytes(make(held, "classifier", quiet))
    found = classifiers.load_classifier(tmp_path / "model.npz")
    for name, weight in alone_weights(run).items():
        np.testing.assert_array_equal(found.weights_[name], weight[held.chosen : held.chosen + 1].numpy())
    assert found.beta == run.config.betas[held.chosen] and found.encoder == (8,) and found.steps == 60
    data = run.dataset
    assert held.own.moment is not None
    point = evaluation.evaluate(held.own.moment.weights, run.problem, run.problem.test)[held.chosen]
    assert point.error_mc is not None
    assert 1 - found.score(data.x[data.test], data.y[data.test]) == pytest.approx(point.error_mc.value, abs=0.05)
    again = tmp_path / "again.npz"
    classifiers.save_classifier(found, again)
    assert again.read_bytes() == (tmp_path / "model.npz").read_bytes()
    assert isinstance(found.fit(data.x, data.y), VIBClassifier), "its parameters are a classifier's own"


def alone_weights(run: Run) -> dict[str, torch.Tensor]:
    from vibcore import training

    return training.weights(alone(run.config, run.step))


def test_what_is_no_classifier_is_refused_in_words(run: Run, tmp_path: Path) -> None:
    held = taken(run).own
    assert held.moment is not None
    full = replace(held.problem, config=replace(run.config, posterior="full"))
    with pytest.raises(ConfigError, match=r"posterior: got 'full', expected diagonal.*Keep the trajectory"):
        classifiers.classifier_of(held.moment, full, 0)
    data = make(taken(run), "classifier", quiet)
    for bad, says in (
        (data[:-300], "broken file"),
        (b"", "broken file"),
        (make(taken(run), "trajectory", quiet), "broken"),
    ):
        (tmp_path / "bad.npz").write_bytes(bad)
        with pytest.raises(ConfigError, match=says):
            classifiers.load_classifier(tmp_path / "bad.npz")
    with pytest.raises(ConfigError, match=r"none.npz: got 'no file', expected a saved classifier"):
        classifiers.load_classifier(tmp_path / "none.npz")


def test_the_python_runs_with_the_library_alone_and_its_numbers_are_the_pages(run: Run, tmp_path: Path) -> None:
    data, table, config, reading = own_table()
    own = Run(config, tables.dataset(table, config.dataset), is_private=True)
    own.advance(40, 40)
    (tmp_path / "vibcore").symlink_to(ROOT / "vibcore")
    (tmp_path / "mine.csv").write_bytes(data)
    (tmp_path / "moons.py").write_bytes(make(taken(run), "python", quiet))
    (tmp_path / "own.py").write_bytes(make(taken(own, source="mine.csv", reading=reading), "python", quiet))
    (tmp_path / "both.py").write_text(WHOLE)
    about = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "both.py", "moons.py", "own.py"]
    done = subprocess.run(command, cwd=tmp_path, env=about, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    for mine, theirs in zip((run, own), json.loads(done.stdout.splitlines()[-1]), strict=True):
        assert mine.moment is not None
        points = evaluation.evaluate(mine.moment.weights, mine.problem, mine.problem.test)
        assert theirs == [[p.rate.value, p.distortion.value, p.error_mc.value] for p in points if p.error_mc]


def test_hostile_names_are_text_in_every_file() -> None:
    _, table, config, _ = own_table()
    text = snippet.python(config, "Explore: own, seed 0, 40 steps", 1, EVIL, Reading(label=EVIL, features=(EVIL, "b")))
    called = {ast.unparse(node.func) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}
    ours = {"DatasetSpec", "Config", "fit"}
    wanted = {"tables.read", "Path", f"Path({EVIL!r}).read_bytes", "tables.Reading", "tables.dataset", "print"}
    assert called == wanted | {f"vibcore.{name}" for name in ours}
    with pytest.raises(ValueError, match="os"):
        snippet.python(config, EVIL, 1)
    own = Run(config, tables.dataset(table, config.dataset), is_private=True)
    own.advance(8, 8)
    choices = controls.Choices("own", table=table.digest, stops=3, batch=16)
    held = Taken(EXPLORE, choices, (frozen(own),), f"Explore {EVIL}", EVIL)
    for key in ("figures", "replay"):
        assert b"alert(1)</script>" not in make(held, key, quiet).replace(b"&lt;/script&gt;&lt;script&gt;alert(1)", b"")


def test_a_file_says_page_dataset_seed_step_and_beta_where_it_is_of_one_model() -> None:
    config = controls.config(CHOICES)
    names = {item.key: take_home.file_name(EXPLORE, config, 0.05, 60, item) for item in take_home.ITEMS}
    assert names["json"] == "explore-moons-seed-0-step-60.json"
    assert names["trajectory"] == "explore-trajectory-moons-seed-0-step-60.npz"
    assert names["classifier"] == "explore-classifier-moons-seed-0-beta-0.0424264-step-60.npz"
    both = take_home.items(COMPARE, [Scene(each.config(CHOICES), opened_run().window, ()) for each in COMPARE.runs])
    named = {item.label: take_home.file_name(COMPARE, config, 0.05, 60, item) for item in both}
    assert named["VIB: Curve as CSV"] == "vib-beside-vae-vib-moons-seed-0-step-60.csv"
    assert named["VAE: Curve as CSV"] == "vib-beside-vae-vae-moons-seed-0-step-60.csv"
    assert [label for label in named if "Classifier" in label] == ["VIB: Classifier of this β"] and len(named) == 11
    assert "Replay as HTML" in named and len(set(named.values())) == 11
    own = take_home.file_name(COMPARE, config, 0.05, 60, take_home.ITEMS[-1], "../../Straße </a>\0.csv")
    assert own == "vib-beside-vae-replay-own-..-..-stra-e-a--seed-0-step-60.html"


def test_figures_hold_every_chart_of_the_page_and_need_no_network(run: Run) -> None:
    text = make(taken(run), "figures", quiet).decode()
    count = len(picture.panels(EXPLORE, replay.still_of(EXPLORE, CHOICES, [run])))
    assert text.count("<section>") == count > 5 and "Explore: moons" in text and "step 60" in text
    assert text.count("plotly.js v") == 1 and 'src="http' not in text and "cdn.plot.ly/plotly" not in text.lower()


def test_what_is_pinned_and_a_walk_that_is_over_are_in_both_files_as_the_page_is_sent_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leads, "STEPS", 2)
    monkeypatch.setattr(leads, "STOPS", 3)
    mine, run = begun(replace(SMALL, decoder=()), 15)
    pin_board.pin(mine, EXPLORE)
    pin_board.pin(mine, EXPLORE, SEEDS)
    mine.choices = replace(mine.choices, seed=1)  # … which the pins are not of
    mine.runs["classify"] = run = begun(mine.choices, 30)[1]
    mine.player.playing = False
    assert take_home.compared(mine, EXPLORE) == take_home.ALONE, "what is not known yet is left out"
    cache.reference(run.config.dataset).done.wait()
    leads.toggle(mine, EXPLORE)
    leads.keep_on(mine, EXPLORE)
    found_out(mine, run)
    until(lambda: mine.lead is not None and mine.lead.is_over, lambda: leads.keep_on(mine, EXPLORE))
    compared = take_home.compared(mine, EXPLORE)
    still = replay.still_of(EXPLORE, mine.choices, [run], compared)
    page = replace(still, pins=pin_board.pinned(mine, EXPLORE), led=leads.led(mine, EXPLORE))
    header, arrays = picture.frame(EXPLORE, replay.seen_now(page, [run]), False, "")
    sent = {name: array for name, (array, _) in arrays.items() if replay.STANDS.match(name)}
    assert {"pin_0_x", "pin_0_mu", "pin_0_code", "pin_1_range_x", "led_up_y", "led_down_y"} <= set(sent)
    held = Taken(EXPLORE, mine.choices, (frozen(run),), "Explore", compared=compared)
    first, *others = messages(make(held, "replay", quiet).decode())
    for name, array in sent.items():
        np.testing.assert_array_equal(first[2][name], array, name)
        assert first[1]["arrays"][name]["once"] and not any(name in each for _, _, each in others)
    shown = {panel["id"] for panel in json.loads(first[0])["panels"]}
    assert {"plane", "pinned", "warm"} <= shown, "the stage draws them by itself"
    traces = {trace["meta"]["bind"]["x"]: trace for trace in traces_of(make(held, "figures", quiet).decode())}
    for name in ("pin_0_x", "pin_1_x", "pin_1_range_x", "led_up_x", "led_down_x"):
        np.testing.assert_array_equal(np.array(traces[name]["x"], float), sent[name])
        np.testing.assert_array_equal(np.array(traces[name]["y"], float), sent[f"{name[:-1]}y"])
    rows = traces["pin_0_mu.0"]["meta"]["rows"]
    np.testing.assert_array_equal(traces["pin_0_mu.0"]["x"], sent["pin_0_mu"][header["chosen"], rows, 0])


def traces_of(text: str) -> list[dict[str, Any]]:
    """Those of a page's charts that are bound to places."""
    starts = [found.end() for found in re.finditer(r'Plotly\.newPlot\(\s*"[^"]*",\s*', text)]
    every = [trace for at in starts for trace in json.JSONDecoder().raw_decode(text, at)[0]]
    return [trace for trace in every if "x" in trace.get("meta", {}).get("bind", {})]


def test_every_page_can_be_taken_home() -> None:
    choices = replace(CHOICES, dataset="moons", compare=True)
    for page in (VAE, COMPARE):
        runs = []
        for each in page.runs:
            config = each.config(choices)
            runs.append(Run(config, opened_run().dataset))
            runs[-1].advance(8, 8)
            runs[-1].snapshot_now([1])
        held = Taken(page, choices, tuple(map(frozen, runs)), page.title)
        for key in ("python", "figures", "json"):
            assert len(make(held, key, quiet)) > 500
        for item in take_home.items(page, [Scene(each.config, each.window, ()) for each in runs]):
            if item.key in ("python", "json"):
                of = make(replace(held, which=item.run), item.key, quiet).decode()
                assert [task for task in ("classify", "reconstruct") if task in of] == [page.runs[item.run].task]
        with pytest.raises(ConfigError, match="task: got 'reconstruct'"):
            make(held, "classifier", quiet)


def test_before_the_first_step_there_is_nothing_to_take_home() -> None:
    with pytest.raises(ConfigError, match=r"step: got 0, expected at least one step.*Press play"):
        make(taken(opened_run()), "json", quiet)


def test_a_job_can_be_cancelled_says_how_far_it_is_and_ends_where_the_page_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(report: jobs.Report) -> str:
        for i in range(10**6):
            report(i, 4)
            if i == 2:
                begun.set()
                assert go_on.wait(20)
        return "never"

    one, two = Job(work), Job(work)
    assert begun.wait(20)
    third = Job(lambda report: "third")
    assert one.share == 0.5 and third.share is None and not third.done.is_set(), "it waits for a place"
    one.cancel()
    monkeypatch.setattr(two, "_seen", -jobs.PATIENCE - 1e9)
    go_on.set()
    for job, said, value in ((one, "Cancelled.", None), (two, "Cancelled.", None), (third, "", "third")):
        assert job.done.wait(20) and (job.said, job.value) == (said, value)


def test_what_fails_in_a_job_is_said_in_words(caplog: pytest.LogCaptureFixture) -> None:
    def failing(error: Exception) -> str:
        def work(report: jobs.Report) -> None:
            raise error

        job = Job(work)
        assert job.done.wait(20)
        return job.said

    assert failing(OSError(28, "No space left on device")) == "No space left on device."
    assert "step: got 0" in failing(ConfigError("step", 0, "1", "Press play."))
    assert failing(KeyError("inside")) == "It failed (KeyError); try again."
    assert "KeyError: 'inside'" in caplog.text


def test_an_export_takes_short_turns_and_leaves_the_visitors_run_as_it_is(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = taken(run)
    before = run.step, run.training.step, set(run.training.trajectory.light), run.moment
    taken_turns: list[bool] = []
    whole = turns.PICTURES.turn

    def counted(ahead: bool = False) -> object:
        taken_turns.append(ahead)
        return whole(ahead)

    monkeypatch.setattr(turns.PICTURES, "turn", counted)
    make(held, "json", quiet)
    assert taken_turns.count(False) == 3 + 3 * len(run.config.betas), "one for each split, and for each model on it"
    make(held, "replay", quiet)
    assert (run.step, run.training.step, set(run.training.trajectory.light), run.moment) == before


def test_the_page_makes_what_is_chosen_and_saves_it_under_its_name() -> None:
    at = opened(dataset="moons", n="200", stops="3", steps="40", batch="50", encoder="8")
    until(lambda: lab(at).runs["classify"].step == 40, at.run)
    assert [box.label for box in at.selectbox if box.label == "Take home"] == ["Take home"]
    at.button(key="export.make").click().run()
    made = lab(at).making
    assert made is not None and made.job.done.wait(20)
    at.run()
    assert not at.exception and made.name.startswith("explore-moons-seed-0-beta-") and made.name.endswith("-step-40.py")
    assert any("vibcore.fit(config" in code.value for code in at.code)
    ast.parse(at.code[0].value)
    assert not [box for box in at.text_input if box.label == "Name"], "nothing is kept where no place is named"


def test_kinds_follow_the_run_and_the_choice_of_one_that_is_gone_is_no_fault() -> None:
    at = opened(dataset="moons", n="200", stops="3", steps="20", batch="50", encoder="8")
    box = next(box for box in at.selectbox if box.label == "Take home")
    assert "Classifier of this β" in box.options
    box.select_index(box.options.index("Classifier of this β")).run()
    lab(at).choices = replace(lab(at).choices, posterior="full")
    lab(at).widget_epoch += 1
    lab(at).runs.clear()
    at.run()
    box = next(box for box in at.selectbox if box.label == "Take home")
    assert not at.exception and "Classifier of this β" not in box.options


def test_no_more_files_are_made_at_once_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST", 0)
    mine = Session(CHOICES, [])
    mine.runs["classify"] = opened_run()
    with pytest.raises(ConfigError, match=r"room: got '0 files being made', expected fewer than 0. Try again in a min"):
        take_home.start(mine, EXPLORE, take_home.ITEMS[0])


def test_nothing_is_taken_home_on_a_projector() -> None:
    at = opened(dataset="moons", n="200", stops="3", steps="20", present="1")
    assert not [box for box in at.selectbox if box.label == "Take home"]


def test_a_press_before_there_is_a_run_does_nothing() -> None:
    mine = Session(CHOICES, [])
    take_home.start(mine, EXPLORE, take_home.ITEMS[0])
    assert mine.making is None
