"""VIB beside VAE: what two models of the same data, seed and β spend their bits on."""

from __future__ import annotations

from dataclasses import replace

from dashboard import numbers
from dashboard.figures.alts import spent
from dashboard.page import PageRun
from dashboard.pages.vae import VAE
from dashboard.panel import Moment
from dashboard.panels.bits import BITS
from dashboard.panels.latent import LATENT


def vib(moment: Moment) -> list[str]:
    """What an input costs the VIB in the mean."""
    return spent(moment.snapshot, "Latent plane of the VIB, {beta}: ", moment.nats_per_unit, moment.unit)


COMPARE = replace(
    VAE,
    title="VIB beside VAE",
    runs=(replace(VAE.runs[0], name="VAE"), PageRun("classify", prefix="vib_", name="VIB")),
    panels=(
        replace(LATENT, id="vib", title="VIB: asked for the class", alt=vib, run=1),
        replace(LATENT, title="VAE: asked for the input", subtitle="labels unused in training", tab="VAE"),
        BITS,
    ),
    numbers=(numbers.VIB_CLASS, numbers.VIB_REST, numbers.VAE_CLASS, numbers.VAE_REST, numbers.SHARES),
    card=False,  # it would be of one model beside two
    applies=lambda choices, dataset: choices.compare and dataset.y.ndim == 1,
)
