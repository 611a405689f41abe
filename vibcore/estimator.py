"""The bottleneck as a scikit-learn classifier, and a whole β path in one fit. Nats."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
from torch import Tensor

from vibcore import evaluation, model, parameters, training, validation
from vibcore.config import Config, Dataset, DatasetSpec
from vibcore.fields import MOST_LATENT, WIDEST
from vibcore.parts import categorical, standard_normal
from vibcore.problem import EVALUATION_SEED, make_problem
from vibcore.threads import limited, wanted
from vibcore.types import Array, ConfigError, Curve

AT_ONCE = 2**23  # numbers of a layer that are computed at once, 64 MiB: memory stays flat however many rows there are
MOST_SAMPLES = 100_000
MOST_STEPS = 10**9


class VIBClassifier(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A variational information bottleneck: p(z|x) Gaussian, trained on D + βR (Alemi et al. 2016, eq. 17).

    beta: price of a nat about x, at least 0. encoder, decoder: widths of the hidden layers, one or several.
    latent_dim: size of z. steps, batch, lr: of Adam; a batch larger than the data shrinks to the number of rows.
    samples: draws of z that `predict_proba` averages. random_state: of the initial weights, batches and noise; an int
    from 0 to 2³² − 1, a RandomState, or None for a new seed at every fit. class_weight: None, "balanced" or
    {class: weight}, as in scikit-learn. threads: torch's in fit and predict; None is one, or torch's own number where
    batch · in · out of the widest layer is 2²⁴ or more: a process that has used several cannot fork workers for torch.

    Weights, of rows and classes, are odds: rows are drawn into batches in proportion to them, which minimises the
    weighted loss; mean and scale are weighted, too. A weight of 2 is a row given twice, but for chance.

    Inputs are standardised with the training rows' `mean_` and `scale_`; training is in float32, prediction in
    float64 from `weights_` (name → array with a leading axis of one model). `fit` raises ConfigError, a ValueError,
    for parameters of another type or out of range, and for data of one class.
    """

    def __init__(
        self,
        beta: float = 1e-2,
        encoder: int | Sequence[int] = Config.encoder,
        decoder: int | Sequence[int] = Config.decoder,
        latent_dim: int = Config.latent_dim,
        steps: int = Config.steps,
        batch: int = Config.batch,
        lr: float = Config.lr,
        samples: int = 12,
        random_state: int | np.random.RandomState | None = None,
        class_weight: Mapping[Any, float] | str | None = None,
        threads: int | None = None,
    ) -> None:
        self.beta = beta
        self.encoder = encoder
        self.decoder = decoder
        self.latent_dim = latent_dim
        self.steps = steps
        self.batch = batch
        self.lr = lr
        self.samples = samples
        self.random_state = random_state
        self.class_weight = class_weight
        self.threads = threads

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> VIBClassifier:
        """Train on X (n, d), class labels y (n,) of any kind and, where given, weights (n,) of at least 0."""
        config = _config(self, (self.beta,))
        data, odds = _prepare(self, X, y, sample_weight)
        _store(self, _train(self, config, data, odds), 0)
        return self

    def predict(self, X: Any) -> Array:
        """The most probable class of every row: (n, d) → (n,)."""
        chosen: Array = self.predict_proba(X).argmax(1)
        return np.asarray(self.classes_)[chosen]

    def predict_proba(self, X: Any) -> Array:
        """Class probabilities averaged over `samples` draws of z: (n, d) → (n, C), columns as `classes_`.

        The draws are the same for every row and every call, so that a row's result depends on that row alone: z is
        mu + sigma · eps, eps (samples, 1, latent_dim) from the stream "evaluation" of seed 20160412.
        """
        weights = _weights(self)
        samples = _samples(self)
        like = weights["decoder.0.weight"]  # (1, K, O)
        eps = evaluation.noise((samples, 1, like.shape[1]), EVALUATION_SEED, like)
        found = []
        with _threads(self):
            for mu, sigma in _encoded(self, X, samples):
                z = (mu[:, None] + sigma[:, None] * eps).flatten(1, 2)  # (1, S·N, K), sample-major
                found.append(evaluation.mean_output(weights, z, samples, categorical)[0].numpy())
        return np.concatenate(found)

    def transform(self, X: Any) -> Array:
        """The posterior's mean of every row: (n, d) → (n, latent_dim)."""
        with _threads(self):
            return np.concatenate([mu[0].numpy() for mu, _ in _encoded(self, X)])

    def rate(self, X: Any) -> float:
        """E KL(p(z|x) ‖ r(z)) over the rows, nats: an upper bound of I(X;Z) (Alemi et al. 2016, eq. 14)."""
        with _threads(self):
            kl = [standard_normal.kl_per_dim({}, mu, sigma).sum(-1)[0].numpy() for mu, sigma in _encoded(self, X)]
        return float(np.concatenate(kl).mean())

    @property
    def _n_features_out(self) -> int:
        return int(self.weights_["decoder.0.weight"].shape[1])


@dataclass(frozen=True)
class VIBPath(Curve):
    """A learned curve with the fitted classifier of each of its points, in the same order."""

    models: tuple[VIBClassifier, ...]


def vib_path(X: Any, y: Any, betas: Sequence[float], **parameters: Any) -> VIBPath:
    """Classifiers at every β, trained at once as one stack; their (R, H(Y) − D) on the rows given, by increasing R.

    X (n, d), y (n,), parameters as `VIBClassifier`'s but for beta. i_x is the rate, an upper bound of I(X;Z), and
    i_y the lower bound of I(Z;Y), nats. All models share initial weights, batches and noise, so each is the one that
    `VIBClassifier` would have found alone. Errors are those of `VIBClassifier.fit`.
    """
    base = VIBClassifier(**parameters)
    config = _config(base, betas)
    data, odds = _prepare(base, X, y, None)
    state = _train(base, config, data, odds)
    models = [copy.copy(base).set_params(beta=beta) for beta in config.betas]
    for i, each in enumerate(models):
        _store(each, state, i)
    problem = make_problem(state.config, data)
    with _threads(base):
        points = evaluation.evaluate(training.weights(state), problem, problem.train, _samples(base))
    rates = np.array([p.rate.value for p in points])
    bounds = np.array([p.i_zy_bound.value for p in points if p.i_zy_bound])
    order = np.argsort(rates, kind="stable")
    source = f"VIB, {len(data.x)} training rows"
    return VIBPath(rates[order], bounds[order], np.array(config.betas)[order], source, tuple(models[i] for i in order))


def _config(estimator: VIBClassifier, betas: Any) -> Config:
    """What the estimator's parameters ask for; ConfigError, before anything is done, for what is of another type."""
    whole, widest = parameters.whole, WIDEST
    _samples(estimator)
    parameters.threads("threads", estimator.threads)
    return Config(
        encoder=parameters.widths("encoder", estimator.encoder, widest),
        decoder=parameters.widths("decoder", estimator.decoder, widest),
        latent_dim=whole("latent_dim", estimator.latent_dim, 1, MOST_LATENT),
        betas=parameters.reals("beta", betas),
        steps=whole("steps", estimator.steps, 1, MOST_STEPS),
        batch=whole("batch", estimator.batch, 1, MOST_STEPS),
        lr=parameters.real("lr", estimator.lr),
        seed=parameters.seed("random_state", estimator.random_state),
    )


def _samples(estimator: VIBClassifier) -> int:
    return parameters.whole("samples", estimator.samples, 1, MOST_SAMPLES)


def _prepare(estimator: VIBClassifier, X: Any, y: Any, sample_weight: Any) -> tuple[Dataset, Array | None]:
    """The rows as a dataset that is all training, and their odds; sets what the estimator knows of the data."""
    x, y = validate_data(estimator, X, y, dtype=np.float64)
    check_classification_targets(y)
    odds = _odds(estimator, x, y, sample_weight)
    estimator.classes_, codes = np.unique(y, return_inverse=True)
    if len(np.unique(codes if odds is None else codes[odds > 0])) < 2:
        raise ConfigError("y", "one class", "at least two classes", "Add rows of another class.")
    scaler = StandardScaler().fit(x, sample_weight=odds)
    estimator.mean_, estimator.scale_ = scaler.mean_, scaler.scale_
    rows, names = np.arange(len(x)), tuple(str(i) for i in range(x.shape[1]))
    spec = DatasetSpec("table", len(x), classes=len(estimator.classes_))
    scaled = ((x - scaler.mean_) / scaler.scale_).astype(np.float32)
    return Dataset(spec, scaled, codes.astype(np.int64), rows, rows, names, tuple(map(str, estimator.classes_))), odds


def _odds(estimator: VIBClassifier, x: Array, y: Array, sample_weight: Any) -> Array | None:
    """Weights of the rows, (n,), those of their classes in them; None where all are alike."""
    if sample_weight is None and estimator.class_weight is None:
        return None
    weights: Array = _check_sample_weight(sample_weight, x, dtype=np.float64, ensure_non_negative=True)
    try:
        weights = weights * compute_sample_weight(estimator.class_weight, y)
        if not (weights >= 0).all():
            raise ValueError
    except ValueError:
        expected = "None, 'balanced', or a weight of at least 0 for each class"
        raise ConfigError("class_weight", estimator.class_weight, expected, "Correct it.") from None
    return weights


def _train(estimator: VIBClassifier, config: Config, data: Dataset, odds: Array | None) -> training.TrainState:
    """The stack of a config after its steps."""
    config = replace(config, dataset=data.spec, batch=min(config.batch, len(data.train)))
    validation.check(config, data)
    estimator.threads_ = wanted(config, data, parameters.threads("threads", estimator.threads))
    with _threads(estimator):
        state = training.init(config, data)
        training.advance(state, replace(training.tensors(data, config), weights=odds), config.steps)
    return state


def _threads(estimator: VIBClassifier) -> AbstractContextManager[None]:
    """torch on the threads that the fit took."""
    check_is_fitted(estimator)
    return limited(estimator.threads_)


def _store(estimator: VIBClassifier, state: training.TrainState, i: int) -> None:
    """Model i of a stack as the estimator's own, in NumPy: it pickles without torch."""
    step = int(state.diverged[i])
    if step >= 0:
        warnings.warn(
            f"the gradient at step {step} was not finite: training stopped there. Lower lr or raise beta.",
            ConvergenceWarning,
            stacklevel=3,
        )
    estimator.weights_ = {name: w[i : i + 1].numpy().copy() for name, w in training.weights(state).items()}


def _weights(estimator: VIBClassifier) -> dict[str, Tensor]:
    check_is_fitted(estimator)
    return {name: torch.from_numpy(w).double() for name, w in estimator.weights_.items()}


def _encoded(estimator: VIBClassifier, X: Any, samples: int = 1) -> Iterator[tuple[Tensor, Tensor]]:
    """mu and sigma of the rows, some at a time, fewer where z is drawn often: (1, N, K) each, float64."""
    weights = _weights(estimator)
    x = validate_data(estimator, X, dtype=np.float64, reset=False)
    widest = max(w.shape[-1] for w in weights.values())
    rows = max(1, AT_ONCE // (samples * widest))
    for start in range(0, len(x), rows):
        part = (x[start : start + rows] - estimator.mean_) / estimator.scale_
        yield model.encode(weights, torch.from_numpy(part))
