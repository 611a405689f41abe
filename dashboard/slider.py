"""Where words and marks stand along the β slider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.figures import limits, words

if TYPE_CHECKING:
    from dashboard.page import Slider
    from dashboard.panel import Still

COLLAPSE_HELP = (
    "The slope of the frontier where it leaves 0: above this β the best code keeps nothing, below it "
    "some code is better. Observed: from the first stop on whose rate is written 0.00, or is under 0.05 nats and "
    "a tenth of that of the stop before: beside the collapse a stop needs ever longer to forget."
)
TRAP_HELP = (
    "The squared maximal correlation of X and Y (Wu et al. 2019): above it, up to the collapse, keeping nothing is a "
    "local optimum. Training that starts there stays there, training that comes from below does not: a jump."
)


NAME = "β, the price of a bit about X in bits about Y"
ELBO_HELP = "Here the loss D + R is the negative evidence lower bound of the VAE."


def described(slider: Slider, still: Still) -> dict[str, Any]:
    """The slider of a page: its stops in words, ticks and marks."""
    betas = still.scene.config.betas
    labels = [words.beta_label(beta) for beta in betas]
    return {
        "name": NAME,
        "labels": labels,
        "meanings": [slider.meaning.format(one=still.unit[:-1], beta=label) for label in labels],
        "ticks": ticks(betas, slider.named),
        "marks": slider.marks(still),
        "help": slider.help,
    }


def elbo_marks(still: Still) -> list[dict[str, Any]]:
    """β = 1, where the loss of a VAE is the negative ELBO."""
    betas = still.scene.config.betas
    if not min(b for b in betas if b > 0) <= 1 <= max(betas):
        return []
    return [{"index": position(betas, 1.0), "label": "ELBO: β = 1", "help": ELBO_HELP}]


def reference_marks(still: Still) -> list[dict[str, Any]]:
    """Where learning is predicted to start, once that is known."""
    known = still.facts.reference
    return [] if known is None else collapse_marks(still.scene.config.betas, known.collapse, known.unstable)


def collapse_marks(betas: tuple[float, ...], collapse: float, unstable: float) -> list[dict[str, Any]]:
    """Where learning starts, and where a jump begins if there is one; none that the slider does not reach."""
    first = min(b for b in betas if b > 0)
    found = [("predicted collapse", collapse, COLLAPSE_HELP)]
    if limits.differ(collapse, unstable):
        found.append(("trap from", unstable, TRAP_HELP))
    return [
        {"index": position(betas, beta), "label": f"{label} β = {words.beta_label(beta)}", "help": text}
        for label, beta, text in found
        if first <= beta <= max(betas)
    ]


def ticks(betas: tuple[float, ...], marked: tuple[float, ...] = ()) -> list[dict[str, Any]]:
    """Powers of ten along the slider, and β = 0; not where another word stands or is `marked`."""
    least, most = min(b for b in betas if b > 0), max(betas)
    decades = [10.0**k for k in range(-6, 2) if least <= 10.0**k * 1.0001 <= 1.0002 * most and 10.0**k not in marked]
    places = [(position(betas, d), f"{d:g}") for d in decades]
    if betas[0] == 0:
        places = [(0.0, "0"), *((place, label) for place, label in places if place > 2)]
    return [{"index": place, "label": label} for place, label in places]


def position(betas: tuple[float, ...], beta: float) -> float:
    """Where a β lies between the stops, as a fractional index on the slider's log scale."""
    first = 1 if betas[0] == 0 else 0
    return float(first + np.interp(np.log(beta), np.log(betas[first:]), np.arange(len(betas) - first)))
