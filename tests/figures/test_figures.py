"""What is drawn is what is said: ellipses, decision maps, planes, colours."""

import json

import numpy as np
import pytest

from dashboard import controls, document, links
from dashboard.figures import curves, frames, palette, planes, words
from vibcore.types import Curve, Estimate, Point, beta_grid


def inside(path: np.ndarray, mu: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Whether points lie inside a closed convex path around mu."""
    edges = np.roll(path, -1, axis=0) - path
    cross = edges[:, 0] * (points[:, None, 1] - path[:, 1]) - edges[:, 1] * (points[:, None, 0] - path[:, 0])
    return (cross >= 0).all(1)


@pytest.mark.parametrize(("radius", "share"), [(1.0, 0.3935), (2.0, 0.8647), (frames.RADIUS_95, 0.95)])
def test_the_drawn_ellipse_holds_the_share_it_is_labelled_with(radius: float, share: float) -> None:
    mu, sigma = np.array([0.7, -1.2]), np.array([0.3, 1.1])
    samples = mu + sigma * np.random.default_rng(0).standard_normal((40_000, 2))
    path = frames.ellipse(mu, sigma, radius)[:-1]
    held = inside(path, mu, samples).mean()
    assert held == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 40_000) + 0.003)  # 48 chords cost 0.3 %


def test_rings_are_separate_lines() -> None:
    path = frames.rings(np.zeros((2, 3, 2)), np.ones((2, 3, 2)), (1.0, 2.0))
    assert path.shape == (2, 3, 100, 2)
    assert np.isnan(path[..., 49, :]).all() and np.isnan(path[..., 99, :]).all()
    np.testing.assert_allclose(np.linalg.norm(path[0, 0, 50:99], axis=-1), 2)


def test_decision_codes_name_the_class_and_darken_with_certainty() -> None:
    sure, doubtful = np.array([0.02, 0.97, 0.01]), np.array([0.3, 0.36, 0.34])
    codes = frames.decision_codes(np.stack([sure, doubtful]))
    assert (codes // palette.SHADES).tolist() == [1, 1]
    assert codes[0] > codes[1]
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
    return Point(beta, Estimate(rate, 0.01, "upper"), Estimate(1.0, 0.01, "monte_carlo"),
                 Estimate(bound, 0.01, "lower"), None, None, (rate,))  # fmt: skip


def test_bits_are_nats_over_ln_2() -> None:
    points = [point(0.1, np.log(2), 0.5 * np.log(2))]
    arrays = frames.plane_arrays(points, points, frames.unit_size("bits"))
    assert arrays["plane_test_x"] == pytest.approx([1.0]) and arrays["plane_test_y"] == pytest.approx([0.5])
    assert frames.plane_arrays(points, points, frames.unit_size("nats"))["plane_test_x"] == pytest.approx([np.log(2)])


def test_a_value_that_is_not_known_is_never_drawn_from_its_bound() -> None:
    points = [point(0.1, 1.0, 0.5)]
    assert np.isnan(frames.plane_arrays(points, points, 1.0, "value")["plane_test_x"]).all()
    assert np.isnan(frames.arrows(points, 1.0)["bracket_x"][0, 1:]).all()


def test_the_iso_loss_line_has_slope_beta_through_its_point() -> None:
    x, y = frames.iso_loss(np.array([2.0]), np.array([1.0]), np.array([0.25]), 0.5)
    assert (y[0, 1] - y[0, 0]) / (x[0, 1] - x[0, 0]) == pytest.approx(0.25)
    assert x.mean() == pytest.approx(2.0) and y.mean() == pytest.approx(1.0)


def facts(**changes: object) -> planes.PlaneFacts:
    curve = Curve(np.array([0.0, 0.5, 1.5]), np.array([0.0, 0.4, 0.6]), np.array([0.9, 0.5, 0.01]), "test")
    known = {"h_y": 0.69, "i_xy": 0.6, "log_n": 6.9, "frontier": curve, "size": 1.0, "unit": "nats"}
    return planes.PlaneFacts(**(known | changes))  # type: ignore[arg-type]


def test_the_plane_says_what_it_computes_and_keeps_its_ranges() -> None:
    figure = planes.information_plane(facts(), "bound")
    assert "≥ I(X;Z)" in figure.layout.xaxis.title.text and "≤ I(Z;Y)" in figure.layout.yaxis.title.text
    assert "[nats]" in figure.layout.xaxis.title.text
    assert figure.layout.xaxis.range is not None and figure.layout.yaxis.range is not None
    said = " ".join(a.text for a in figure.layout.annotations)
    for words_ in (
        "exact frontier",
        "H(Y)",
        "I(X;Y)",
        "log N",
        "forgot everything",
        "just enough",
        "memorised",
        "impossible",
    ):
        assert words_ in said
    assert "Monte Carlo" in planes.information_plane(facts(), "value").layout.xaxis.title.text


def test_without_a_known_density_no_frontier_is_claimed() -> None:
    figure = planes.information_plane(facts(frontier=None, i_xy=None), "bound")
    assert "exact frontier" not in " ".join(a.text for a in figure.layout.annotations)
    assert not [t for t in figure.data if t.name == "exact frontier"]


def test_both_planes_of_space_are_to_scale_with_fixed_ranges() -> None:
    labels, is_train = np.array([0, 1, 0]), np.array([True, False, True])
    latent = planes.latent_plane(labels, is_train, ["a", "b"], (-3.2, 3.2), (0, 1))
    inputs = planes.input_plane(np.zeros((3, 2)), labels, is_train, ["a", "b"], (-2.0, 2.0), "bits")
    for figure in (latent, inputs):
        assert figure.layout.yaxis.scaleanchor == "x" and figure.layout.xaxis.range is not None
    circles = [t for t in latent.data if t.type == "scatter" and t.line.dash == "dash"]
    assert [round(float(np.hypot(t.x[5], t.y[5])), 6) for t in circles] == [1, 2]


def test_train_is_hollow_and_test_is_filled() -> None:
    figure = planes.latent_plane(np.array([0, 1]), np.array([True, False]), ["a", "b"], (-3, 3), (0, 1))
    train, test = (next(t for t in figure.data if t.name == name) for name in ("train", "test"))
    assert train.marker.color == "rgba(0,0,0,0)" and len(test.meta["rows"]) == 1
    assert tuple(test.marker.color) == (palette.CLASSES[1],)
    assert train.meta["rows"] == [0] and test.meta["rows"] == [1]


def test_every_figure_is_json_with_bound_traces() -> None:
    for figure in (curves.over_beta((0.0, 0.1, 1.0)), curves.over_time("bits", 3),
                   curves.kl_bars(3, "bits", 2),
                   curves.account_bars("bits", 3, True)):  # fmt: skip
        assert any("bind" in (t.get("meta") or {}) for t in json.loads(figure.to_json())["data"])


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


def test_negative_zero_is_never_shown() -> None:
    assert words.number(Estimate(-0.0004, 0.0, "lower"), 1.0) == "0.00"
    assert words.number(None, 1.0) == "–"


def test_collapse_is_compared_with_its_prediction() -> None:
    points = [point(0.5, 1.0, 0.4), point(0.8, 0.3, 0.2), point(0.9, 0.001, 0.0)]
    assert "agrees" in words.collapse(points, 0.85)
    assert "does not agree" in words.collapse(points, 0.6)
    assert "not settled" in words.collapse(points[:2], 0.6)


@pytest.mark.parametrize("key", [c.key for c in controls.CONTROLS])
def test_every_control_survives_its_own_link(key: str) -> None:
    control = controls.BY_KEY[key]
    value = {"rho": (0.8, 0.3), "encoder": (64, 32), "decoder": (), "dims": (2, 0), "hide": ("lr", "batch"),
             "zero": True, "present": True, "table": "0123456789abcdef" * 4, "compare": True}.get(key)  # fmt: skip
    if value is None:
        value = control.legal[-1]
    text = controls.as_text(control, value)
    assert links.refusal(key, text) is None
    assert control.parse(text) == value


@pytest.mark.parametrize(("key", "text"), [("noise", "nan"), ("noise", "-1"), ("n", "1e9"), ("lr", "inf"),
                                           ("encoder", "0"),
                                           ("encoder", "9999"), ("rho", "1.5"), ("dims", "0,0"), ("dataset", "../etc"),
                                           ("zero", "maybe"), ("beta", "beta"),
                                           ("table", "../../etc/passwd")])  # fmt: skip
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
    with_zero = document.ticks(beta_grid(25, 1e-4, 1.5, zero=True))
    assert [tick["label"] for tick in with_zero] == ["0", "0.001", "0.01", "0.1", "1"]
    assert [tick["label"] for tick in document.ticks(beta_grid(25, 1e-4, 1.5), (1.0,))] == [
        "0.0001",
        "0.001",
        "0.01",
        "0.1",
    ]
