"""The one table of a run's fields: links, widgets, flags, files and calls are read by it. Without PyTorch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from vibcore import forms, parts, run_forms
from vibcore.forms import Form
from vibcore.streams import LARGEST_SEED

Kind = Literal["redraw", "hot", "cold"]  # what a change does: the view alone, the run from here on, a new run
TASKS = ("classify", "reconstruct")
WIDEST = 4096  # units of a layer
MOST_LATENT = 64
EDITABLE = ("lr",)  # what may change in mid-run
MOST_EDITS = 64


@dataclass(frozen=True)
class Field:
    """One field of a Config or of its DatasetSpec, or what a grid of β is made from.

    `form`: how it is written, and what is legal; `offered`: what a page with many visitors offers of that.
    `short`: its name among other words, where that is not its label.
    """

    key: str
    label: str
    help: str
    form: Form
    kind: Kind = "cold"
    offered: Form | None = None
    step: float | None = None  # of a widget
    remedy: str = "Move it into that range."
    expected: str = ""  # instead of the form's own words
    short: str = ""

    @property
    def name(self) -> str:
        """What it is called in a line of words."""
        return self.short or self.label[0].lower() + self.label[1:]


RHO = "one to eight correlations, each 0 ≤ ρ < 1"
LAYERS = f"layer widths from 1 to {WIDEST}"
OF_DATASET = (
    Field(
        "n",
        "Examples",
        "Inputs drawn; a third of them is kept for testing.",
        forms.Whole(60, 20_000),
        offered=forms.Whole(100, 5000),
        step=100,
    ),
    Field(
        "noise",
        "Noise σ",
        "Standard deviation of the Gaussian noise on x, in data units.",
        forms.Number(0.01, 1.0),
        offered=forms.Number(0.02, 0.6),
        step=0.01,
    ),
    Field(
        "flip",
        "Label flips",
        "Probability that a label is replaced by another class. Noisy labels make the curve "
        "bend; clean ones make it a corner.",
        forms.Number(0.0, 0.45),
        step=0.01,
    ),
    Field(
        "classes", "Classes", "Arms of the spiral, or blobs.", forms.Whole(2, 100), offered=forms.Whole(2, 10), step=1
    ),
    Field(
        "rho",
        "Canonical correlations",
        "One to eight correlations ρ between X and Y, e.g. 0.9,0.6.",
        run_forms.Numbers(RHO, lambda rho: 1 <= len(rho) <= 8 and all(0 <= r < 1 for r in rho)),
        remedy="Correct the list.",
    ),
    Field(
        "data_seed",
        "Data seed",
        "Seed of the sample, its split and its label flips.",
        forms.Whole(0, LARGEST_SEED),
        offered=forms.Whole(0, 9999),
        step=1,
    ),
)
OF_CONFIG = (
    Field(
        "betas",
        "β",
        "Price of a nat about X, in nats about Y: one for each model.",
        run_forms.Numbers("at least one finite number ≥ 0", lambda b: len(b) > 0 and all(0 <= v < math.inf for v in b)),
        remedy="Remove the negative ones.",
    ),
    Field(
        "task",
        "Task",
        "What z is for: to tell y, or to rebuild x.",
        forms.Choice(TASKS),
        remedy="Choose one of them.",
    ),
    Field(
        "encoder",
        "Encoder widths",
        "Hidden ReLU layers of p(z|x), e.g. 32-32, or linear.",
        run_forms.Widths(WIDEST, 16),
        offered=run_forms.Widths(1024, 4),
        remedy="Leave a layer out instead of giving it width 0.",
        expected=LAYERS,
    ),
    Field(
        "decoder",
        "Decoder widths",
        "Hidden ReLU layers of q(y|z), e.g. 32, or linear.",
        run_forms.Widths(WIDEST, 16),
        offered=run_forms.Widths(1024, 4),
        remedy="Leave a layer out instead of giving it width 0.",
        expected=LAYERS,
    ),
    Field(
        "latent_dim",
        "Latent dimensions",
        "K, the length of z.",
        forms.Whole(1, MOST_LATENT),
        step=1,
        expected="1 to 64",
        remedy="Choose a number in that range.",
        short="K",
    ),
    Field("batch", "Batch", "Inputs per training step.", forms.Whole(1, 10**9), offered=forms.Whole(8, 1024), step=8),
    Field(
        "lr",
        "Learning rate",
        "Adam's step size; changes the running stack.",
        forms.Number(0.0, math.inf, above=True),
        "hot",
        offered=forms.Number(1e-5, 0.1),
        remedy="Try 0.005.",
        expected="a number above 0",
        short="lr",
    ),
    Field(
        "steps",
        "Stop at step",
        "Training pauses when it gets there.",
        forms.Whole(1, 10**9),
        "hot",
        offered=forms.Whole(1, 1_000_000),
        step=100,
        remedy="Raise it.",
        expected="at least 1",
    ),
    Field(
        "seed",
        "Model seed",
        "Seed of the initial weights, the batches and the noise.",
        forms.Whole(0, LARGEST_SEED),
        offered=forms.Whole(0, 9999),
        step=1,
        remedy="Choose another.",
        expected="a whole number from 0 to 2³² − 1",
        short="seed",
    ),
    Field(
        "averaging",
        "Averaging",
        "Decay of the averaged weights.",
        forms.Number(0.0, 1 - 1e-12),
        remedy="Try 0.999.",
        expected="0 ≤ decay < 1",
    ),
    Field(
        "clip",
        "Clipping",
        "Longest gradient of one model.",
        forms.Number(0.0, math.inf, above=True),
        remedy="Try 5.",
        expected="a norm above 0",
    ),
    Field(
        "variance",
        "Decoder variance σ²",
        "Of the VAE's Gaussian decoder q(x|z), in squared units of x; what is kept "
        "depends on β·σ² alone. 0: learnt, one for each feature.",
        forms.Number(0.0, math.inf, above=True, optional=True),
        offered=forms.Number(0.0, 10.0),
        step=0.01,
        remedy="Try 1.",
        expected="a number above 0, or None to learn it",
    ),
    Field(
        "posterior",
        "Posterior",
        "p(z|x), a Gaussian: diagonal, or with a full covariance, which trains more slowly.",
        forms.Choice(tuple(parts.POSTERIORS)),
        remedy="Choose one of them.",
    ),
    Field(
        "marginal",
        "Marginal",
        "r(z), the code by which bits are paid.",
        forms.Choice(parts.MARGINALS),
        remedy="Choose one of them.",
    ),
    Field(
        "likelihood",
        "Likelihood",
        "q(y|z); nothing: what the target asks for.",
        forms.Choice(("", *parts.LIKELIHOODS)),
        remedy="Choose one of them.",
    ),
    Field(
        "lagrangian",
        "Lagrangian",
        "How the rate is priced.",
        forms.Choice(parts.LAGRANGIANS),
        remedy="Choose one of them.",
    ),
    Field(
        "edits",
        "Changes in mid-run",
        "The learning rate from a step on, as 400:lr:0.003.",
        run_forms.Edits(EDITABLE, MOST_EDITS),
        "hot",
        remedy="Correct them.",
    ),
)
OF_GRID = (
    Field(
        "stops",
        "β stops",
        "Models in the stack: one for each stop of the β slider.",
        forms.Whole(1, 500),
        offered=forms.Whole(2, 64),
        step=1,
    ),
    Field(
        "beta_min", "Smallest β", "First stop of the slider.", forms.Number(1e-12, 1e6), offered=forms.Number(1e-6, 0.5)
    ),
    Field(
        "beta_max", "Largest β", "Last stop of the slider.", forms.Number(1e-12, 1e6), offered=forms.Number(0.05, 10.0)
    ),
    Field("zero", "Add β = 0", "A stop at which the rate is free.", forms.Flag(), short="β = 0"),
)
FIELDS = {each.key: each for each in (*OF_DATASET, *OF_CONFIG, *OF_GRID)}
