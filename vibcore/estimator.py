"""The bottleneck as a scikit-learn classifier, and a whole β path in one fit. Nats."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor

from vibcore import evaluation, model, objective, training
from vibcore.snapshot import EVALUATION_SEED
from vibcore.streams import LARGEST_SEED
from vibcore.types import Array, Config, ConfigError, Curve, Dataset, DatasetSpec, Point

ROWS = 4096  # inputs that are predicted at once: memory stays flat however many there are


class VIBClassifier(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A variational information bottleneck: p(z|x) Gaussian, trained on D + βR (Alemi et al. 2016, eq. 17).

    beta: price of a nat about x, at least 0. encoder, decoder: widths of the hidden layers. latent_dim: size of z.
    steps, batch, lr: of Adam; a batch larger than the data shrinks to the number of rows. samples: draws of z that
    `predict_proba` averages. random_state: of the initial weights, batches and noise; an int, a RandomState, or None
    for a new seed at every fit. Threads are torch's: for small widths `torch.set_num_threads(1)` is as fast, and much
    faster where other programs keep the cores busy.

    Inputs are standardised with the training rows' `mean_` and `scale_`; training is in float32, prediction in
    float64 from `weights_` (name → array with a leading axis of one model). `fit` raises ConfigError, a ValueError,
    for parameters out of range or data of one class.
    """

    def __init__(
        self,
        beta: float = 1e-2,
        encoder: tuple[int, ...] = (32, 32),
        decoder: tuple[int, ...] = (32,),
        latent_dim: int = 2,
        steps: int = 1500,
        batch: int = 128,
        lr: float = 5e-3,
        samples: int = 12,
        random_state: int | np.random.RandomState | None = None,
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

    def fit(self, X: Any, y: Any) -> VIBClassifier:
        """Train on X (n, d) and class labels y (n,) of any kind."""
        _keep(self, _train(self, _prepare(self, X, y), (self.beta,)), 0)
        return self

    def predict(self, X: Any) -> Array:
        """The most probable class of every row: (n, d) → (n,)."""
        chosen: Array = self.predict_proba(X).argmax(1)
        return np.asarray(self.classes_)[chosen]

    def predict_proba(self, X: Any) -> Array:
        """Class probabilities averaged over `samples` draws of z: (n, d) → (n, C), columns as `classes_`.

        The draws are the same for every row and every call, so that a row's result depends on that row alone.
        """
        weights = _weights(self)
        eps = torch.from_numpy(_draws(self.samples, self.latent_dim))  # (S, 1, K)
        found = []
        for mu, sigma in _encoded(self, X):
            z = (mu[:, None] + sigma[:, None] * eps).flatten(1, 2)  # (1, S·N, K), sample-major
            found.append(evaluation.mean_output(weights, z, self.samples, "categorical")[0].numpy())
        return np.concatenate(found)

    def transform(self, X: Any) -> Array:
        """The posterior's mean of every row: (n, d) → (n, latent_dim)."""
        return np.concatenate([mu[0].numpy() for mu, _ in _encoded(self, X)])

    def rate(self, X: Any) -> float:
        """E KL(p(z|x) ‖ r(z)) over the rows, nats: an upper bound of I(X;Z) (Alemi et al. 2016, eq. 14)."""
        kl = [objective.rate_per_dim(mu, sigma).sum(-1)[0].numpy() for mu, sigma in _encoded(self, X)]
        return float(np.concatenate(kl).mean())

    @property
    def _n_features_out(self) -> int:
        return self.latent_dim


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
    betas = tuple(float(b) for b in betas)
    base = VIBClassifier(**parameters)
    data = _prepare(base, X, y)
    state = _train(base, data, betas)
    models: list[VIBClassifier] = []
    points: list[Point] = []
    x, target = torch.from_numpy(data.x), torch.from_numpy(data.y)
    for i, beta in enumerate(betas):
        models.append(copy.copy(base).set_params(beta=beta))
        _keep(models[i], state, i)
        weights = {name: torch.from_numpy(w) for name, w in models[i].weights_.items()}
        ends = x, target, base.samples, "categorical", EVALUATION_SEED
        points += evaluation.evaluate(weights, np.array([beta]), *ends)  # type: ignore[arg-type]
    rates = np.array([p.rate.value for p in points])
    bounds = np.array([p.i_zy_bound.value for p in points if p.i_zy_bound])
    order = np.argsort(rates, kind="stable")
    source = f"VIB, {len(data.x)} training rows"
    return VIBPath(rates[order], bounds[order], np.array(betas)[order], source, tuple(models[i] for i in order))


def _prepare(estimator: VIBClassifier, X: Any, y: Any) -> Dataset:
    """The rows as a dataset that is all training; sets what the estimator knows of the data."""
    if not estimator.samples >= 1:
        raise ConfigError("samples", estimator.samples, "at least 1", "The paper averages 12.")
    x, y = validate_data(estimator, X, y, dtype=np.float64)
    check_classification_targets(y)
    estimator.classes_, codes = np.unique(y, return_inverse=True)
    if len(estimator.classes_) < 2:
        raise ConfigError("y", "one class", "at least two classes", "Add rows of another class.")
    scaler = StandardScaler().fit(x)
    estimator.mean_, estimator.scale_ = scaler.mean_, scaler.scale_
    rows, names = np.arange(len(x)), tuple(str(i) for i in range(x.shape[1]))
    spec = DatasetSpec("table", len(x), classes=len(estimator.classes_))
    scaled = ((x - scaler.mean_) / scaler.scale_).astype(np.float32)
    return Dataset(spec, scaled, codes.astype(np.int64), rows, rows, names, tuple(map(str, estimator.classes_)))


def _train(estimator: VIBClassifier, data: Dataset, betas: tuple[float, ...]) -> training.TrainState:
    """The stack of `betas` after the estimator's steps."""
    config = Config(
        dataset=data.spec,
        encoder=tuple(estimator.encoder),
        decoder=tuple(estimator.decoder),
        latent_dim=estimator.latent_dim,
        betas=betas,
        steps=estimator.steps,
        batch=min(estimator.batch, len(data.train)),
        lr=estimator.lr,
        seed=_seed(estimator.random_state),
    )
    state = training.init(config, data)
    training.advance(state, training.tensors(data, config), config.steps)
    return state


def _seed(random_state: int | np.random.RandomState | None) -> int:
    if random_state is None:  # new entropy rather than NumPy's global generator
        return int(np.random.default_rng().integers(LARGEST_SEED, endpoint=True))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**32, dtype=np.uint32))
    if not (isinstance(random_state, Integral) and 0 <= random_state <= LARGEST_SEED):
        raise ConfigError("random_state", random_state, "None, a RandomState or an integer from 0 to 2³² − 1", "Try 0.")
    return int(random_state)


def _keep(estimator: VIBClassifier, state: training.TrainState, i: int) -> None:
    """Model i of a stack as the estimator's own, in NumPy: it pickles without torch."""
    step = int(state.diverged[i])
    if step >= 0:
        warnings.warn(f"the gradient at step {step} was not finite: training stopped there. Lower lr or raise beta.",
                      ConvergenceWarning, stacklevel=3)  # fmt: skip
    estimator.weights_ = {name: w[i : i + 1].numpy().copy() for name, w in training.weights(state).items()}


def _weights(estimator: VIBClassifier) -> dict[str, Tensor]:
    check_is_fitted(estimator)
    return {name: torch.from_numpy(w).double() for name, w in estimator.weights_.items()}


def _encoded(estimator: VIBClassifier, X: Any) -> Iterator[tuple[Tensor, Tensor]]:
    """mu and sigma of the rows, some at a time: (1, N, K) each, float64."""
    weights = _weights(estimator)
    x = validate_data(estimator, X, dtype=np.float64, reset=False)
    for start in range(0, len(x), ROWS):
        part = (x[start : start + ROWS] - estimator.mean_) / estimator.scale_
        yield model.encode(weights, torch.from_numpy(part))


def _draws(samples: int, latent_dim: int) -> Array:
    shape = (samples, 1, latent_dim)
    return evaluation.noise(shape, EVALUATION_SEED, torch.zeros(1, dtype=torch.float64)).numpy()
