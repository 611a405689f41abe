"""Reconstructions: inputs beside what their z are decoded to, as the kind of data allows."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.figures import words
from dashboard.figures.about import Marks
from dashboard.figures.decoded import montage, montage_codes, square
from dashboard.figures.palette import CLASSES, CURVE, MUTED
from dashboard.figures.profiles import profiles
from dashboard.figures.style import CLEAR, bound
from dashboard.panel import Arrays, Moment, Panel, Still, sent
from dashboard.panels import told
from dashboard.panels.told import told_against_true
from dashboard.protocol import declare
from dashboard.scene import Scene
from vibcore.types import Array
from vibcore.window import Window

PAIRS = {8: 4, 28: 2}  # inputs of a class shown above their reconstructions, by the side of an image; else one
DRAWN = 300  # draws from the model
ABOUT_PAIRS: Marks = [
    ["images in pairs", "a test input above, what its z is decoded to below; a column for each class"]
]
ABOUT_CLOUD: Marks = [
    ["grey rings", "test inputs"],
    ["blue dots", "what their z are decoded to"],
    ["yellow dots", "drawn from the model itself: z from the prior, x from the decoder"],
]
ABOUT_NUMBERS: Marks = [
    ["dots", "test inputs: x along, what its z is decoded to up"],
    ["dashes", "where both are equal"],
]
ABOUT_PROFILES: Marks = [
    ["thin lines", "a test input of each class, over the features"],
    ["dotted lines", "what its z is decoded to"],
]


def of_images(scene: Scene) -> bool:
    """Whether x is an image."""
    return scene.dataset.image_shape is not None


def of_plane(scene: Scene) -> bool:
    """Whether x is a place in a plane."""
    return not of_images(scene) and scene.dataset.x.shape[1] == 2


def of_line(scene: Scene) -> bool:
    """Whether x is one number."""
    return bool(scene.dataset.x.shape[1] == 1)


def of_table(scene: Scene) -> bool:
    """Whether x is a row of a table."""
    return not of_images(scene) and bool(scene.dataset.x.shape[1] > 2)


def chosen_inputs(window: Window) -> Array:
    """Rows of the dataset, (count, classes): the first shown test inputs of every class that has so many."""
    count = PAIRS[window.dataset.image_shape[0]] if window.dataset.image_shape else 1
    shown, labels = window.shown[~window.is_train], window.labels[~window.is_train]
    columns = [shown[labels == c][:count] for c in np.unique(labels)]
    return np.stack([column for column in columns if len(column) == count], axis=1)


def _pairs(still: Still) -> go.Figure:
    dataset, rows = still.scene.dataset, chosen_inputs(still.scene.window)
    h, w = dataset.image_shape or (1, 1)
    names = [dataset.class_names[c] for c in dataset.labels[rows[0]]]
    count, ticks = (len(names), 2 * len(rows)), (names, ["in", "out"] * len(rows))
    return montage("pairs", count, (w, h), ticks, ("class", ""), upwards=False)


def in_pairs(originals: Array, decoded: Array) -> Array:
    """Rows of originals, each above its reconstructions: (R, C, h, w), (m, R, C, h, w) → (m, 2R, C, h, w)."""
    both = np.stack([np.broadcast_to(originals, decoded.shape), decoded], axis=2)
    pairs: Array = both.reshape(len(decoded), -1, *originals.shape[1:])
    return pairs


def _pair_codes(moment: Moment) -> Arrays:
    window, dataset, output = moment.still.scene.window, moment.still.scene.dataset, moment.snapshot.output
    rows, shape = chosen_inputs(window), dataset.image_shape or (1, 1)
    place = {row: i for i, row in enumerate(window.shown)}
    of = np.vectorize(place.__getitem__)(rows)
    out = output[:, of].reshape(len(output), *rows.shape, *shape)
    pairs = in_pairs(dataset.x[rows].reshape(*rows.shape, *shape), out)
    return sent({"pairs": montage_codes(pairs)}, moment.shown, np.uint8)


def _cloud(still: Still) -> go.Figure:
    window = still.scene.window
    return data_plane(window.x[~window.is_train], window.input_range or (-1.0, 1.0))


def data_plane(x: Array, reach: tuple[float, float]) -> go.Figure:
    """Two-dimensional data: inputs, their reconstructions and draws from the model itself."""
    figure = go.Figure()
    figure.add_scatter(
        mode="markers",
        name="drawn from the model",
        hoverinfo="skip",
        opacity=0.7,
        marker={"size": 5, "color": CLASSES[1]},
        meta=bound("sample_x", "sample_y"),
    )
    figure.add_scatter(
        mode="markers",
        name="inputs (test)",
        hoverinfo="skip",
        x=x[:, 0],
        y=x[:, 1],
        marker={"size": 6, "color": CLEAR, "line": {"color": MUTED, "width": 1.2}},
    )
    figure.add_scatter(
        mode="markers",
        name="reconstructed",
        hoverinfo="skip",
        marker={"size": 5, "color": CURVE},
        meta=bound("decoded_x", "decoded_y"),
    )
    return square(figure, reach, legend=True)


def _cloud_places(moment: Moment) -> Arrays:
    out = moment.snapshot.output[:, ~moment.still.scene.window.is_train]
    drawn = moment.run.draws(moment.shown, DRAWN)
    found = {"decoded_x": out[..., 0], "decoded_y": out[..., 1], "sample_x": drawn[..., 0], "sample_y": drawn[..., 1]}
    return sent(found, moment.shown, np.float16)


def _profiles(still: Still) -> go.Figure:
    dataset, rows = still.scene.dataset, chosen_inputs(still.scene.window)[0]
    return profiles(dataset.x[rows], dataset.labels[rows], still.scene.class_names, dataset.feature_names)


def _profile_heights(moment: Moment) -> Arrays:
    window, output = moment.still.scene.window, moment.snapshot.output
    places = [int(np.flatnonzero(window.shown == row)[0]) for row in chosen_inputs(window)[0]]
    return sent({f"profile_{i}": output[:, at] for i, at in enumerate(places)}, moment.shown, np.float16)


def _numbers(still: Still) -> go.Figure:
    window = still.scene.window
    return told_against_true(window.x[~window.is_train, 0], "x", "decoded from its z")


def errors(moment: Moment) -> dict[int, float]:
    """Mean square error per feature of the shown test inputs' reconstructions, by shown model."""
    window = moment.still.scene.window
    test = ~window.is_train
    found = ((moment.snapshot.output[:, test] - window.x[test]) ** 2).mean((1, 2))
    return dict(zip(moment.snapshot.models, found, strict=True))


def alt(moment: Moment) -> list[str]:
    """How far the reconstructions are from their inputs."""
    known = errors(moment)
    return [
        f"β = {words.beta_label(p.beta)}: "
        + (f"mean square error {known[i]:.3g} for a feature." if i in known else "no reconstruction is shown yet.")
        for i, p in enumerate(moment.snapshot.test)
    ]


IMAGES = Panel(
    "decoded",
    "Reconstructions",
    "Images above their reconstructions, a column for each class.",
    about=lambda still: ABOUT_PAIRS,
    figure=_pairs,
    pictures=_pair_codes,
    specs=declare("pairs", "u1", "any any"),
    alt=alt,
    applies=of_images,
    subtitle="test input above, decoded below",
)
CLOUD = Panel(
    "decoded",
    "Reconstructions",
    "Inputs, their reconstructions and samples of the model in the plane of the data.",
    about=lambda still: ABOUT_CLOUD,
    figure=_cloud,
    pictures=_cloud_places,
    specs=declare("decoded_x decoded_y", "f2", "test") | declare("sample_x sample_y", "f2", "draw"),
    alt=alt,
    applies=of_plane,
    subtitle="and draws z ~ r(z), x ~ q(x|z)",
)
PROFILES = Panel(
    "decoded",
    "Reconstructions",
    "Features of one input a class and their reconstructions.",
    about=lambda still: ABOUT_PROFILES,
    figure=_profiles,
    pictures=_profile_heights,
    specs=declare("profile_*", "f2", "feature"),
    alt=alt,
    applies=of_table,
    subtitle="an input a class; dotted: decoded",
)
NUMBERS = Panel(
    "decoded",
    "Reconstructions",
    "What every input is decoded to, against the input.",
    about=lambda still: ABOUT_NUMBERS,
    figure=_numbers,
    pictures=told.pictures,
    specs=told.SPECS,
    alt=alt,
    applies=of_line,
    subtitle="test inputs",
)
RECONSTRUCTIONS = (IMAGES, CLOUD, NUMBERS, PROFILES)
