"""Monte-Carlo informations against closed forms, and the theorems that relate them to their bounds."""

import math
import statistics

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vibcore import information
from vibcore.types import ConfigError, Estimate

BIT = math.log(2)
few = settings(max_examples=25, deadline=None, derandomize=True)


def drawn(seed, n=60, k=2, classes=3, spread=2.0, log_sigma=-1.0):
    """A cloud of posteriors with labels, as an untrained encoder might give: mu, sigma (N, K), labels (N,)."""
    g = torch.Generator().manual_seed(seed)
    mu = spread * torch.randn(n, k, generator=g)
    sigma = torch.exp(log_sigma + 0.5 * torch.randn(n, k, generator=g))
    labels = torch.randint(classes, (n,), generator=g)
    labels[0] = classes - 1  # every class index up to the last is a class of the decoder
    return mu, sigma, labels


def decoder(seed, k=2, classes=3):
    """A random linear log q(y|z)."""
    weight = torch.randn(k, classes, generator=torch.Generator().manual_seed(seed))
    return lambda z: (z @ weight.to(z)).log_softmax(-1)


def fresh(seed=0):
    return torch.Generator().manual_seed(seed)


def below(low: Estimate, high: Estimate, by: float = 4.0) -> bool:
    return low.value <= high.value + by * math.hypot(low.stderr, high.stderr) + 1e-6


clouds = st.builds(
    drawn, st.integers(0, 10**6), st.integers(5, 80), st.integers(2, 2), st.just(3),
    st.sampled_from([0.1, 1.0, 5.0]), st.sampled_from([-4.0, -1.0, 0.5]),
)  # fmt: skip


@pytest.mark.parametrize(
    ("d", "exact", "rate", "rate_fitted"),
    [(0.5, 0.160747, 0.180337, 0.160964), (1, 0.485944, 0.721348, 0.5), (2, 0.912822, 2.885390, 1.160964),
     (3, 0.994447, 6.492128, 1.660964)],
)  # fmt: skip
def test_two_inputs_match_the_closed_forms_in_bits(d, exact, rate, rate_fitted):
    mu, sigma, labels = torch.tensor([[-d], [d]], dtype=torch.float64), torch.ones(2, 1).double(), torch.arange(2)
    found = information.account(mu, sigma, fresh(), labels, decoder(0, 1, 2), samples=40_000)
    assert found.i_xz.value / BIT == pytest.approx(exact, abs=4 * found.i_xz.stderr / BIT)
    assert found.rate.value / BIT == pytest.approx(rate, abs=1e-6)
    assert found.i_zy.value == pytest.approx(found.i_xz.value, abs=1e-9)  # the label says which input it is
    scale = math.sqrt(1 + d * d)  # r = N(0, 1 + d²) is N(0, 1) after scaling z
    fitted = information.account(mu / scale, sigma / scale, fresh()).rate
    assert fitted.value / BIT == pytest.approx(rate_fitted, abs=1e-6)


@pytest.mark.parametrize(
    ("mean", "deviation", "expected"), [(1.0, 0.5, 0.818147), (0.0, math.log1p(math.exp(-5)), 4.5034)]
)
def test_the_rate_of_one_dimension_matches_its_closed_form(mean, deviation, expected):
    mu, sigma = torch.full((2, 1), mean), torch.full((2, 1), deviation)
    assert information.account(mu, sigma, fresh()).rate.value == pytest.approx(expected, abs=5e-5)


@few
@given(cloud=clouds, seed=st.integers(0, 1000))
def test_the_rate_bounds_the_information_from_above(cloud, seed):
    found = information.account(*cloud[:2], fresh(seed), samples=100)  # wide posteriors have heavy tails
    assert found.rate.kind == "upper" and found.i_xz.kind == "monte_carlo"
    assert below(found.i_xz, found.rate)
    error = math.hypot(found.i_xz.stderr, found.marginal_slack.stderr)
    assert found.i_xz.value + found.marginal_slack.value == pytest.approx(found.rate.value, abs=6 * error + 1e-5)


@few
@given(cloud=clouds, seed=st.integers(0, 1000))
def test_the_decoder_bounds_the_information_from_below(cloud, seed):
    mu, sigma, labels = cloud
    found = information.account(mu, sigma, fresh(seed), labels, decoder(seed), samples=30)
    assert found.i_zy_bound.kind == "lower"
    assert found.decoder_slack.value >= -4 * found.decoder_slack.stderr - 1e-6
    assert found.i_zy.value - found.decoder_slack.value == pytest.approx(found.i_zy_bound.value, abs=1e-9)


@few
@given(cloud=clouds, seed=st.integers(0, 1000))
def test_informations_obey_their_ceilings(cloud, seed):
    mu, sigma, labels = cloud
    i_xz, i_zy = information.values(mu, sigma, fresh(seed), labels, samples=30)
    odds = labels.bincount().double() / len(labels)
    h_y = float(-(odds * odds.clamp_min(1e-300).log()).sum())
    assert i_xz.value <= information.log_n_ceiling(len(mu)) + 1e-6  # for every draw, not just on average
    assert i_zy.value <= h_y + 1e-6
    assert below(i_zy, i_xz)  # Y → X → Z
    assert i_xz.value >= -4 * i_xz.stderr - 1e-6 and i_zy.value >= -4 * i_zy.stderr - 1e-6


@few
@given(cloud=clouds, seed=st.integers(0, 1000))
def test_the_sandwich_holds_the_value(cloud, seed):
    mu, sigma, _ = cloud
    value, _ = information.values(mu, sigma, fresh(seed), samples=20)
    batches = [information.sandwich(mu, sigma, max(2, len(mu) // 3), fresh(s)) for s in range(8)]
    lower, upper = ([pair[i].value for pair in batches] for i in (0, 1))
    error = 4 * max(statistics.stdev(lower), statistics.stdev(upper)) / math.sqrt(8) + 4 * value.stderr + 1e-6
    assert statistics.mean(lower) <= value.value + error
    assert value.value <= statistics.mean(upper) + error


def test_a_sandwich_of_one_full_batch_has_the_value_itself_below():
    mu, sigma, _ = drawn(0, 200)
    value, _ = information.values(mu, sigma, fresh(), samples=50)
    lower = statistics.mean(information.sandwich(mu, sigma, 200, fresh(s))[0].value for s in range(50))
    assert lower == pytest.approx(value.value, abs=6 * value.stderr)


def test_the_upper_side_is_loose_where_posteriors_separate():
    mu, sigma = torch.linspace(-50, 50, 64)[:, None], torch.full((64, 1), 0.1)
    lower, upper = information.sandwich(mu, sigma, 16, fresh())
    assert lower.value == pytest.approx(math.log(16), abs=1e-6) and lower.kind == "lower"
    assert upper.value > 10 * math.log(64) and upper.kind == "upper"


def test_identical_posteriors_say_nothing_and_separate_ones_say_all():
    labels = torch.arange(6) % 3
    same = information.values(torch.zeros(6, 2), torch.ones(6, 2), fresh(), labels)
    assert [e.value for e in same] == pytest.approx([0, 0], abs=1e-6)
    mu = torch.arange(6.0)[:, None].expand(6, 2)
    apart = information.values(mu, torch.full((6, 2), 1e-3), fresh(), labels)
    assert [e.value for e in apart] == pytest.approx([math.log(6), math.log(3)], abs=1e-6)


def test_the_entropy_is_that_of_the_labels_at_hand():
    mu, sigma = torch.arange(4.0)[:, None], torch.full((4, 1), 1e-3)
    _, i_zy = information.values(mu, sigma, fresh(), torch.tensor([0, 0, 0, 1]))
    assert i_zy.value == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25), abs=1e-6)


def test_the_bayes_decoder_leaves_no_slack():
    mu, sigma, labels = drawn(3)

    def bayes(z):
        joint = torch.distributions.Normal(mu, sigma).log_prob(z[:, None]).sum(-1)  # (S, N)
        by_class = [joint[:, labels == c].logsumexp(1) for c in range(3)]
        return torch.stack(by_class, 1).log_softmax(1)

    found = information.account(mu, sigma, fresh(), labels, bayes, samples=3)
    assert found.decoder_slack.value == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("k", [1, 2, 8, 9, 40])
@pytest.mark.parametrize("deviation", [1e-4, 0.3])
def test_densities_match_an_independent_library(k, deviation):
    g = fresh()
    mu, sigma = 3 * torch.randn(30, k, generator=g), deviation * (1 + torch.rand(30, k, generator=g))
    z = mu + sigma * torch.randn(30, k, generator=g)
    expected = torch.distributions.Normal(mu.double(), sigma.double()).log_prob(z.double()[:, None]).sum(-1)
    found = information.log_densities(z, mu, sigma)
    near = expected > expected.amax(1, keepdim=True) - 50  # what the sum over the mixture can feel
    assert found[near].double().numpy() == pytest.approx(expected[near].numpy(), abs=2e-3, rel=1e-5)


@pytest.mark.parametrize("log_sigma", [-7.0, -2.0, 0.0])
def test_single_precision_gives_the_values_of_double(log_sigma):
    mu, sigma, labels = drawn(1, n=400, log_sigma=log_sigma)
    single = information.values(mu, sigma, fresh(), labels)
    g = fresh()
    eps = torch.randn(1, 400, 2, generator=g)
    z = (mu + sigma * eps)[0].double()
    joint = torch.distributions.Normal(mu.double(), sigma.double()).log_prob(z[:, None]).sum(-1)
    own = torch.distributions.Normal(mu.double(), sigma.double()).log_prob(z).sum(-1)
    i_xz = float((own - joint.logsumexp(1) + math.log(400)).mean())
    mine = joint.masked_fill(labels[:, None] != labels, -math.inf).logsumexp(1)
    odds = labels.bincount()[labels].double() / 400
    i_zy = float((mine - joint.logsumexp(1) - odds.log()).mean())
    assert [e.value for e in single] == pytest.approx([i_xz, i_zy], abs=1e-4)


def test_the_size_of_a_chunk_changes_nothing(monkeypatch):
    mu, sigma, labels = drawn(2)
    whole = information.values(mu, sigma, fresh(), labels, samples=3)
    monkeypatch.setattr(information, "CHUNK", 7 * len(mu))
    parts = information.values(mu, sigma, fresh(), labels, samples=3)
    assert [e.value for e in parts] == pytest.approx([e.value for e in whole], abs=1e-6)


@pytest.mark.parametrize(("samples", "least"), [(1, 0.0), (4, 0.75)])
def test_errors_cover_the_spread_of_repeated_draws(samples, least):
    mu, sigma, labels = drawn(5, n=100, log_sigma=-0.5)
    runs = [information.values(mu, sigma, fresh(s), labels, samples) for s in range(80)]
    for i in (0, 1):
        spread = statistics.stdev(run[i].value for run in runs)
        stated = statistics.mean(run[i].stderr for run in runs)
        assert least <= spread / stated < 1.3  # one sample cannot tell draws from inputs: it may overstate


def test_more_samples_shrink_the_error_by_their_root():
    mu, sigma, _ = drawn(6, n=100)
    few_draws, many = (information.values(mu, sigma, fresh(), samples=s)[0].stderr for s in (10, 160))
    assert few_draws / many == pytest.approx(4, rel=0.1)


def test_equal_generators_give_equal_values_and_leave_global_state_alone():
    mu, sigma, labels = drawn(7)
    before = torch.get_rng_state()
    first, second = (information.values(mu, sigma, fresh(3), labels) for _ in range(2))
    assert first == second
    assert torch.equal(before, torch.get_rng_state())


def test_a_regression_set_has_the_x_side_alone():
    mu, sigma, _ = drawn(8)
    found = information.account(mu, sigma, fresh())
    assert (found.i_zy, found.i_zy_bound, found.decoder_slack) == (None, None, None)
    assert np.isfinite(found.i_xz.value) and information.values(mu, sigma, fresh())[1] is None


def test_requests_that_cannot_be_met_are_refused():
    mu, sigma, labels = drawn(9)
    many = torch.zeros(5001, 1)
    with pytest.raises(ConfigError, match=r"inputs: got 5001, expected at most 5000.*Use the sandwich"):
        information.values(many, many + 1, fresh())
    with pytest.raises(
        ConfigError, match=r"labels: got 'torch.float32 of shape \(60, 2\)', expected int64.*regression"
    ):
        information.values(mu, sigma, fresh(), mu)
    with pytest.raises(ConfigError, match=r"mu, sigma: got \(\(60, 2\), \(60, 1\)\), expected two of shape \(N, K\)"):
        information.values(mu, sigma[:, :1], fresh(), labels)
    with pytest.raises(ConfigError, match=r"batch: got 1, expected 2 to 60. A bound needs at least one other"):
        information.sandwich(mu, sigma, 1, fresh())
