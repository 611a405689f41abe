"""What is drawn is what is said: ellipses, decision maps, planes, colours."""

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard import controls, links, picture, slider
from dashboard.figures import edges, frames, limits, palette, words
from dashboard.panels import account, errors, history, kl
from dashboard.panels.input_plane import input_plane
from dashboard.panels.latent import latent_plane, thumbs
from dashboard.panels.odds import mean_odds, odds_table
from dashboard.panels.plane import information_plane
from vibcore.config import beta_grid
from vibcore.exact import gaussian
from vibcore.forms import Number, Whole
from vibcore.types import Curve, Estimate, Point


def inside(path: np.ndarray, mu: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Whether points lie inside a closed convex path around mu."""
    edges = np.roll(path, -1, axis=0) - path
    cross = edges[:, 0] * (points[:, None, 1] - path[:, 1]) - edges[:, 1] * (points[:, None, 0] - path[:, 0])
    return (cross >= 0).all(1)


@pytest.mark.parametrize("rho", [None, -0.8])
@pytest.mark.parametrize(("radius", "share"), [(1.0, 0.3935), (2.0, 0.8647)])
def test_the_drawn_ellipse_holds_the_share_it_is_labelled_with(radius: float, share: float, rho: float | None) -> None:
    mu, sigma = np.array([0.7, -1.2]), np.array([0.3, 1.1])
    covariance = np.outer(sigma, sigma) * np.array([[1, rho or 0.0], [rho or 0.0, 1]])
    samples = np.random.default_rng(0).multivariate_normal(mu, covariance, 40_000)
    path = frames.ellipse(mu, sigma if rho is None else np.append(sigma, rho), radius)[:-1]
    held = inside(path, mu, samples).mean()
    assert held == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 40_000) + 0.003)  # 48 chords cost 0.3 %


def test_rings_are_separate_lines() -> None:
    path = frames.rings(np.zeros((2, 3, 2)), np.ones((2, 3, 2)), (1.0, 2.0))
    assert path.shape == (2, 3, 100, 2)
    assert np.isnan(path[..., 49, :]).all() and np.isnan(path[..., 99, :]).all()
    np.testing.assert_allclose(np.linalg.norm(path[0, 0, 50:99], axis=-1), 2)


def test_decision_codes_name_the_class_and_its_lead_over_the_second() -> None:
    sure, doubtful, tie = np.array([0.02, 0.97, 0.01]), np.array([0.1, 0.45, 0.45 - 0.25]), np.array([0.5, 0.5, 0.0])
    codes = frames.decision_codes(np.stack([sure, doubtful, tie]))
    assert (codes // palette.SHADES).tolist()[:2] == [1, 1]
    np.testing.assert_allclose(codes % palette.SHADES / (palette.SHADES - 1), [0.95, 0.25, 0.0], atol=0.5 / 24)
    assert frames.decision_codes(np.eye(10)).max() < 10 * palette.SHADES <= 255


def test_the_median_posterior_is_one_of_the_class_own_inputs() -> None:
    rng = np.random.default_rng(1)
    mu, sigma = rng.normal(size=(2, 30, 2)), rng.uniform(0.1, 1, size=(2, 30, 2))
    labels = np.arange(30) % 2
    centre, width = frames.median_posteriors(mu, sigma, labels, 3)
    for m in range(2):
        for c in range(2):
            row = np.flatnonzero((mu[m] == centre[m, c]).all(1))
            assert labels[row] == c and (sigma[m, row] == width[m, c]).all()
    assert np.isnan(centre[:, 2]).all()


def point(beta: float, rate: float, bound: float) -> Point:
    return Point(
        beta,
        Estimate(rate, 0.01, "upper"),
        Estimate(1.0, 0.01, "monte_carlo"),
        Estimate(bound, 0.01, "lower"),
        None,
        None,
        (rate,),
        100,
    )


def test_bits_are_nats_over_ln_2() -> None:
    points = [point(0.1, np.log(2), 0.5 * np.log(2))]
    arrays = frames.plane_arrays(points, points, frames.nats_per_unit("bits"))
    assert arrays["plane_test_x"] == pytest.approx([1.0]) and arrays["plane_test_y"] == pytest.approx([0.5])
    assert frames.plane_arrays(points, points, frames.nats_per_unit("nats"))["plane_test_x"] == pytest.approx(
        [np.log(2)]
    )


def test_a_value_that_is_not_known_is_never_drawn_from_its_bound() -> None:
    points = [point(0.1, 1.0, 0.5)]
    assert np.isnan(frames.plane_arrays(points, points, 1.0, "value")["plane_test_x"]).all()
    assert np.isnan(frames.arrows(points, 1.0)["bracket_x"][0, 1:]).all()


BOX = ((-0.1, 10.0), (-0.2, 2.0))


def test_the_line_of_equal_loss_has_slope_beta_through_the_dot() -> None:
    at = edges.marks(np.array([2.0, 3.0]), np.array([1.0, 0.5]), np.array([0.25, 0.0]), BOX)
    x, y = at["iso_x"], at["iso_y"]
    np.testing.assert_allclose((y[:, 1] - y[:, 0]) / (x[:, 1] - x[:, 0]), [0.25, 0.0])
    np.testing.assert_allclose(x.mean(1), [2.0, 3.0])
    np.testing.assert_allclose(y.mean(1), [1.0, 0.5])
    assert (at["chosen_x"][:, 0] == [2.0, 3.0]).all() and (at["chosen_y"][:, 0] == [1.0, 0.5]).all()
    falls = edges.marks(np.array([2.0]), np.array([1.0]), np.array([0.25]), BOX, falls=True)["iso_y"]
    assert falls[0, 1] < falls[0, 0]


def test_a_dot_beyond_the_plane_waits_at_its_edge_and_says_where_it_is() -> None:
    x, y = np.array([21.34, 3.0, 12.0, np.nan, 5.0]), np.array([1.0, -3.25, 7.0, 1.0, 1.5])
    at = edges.marks(x, y, np.full(5, 0.1), BOX)
    seen_x, seen_y = at["chosen_x"][:, 0], at["chosen_y"][:, 0]
    known = ~np.isnan(x)
    assert (seen_x[known] <= 9.8).all() and (seen_y[known] >= -0.2 + 0.04).all() and (seen_y[known] <= 1.96).all()
    assert np.isnan(seen_x[3])
    texts = edges.waiting(x, y, at, BOX, "bits")
    assert texts == ["→ 21.3 bits", "↓ −3.25 bits", "→ 12.0 ↑ 7.00 bits", "", ""]


def test_the_line_of_equal_loss_keeps_its_slope_and_stays_short_however_steep() -> None:
    at = edges.marks(np.array([5.0]), np.array([1.0]), np.array([50.0]), BOX)
    (x,), (y,) = at["iso_x"], at["iso_y"]
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(50.0)
    assert BOX[1][0] < y[0] < y[1] < BOX[1][1]
    assert edges.prices(np.array([0.1, 2.0])) == {"iso_text": ["same loss: slope 0.1", "same loss: slope 2"]}


def test_a_way_from_outside_comes_into_the_plane_at_its_edge_and_says_so() -> None:
    x, y = np.array([[12.0, 8.0, 7.0], [3.0, 4.0, 20.0], [11.0, 12.0, 13.0]]), np.array([[1.0, 0.0, 0.1]] * 3)
    at = edges.beginnings(x, y, BOX)
    np.testing.assert_allclose(np.column_stack(list(at.values())), [[10.0, 0.5], [3.0, 1.0], [np.nan, np.nan]])
    said = edges.starts({"trail_x": x, "trail_y": y}, [0, 2, 3], BOX, 4)["start_text"]
    assert said == ["starts outside", "", "start", "starts outside"]


def test_a_bell_and_its_bar_are_those_of_the_gaussian() -> None:
    path = frames.bells(np.array([0.5]), np.array([0.2]))[0]
    z = path[:65, 0]
    density = np.exp(-((z - 0.5) ** 2) / (2 * 0.2**2))
    np.testing.assert_allclose(path[:65, 1], density, atol=1e-12)
    assert (np.isnan(path[65, 0]) and np.isnan(path[65, 1])) or np.isnan(path[65, 0])
    np.testing.assert_allclose(path[66:, 0], [0.3, 0.7])
    np.testing.assert_allclose(path[66:, 1], np.exp(-0.5))
    draws = 0.5 + 0.2 * np.random.default_rng(0).standard_normal(40_000)
    assert ((draws > path[66, 0]) & (draws < path[67, 0])).mean() == pytest.approx(0.6827, abs=0.01)


def test_a_lone_latent_dimension_has_the_prior_as_a_bell_and_no_circle() -> None:
    figure = latent_plane(np.array([0, 1]), np.array([True, False]), ["a", "b"], (-3.2, 3.2), (0,))
    (prior,) = [t for t in figure.data if t.type == "scatter" and t.line.dash == "dash"]
    np.testing.assert_allclose(prior.y[:65], np.exp(-(prior.x[:65] ** 2) / 2), atol=1e-12)
    assert tuple(figure.layout.yaxis.range) == frames.STRIP and figure.layout.yaxis.scaleanchor is None
    assert "68 %" in " ".join(a.text for a in figure.layout.annotations)


def facts(**changes: object) -> limits.PlaneFacts:
    curve = Curve(np.array([0.0, 0.5, 1.5]), np.array([0.0, 0.4, 0.6]), np.array([0.9, 0.5, 0.01]), "test")
    known = {"h_y": 0.69, "i_xy": 0.6, "log_n": 6.9, "frontier": curve, "nats_per_unit": 1.0, "unit": "nats"}
    return limits.PlaneFacts(**(known | changes))  # type: ignore[arg-type]


def plane(known: limits.PlaneFacts, show: str = "bound") -> go.Figure:
    return information_plane(known, show, (7.2, 0.8))


def words_of(figure: go.Figure) -> str:
    return " ".join(note.text for note in figure.layout.annotations)


def test_the_plane_says_what_it_computes_and_keeps_its_ranges() -> None:
    figure = plane(facts())
    assert figure.layout.xaxis.title.text == "nats about X, at most: rate ≥ I(X;Z)"
    assert figure.layout.yaxis.title.text == "nats about Y, at least: H(Y) − CE ≤ I(Z;Y)"
    assert figure.layout.xaxis.range[1] == 7.2 and figure.layout.yaxis.range[1] == 0.8
    assert figure.layout.xaxis.range[0] < 0 and figure.layout.yaxis.range[0] < 0, "a dot at 0 is seen whole"
    said = words_of(figure)
    for mark in ("exact frontier", "H(Y)", "I(X;Y)", "nothing kept", "just enough", "memorising", "no code knows more"):
        assert mark in said
    assert "6.9 nats name every training input →" in said
    assert "at least: I(X;Z)" in plane(facts(), "value").layout.xaxis.title.text


def test_a_lower_bound_of_the_frontier_is_not_called_exact() -> None:
    figure = plane(facts(frontier_kind="lower"))
    assert "frontier, at least" in words_of(figure) and "exact" not in words_of(figure)
    assert [t.name for t in figure.data if t.name and "frontier" in t.name] == ["frontier, at least"]


def test_a_jump_is_named_where_the_two_betas_differ() -> None:
    assert "nothing kept: best above β = 0.302, a trap above 0.25" in words_of(
        plane(facts(collapse=0.302, unstable=0.25))
    )
    assert "trap" not in words_of(plane(facts(collapse=0.302, unstable=0.301)))
    betas = beta_grid(25, 1e-4, 1.5)
    marks = slider.collapse_marks(betas, 0.302, 0.25)
    assert [mark["label"] for mark in marks] == ["predicted collapse β = 0.302", "trap from β = 0.25"]
    step = np.log(betas[1] / betas[0])
    for mark, beta in zip(marks, (0.302, 0.25), strict=True):
        assert mark["index"] == pytest.approx(np.log(beta / 1e-4) / step, abs=1e-3)
    assert len(slider.collapse_marks(betas, 0.302, 0.301)) == 1
    assert slider.collapse_marks(betas, 3.0, 3.0) == [], "off the slider"


def test_the_ceiling_is_that_of_the_set_whose_points_it_caps() -> None:
    said = words_of(plane(facts(log_test=6.2), "value"))
    assert "6.9 nats name every training input" in said and "6.2 nats name every test input" in said
    assert "every test input" not in words_of(plane(facts(log_test=6.2)))


def test_without_a_known_density_no_frontier_is_claimed() -> None:
    figure = plane(facts(frontier=None, i_xy=None))
    assert "exact frontier" not in " ".join(a.text for a in figure.layout.annotations)
    assert not [t for t in figure.data if t.name == "exact frontier"]


def test_both_planes_of_space_are_to_scale_with_fixed_ranges() -> None:
    labels, is_train = np.array([0, 1, 0]), np.array([True, False, True])
    latent = latent_plane(labels, is_train, ["a", "b"], (-3.2, 3.2), (0, 1))
    inputs = input_plane(np.zeros((3, 2)), labels, is_train, ["a", "b"], (-2.0, 2.0))
    for figure in (latent, inputs):
        assert figure.layout.yaxis.scaleanchor == "x" and figure.layout.xaxis.range is not None
    circles = [t for t in latent.data if t.type == "scatter" and t.line.dash == "dash"]
    assert [round(float(np.hypot(t.x[5], t.y[5])), 6) for t in circles] == [1, 2]


def test_train_is_hollow_and_test_is_filled() -> None:
    figure = latent_plane(np.array([0, 1]), np.array([True, False]), ["a", "b"], (-3, 3), (0, 1))
    train, test = (next(t for t in figure.data if t.name == name) for name in ("train", "test"))
    assert train.marker.color == "rgba(0,0,0,0)" and len(test.meta["rows"]) == 1
    assert tuple(test.marker.color) == (palette.CLASSES[1],)
    assert train.meta["rows"] == [0] and test.meta["rows"] == [1]


def test_every_figure_is_json_with_bound_traces() -> None:
    drawn = (
        errors.over_beta((0.0, 0.1, 1.0)),
        history.over_time("bits"),
        kl.kl_bars(3, "bits", 2),
        account.account_bars("bits", 3, True),
        plane(facts()),
        odds_table(["a", "b"]),
    )
    for figure in drawn:
        tree = picture.tree(figure)
        moved = [trace for trace in tree["data"] if "bind" in (trace.get("meta") or {})]
        assert moved
        for trace in moved:  # no invented bars or lines before anything is known
            assert all(len(trace[path]) == 0 for path in trace["meta"]["bind"] if path in ("x", "y", "z"))
        assert "scattergl" not in {trace["type"] for trace in tree["data"]}


def test_errors_are_told_apart_by_ink_and_line_alone() -> None:
    lines = [t for t in errors.over_beta((0.01, 0.1, 1.0)).data if t.mode == "lines"]
    assert all(t.line.color is None and t.meta["role"] == "ink" for t in lines)
    assert len({(t.line.dash, t.line.width) for t in lines}) == len(lines) == 4


def test_the_beta_axis_is_logarithmic_with_zero_left_of_all() -> None:
    axis = errors.over_beta((0.0, 1e-4, 0.01, 1.0)).layout.xaxis
    assert list(axis.ticktext) == ["0", "0.0001", "0.001", "0.01", "0.1", "1"]
    np.testing.assert_allclose(axis.tickvals, [np.log10(1e-4 / 3), -4, -3, -2, -1, 0])
    np.testing.assert_allclose(frames.beta_places((0.0, 1e-4, 0.01)), [np.log10(1e-4 / 3), -4, -2])
    assert list(errors.over_beta((0.2, 0.5)).layout.xaxis.ticktext) == ["0.2", "0.5"]


def test_odds_are_means_of_the_own_inputs_of_a_class() -> None:
    output = np.array([[[0.8, 0.2, 0], [0.6, 0.4, 0], [0.1, 0.9, 0]]])
    table = mean_odds(output, np.array([0, 0, 1]), 3)
    np.testing.assert_array_equal(table[0, :2], [[70, 30, 0], [10, 90, 0]])
    assert np.isnan(table[0, 2]).all()
    figure = odds_table(["a", "b"])
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1], "the first class is the first row"
    assert "told" in figure.layout.xaxis.title.text and "true" in figure.layout.yaxis.title.text


def test_images_in_the_latent_plane_are_test_inputs_of_every_class() -> None:
    rng = np.random.default_rng(0)
    labels, is_train = rng.integers(0, 10, 500), np.arange(500) >= 250
    rows = np.array(thumbs(labels, is_train))
    assert len(rows) == 60 and not is_train[rows].any()
    np.testing.assert_array_equal(np.bincount(labels[rows]), np.full(10, 6))


def test_bars_longer_than_their_axis_say_how_long_they_are() -> None:
    known, slack = np.array([[1.0, 12.0], [np.nan, 2.0]]), np.array([[0.5, 0.34], [np.nan, 0.0]])
    said = account.beyond(known, slack, 10.0, "bits")
    assert said["account_over"] == [["", "→ 12.3 bits"], ["", ""]]
    assert said["account_slack_text"] == [["0.50", ""], ["", "0.00"]]


def test_the_codes_of_many_classes_fit_a_byte() -> None:
    for classes in (10, 26, 50):
        codes = frames.decision_codes(np.eye(classes)).astype(int)
        assert codes.max() <= 255 and (codes // palette.shades(classes) == np.arange(classes)).all()


def test_colours_of_classes_are_far_apart() -> None:
    def lab(colour: str) -> np.ndarray:
        rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
        xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
        f = np.cbrt(xyz / np.array([0.9505, 1.0, 1.089]))
        return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])

    labs = [lab(c) for c in palette.CLASSES]
    nearest = min(np.linalg.norm(a - b) for i, a in enumerate(labs) for b in labs[:i])
    assert len(set(palette.CLASSES)) == 10 and nearest > 15


def test_numbers_are_written_as_people_write_them() -> None:
    assert words.number(Estimate(-0.0004, 0.0, "lower"), 1.0) == "0.00"
    assert words.number(Estimate(-0.5, 0.0, "lower"), 1.0) == "−0.50"
    assert words.number(None, 1.0) == "–" and words.plain(float("nan")) == "–"
    assert words.plain(12345.678) == "12,345.68"
    assert words.count(1, "feature", "features") == "1 feature" and words.count(2, "class", "classes") == "2 classes"
    assert [words.beta_label(b) for b in (0, 1e-4, 0.1364, 1.0)] == ["0", "0.0001", "0.136", "1"]


def test_collapse_is_compared_with_its_prediction_and_a_difference_explained() -> None:
    points = [point(0.5, 1.0, 0.4), point(0.8, 0.3, 0.2), point(0.9, 0.001, 0.0)]

    def said(predicted: float, unstable: float, flexible: bool = True, seen: list[Point] = points) -> str:
        return words.collapse(seen, predicted, unstable, flexible)

    assert said(0.85, 0.85) == "Collapse predicted at β = 0.85, observed between 0.8 and 0.9"
    assert "later than predicted" in said(0.6, 0.6)
    assert "earlier than predicted" in said(0.97, 0.97) and "slow to learn" in said(0.97, 0.97)
    assert "linear encoder may miss" in said(0.97, 0.97, flexible=False)
    assert "from 0.85 on training may stay at nothing" in said(0.97, 0.85)
    assert "no stop has collapsed" in said(0.6, 0.6, seen=points[:2])
    assert "every stop keeps nothing" in said(0.6, 0.6, seen=points[2:])
    assert "not settled" in said(0.6, 0.6, seen=[point(0.5, 0.0, 0.0), point(0.8, 1.0, 0.5)])
    assert "nothing of y" in said(0.0, 0.0)
    for text in (said(0.6, 0.6), said(0.97, 0.97)):
        assert "agree" not in text


@pytest.mark.parametrize("share", [0.3, 0.1, 0.03, 0.01])
def test_an_observed_collapse_is_at_most_a_ninth_of_a_step_from_that_of_the_true_rates(share: float) -> None:
    """Of the closed Gaussian rates at stops of every density; the stop beside the collapse has not quite forgotten."""
    top = 0.81
    for shift in np.linspace(0, 1, 12, endpoint=False):
        betas = top * (1 + share * (np.arange(-6, 6) + shift))
        betas = betas[betas > 0]
        rates = np.array([gaussian.point((0.9,), float(b))[0] if b < top else 0.0 for b in betas])
        rates[np.searchsorted(betas, top)] += 0.04 * rates[betas < top].min()
        kept = words.keeping([point(b, r, 0.0) for b, r in zip(betas, rates, strict=True)])
        first = kept.index(False)
        assert not any(kept[first:])
        assert betas[first - 1] <= top <= betas[first] + top * max(share / 9, 0.003), (share, shift)


def test_a_rate_is_held_to_the_stop_below_it_and_to_what_is_written() -> None:
    def kept(*rates: float) -> list[bool]:
        return words.keeping([point(0.1 * (i + 1), r, 0.0) for i, r in enumerate(rates)])

    assert kept(0.3, 0.0301) == [True, True] and kept(0.3, 0.0299) == [True, False]
    assert kept(9.0, 0.051) == [True, True] and kept(9.0, 0.049) == [True, False]  # far stops say little of each other
    assert kept(0.04, 0.0051) == [True, True] and kept(0.04, 0.0049) == [True, False]
    assert kept(0.4, 0.03, 0.02) == [True, False, False]  # against the last that keeps something, not the one before
    assert kept(0.0051) == [True] and kept(0.0049) == [False]


@pytest.mark.parametrize("key", [c.key for c in controls.CONTROLS])
def test_every_control_survives_its_own_link(key: str) -> None:
    control = controls.BY_KEY[key]
    value = {
        "rho": (0.8, 0.3),
        "encoder": (64, 32),
        "decoder": (),
        "dims": (2, 0),
        "hide": ("lr", "batch"),
        "edits": ((40, "lr", 0.003),),
        "zero": True,
        "present": True,
        "table": "0123456789abcdef" * 4,
        "compare": True,
    }.get(key)
    if value is None:
        value = controls.SPEEDS[0] if key == "speed" else getattr(controls.DEFAULTS, key)
        if isinstance(control.form, Whole | Number):
            value = control.form.high
    text = control.form.write(value)
    assert links.refusal(key, text) is None
    assert control.form.read(text) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("noise", "nan"),
        ("noise", "-1"),
        ("n", "1e9"),
        ("lr", "inf"),
        ("encoder", "0"),
        ("encoder", "9999"),
        ("rho", "1.5"),
        ("dims", "0,0"),
        ("dataset", "../etc"),
        ("zero", "maybe"),
        ("beta", "beta"),
        ("table", "../../etc/passwd"),
    ],
)
def test_an_illegal_value_is_refused_in_words(key: str, text: str) -> None:
    why = links.refusal(key, text)
    assert why is not None and text in why and "expected" in why


def test_the_rest_of_a_bad_link_still_works() -> None:
    choices, refused = links.read({"dataset": "moons", "noise": "loud", "beta": "0.5", "embed": "true", "zzz": "1"})
    assert choices.dataset == "moons" and choices.beta == 0.5 and choices.noise == 0.2
    assert len(refused) == 2
    assert links.write(choices) == {"dataset": "moons", "beta": "0.5"}


def test_the_nearest_stop_is_chosen_on_the_log_scale() -> None:
    assert controls.nearest((0.0, 0.01, 0.1, 1.0), 0.04) == 2
    assert controls.nearest((0.0, 0.01, 0.1, 1.0), 0.0) == 0
    assert controls.nearest((0.01, 0.1, 1.0), 9.0) == 2


def test_ticks_of_the_slider_never_stand_on_each_other() -> None:
    with_zero = slider.ticks(beta_grid(25, 1e-4, 1.5, zero=True))
    assert [tick["label"] for tick in with_zero] == ["0", "0.001", "0.01", "0.1", "1"]
    assert [tick["label"] for tick in slider.ticks(beta_grid(25, 1e-4, 1.5), (1.0,))] == [
        "0.0001",
        "0.001",
        "0.01",
        "0.1",
    ]
