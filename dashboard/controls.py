"""One table of controls: it drives the sidebar, and the reading and writing of links (`links`).

A *redraw* control changes the view alone, a *hot* one edits the running stack, a *cold* one starts it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from dashboard.parsers import digest, edits, flag, numbers, places, widths, words
from vibcore import data, validation
from vibcore.types import Config, ConfigError, DatasetSpec, Task, beta_grid

Kind = Literal["redraw", "hot", "cold"]


@dataclass(frozen=True)
class Choices:
    """Everything that a visitor can choose: what a link says."""

    dataset: str = "spirals"
    n: int = 1200
    noise: float = 0.2
    flip: float = 0.1
    classes: int = 2
    rho: tuple[float, ...] = (0.9,)
    data_seed: int = 0
    encoder: tuple[int, ...] = (32, 32)
    decoder: tuple[int, ...] = (32,)
    latent_dim: int = 2
    stops: int = 25
    beta_min: float = 1e-3
    beta_max: float = 1.8
    zero: bool = False
    batch: int = 128
    seed: int = 0
    lr: float = 0.01
    speed: str = "max"
    steps: int = 4000
    beta: float = 0.136
    units: str = "bits"
    show: str = "bound"
    dims: tuple[int, ...] = ()
    present: bool = False
    hide: tuple[str, ...] = ()
    variance: float = 0.1
    compare: bool = False
    table: str = ""  # digest of the visitor's own table
    edits: tuple[tuple[int, str, float], ...] = ()  # (step, control, value): what was changed in mid-run


@dataclass(frozen=True)
class Control:
    """One control: how it is named, what it accepts and when it applies. `legal`: choices, or (low, high)."""

    key: str
    label: str
    kind: Kind
    legal: tuple[Any, ...]
    help: str
    parse: Callable[[str], Any] = str
    step: float | None = None
    applies: Callable[[Choices], bool] = lambda choices: True

    @property
    def is_range(self) -> bool:
        return self.parse in (int, float)


def goes_by(name: str) -> Callable[[Choices], bool]:
    """Whether the dataset goes by a field of its spec."""
    return lambda choices: name in data.source(choices.dataset).fields


def has_density(dataset: str) -> bool:
    """Whether the population of a dataset is known, and with it a frontier."""
    return data.source(dataset).density is not None


def has_pixels(choices: Choices) -> bool:
    """Whether x is an image."""
    return data.source(choices.dataset).pixels


OWN = data.OWN
LEAST_VARIANCE = 1e-4  # below it a loss in nats outgrows single precision
WIDTHS = "layer widths from 1 to 1024 joined by '-', at most four, or 'linear'"

CONTROLS: tuple[Control, ...] = (
    Control("dataset", "Dataset", "cold", (*data.names(), OWN), "What x and y are; own: a table of yours."),
    Control("table", "Own table", "cold", (), "The table that is shown, by its sha256.", digest),
    Control("classes", "Classes", "cold", (2, 10), "Arms of the spiral, or blobs.", int, 1,
            goes_by("classes")),
    Control("n", "Examples", "cold", (100, 5000), "Inputs drawn; a third of them is kept for testing.", int, 100,
            goes_by("n")),
    Control("noise", "Noise σ", "cold", (0.02, 0.6), "Standard deviation of the Gaussian noise on x, in data units.",
            float, 0.01, goes_by("noise")),
    Control("flip", "Label flips", "cold", (0.0, 0.45),
            "Probability that a label is replaced by another class. Noisy labels make the curve bend; clean ones "
            "make it a corner.", float, 0.01, goes_by("flip")),
    Control("rho", "Canonical correlations", "cold", (), "One to eight correlations ρ between X and Y, e.g. 0.9,0.6.",
            numbers, None, goes_by("rho")),
    Control("data_seed", "Data seed", "cold", (0, 9999), "Seed of the sample, its split and its label flips.", int, 1),
    Control("encoder", "Encoder widths", "cold", (), "Hidden ReLU layers of p(z|x), e.g. 32-32, or linear.", widths),
    Control("decoder", "Decoder widths", "cold", (), "Hidden ReLU layers of q(y|z), e.g. 32, or linear.", widths),
    Control("latent_dim", "Latent dimensions", "cold", (1, 64), "K, the length of z.", int, 1),
    Control("variance", "Decoder variance σ²", "cold", (0.0, 10.0), "Of the VAE's Gaussian decoder q(x|z), in squared "
            "units of x; what is kept depends on β·σ² alone. 0: learnt, one for each feature.", float, 0.01,
            lambda c: not has_pixels(c)),
    Control("stops", "β stops", "cold", (2, 64), "Models in the stack: one for each stop of the β slider.", int, 1),
    Control("beta_min", "Smallest β", "cold", (1e-6, 0.5), "First stop of the slider.", float),
    Control("beta_max", "Largest β", "cold", (0.05, 10.0), "Last stop of the slider.", float),
    Control("zero", "Add β = 0", "cold", (), "A stop at which the rate is free.", flag),
    Control("batch", "Batch", "cold", (8, 1024), "Inputs per training step.", int, 8),
    Control("seed", "Model seed", "cold", (0, 9999), "Seed of the initial weights, the batches and the noise.", int, 1),
    Control("lr", "Learning rate", "hot", (1e-5, 0.1), "Adam's step size; changes the running stack.", float),
    Control("edits", "Changes in mid-run", "hot", (), "The learning rate from a step on, as 400:lr:0.003.", edits),
    Control("speed", "Steps a tick", "hot", ("1", "10", "100", "max"), "Training steps between two pictures."),
    Control("steps", "Stop at step", "hot", (1, 1_000_000), "Training pauses when it gets there.", int, 100),
    Control("beta", "β", "redraw", (0.0, 10.0), "Price of a bit about X, in bits about Y.", float),
    Control("units", "Units", "redraw", ("bits", "nats"), "Unit of every information on the page."),
    Control("show", "Information plane shows", "redraw", ("bound", "value", "bracket"),
            "bound: the rate and H(Y) − CE that training sees. value: Monte-Carlo I(X;Z) and I(Y;Z) of the finite "
            "set. bracket: both, joined."),
    Control("dims", "Latent plane axes", "redraw", (), "The two latent dimensions that are drawn; those that cost most "
            "bits when none is chosen.", places, None, lambda c: c.latent_dim > 2),
    Control("present", "Presenter mode", "redraw", (), "Large type, no sidebar: for a projector.", flag),
    Control("compare", "VIB beside VAE", "redraw", (), "The VAE page compares what both spend their bits on.", flag),
    Control("hide", "Hidden controls", "redraw", (), "Names of controls that a lesson link leaves out.", words),
)  # fmt: skip
BY_KEY: Mapping[str, Control] = {control.key: control for control in CONTROLS}
HIDEABLE = frozenset(BY_KEY) - {"table", "edits", "speed", "beta", "hide"}  # those of the sidebar and above the stage
DEFAULTS = Choices()


def limits(control: Control, choices: Choices) -> tuple[float, float]:
    """What a control's widget offers: less where the dataset allows less."""
    low, high = control.legal
    choose = data.source(choices.dataset).classes
    return choose if control.key == "classes" and choose is not None else (low, high)


def expected(control: Control) -> str:
    """What a control accepts, in words."""
    if control.parse is widths:
        return WIDTHS
    if control.parse is numbers:
        return "one to eight numbers, each 0 ≤ ρ < 1, joined by ','"
    if control.parse is flag:
        return "1 or 0"
    if control.parse is edits:
        return "step:lr:rate, steps ascending, joined by ','"
    if control.parse is digest:
        return "64 hexadecimal digits"
    if control.parse is places:
        return "two different latent dimensions joined by ',', such as z1,z3"
    if control.is_range:
        number = "a whole number" if control.parse is int else "a number"
        return f"{number} from {control.legal[0]:g} to {control.legal[1]:g}"
    return f"one of {', '.join(control.legal)}" if control.legal else "names joined by ','"


def is_legal(control: Control, value: Any) -> bool:
    if control.parse is widths:
        return len(value) <= 4 and all(1 <= width <= 1024 for width in value)
    if control.parse is numbers:
        return 1 <= len(value) <= 8 and all(0 <= rho < 1 for rho in value)
    if control.parse is places:
        return len(value) in (0, 2) and all(0 <= d < 64 for d in value) and len(set(value)) == len(value)
    if control.parse is edits:
        return validation.are_edits(value)
    if control.is_range:
        return bool(control.legal[0] <= value <= control.legal[1])  # also refuses NaN
    return not control.legal or value in control.legal


def as_text(control: Control, value: Any) -> str:
    """A value as a link writes it; `control.parse` is its inverse."""
    if control.parse is widths:
        return "-".join(str(width) for width in value) or "linear"
    if control.parse is edits:
        return ",".join(f"{step}:{field}:{rate:.6g}" for step, field, rate in value)
    if control.parse is places:
        return ",".join(f"z{d + 1}" for d in value)
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def config(choices: Choices, task: Task = "classify") -> Config:
    """The run that some choices ask for; ConfigError when they cannot be had together."""
    if choices.beta_min >= choices.beta_max:
        raise ConfigError("β range", (choices.beta_min, choices.beta_max), "smallest < largest", "Move one of them.")
    if 0 < choices.variance < LEAST_VARIANCE:
        raise ConfigError("variance", choices.variance, f"0 or at least {LEAST_VARIANCE:g}", "Choose 0 to learn it.")
    spec = DatasetSpec(choices.dataset, choices.n, choices.noise, choices.flip, choices.classes, choices.data_seed,
                       choices.rho, choices.table if choices.dataset == OWN else "")  # fmt: skip
    data.check(spec)
    return Config(
        dataset=spec,
        task=task,
        encoder=choices.encoder,
        decoder=choices.decoder,
        latent_dim=choices.latent_dim,
        betas=through_one(beta_grid(choices.stops, choices.beta_min, choices.beta_max, choices.zero)),
        steps=choices.steps,
        batch=choices.batch,
        lr=choices.lr,
        seed=choices.seed,
        variance=(choices.variance or None) if task == "reconstruct" else None,
        edits=choices.edits,
    )


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


def kinds_of_change(old: Choices, new: Choices) -> dict[str, Kind]:
    """Every control whose value changed, and of which kind it is."""
    return {c.key: c.kind for c in CONTROLS if getattr(old, c.key) != getattr(new, c.key)}


def nearest(betas: tuple[float, ...], beta: float) -> int:
    """Index of the stop nearest to β (log distance; β = 0 is its own stop)."""
    if beta <= 0:
        return 0
    ratios = [abs(b / beta - 1) if b <= 0 else max(b / beta, beta / b) for b in betas]
    return min((i for i, b in enumerate(betas) if b > 0), key=lambda i: ratios[i])
