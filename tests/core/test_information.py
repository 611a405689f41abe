"""Informations between their bounds: closed forms, theorems, coverage, and the definitions written out in full."""

import math
import statistics
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from vibcore import information, mixtures
from vibcore.information import information_budget
from vibcore.mixtures import Labels, Posteriors, Reals, known_odds, labels_at_hand
from vibcore.parts import diagonal
from vibcore.types import ConfigError, Estimate, Interval

BIT = math.log(2)
few = settings(max_examples=20, deadline=None, derandomize=True)


def drawn(seed, n=60, k=2, classes=3, spread=2.0, log_sigma=-1.0):
    """A cloud of labelled posteriors, as an untrained encoder might give."""
    g = torch.Generator().manual_seed(seed)
    mu = spread * torch.randn(n, k, generator=g)
    sigma = torch.exp(log_sigma + 0.5 * torch.randn(n, k, generator=g))
    labels = torch.randint(classes, (n,), generator=g)
    return Posteriors(mu, sigma, labels_at_hand(labels, classes))


def softened(posteriors, flip=0.2):
    """The same with known odds in the place of labels."""
    odds = posteriors.labels.odds
    return Posteriors(posteriors.mu, posteriors.scale, known_odds(odds * (1 - 1.5 * flip) + flip / 2))


def decoder(seed, k=2, classes=3):
    """A random linear log q(y|z)."""
    weight = torch.randn(k, classes, generator=torch.Generator().manual_seed(seed))
    return lambda z: (z @ weight.to(z)).log_softmax(-1)


def fresh(seed=0):
    return torch.Generator().manual_seed(seed)


def below(low: Estimate, high: Estimate, by: float = 4.0) -> bool:
    return low.value <= high.value + by * math.hypot(low.stderr, high.stderr) + 1e-6


clouds = st.builds(
    drawn,
    st.integers(0, 10**6),
    st.integers(5, 80),
    st.just(2),
    st.just(3),
    st.sampled_from([0.1, 1.0, 5.0]),
    st.sampled_from([-4.0, -1.0, 0.5]),
)


# --- closed forms


@pytest.mark.parametrize(
    ("d", "exact", "rate", "rate_fitted"),
    [
        (0.5, 0.160747, 0.180337, 0.160964),
        (1, 0.485944, 0.721348, 0.5),
        (2, 0.912822, 2.885390, 1.160964),
        (3, 0.994447, 6.492128, 1.660964),
    ],
)
def test_two_inputs_match_the_closed_forms_in_bits(d, exact, rate, rate_fitted):
    mu, sigma = torch.tensor([[-d], [d]], dtype=torch.float64), torch.ones(2, 1).double()
    posteriors = Posteriors(mu, sigma, labels_at_hand(torch.arange(2)))
    found = information_budget(posteriors, fresh(), log_q=decoder(0, 1, 2), samples=40_000, of="sample")
    assert found.i_xz.lower == found.i_xz.upper
    assert found.i_xz.lower.value / BIT == pytest.approx(exact, abs=0.006)
    assert found.rate.value / BIT == pytest.approx(rate, abs=1e-6)
    assert found.i_zy.lower.value == pytest.approx(found.i_xz.lower.value, abs=1e-9)  # the label names the input
    scale = math.sqrt(1 + d * d)  # r = N(0, 1 + d²) is N(0, 1) after scaling z
    fitted = information_budget(Posteriors(mu / scale, sigma / scale), fresh()).rate
    assert fitted.value / BIT == pytest.approx(rate_fitted, abs=1e-6)


@pytest.mark.parametrize(
    ("mean", "deviation", "expected"), [(1.0, 0.5, 0.818147), (0.0, math.log1p(math.exp(-5)), 4.5034)]
)
def test_the_rate_of_one_dimension_matches_its_closed_form(mean, deviation, expected):
    mu, sigma = torch.full((2, 1), mean), torch.full((2, 1), deviation)
    assert information_budget(Posteriors(mu, sigma), fresh()).rate.value == pytest.approx(expected, abs=5e-5)


def test_identical_posteriors_say_nothing_and_separate_ones_say_all():
    labels = labels_at_hand(torch.arange(6) % 3)
    same = information_budget(Posteriors(torch.zeros(6, 2), torch.ones(6, 2), labels), fresh(), of="sample")
    assert [same.i_xz.lower.value, same.i_zy.lower.value] == pytest.approx([0, 0], abs=1e-6)
    mu = torch.arange(6.0)[:, None].expand(6, 2)
    apart = information_budget(Posteriors(mu, torch.full((6, 2), 1e-3), labels), fresh(), of="sample")
    assert [apart.i_xz.lower.value, apart.i_zy.lower.value] == pytest.approx([math.log(6), math.log(3)], abs=1e-6)


def test_the_entropy_is_that_of_the_labels_at_hand():
    labels = labels_at_hand(torch.tensor([0, 0, 0, 1]))
    found = information_budget(
        Posteriors(torch.arange(4.0)[:, None], torch.full((4, 1), 1e-3), labels), fresh(), of="sample"
    )
    assert found.i_zy.upper.value == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25), abs=1e-6)


# --- what an interval promises


def entropy(*odds):
    return -sum(p * math.log(p) for p in odds if p > 0)


def two_points(n, g, d=1.0, flip=0.1):
    """X = ±d, z = x + N(0, 1), y the sign of x, flipped."""
    truth = torch.randint(2, (n,), generator=g)
    return ((2 * truth - 1) * d)[:, None].float(), torch.ones(n, 1), truth, flip


def two_points_exactly(d=1.0, flip=0.1):
    """I(X;Z) and I(Y;Z) by quadrature over z."""

    def density(z):
        return 0.5 * norm.pdf(z, -d) + 0.5 * norm.pdf(z, d)

    def rest(z):
        p = 0.5 * norm.pdf(z, d) / density(z)
        q = p * (1 - flip) + (1 - p) * flip
        return density(z) * entropy(q, 1 - q)

    h_z = quad(lambda z: -density(z) * math.log(density(z)), -12 - d, 12 + d, limit=200)[0]
    return h_z - 0.5 * math.log(2 * math.pi * math.e), math.log(2) - quad(rest, -12 - d, 12 + d, limit=200)[0]


def cloud(n, g, a=1.0, s=0.1, flip=0.1):
    """X ~ N(0, I) in two dimensions, z = a x + s eps, y the sign of x₁, flipped."""
    x = torch.randn(n, 2, generator=g)
    return a * x, torch.full((n, 2), s), (x[:, 0] > 0).long(), flip


def cloud_exactly(a=1.0, s=0.1, flip=0.1):
    """I(X;Z) in closed form, I(Y;Z) by quadrature over z₁: p(x₁ > 0 | z) = Φ(a z₁ / s √(a² + s²))."""
    spread = math.hypot(a, s)

    def rest(z):
        p = norm.cdf(a * z / (s * spread))
        q = p * (1 - flip) + (1 - p) * flip
        return norm.pdf(z, 0, spread) * entropy(q, 1 - q)

    h_rest = quad(rest, -10 * spread, 10 * spread, points=[0.0], limit=300)[0]
    return math.log(1 + a * a / s / s), math.log(2) - h_rest


def known(mu, sigma, truth, flip):
    """With p(y|x) known, p(y) as well."""
    one_hot = torch.nn.functional.one_hot(truth, 2).double()
    odds = one_hot * (1 - flip) + (1 - one_hot) * flip
    return information_budget(
        Posteriors(mu, sigma, Labels(odds, torch.full((2,), 0.5).double().log(), soft=True)), fresh(1)
    )


def labelled(mu, sigma, truth, flip, g):
    """With labels alone: a third is scored, the others decode."""
    y = torch.where(torch.rand(len(truth), generator=g) < flip, 1 - truth, truth)
    cut = len(y) // 3
    test, train = slice(None, cut), slice(cut, None)
    posteriors = [Posteriors(mu[part], sigma[part], labels_at_hand(y[part], 2)) for part in (test, train)]
    return information_budget(posteriors[0], fresh(1), others=posteriors[1])


PROBLEMS: dict[str, tuple[Any, Any, dict[str, float]]] = {
    "two points, near": (two_points, two_points_exactly, {"d": 0.5}),
    "two points, far": (two_points, two_points_exactly, {"d": 3.0}),
    "cloud, soft": (cloud, cloud_exactly, {"s": 0.5}),
    "cloud, needles": (cloud, cloud_exactly, {"s": 0.01}),
    "cloud, coin flips": (cloud, cloud_exactly, {"s": 0.3, "flip": 0.5}),
}


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("soft", [True, False], ids=["p(y|x) known", "labels alone"])
def test_intervals_cover_the_known_value_over_inputs_and_draws(name, soft):
    make, exactly, parameters = PROBLEMS[name]
    truth, repeats, n = exactly(**parameters), 300, 300
    covered = np.zeros(2)
    for seed in range(repeats):
        g = fresh(seed)
        mu, sigma, y, flip = make(n, g, **parameters)
        found = known(mu, sigma, y, flip) if soft else labelled(mu, sigma, y, flip, g)
        for i, interval in enumerate((found.i_xz, found.i_zy)):
            covered[i] += interval.low - 1e-9 <= truth[i] <= interval.high + 1e-9
    assert (covered / repeats >= 0.93).all(), covered / repeats


def linear(n, g, rho, scale, deviation):
    """x and y standard normal, correlated by ρ in each dimension, and z = scale · x + deviation · eps."""
    r = torch.tensor(rho)
    x = torch.randn(n, len(rho), generator=g)
    width = (1 - r**2).sqrt()
    y = r * x + width * torch.randn(x.shape, generator=g)
    return Posteriors(scale * x, torch.full(x.shape, deviation), reals=Reals(y, r * x, width))


LINEAR = [
    ((0.9,), 1.0, 0.5),
    ((0.9,), 1.0, 0.03),  # needles
    ((0.9,), 0.0, 1.0),  # says nothing
    ((0.99,), 1.0, 0.3),
    ((0.9, 0.5), 1.0, 0.5),
    ((0.9, 0.6, 0.3), 1.0, 0.2),
]


@pytest.mark.parametrize(("rho", "scale", "deviation"), LINEAR)
def test_intervals_of_real_targets_cover_the_closed_form(rho, scale, deviation):
    """I(Z;Y) = −½ Σ ln(1 − ρ² s²), s² = a²/(a² + σ²) the share of the signal in z; I(X;Z) = −½ Σ ln(1 − s²)."""
    share = scale**2 / (scale**2 + deviation**2)
    truth = [
        -0.5 * sum(math.log(1 - r * share) for r in squares) for squares in ([1.0] * len(rho), [r**2 for r in rho])
    ]
    repeats, covered, errors = 200, np.zeros(2), []
    for seed in range(repeats):
        found = information_budget(linear(300, fresh(seed), rho, scale, deviation), fresh(seed + 10**6))
        for i, interval in enumerate((found.i_xz, found.i_zy)):
            covered[i] += interval.low - 1e-5 <= truth[i] <= interval.high + 1e-5
        errors.append(found.i_zy.upper.stderr)
    assert (covered / repeats >= 0.93).all(), covered / repeats
    assert statistics.mean(errors) < 1.05 * max(rho) * math.sqrt(len(rho) / 300)  # no more than by plain draws


def test_the_interval_of_real_targets_shrinks_and_a_better_decoder_lifts_its_lower_end():
    found = [information_budget(linear(n, fresh(n), (0.9,), 1.0, 0.5), fresh()).i_zy for n in (100, 400, 1600)]
    widths = [interval.high - interval.low for interval in found]
    assert widths[0] > 1.5 * widths[1] > 2.25 * widths[2] and widths[2] < 0.08
    posteriors = linear(100, fresh(0), (0.9, 0.9, 0.9), 1.0, 0.05)
    share = 1 / (1 + 0.05**2)

    def best(z):
        """The true p(y|z) of linear pairs: N(ρ s² z, 1 − ρ² s²)."""
        width = math.sqrt(1 - 0.81 * share)
        return torch.distributions.Normal(0.9 * share * z, width).log_prob(posteriors.reals.y).sum(1)

    told = information_budget(posteriors, fresh(), log_q=best)
    alone = information_budget(posteriors, fresh())
    true = -1.5 * math.log(1 - 0.81 * share)
    lower = told.i_zy.lower
    assert lower.value > alone.i_zy.lower.value and abs(lower.value - true) < 2 * lower.stderr
    assert abs(lower.value - true) < abs(told.i_zy_bound.value - true) / 5, "chance is taken off both decoders"
    assert told.i_zy.upper == alone.i_zy.upper and told.decoder_slack.lower.value == 0
    assert alone.i_zy_bound is None and (alone.i_zy.lower.kind, alone.i_zy.upper.kind) == ("lower", "upper")
    assert information_budget(posteriors, fresh(), log_q=best, of="sample").i_zy is None


def test_the_interval_shrinks_as_inputs_are_added():
    widths = [known(*cloud(n, fresh(0), s=0.1)).i_zy for n in (100, 400, 1600)]
    assert widths[0].high - widths[0].low > 1.5 * (widths[1].high - widths[1].low)
    assert widths[1].high - widths[1].low > 1.5 * (widths[2].high - widths[2].low)
    assert widths[2].high - widths[2].low < 0.05


def test_labels_by_coin_flip_say_nothing_whoever_is_told():
    g = fresh(3)
    mu, labels = torch.randn(500, 4, generator=g), torch.randint(2, (500,), generator=g)
    sigma = torch.full((250, 4), 0.3)
    halves = [Posteriors(mu[h], sigma, labels_at_hand(labels[h], 2)) for h in (slice(250), slice(250, 500))]
    found = information_budget(halves[0], g, others=halves[1]).i_zy
    assert found.low == 0 and found.high > 0.2  # the upper end is of this sample, its own labels included


def test_ends_are_bounds_with_their_errors_and_never_negative():
    lower, upper = Estimate(0.1, 0.1, "lower"), Estimate(0.3, 0.05, "upper")
    assert Interval(lower, upper, 10, "population").low == 0.0
    assert Interval(lower, upper, 10, "population").high == pytest.approx(0.3 + 1.959964 * 0.05)
    assert Interval(Estimate(0.5, 0.1, "lower"), upper, 10, "population").low == pytest.approx(0.3040036)
    crossed = Interval(Estimate(0.5, 0.0, "lower"), Estimate(0.4, 0.0, "upper"), 10, "population")
    assert crossed.low == crossed.high == 0.5


# --- theorems


@few
@given(posteriors=clouds, seed=st.integers(0, 1000))
def test_the_rate_bounds_the_information_from_above(posteriors, seed):
    own = information_budget(posteriors, fresh(seed), samples=100, of="sample")  # wide posteriors have heavy tails
    assert own.rate.kind == "upper" and own.i_xz.lower.kind == "monte_carlo" and own.i_xz.of == "sample"
    assert below(own.i_xz.lower, own.rate)
    error = math.hypot(own.i_xz.lower.stderr, own.marginal_slack.upper.stderr)
    assert own.i_xz.lower.value + own.marginal_slack.upper.value == pytest.approx(own.rate.value, abs=6 * error + 1e-5)
    found = information_budget(posteriors, fresh(seed))
    assert found.i_xz.upper.value <= found.rate.value
    assert (found.i_xz.lower.kind, found.i_xz.upper.kind, found.i_xz.of) == ("lower", "upper", "population")


@few
@given(posteriors=clouds, seed=st.integers(0, 1000), soft=st.booleans())
def test_bounds_of_both_sides_stand_in_their_order(posteriors, seed, soft):
    posteriors = softened(posteriors) if soft else posteriors
    found, own = (
        information_budget(posteriors, fresh(seed), log_q=decoder(seed), samples=20, of=of)
        for of in ("population", "sample")
    )
    for wide, value in ((found.i_xz, own.i_xz), (found.i_zy, own.i_zy)):
        assert wide.lower.value <= wide.upper.value + 4 * wide.upper.stderr + 1e-6
        assert any(end.value == pytest.approx(value.lower.value, abs=1e-9) for end in (wide.lower, wide.upper)) or (
            wide.upper.value == found.rate.value
        )
    assert found.i_zy_bound.kind == "lower" and below(found.i_zy_bound, own.i_zy.lower)
    assert found.i_zy.lower.value >= found.i_zy_bound.value  # q(y|z) is one of the decoders
    assert own.decoder_slack.upper.value >= -4 * own.decoder_slack.upper.stderr - 1e-6
    assert below(own.i_zy.lower, own.i_xz.lower)  # Y → X → Z


@few
@given(posteriors=clouds, seed=st.integers(0, 1000))
def test_informations_of_a_sample_obey_its_ceilings(posteriors, seed):
    own = information_budget(posteriors, fresh(seed), samples=30, of="sample")
    prior = posteriors.labels.log_prior.exp()
    assert own.i_xz.lower.value <= information.log_n_ceiling(len(posteriors.mu)) + 1e-6
    assert own.i_zy.lower.value <= entropy(*prior.tolist()) + 1e-6
    assert own.i_xz.lower.value >= -4 * own.i_xz.lower.stderr - 1e-6
    assert own.i_zy.lower.value >= -1e-9  # given z, it is a divergence
    raw = mixtures.mix(mixtures.draw(posteriors, fresh(seed)), posteriors).x.raw
    assert float(raw.max()) <= math.log(len(posteriors.mu)) + 1e-9  # for every draw, not just on average


@few
@given(posteriors=clouds, seed=st.integers(0, 1000))
def test_the_sandwich_holds_the_value(posteriors, seed):
    value = information_budget(posteriors, fresh(seed), samples=20, of="sample").i_xz.lower
    batches = [information.sandwich(posteriors, max(2, len(posteriors.mu) // 3), fresh(s)) for s in range(8)]
    lower, upper = ([pair[i].value for pair in batches] for i in (0, 1))
    error = 4 * max(statistics.stdev(lower), statistics.stdev(upper)) / math.sqrt(8) + 4 * value.stderr + 1e-6
    assert statistics.mean(lower) <= value.value + error
    assert value.value <= statistics.mean(upper) + error


def test_a_sandwich_of_one_full_batch_has_the_value_itself_below():
    posteriors = drawn(0, 200)
    value = information_budget(posteriors, fresh(), samples=50, of="sample").i_xz.lower.value
    found = [information.sandwich(posteriors, 200, fresh(s))[0].value for s in range(50)]
    assert statistics.mean(found) == pytest.approx(value, abs=0.02)


def test_the_upper_side_is_loose_where_posteriors_separate():
    mu, sigma = torch.linspace(-50, 50, 64)[:, None], torch.full((64, 1), 0.1)
    lower, upper = information.sandwich(Posteriors(mu, sigma), 16, fresh())
    assert lower.value == pytest.approx(math.log(16), abs=1e-6) and lower.kind == "lower"
    assert upper.value > 10 * math.log(64) and upper.kind == "upper"
    found = information_budget(Posteriors(mu, sigma), fresh())
    assert found.i_xz.lower.value == pytest.approx(math.log(64), abs=1e-6)
    assert 10 * math.log(64) < found.i_xz.upper.value < found.rate.value
    needles = information_budget(Posteriors(mu / 30, sigma / 1000), fresh())  # within the prior
    assert needles.i_xz.upper == needles.rate  # there the rate is tighter than the side that leaves out the own input
    assert needles.marginal_slack.lower.value == 0


# --- definitions, written out in full


def log_table(z, posteriors):
    """ln p(z|x_j) of every pair by an independent library, in double precision."""
    normal = torch.distributions.Normal(posteriors.mu.double(), posteriors.scale.double())
    return normal.log_prob(z.double()[:, None]).sum(-1)


@pytest.mark.parametrize("soft", [True, False])
@pytest.mark.parametrize("log_sigma", [-7.0, -2.0, 0.0])
@pytest.mark.parametrize("k", [2, 9])
def test_each_side_is_what_its_definition_says(soft, log_sigma, k):
    n = 120
    posteriors = drawn(1, n=n, k=k, log_sigma=log_sigma)
    posteriors = softened(posteriors) if soft else posteriors
    others = softened(drawn(2, n=80, k=k)) if soft else drawn(2, n=80, k=k)
    draws = mixtures.draw(posteriors, fresh(), samples=2, scored=50)
    assert draws.z.shape == (100, k) and draws.own.tolist() == [*range(50), *range(50)]
    table, odds, log_prior = log_table(draws.z, posteriors), posteriors.labels.odds, posteriors.labels.log_prior
    own = table.gather(1, draws.own[:, None])[:, 0]
    torch.testing.assert_close(draws.log_own, own, atol=2e-2 if log_sigma < -5 else 1e-3, rtol=1e-3)
    left_out = table.scatter(1, draws.own[:, None], -math.inf)
    share = table.softmax(1)  # who may have made z
    information_of_each = share.log() + math.log(n)  # ln p(z|x_j)/p̂(z)
    bayes = (share @ odds).log() - log_prior
    mixed = mixtures.mix(draws, posteriors)
    close: dict[str, Any] = {"atol": 2e-2 if log_sigma < -5 else 2e-4, "rtol": 1e-3}
    torch.testing.assert_close(mixed.x.raw, own - table.logsumexp(1) + math.log(n), **close)
    torch.testing.assert_close(mixed.x.value, (share * information_of_each.clamp_min(-1e4)).sum(1), **close)
    torch.testing.assert_close(mixed.x.square, (share * information_of_each.clamp_min(-1e4) ** 2).sum(1), **close)
    torch.testing.assert_close(mixed.x.raw + mixed.x.gap, own - left_out.logsumexp(1) + math.log(n - 1), **close)
    per_member = torch.einsum("jc,sc->sj", odds, bayes.clamp_min(-1e4))  # Σ_y p(y|x_j) ln p̂(y|z)/p(y)
    torch.testing.assert_close(mixed.y.value, (share * per_member).sum(1), **close)
    torch.testing.assert_close(mixed.y.square, (share * per_member**2).sum(1), **close)
    torch.testing.assert_close(mixed.y.raw, per_member.gather(1, draws.own[:, None])[:, 0], **close)
    without = (left_out.softmax(1) @ odds * (n - 1) + log_prior.exp()) / n  # and one that knows the prior
    foreign = mixtures.expected(odds[draws.own], without.log() - log_prior)
    torch.testing.assert_close(mixed.y.raw + mixed.y.gap, foreign, **close)
    of_others = (log_table(draws.z, others).softmax(1) @ others.labels.odds * 80 + others.labels.log_prior.exp()) / 81
    expected = mixtures.expected(odds[draws.own], of_others.log() - log_prior)  # against the scored inputs' own p(y)
    torch.testing.assert_close(mixtures.decode(draws, posteriors.labels, others), expected, **close)


def test_an_account_adds_up_from_its_sides():
    posteriors, others, log_q = softened(drawn(3)), softened(drawn(4)), decoder(3)
    found = information_budget(posteriors, fresh(), log_q=log_q, samples=3, scored=40)
    draws = mixtures.draw(posteriors, fresh(), 3, 40)
    mixed = mixtures.mix(draws, posteriors)
    x_high = float((mixed.x.value + mixed.x.gap).mean())
    assert found.i_xz.lower.value == pytest.approx(float(mixed.x.value.mean()))
    assert found.i_xz.upper.value == pytest.approx(min(x_high, found.rate.value))
    assert found.i_zy.upper.value == pytest.approx(float(mixed.y.value.mean()))
    mu, sigma = posteriors.mu[:40].double(), posteriors.scale[:40].double()
    kl = (0.5 * (mu**2 + sigma**2 - 1) - sigma.log()).sum(1)
    assert found.rate.value == pytest.approx(float(kl.mean()))
    assert found.rate.stderr == pytest.approx(float(kl.std()) / math.sqrt(40))
    log_r = torch.distributions.Normal(0.0, 1.0).log_prob(draws.z.double()).sum(1)
    log_p = log_table(draws.z, posteriors).logsumexp(1) - math.log(len(posteriors.mu))
    assert found.marginal_slack.upper.value == pytest.approx(float((log_p - log_r).mean()), abs=1e-4)
    left_out = log_table(draws.z, posteriors).scatter(1, draws.own[:, None], -math.inf)
    log_others = left_out.logsumexp(1) - math.log(len(posteriors.mu) - 1)
    below = float((log_others - log_r).mean()) if x_high <= found.rate.value else 0.0
    assert found.marginal_slack.lower.value == pytest.approx(below, abs=1e-4)
    odds, log_prior = posteriors.labels.odds[draws.own], posteriors.labels.log_prior
    bound = (odds * (log_q(draws.z).double() - log_prior)).sum(1)
    assert found.i_zy_bound.value == pytest.approx(float(bound.mean()))
    each = bound.view(3, 40).mean(0)
    assert found.i_zy_bound.stderr == pytest.approx(float(each.std()) / math.sqrt(40))
    assert found.decoder_slack.upper.value == pytest.approx(float((mixed.y.raw - bound).mean()))
    without = float((mixed.y.raw + mixed.y.gap - bound).mean())
    y_low = float((mixed.y.value + mixed.y.gap).mean())
    if found.i_zy_bound.value > y_low:
        assert (found.i_zy.lower, found.decoder_slack.lower.value) == (found.i_zy_bound, 0.0)
    else:
        assert found.i_zy.lower.value == pytest.approx(y_low)
        assert found.decoder_slack.lower.value == pytest.approx(without)
    told = information_budget(posteriors, fresh(), others=others, samples=3, scored=40)
    y_low = float((mixed.y.value + mixtures.decode(draws, posteriors.labels, others) - mixed.y.raw).mean())
    assert told.i_zy.lower.value == pytest.approx(y_low) and told.i_zy_bound is None and told.decoder_slack is None
    assert (found.i_xz.inputs, found.i_zy.inputs, found.marginal_slack.inputs) == (40, 40, 40)


def test_the_value_of_a_sample_is_its_own_however_well_a_decoder_guesses():
    """Of fresh inputs the better decoder gives the lower end; of the sample alone both ends are one value."""
    posteriors = drawn(3)
    right = posteriors.labels.odds[mixtures.draw(posteriors, fresh()).own]

    def knows(z):
        return (right * 0.999 + 0.0005).log()

    found, wide = (information_budget(posteriors, fresh(), log_q=knows, of=of) for of in ("sample", "population"))
    value = float(mixtures.mix(mixtures.draw(posteriors, fresh()), posteriors).y.value.mean())
    assert found.i_zy.lower == found.i_zy.upper and found.i_zy.lower.value == pytest.approx(value)
    assert found.i_zy_bound.value > value
    assert wide.i_zy.lower == wide.i_zy_bound and wide.decoder_slack.lower.value == 0


def test_the_bayes_decoder_leaves_no_slack():
    posteriors = drawn(3)

    def bayes(z):
        return (log_table(z, posteriors).softmax(1) @ posteriors.labels.odds).log()

    found = information_budget(posteriors, fresh(), log_q=bayes, samples=3, of="sample")
    assert found.decoder_slack.upper.value == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("k", [1, 2, 8, 9, 40])
@pytest.mark.parametrize("deviation", [1e-4, 0.3])
def test_densities_match_an_independent_library(k, deviation):
    g = fresh()
    mu, sigma = 3 * torch.randn(30, k, generator=g), deviation * (1 + torch.rand(30, k, generator=g))
    z = mu + sigma * torch.randn(30, k, generator=g)
    expected = log_table(z, Posteriors(mu, sigma))
    found = diagonal.log_densities(z, mu, sigma)
    near = expected > expected.amax(1, keepdim=True) - 50  # what the sum over the mixture can feel
    assert found[near].double().numpy() == pytest.approx(expected[near].numpy(), abs=2e-3, rel=1e-5)


def test_the_size_of_a_chunk_changes_nothing(monkeypatch):
    posteriors = softened(drawn(2))
    whole = information_budget(posteriors, fresh(), samples=3)
    monkeypatch.setattr(mixtures, "CHUNK", 7 * len(posteriors.mu))
    parts = information_budget(posteriors, fresh(), samples=3)
    assert parts.i_zy.lower.value == pytest.approx(whole.i_zy.lower.value, abs=1e-6)
    assert parts.i_xz.upper.value == pytest.approx(whole.i_xz.upper.value, abs=1e-6)


def test_errors_are_the_spread_over_inputs_and_draws():
    runs = [known(*cloud(200, fresh(s), s=0.3)) for s in range(150)]
    for end in (lambda a: a.i_xz.lower, lambda a: a.i_zy.upper, lambda a: a.i_xz.upper, lambda a: a.i_zy.lower):
        spread = statistics.stdev(end(run).value for run in runs)
        stated = statistics.mean(end(run).stderr for run in runs)
        assert 0.5 < spread / stated < 1.15


def test_more_draws_of_the_same_inputs_leave_the_error_over_inputs():
    posteriors = drawn(6, n=100)
    one, many = (information_budget(posteriors, fresh(), samples=s, of="sample").i_xz.lower.stderr for s in (1, 160))
    assert many < one
    draws = mixtures.mix(mixtures.draw(posteriors, fresh(), 160), posteriors).x
    between = float(draws.raw.view(160, 100).mean(0).std()) / 10  # of each input's own information
    assert many == pytest.approx(between, rel=0.15)


def test_equal_generators_give_equal_values_and_leave_global_state_alone():
    posteriors = drawn(7)
    before = torch.get_rng_state()
    first, second = (information_budget(posteriors, fresh(3)) for _ in range(2))
    assert first == second
    assert torch.equal(before, torch.get_rng_state())


def test_a_regression_set_has_the_x_side_alone():
    posteriors = drawn(8)
    found = information_budget(Posteriors(posteriors.mu, posteriors.scale), fresh(), log_q=decoder(0))
    assert (found.i_zy, found.i_zy_bound, found.decoder_slack) == (None, None, None)
    assert np.isfinite(found.i_xz.lower.value)


def test_a_class_that_no_input_has_costs_and_earns_nothing():
    posteriors = drawn(9, classes=3)
    odds = torch.cat([posteriors.labels.odds, torch.zeros(60, 1)], 1)
    wider = Posteriors(posteriors.mu, posteriors.scale, Labels(odds, odds.mean(0).log(), soft=False))
    for of in ("population", "sample"):
        narrow, wide = (information_budget(p, fresh(), of=of).i_zy for p in (posteriors, wider))
        assert wide.lower.value == pytest.approx(narrow.lower.value) and wide.upper == narrow.upper


def test_requests_that_cannot_be_met_are_refused():
    posteriors = drawn(9)
    mu, sigma = posteriors.mu, posteriors.scale
    many = torch.zeros(5001, 1)
    with pytest.raises(ConfigError, match=r"inputs: got 5001, expected 2 to 5000.*Use the sandwich"):
        information_budget(Posteriors(many, many + 1), fresh())
    with pytest.raises(
        ConfigError, match=r"labels: got 'torch.float32 of shape \(60, 2\)', expected int64.*regression"
    ):
        labels_at_hand(mu)
    with pytest.raises(ConfigError, match=r"mu, sigma: got \(\(60, 2\), \(60, 1\)\), expected two of shape \(N, K\)"):
        information_budget(Posteriors(mu, sigma[:, :1]), fresh())
    with pytest.raises(ConfigError, match=r"members: got 'no labels', expected posteriors of labelled inputs"):
        information_budget(posteriors, fresh(), others=Posteriors(mu, sigma))
    with pytest.raises(ConfigError, match=r"batch: got 1, expected 2 to 60. A bound needs at least one other"):
        information.sandwich(posteriors, 1, fresh())
