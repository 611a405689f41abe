"""The classifier among scikit-learn's: its own checks, the tools that compose, and the numbers behind them."""

import copy
import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from tests.core import byhand
from vibcore import training
from vibcore.config import Config, Dataset, DatasetSpec
from vibcore.estimator import VIBClassifier, vib_path
from vibcore.types import ConfigError

IRIS: tuple[Any, Any] = load_iris(return_X_y=True)
QUICK: dict[str, Any] = {"steps": 100, "random_state": 0}


@pytest.fixture(scope="module")
def fitted():
    return VIBClassifier(steps=400, random_state=0).fit(*IRIS)


WEIGHTS = {"check_sample_weight_equivalence_on_dense_data": "weights are odds: as rows repeated, but for chance"}


@parametrize_with_checks([VIBClassifier(steps=100)], expected_failed_checks=lambda _: WEIGHTS)
def test_scikit_learn_check_passes(estimator, check, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # without it one of the checks would skip itself
    assert check(estimator) is None


def test_learns_iris(fitted):
    assert fitted.score(*IRIS) > 0.93


def test_probabilities_sum_to_one_and_their_largest_is_the_prediction(fitted):
    x = IRIS[0]
    p = fitted.predict_proba(x)
    np.testing.assert_allclose(p.sum(1), 1, atol=1e-12)
    np.testing.assert_array_equal(fitted.predict(x), fitted.classes_[p.argmax(1)])


def written_out(model: VIBClassifier) -> dict:
    """The fitted weights of the one model, in double precision."""
    return {name: value[0].astype(float) for name, value in model.weights_.items()}


def test_rate_and_transform_are_the_closed_forms_of_a_model_written_out(fitted):
    mu, sigma = byhand.encode(written_out(fitted), (IRIS[0] - IRIS[0].mean(0)) / IRIS[0].std(0))
    np.testing.assert_allclose(fitted.transform(IRIS[0]), mu, rtol=1e-9)
    assert fitted.rate(IRIS[0]) == pytest.approx(byhand.rates(mu, sigma).sum(1).mean(), rel=1e-9)


@pytest.mark.parametrize("samples", [1, 12])
def test_probabilities_are_averages_over_the_documented_draws_of_z(fitted, samples):
    """q(y|mu + sigma·eps) in plain NumPy, eps shared by all rows; probabilities are averaged, not their logarithms."""
    w = written_out(fitted)
    mu, sigma = byhand.encode(w, (IRIS[0] - IRIS[0].mean(0)) / IRIS[0].std(0))
    expected = byhand.odds(w, mu + sigma * byhand.eps(samples, 1, 2)).mean(0)
    model = copy.copy(fitted).set_params(samples=samples)
    np.testing.assert_allclose(model.predict_proba(IRIS[0]), expected, atol=1e-12)
    assert np.abs(byhand.odds(w, mu + sigma / 2 * byhand.eps(samples, 1, 2)).mean(0) - expected).max() > 1e-3


def test_the_weights_are_the_average_that_training_by_hand_ends_with():
    """Of the config that the parameters stand for, on standardised rows that are all for training."""
    x, y = IRIS[0][::2], IRIS[1][::2]
    asked: dict[str, Any] = {"beta": 0.03, "encoder": (9, 7), "decoder": (5,), "latent_dim": 3, "steps": 30}
    asked |= {"batch": 20, "lr": 0.02}
    fitted = VIBClassifier(**asked, random_state=6).fit(x, y)
    rows = np.arange(75)
    spec = DatasetSpec("iris", 75, classes=3)
    data = Dataset(spec, ((x - x.mean(0)) / x.std(0)).astype(np.float32), y, rows, rows, tuple("abcd"), tuple("pqr"))
    config = Config(spec, betas=(asked.pop("beta"),), seed=6, **asked)
    state = training.init(config, data)
    training.advance(state, training.tensors(data, config), 30)
    for name, value in training.weights(state).items():
        np.testing.assert_allclose(fitted.weights_[name], value.numpy(), atol=1e-5)
    assert (
        np.abs(fitted.weights_["decoder.0.weight"] - training.weights(state, False)["decoder.0.weight"].numpy()).max()
        > 1e-3
    )


def test_a_posterior_average_tends_to_the_integral_over_z(fitted):
    """Against a Gauss–Hermite product rule, which draws nothing."""
    w, x = written_out(fitted), IRIS[0][::15]
    mu, sigma = byhand.encode(w, (x - fitted.mean_) / fitted.scale_)
    nodes, share = np.polynomial.hermite_e.hermegauss(40)
    grid = np.stack(np.meshgrid(nodes, nodes, indexing="ij"), -1).reshape(-1, 2)
    share = np.outer(share, share).ravel() / (2 * np.pi)
    exact = np.einsum("g,ngc->nc", share, byhand.odds(w, mu[:, None] + sigma[:, None] * grid))
    many = copy.copy(fitted).set_params(samples=20_000)
    np.testing.assert_allclose(many.predict_proba(x), exact, atol=0.5 * 5 / np.sqrt(20_000))


def test_a_path_is_made_of_the_numbers_of_its_models():
    """(R, H(Y) − D) on the rows given, in order, from each model's weights by definition."""
    path = vib_path(*IRIS, (0.5, 1e-3, 0.05), steps=60, random_state=0, samples=5)
    scaled = ((IRIS[0] - IRIS[0].mean(0)) / IRIS[0].std(0)).astype(np.float32)
    for i, model in enumerate(path.models):
        found = byhand.account(written_out(model), scaled, IRIS[1], 5)
        assert path.i_x[i] == pytest.approx(found["rate"][0], abs=1e-4)
        assert path.i_y[i] == pytest.approx(found["i_zy_bound"][0], abs=1e-4)
        assert path.beta[i] == model.beta
    assert list(path.i_x) == sorted(path.i_x)


def test_equal_random_states_give_equal_classifiers_and_others_do_not(fitted):
    same, other = (VIBClassifier(steps=400, random_state=seed).fit(*IRIS) for seed in (0, 1))
    np.testing.assert_array_equal(same.predict_proba(IRIS[0]), fitted.predict_proba(IRIS[0]))
    assert not np.array_equal(other.predict_proba(IRIS[0]), fitted.predict_proba(IRIS[0]))


def test_no_random_state_means_a_new_seed_and_leaves_the_global_generator_alone():
    before = np.random.get_state(legacy=False)["state"]["key"].copy()
    one, two = (VIBClassifier(steps=2).fit(*IRIS).transform(IRIS[0]) for _ in range(2))
    assert not np.array_equal(one, two)
    np.testing.assert_array_equal(np.random.get_state(legacy=False)["state"]["key"], before)


def test_a_random_state_object_moves_on_between_fits():
    model = VIBClassifier(steps=2, random_state=np.random.RandomState(0))
    assert not np.array_equal(model.fit(*IRIS).transform(IRIS[0]), model.fit(*IRIS).transform(IRIS[0]))


def test_pickles_and_clones(fitted):
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(IRIS[0]), fitted.predict_proba(IRIS[0]))
    assert clone(fitted).get_params() == fitted.get_params()
    assert not hasattr(clone(fitted), "weights_")


def test_a_grid_search_over_beta_in_a_pipeline_refuses_the_collapsed_model():
    pipeline = make_pipeline(StandardScaler(), VIBClassifier(**QUICK))
    search = GridSearchCV(pipeline, {"vibclassifier__beta": [1e-3, 5.0]}, cv=3).fit(*IRIS)
    assert search.best_params_ == {"vibclassifier__beta": 1e-3}
    collapsed = search.cv_results_["mean_test_score"][1]
    assert collapsed < 0.5 < search.best_score_


def test_names_of_classes_and_features_survive():
    pandas = pytest.importorskip("pandas")
    x = pandas.DataFrame(IRIS[0], columns=list("abcd"))
    model = VIBClassifier(**QUICK).set_output(transform="pandas").fit(x, np.array(["p", "q", "r"])[IRIS[1]])
    assert set(model.predict(x)) <= {"p", "q", "r"}
    assert list(model.feature_names_in_) == list("abcd")
    assert list(model.transform(x).columns) == ["vibclassifier0", "vibclassifier1"]


def test_a_batch_larger_than_the_data_shrinks_to_it():
    rows = slice(0, 150, 5)
    large, equal = (
        VIBClassifier(batch=size, **QUICK).fit(IRIS[0][rows], IRIS[1][rows]).transform(IRIS[0]) for size in (128, 30)
    )
    np.testing.assert_array_equal(large, equal)


def test_one_class_says_so():
    with pytest.raises(ConfigError, match=r"y: got 'one class', expected at least two classes\. Add rows"):
        VIBClassifier().fit(IRIS[0][:50], IRIS[1][:50])


def test_a_run_that_diverges_warns_and_keeps_finite_weights():
    x = np.random.default_rng(0).standard_normal((50, 3))
    with pytest.warns(ConvergenceWarning, match="not finite"):
        model = VIBClassifier(lr=1e30, steps=20, random_state=0).fit(x, x[:, 0] > 0)
    assert all(np.isfinite(value).all() for value in model.weights_.values())
    with pytest.warns(ConvergenceWarning, match="at step 0 was not finite"):
        VIBClassifier(beta=1e39, steps=2, random_state=0).fit(*IRIS)  # infinite in single precision


def test_a_path_is_the_classifiers_trained_apart():
    betas = (0.5, 1e-3, 0.05)
    path = vib_path(*IRIS, betas, steps=40, random_state=0)
    assert [m.beta for m in path.models] == list(path.beta)
    for model in path.models:
        alone = VIBClassifier(beta=model.beta, steps=40, random_state=0).fit(*IRIS)
        np.testing.assert_allclose(model.transform(IRIS[0]), alone.transform(IRIS[0]), atol=1e-3)
        assert model.rate(IRIS[0]) == pytest.approx(alone.rate(IRIS[0]), rel=1e-3)


def test_a_path_rises_from_collapse_to_the_entropy_of_the_labels():
    path = vib_path(*IRIS, (1e-3, 0.1, 3.0), steps=600, random_state=0)
    np.testing.assert_array_equal(path.beta, [3.0, 0.1, 1e-3])  # by increasing information
    assert path.i_x[0] < 0.01
    assert abs(path.i_y[0]) < 0.01
    assert np.all(np.diff(path.i_x) > 0)
    assert np.all(path.i_y <= np.log(3))  # H(Y): three balanced classes
    assert path.i_y[-1] > 0.9 * np.log(3)
    assert path.i_x[-1] == pytest.approx(path.models[-1].rate(IRIS[0]), rel=1e-4)


def test_prediction_by_parts_equals_prediction_at_once(fitted, monkeypatch):
    whole = fitted.predict_proba(IRIS[0]), fitted.rate(IRIS[0])
    for rows in (7, 149 / 12, 149):  # the last part is of three rows, of some, of one
        monkeypatch.setattr("vibcore.estimator.AT_ONCE", int(rows * 12 * 32))
        np.testing.assert_allclose(fitted.predict_proba(IRIS[0]), whole[0], rtol=1e-9)
        assert fitted.rate(IRIS[0]) == pytest.approx(whole[1], rel=1e-12)
    assert fitted.transform(IRIS[0][:1]).shape == (1, 2)


def test_a_path_without_trouble_is_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(vib_path(*IRIS, (0.1,), steps=2).models) == 1
