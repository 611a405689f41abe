"""VAE: the case Y = X."""

from __future__ import annotations

from dataclasses import replace

from dashboard import numbers, presets, slider
from dashboard.controls import Choices
from dashboard.page import Head, Offer, Page, PageRun, Slider
from dashboard.panel import labelled
from dashboard.panels.elbo import ELBO
from dashboard.panels.latent import LATENT
from dashboard.panels.latent_grid import LATENT_GRID
from dashboard.panels.rate_distortion import RATE_DISTORTION
from dashboard.panels.reconstructions import RECONSTRUCTIONS, of_images
from dashboard.panels.vae_history import VAE_HISTORY
from dashboard.panels.vae_kl import VAE_KL
from dashboard.scene import Scene
from vibcore import data

CONVENTION = "**Y = X**: the same engine and bound; at β = 1 the loss is −ELBO."
ENDLESS = "A learnt variance, β < 1 and a z that can hold all of x: the loss has no minimum, R grows on."
HIDDEN = (32,)


def digits(choices: Choices) -> Choices:
    """Another dataset, and networks that can draw it, for both tasks alike."""
    return replace(presets.preset(choices, data.image_names()[0]), encoder=HIDDEN, decoder=HIDDEN)


def sentence(scene: Scene) -> tuple[str, bool]:
    """What this page is; a warning where the likelihood has no bound."""
    if of_images(scene):
        return f"{CONVENTION} Pixels are the odds of coins.", False
    # a learnt variance may shrink where z can hold all of x
    if scene.config.variance is None and scene.config.latent_dim >= scene.window.x.shape[1]:
        return ENDLESS, True
    return f"{CONVENTION} Digits show more.", False


VAE = Page(
    path="vae",
    title="VAE",
    sentence="Squeeze x through a noisy code z and draw it again. β is the price of remembering. Drag it.",
    runs=(PageRun("reconstruct"),),
    panels=(
        RATE_DISTORTION,
        replace(LATENT, subtitle="labels unused in training"),
        *RECONSTRUCTIONS,
        *LATENT_GRID,
        VAE_KL,
        ELBO,
        VAE_HISTORY,
    ),
    numbers=(
        numbers.VAE_RATE,
        numbers.COST,
        numbers.ELBO,
        numbers.SQUARE_ERROR,
        numbers.OF_CLASS,
        numbers.DIMS,
    ),
    slider=Slider(
        "one {one} of R must save {beta} of D",
        "Trained: minimise D + β·R, D = −E ln q(x|z), R = E KL(p(z|x) ‖ r(z)): the bottleneck with Y = X. At β = 1 the "
        "loss is the negative ELBO; β is that of the β-VAE.",
        slider.elbo_marks,
        named=(1.0,),
    ),
    facts=("entropy",),
    place="vae.",
    without=("show",),
    head=Head(
        control="compare",
        has_control=labelled,
        sentence=sentence,
        offer=Offer("Switch to digits", f"Digits, with one hidden layer of {HIDDEN[0]} on either side,", digits),
        is_offered=lambda scene: not of_images(scene),
    ),
)
