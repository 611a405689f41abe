"""The card of the pointed-at input, or place, of a latent plane: arrays that the browser reads by their names."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard.figures import frames
from dashboard.panel import Arrays, Moment, sent
from dashboard.scene import Scene
from vibcore.window import Window

# what it says of an input, and of a place
WORDS = {
    "spent": "spent on this input",
    "labelled": "labelled",
    "odds": "q({})",
    "told": "q(y|z)",
    "decoded": "is decoded to",
    "input": "the input",
    "mean": "decoded from its mean",
}


def decoder(scene: Scene) -> dict[str, Any]:
    """How the browser decodes a place of the latent plane, and what comes out."""
    config, dataset = scene.config, scene.dataset
    features: list[str] = []
    if scene.likelihood == "gaussian":
        reconstruct = config.task == "reconstruct"
        features = list(dataset.feature_names) if reconstruct else [f"y{i + 1}" for i in range(dataset.y.shape[1])]
    return {
        "layers": len(config.decoder) + 1,
        "likelihood": scene.likelihood,
        "latent_dim": config.latent_dim,
        "dims": scene.dims,
        "features": features,
        "image": dataset.image_shape if config.task == "reconstruct" else None,
    }


def inputs(window: Window) -> Arrays:
    """What stands still of the drawn inputs, sent with a document: classes, places in the plane, pixels."""
    found: Arrays = {"point_class": (window.labels.astype(np.uint8), None)}
    if window.x.shape[1] == 2:
        found["point_x"] = (window.x.astype(np.float16), None)
    if window.dataset.image_shape is not None:
        pixels = np.rint(255 * window.x).astype(np.uint8)
        found["point_image"] = (pixels.reshape(-1, *window.dataset.image_shape), None)
    return found


def pictures(moment: Moment) -> Arrays:
    """The decoder's weights."""
    return sent(frames.decoder_arrays(moment.snapshot), moment.shown, np.float16)


def arrays(moment: Moment) -> Arrays:
    """What each drawn input costs and, with classes, its odds."""
    snapshot, shown = moment.snapshot, moment.shown
    found = sent({"point_bits": snapshot.kl / moment.nats_per_unit}, shown, np.float16)
    if moment.still.scene.likelihood == "categorical":
        found |= sent({"point_odds": np.rint(255 * snapshot.output)}, shown, np.uint8)
    return found
