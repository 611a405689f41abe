"""What a caller may give the estimator: refused by name or taken as meant; seeds, weights and threads."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris
from sklearn.ensemble import AdaBoostClassifier

from vibcore import data as datasets
from vibcore import model, training
from vibcore.config import Config
from vibcore.estimator import VIBClassifier, vib_path
from vibcore.threads import limited, wanted
from vibcore.types import ConfigError

ROOT = Path(__file__).parents[2]
IRIS: tuple[Any, Any] = load_iris(return_X_y=True)
QUICK: dict[str, Any] = {"steps": 100, "random_state": 0}
WIDTHS = r"expected widths of layers, as \(32, 32\), or \(\) for none"
WRONG = [
    ({"beta": -1.0}, "beta: got .*at least one finite number ≥ 0"),
    ({"beta": float("nan")}, "beta: got"),
    ({"beta": "0.1"}, "beta: got '0.1', expected a number"),
    ({"beta": None}, "beta: got None, expected a number"),
    ({"latent_dim": 0}, "latent_dim: got 0"),
    ({"latent_dim": 65}, "latent_dim: got 65, expected a whole number from 1 to 64"),
    ({"steps": 0}, "steps: got 0"),
    ({"steps": 1.5}, "steps: got 1.5, expected a whole number"),
    ({"steps": "2"}, "steps: got '2'"),
    ({"batch": 0}, "batch: got 0"),
    ({"batch": None}, "batch: got None"),
    ({"batch": True}, "batch: got True"),
    ({"lr": 0.0}, "lr: got 0.0, expected a number above 0"),
    ({"lr": "auto"}, "lr: got 'auto', expected a number"),
    ({"lr": float("inf")}, "lr: got inf"),
    ({"samples": 0}, "samples: got 0"),
    ({"samples": 1.5}, "samples: got 1.5"),
    ({"samples": 10**9}, "samples: got .*100,000"),
    ({"encoder": (0,)}, "encoder: got 0"),
    ({"encoder": "32-32"}, f"encoder: got '32-32', {WIDTHS}"),
    ({"encoder": None}, f"encoder: got None, {WIDTHS}"),
    ({"encoder": (10**9,)}, "encoder: got 1000000000, expected a whole number from 1 to 4,096"),
    ({"decoder": (8, 0.5)}, "decoder: got 0.5"),
    ({"decoder": 10**9}, "decoder: got 1000000000"),
    ({"encoder": (4096,) * 14}, r"parameters: got '2\.2e\+08', expected at most 2e\+08.*smaller layers"),
    ({"random_state": -1}, "random_state: got -1"),
    ({"random_state": 0.5}, "random_state: got 0.5"),
    ({"random_state": 2**32}, "random_state: got 4294967296, .* from 0 to 2³² − 1"),
    ({"threads": 0}, "threads: got 0"),
    ({"threads": "all"}, "threads: got 'all'"),
    ({"class_weight": "heavy"}, "class_weight: got 'heavy', expected None, 'balanced'"),
    ({"class_weight": {0: -1.0}}, "class_weight: got"),
    ({"class_weight": 5}, "class_weight: got 5"),
]


@pytest.mark.parametrize(("change", "says"), WRONG)
def test_parameters_of_another_type_or_out_of_range_are_refused_by_name_before_training(change, says, monkeypatch):
    monkeypatch.setattr("vibcore.training.advance", lambda *_: pytest.fail("it trained"))
    with pytest.raises(ConfigError, match=says):
        VIBClassifier(steps=2, random_state=0).set_params(**change).fit(*IRIS)


@pytest.mark.parametrize("betas", [0.1, "0.1", ("0.1",), (), (0.1, None)])
def test_betas_that_are_none_are_refused(betas):
    with pytest.raises(ConfigError, match="beta: got"):
        vib_path(*IRIS, betas, steps=2)


def test_whole_numbers_of_any_type_and_a_lone_width_are_taken():
    plain = VIBClassifier(encoder=(16,), decoder=(), steps=20, batch=64, samples=3, random_state=7).fit(*IRIS)
    change: dict[str, Any] = {
        "encoder": 16.0,
        "decoder": [],
        "steps": np.float32(20),
        "batch": 64.0,
        "samples": 3.0,
        "latent_dim": np.int64(2),
        "lr": np.float64(0.01),
        "random_state": np.uint32(7),
    }
    same = VIBClassifier(**change).fit(*IRIS)
    np.testing.assert_array_equal(same.predict_proba(IRIS[0]), plain.predict_proba(IRIS[0]))


@pytest.mark.parametrize("seed", [2**31, 2**32 - 1, np.uint32(2**32 - 1)])
def test_every_seed_that_the_message_promises_works_and_is_another(seed):
    one, low = (VIBClassifier(steps=2, random_state=s).fit(*IRIS).transform(IRIS[0]) for s in (seed, int(seed) >> 1))
    assert not np.array_equal(one, low)


def test_a_collapsed_model_predicts_the_weighted_odds_of_the_classes():
    """At β = 5 z says nothing of x, so that the best prediction is p(y) of the weighted rows, in closed form."""
    x, y = np.random.default_rng(0).standard_normal((300, 2)), np.repeat([0, 1], [240, 60])
    quick: dict[str, Any] = {"beta": 5.0, "steps": 400, "random_state": 0, "encoder": (), "decoder": (), "lr": 0.03}
    heavy = np.where(y, 3.0, 1.0)
    cases = (
        (None, None, 0.2),
        ("balanced", None, 0.5),
        ({0: 1, 1: 12}, None, 0.75),
        (None, 4 * heavy, 0.2 * 3 / 1.4),
        ("balanced", heavy, 0.75),
    )
    for of, weight, expected in cases:
        p = VIBClassifier(class_weight=of, **quick).fit(x, y, sample_weight=weight).predict_proba(x)[:, 1]
        assert p.mean() == pytest.approx(expected, abs=0.03)


def test_equal_weights_are_none_and_rows_of_no_weight_have_no_say():
    plain, twos = VIBClassifier(**QUICK).fit(*IRIS), VIBClassifier(**QUICK).fit(*IRIS, np.full(150, 2.0))
    np.testing.assert_allclose(twos.transform(IRIS[0]), plain.transform(IRIS[0]), atol=1e-3)
    weight = np.random.default_rng(0).uniform(0, 2, 150) * (np.arange(150) % 5 > 0)
    wild = IRIS[0].copy()
    wild[::5] = 1e6
    one, other = (VIBClassifier(**QUICK).fit(x, IRIS[1], weight) for x in (IRIS[0], wild))
    np.testing.assert_array_equal(one.transform(IRIS[0]), other.transform(IRIS[0]))
    np.testing.assert_allclose(one.mean_, np.average(IRIS[0], axis=0, weights=weight))
    with pytest.raises(ConfigError, match="y: got 'one class'"):
        VIBClassifier(**QUICK).fit(*IRIS, sample_weight=np.where(IRIS[1] == 1, 1.0, 0.0))


def test_boosting_reweights_it():
    boosted = AdaBoostClassifier(VIBClassifier(**QUICK), n_estimators=2, random_state=0).fit(*IRIS)
    assert boosted.score(*IRIS) > 0.8


def counting(seen: list, real):
    """`real`, that notes the threads it runs on."""
    return lambda *a: (seen.append(torch.get_num_threads()), real(*a))[1]


def test_small_fits_take_one_thread_and_put_torchs_own_back(monkeypatch):
    seen: list[int] = []
    monkeypatch.setattr("vibcore.training.advance", counting(seen, training.advance))
    monkeypatch.setattr("vibcore.model.encode", counting(seen, model.encode))
    with limited(3):
        for given in (None, 2):
            fitted = VIBClassifier(steps=1, random_state=0, threads=given).fit(*IRIS)
            fitted.predict(IRIS[0]), fitted.rate(IRIS[0]), fitted.transform(IRIS[0])
            assert torch.get_num_threads() == 3
        wide = Config(encoder=(1024,), batch=2000)
        data = datasets.load(replace(wide.dataset, n=6000))
        assert wanted(wide, data) == 1  # 2,000 · 1,024 · (2 or 4) multiplications
        assert wanted(replace(wide, encoder=(1024, 1024)), data) == 3
        assert wanted(replace(wide, encoder=(1024, 1024)), data, 2) == 2
    assert seen == [1, 1, 1, 1, 2, 2, 2, 2]


FORK = """
import multiprocessing, torch
from sklearn.datasets import load_iris
from vibcore.estimator import VIBClassifier, vib_path
x, y = load_iris(return_X_y=True)
def score(beta):
    fitted = VIBClassifier(beta=beta, steps=10, random_state=0).fit(x, y)
    return fitted.rate(x) + fitted.score(x, y)
torch.set_num_threads(2)
here = [score(0.01), score(0.1)]
vib_path(x, y, (0.01, 0.1), steps=5)
VIBClassifier(steps=2).fit(x.repeat(40, 0), y.repeat(40)).predict(x.repeat(40, 0))
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map_async(score, [0.01, 0.1]).get(60) == here
"""


def test_a_process_that_has_fitted_can_be_forked():
    environment = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    command = [sys.executable, "-W", "ignore", "-c", FORK]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
