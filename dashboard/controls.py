"""What a visitor can choose: the library's fields and the page's own, one table for the sidebar and for links.

A *redraw* control changes the view alone, a *hot* one edits the running stack, a *cold* one starts it anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache

from dashboard.pins import Pin, Pins
from vibcore import data, forms, run_forms
from vibcore.config import Config, DatasetSpec, Task, beta_grid
from vibcore.fields import FIELDS, MOST_EDITS, MOST_LATENT, OF_DATASET, Field, Kind
from vibcore.types import ConfigError


@dataclass(frozen=True)
class Choices:
    """Everything that a visitor can choose: what a link says."""

    dataset: str = DatasetSpec.name
    n: int = DatasetSpec.n
    noise: float = DatasetSpec.noise
    flip: float = DatasetSpec.flip
    classes: int = DatasetSpec.classes
    rho: tuple[float, ...] = DatasetSpec.rho
    data_seed: int = 0
    encoder: tuple[int, ...] = Config.encoder
    decoder: tuple[int, ...] = Config.decoder
    latent_dim: int = Config.latent_dim
    posterior: str = Config.posterior
    stops: int = 25
    beta_min: float = 1e-3
    beta_max: float = 1.8
    zero: bool = False
    batch: int = Config.batch
    seed: int = 0
    lr: float = Config.lr
    speed: str = "max"
    steps: int = Config.steps
    beta: float = 0.136
    units: str = "bits"
    show: str = "bound"
    dims: tuple[int, ...] = ()
    present: bool = False
    hide: tuple[str, ...] = ()
    variance: float = 0.1
    compare: bool = False
    table: str = ""  # digest of the visitor's own table
    lesson: int = 0  # the step of the lesson, from 1; 0: in none
    edits: tuple[tuple[int, str, float], ...] = ()  # (step, control, value): what was changed in mid-run
    pins: tuple[Pin, ...] = ()
    at: int = 0  # of a link alone: the step that it opens at; 0: it plays to the end
    warm: bool = False  # of a link alone: it begins a walk through β


def has_density(dataset: str) -> bool:
    """Whether the population of a dataset is known, and with it a frontier."""
    return data.source(dataset).density is not None


def has_pixels(choices: Choices) -> bool:
    """Whether x is an image."""
    return data.source(choices.dataset).pixels


OWN = data.OWN
LEAST_VARIANCE = 1e-4  # below it a loss in nats outgrows single precision
LESSONS = 10  # steps of the lesson
SPEEDS = ("1", "10", "100", "max")  # steps a tick
BETA_HELP = "Price of a bit about X, in bits about Y."
SHOW_HELP = (
    "bound: the rate and H(Y) − CE that training sees. value: Monte-Carlo I(X;Z) and I(Y;Z) of the finite set. "
    "bracket: both, joined."
)
DIMS_HELP = "The two latent dimensions that are drawn; those that cost most bits when none is chosen."
# a run's fields come from the library's table, but for its dataset; these are the page's own
OF_PAGE = (
    Field("dataset", "Dataset", "What x and y are; own: a table of yours.", forms.Choice((*data.names(), OWN))),
    Field("table", "Own table", "The table that is shown, by its sha256.", run_forms.Digest()),
    Field("speed", "Steps a tick", "Steps between two pictures.", forms.Choice(SPEEDS), "hot"),
    Field("beta", "β", BETA_HELP, forms.Number(0.0, 10.0), "redraw"),
    Field("units", "Units", "Unit of every information on the page.", forms.Choice(("bits", "nats")), "redraw"),
    Field("show", "Information plane shows", SHOW_HELP, forms.Choice(("bound", "value", "bracket")), "redraw"),
    Field("dims", "Latent plane axes", DIMS_HELP, run_forms.Dims(MOST_LATENT), "redraw"),
    Field("present", "Presenter mode", "Large type, no sidebar: for a projector.", forms.Flag(), "redraw"),
    Field("compare", "VIB beside VAE", "The page compares what both spend their bits on.", forms.Flag(), "redraw"),
    Field("lesson", "Lesson step", "The step of the lesson, from 1.", forms.Whole(0, LESSONS), "redraw"),
    Field("hide", "Hidden controls", "Names of controls that a lesson link leaves out.", forms.Words(), "redraw"),
    Field("pins", "Pinned runs", "Runs that stay beside the one on screen.", Pins(lambda: OF_RUN), "redraw"),
    Field("at", "Step that is shown", "Where a link stops, and Play goes on.", forms.Whole(0, 1_000_000), "redraw"),
    Field("warm", "Warm β", "One model is led through β, up and down again.", forms.Flag(), "redraw"),
)
BY_KEY: Mapping[str, Field] = {
    each.key: replace(each, form=each.offered or each.form)
    for each in (*OF_PAGE, *FIELDS.values())
    if each.key in {choice.name for choice in fields(Choices)}
}
CONTROLS = tuple(BY_KEY.values())
NOT_OF_RUN = ("speed", "steps", "variance")  # how far it goes, how fast, and what a classifier has not
OF_RUN: Mapping[str, Field] = {
    key: each for key, each in BY_KEY.items() if each.kind != "redraw" and key not in NOT_OF_RUN
}
# those of the sidebar and above the stage
HIDEABLE = frozenset(BY_KEY) - {"table", "edits", "speed", "beta", "hide", "lesson", "at", "warm"}
DEFAULTS = Choices()
GOES_BY = frozenset(each.key for each in OF_DATASET) - {"data_seed"}


def applies(control: Field, choices: Choices) -> bool:
    """Whether a control has anything to say of what is chosen."""
    if control.key in GOES_BY:
        return control.key in data.source(choices.dataset).fields
    if control.key == "posterior":
        return choices.latent_dim > 1
    if control.key == "variance":
        return not has_pixels(choices)
    return control.key != "dims" or choices.latent_dim > 2


def limits(control: Field, choices: Choices) -> tuple[float, float]:
    """What a control's widget offers: less where the dataset allows less."""
    choose = data.source(choices.dataset).classes
    if control.key == "classes" and choose is not None:
        return choose
    assert isinstance(control.form, forms.Whole | forms.Number)
    return control.form.low, control.form.high


@lru_cache(maxsize=256)
def config(choices: Choices, task: Task = "classify") -> Config:
    """The run that some choices ask for; ConfigError when they cannot be had together."""
    if choices.beta_min >= choices.beta_max:
        raise ConfigError("β range", (choices.beta_min, choices.beta_max), "smallest < largest", "Move one of them.")
    if 0 < choices.variance < LEAST_VARIANCE:
        raise ConfigError("variance", choices.variance, f"0 or at least {LEAST_VARIANCE:g}", "Choose 0 to learn it.")
    spec = DatasetSpec(
        choices.dataset,
        choices.n,
        choices.noise,
        choices.flip,
        choices.classes,
        choices.data_seed,
        choices.rho,
        choices.table if choices.dataset == OWN else "",
    )
    data.check(spec)
    return Config(
        dataset=spec,
        task=task,
        encoder=choices.encoder,
        decoder=choices.decoder,
        latent_dim=choices.latent_dim,
        posterior=choices.posterior,
        betas=through_one(beta_grid(choices.stops, choices.beta_min, choices.beta_max, choices.zero)),
        steps=choices.steps,
        batch=choices.batch,
        lr=choices.lr,
        seed=choices.seed,
        variance=(choices.variance or None) if task == "reconstruct" else None,
        edits=choices.edits,
    )


def chosen(choices: Choices) -> int:
    """Index of the stop that is looked at. A link says its β, so that it survives another grid."""
    return nearest(config(choices).betas, choices.beta)


def through_one(betas: tuple[float, ...]) -> tuple[float, ...]:
    """The stops, one that is within 5 % of β = 1 moved there: where the loss of a VAE is the negative ELBO."""
    near = nearest(betas, 1.0)
    return tuple(1.0 if i == near and abs(b - 1) < 0.05 else b for i, b in enumerate(betas))


def in_force(choices: Choices) -> Choices:
    """The choices with the learning rate that training has come to, which is what its widget shows."""
    return replace(choices, lr=choices.edits[-1][2]) if choices.edits else choices


def has_axes(choices: Choices) -> bool:
    """Whether the model has the latent dimensions that are asked for."""
    return all(d < choices.latent_dim for d in choices.dims)


def blamed(error: ConfigError) -> str | None:
    """The control whose value an error names."""
    what = error.what.removeprefix("dataset ").removeprefix("gaussian ")
    names = {"β range": "beta_min", "widths": "encoder", "own table": "dataset", "digest": "table", "beta": "beta_min"}
    key = names.get(what, what)
    return key if key in BY_KEY else None


def shares_past(old: Choices, wanted: Choices, step: int) -> bool:
    """Whether both train alike up to a step."""
    if not step:
        return True
    past = [[edit for edit in choices.edits if edit[0] < step] for choices in (old, wanted)]
    return old.lr == wanted.lr and past[0] == past[1]


def kinds_of_change(old: Choices, new: Choices) -> dict[str, Kind]:
    """Every control whose value changed, and of which kind it is."""
    return {c.key: c.kind for c in CONTROLS if getattr(old, c.key) != getattr(new, c.key)}


def edited(old: Choices, wanted: Choices, changed: Mapping[str, Kind], step: int) -> Choices:
    """What the widgets want at a step, a new learning rate as a change in mid-run: so that the link replays it."""
    if "cold" in changed.values():
        return replace(wanted, edits=())
    if "lr" not in changed:
        return replace(wanted, lr=old.lr)
    if not step:
        return replace(wanted, edits=())
    earlier = [edit for edit in wanted.edits if edit[0] < step]
    return replace(wanted, lr=old.lr, edits=(*earlier[-MOST_EDITS + 1 :], (step, "lr", wanted.lr)))


def nearest(betas: tuple[float, ...], beta: float) -> int:
    """Index of the stop nearest to β (log distance; β = 0 is its own stop)."""
    if beta <= 0:
        return 0
    ratios = [abs(b / beta - 1) if b <= 0 else max(b / beta, beta / b) for b in betas]
    return min((i for i, b in enumerate(betas) if b > 0), key=lambda i: ratios[i])
