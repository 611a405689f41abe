"""Bounds bound, and nothing fresh stands above the frontier: on whatever problem and model hypothesis draws."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import vibcore
from vibcore import datasets, densities, snapshot, training
from vibcore.types import Config, DatasetSpec

SIGMAS = 4.5  # standard errors: 50 comparisons a run, and the draws are fixed by their seeds
specs = st.builds(
    DatasetSpec,
    name=st.sampled_from(["spirals", "moons", "circles", "blobs", "xor"]),
    n=st.sampled_from([300, 600]),
    noise=st.sampled_from([0.1, 0.2, 0.4]),
    flip=st.sampled_from([0.0, 0.05, 0.2]),
    classes=st.sampled_from([2, 3, 5]),
    seed=st.integers(0, 3),
)
configs = st.builds(
    Config,
    dataset=specs,
    encoder=st.sampled_from([(), (8,), (16, 8)]),
    decoder=st.sampled_from([(), (8,)]),
    latent_dim=st.sampled_from([1, 2, 3]),
    betas=st.just((0.0, 1e-3, 0.1, 0.5)),
    batch=st.just(64),
    seed=st.integers(0, 3),
)


def trained(config: Config) -> tuple[training.TrainState, snapshot.View]:
    dataset = datasets.load(config.dataset)
    state = training.init(config, dataset)
    training.advance(state, training.tensors(dataset, config), 150)
    return state, snapshot.view(state, dataset)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(configs)
def test_the_rate_bounds_above_and_the_cross_entropy_below(config: Config) -> None:
    state, view = trained(config)
    for i in range(len(config.betas)):
        for account in snapshot.accounts(state, view, i):
            assert account.i_zy is not None and account.i_zy_bound is not None and account.decoder_slack is not None
            assert account.i_xz.value <= account.rate.value + SIGMAS * account.i_xz.stderr + 1e-4
            assert account.decoder_slack.value >= -SIGMAS * account.decoder_slack.stderr - 1e-4
            assert account.i_xz.value <= np.log(len(view.dataset.train)) + 1e-4


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(configs)
def test_no_fresh_point_lies_above_the_frontier(config: Config) -> None:
    state, view = trained(config)
    reference = densities.reference(config.dataset)
    assert reference is not None
    for point in snapshot.take(state, view).test:
        best = np.interp(point.rate.value, reference.frontier.i_x, reference.frontier.i_y)
        assert point.i_zy_bound is not None
        assert point.i_zy_bound.value <= best + SIGMAS * point.i_zy_bound.stderr + 5e-3


def test_the_public_names_are_there() -> None:
    for name in vibcore.__all__:
        assert getattr(vibcore, name) is not None
    assert not hasattr(vibcore, "nothing_of_the_kind")
