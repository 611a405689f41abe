"""Where one model's nats go: of its training sample, and of the population, known or behind the test sample."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from vibcore import information, model, objective, training
from vibcore.information import EXACT_UP_TO, Account, LogQ
from vibcore.mixtures import Posteriors, labels_at_hand
from vibcore.model import Weights
from vibcore.populations import MIXTURE, Population, population_posteriors
from vibcore.snapshot import View
from vibcore.streams import torch_stream
from vibcore.types import Array


def accounts(
    state: training.TrainState, view: View, index: int, population: Population | None = None, mixture: int = MIXTURE
) -> tuple[Account | None, Account]:
    """What a page shows of model `index`: the account of its training sample, and that of the population, nats."""
    if population is None:
        return training_account(state, view, index), test_account(state, view, index)
    return training_account(state, view, index), population_account(state, view, index, population, mixture)


@torch.no_grad()
def training_account(state: training.TrainState, view: View, index: int) -> Account | None:
    """Of the training inputs as a world of their own; None for more than 5,000 of them."""
    if len(view.x_train) > EXACT_UP_TO:
        return None
    weights = _one(state, index)
    own = _posteriors(weights, view, view.x_train, view.dataset.train)
    return information.account(own, torch_stream(view.seed, "values"), log_q=_decoder(weights, state), of="sample")


@torch.no_grad()
def test_account(state: training.TrainState, view: View, index: int) -> Account:
    """Of the population, from test inputs whose labels are all that is known: the training inputs decode them."""
    weights = _one(state, index)
    own = _posteriors(weights, view, view.x_test, view.dataset.test)
    others = _posteriors(weights, view, view.x_train, view.dataset.train)
    return information.account(own, torch_stream(view.seed, "values"), others, _decoder(weights, state))


@torch.no_grad()
def population_account(
    state: training.TrainState, view: View, index: int, population: Population, mixture: int = MIXTURE
) -> Account:
    """Of the population, from `mixture` fresh inputs whose p(y|x) is known, of which two in five are scored."""
    weights = _one(state, index)
    fresh = population_posteriors(weights, population, mixture)
    scored, noise = 2 * mixture // 5, torch_stream(view.seed, "values")
    reals = None if fresh.reals is None else fresh.reals.y[:scored]
    return information.account(fresh, noise, log_q=_decoder(weights, state, reals), scored=scored)


def _one(state: training.TrainState, index: int) -> Weights:
    return {name: value[index : index + 1] for name, value in training.weights(state).items()}


def _posteriors(weights: Weights, view: View, x: Tensor, rows: Array) -> Posteriors:
    """p(z|x) of up to 5,000 inputs with their labels; about the class also where the model was asked for the input."""
    mu, sigma = model.encode(weights, x[:EXACT_UP_TO])
    y = torch.from_numpy(view.dataset.y[rows[:EXACT_UP_TO]]).to(x.device)
    return Posteriors(mu[0], sigma[0], labels_at_hand(y, len(view.dataset.class_names)) if y.ndim == 1 else None)


def _decoder(weights: Weights, state: training.TrainState, reals: Tensor | None = None) -> LogQ | None:
    """ln q(y|z) of every class, or of one real y (n, O) an input; None where the model decodes something else."""
    decode = partial(model.decode, weights)
    if state.sizes.likelihood == "categorical":
        return lambda z: decode(z[None].to(state.betas))[0].log_softmax(-1)
    if reals is None or state.config.task == "reconstruct":
        return None
    ends = state.sizes.likelihood, state.config.variance
    return lambda z: -objective.distortion(weights, decode(z[None]), reals.to(z), *ends)[0]
