"""Explore: the information bottleneck of x about y, every β at once."""

from __future__ import annotations

from dashboard import numbers, slider
from dashboard.figures import words
from dashboard.page import Page, PageRun, Slider
from dashboard.panel import Moment
from dashboard.panels.account import ACCOUNT
from dashboard.panels.errors import ERROR
from dashboard.panels.history import HISTORY
from dashboard.panels.input_plane import INPUT
from dashboard.panels.kl import KL
from dashboard.panels.latent import LATENT
from dashboard.panels.odds import ODDS
from dashboard.panels.pinned import PINNED
from dashboard.panels.plane import PLANE
from dashboard.panels.told import TOLD
from dashboard.panels.warm import WARM


def collapse(moment: Moment) -> str:
    """The collapse that training shows beside the predicted β."""
    reference, scene = moment.still.facts.reference, moment.still.scene
    if reference is None:
        return ""
    flexible = bool(scene.config.encoder) or scene.dataset.y.ndim > 1  # the Gaussian problem is linear
    return words.collapse(moment.snapshot.test, reference.collapse, reference.unstable, flexible)


EXPLORE = Page(
    path="explore",
    title="Explore",
    sentence="Squeeze x through a noisy code z. β is the price of remembering. Drag it.",
    runs=(PageRun("classify"),),
    panels=(PLANE, LATENT, INPUT, ODDS, TOLD, ERROR, ACCOUNT, HISTORY, KL, PINNED, WARM),
    numbers=(
        numbers.RATE,
        numbers.KNOWN,
        numbers.GAINED,
        numbers.ERROR_MC,
        numbers.ERROR_1,
        numbers.BELOW,
        numbers.DIMS,
    ),
    slider=Slider(
        "one {one} about X must buy {beta} about Y",
        "Trained: minimise CE + β·KL. β is the price of a bit about X, in bits about Y. "
        "Tishby's multiplier sits on the other term: it is 1/β.",
        slider.reference_marks,
    ),
    facts=("reference",),
    remark=collapse,
    has_stories=True,
    has_pins=True,
)
