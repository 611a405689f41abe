"""What one visitor may ask of a server that many share: no run whose single step or picture holds up all the others.

Measured on a core of 2.4 GHz: a step takes 0.3 ns for each multiplication, and a unit's activation as long as 40 of
them; the picture of all models takes some 60 ns for each unit and input. Whoever needs more uses the library, which
knows no such bounds. Without PyTorch.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from vibcore import parts, validation
from vibcore.config import Config, Dataset, Task
from vibcore.types import ConfigError

MOST_WEIGHTS = 8_000_000  # of a stack; with averages, moments and gradients 24 bytes each: 200 MB
WEIGHT_BYTES = 24
MOST_STEP = 5e8  # multiplications of one step: a sixth of a second
UNIT = 40  # multiplications that an activation counts for
MOST_LOOK = 1.2e8  # units × inputs of a picture: seven seconds, at rest and once
WIDE = 64  # units of a side that is not to blame
MOST_FULL = 16  # latent dimensions with a full covariance: the informations of one model take their square
MEMORY = "BOTTLENECK_MEMORY"  # of the environment: MiB of all trainings together
USUAL_MEMORY = "1280"  # with Python and the process that trains below 2 GiB
LEAST_MEMORY = 256
TASKS: tuple[Task, ...] = ("classify", "reconstruct")  # each has a page
SHARED = ", as many visitors share this server"


def memory(text: str) -> int:
    """Bytes of all trainings together, of MiB as a host writes them; ConfigError for what is no room to train in."""
    if not (text.isascii() and text.isdigit() and int(text) >= LEAST_MEMORY):
        expected = f"MiB, a whole number of at least {LEAST_MEMORY}"
        raise ConfigError(MEMORY, text, expected, "Set it, or leave it out, and start the server again.")
    return int(text) * 2**20


MOST_HELD = memory(os.environ.get(MEMORY, USUAL_MEMORY))


def check(config: Config, dataset: Dataset) -> None:
    """ConfigError for a run that is too large on any page for one visitor of many, or that there is no room for now."""
    for task in TASKS:
        _check_size(replace(config, task=task), dataset)
    if config.posterior == "full" and config.latent_dim > MOST_FULL:
        expected = f"at most {MOST_FULL} with a full covariance{SHARED}"
        raise ConfigError("latent_dim", config.latent_dim, expected, "Use fewer, or a diagonal posterior.")
    needed = WEIGHT_BYTES * validation.parameters(config, dataset)
    registry = sys.modules.get("dashboard.registry")  # not before somebody trains
    if registry is not None and not registry.knows(config) and registry.held() + needed > MOST_HELD:
        got, expected = "a server that is full", f"at most {MOST_HELD >> 20} MiB of trainings"
        raise ConfigError(
            "room", got, expected, "Try again when others have left, or open a run that others have open."
        )


def _check_size(config: Config, dataset: Dataset) -> None:
    weights, activations = validation.parameters(config, dataset), units(config, dataset)
    step, look = config.batch * (weights + UNIT * activations), len(dataset.x) * activations
    for got, most, of, remedy in (
        (weights, MOST_WEIGHTS, "weights of all models", "fewer values of β"),
        (step, MOST_STEP, "multiplications of a step", "fewer values of β or a smaller batch"),
        (look, MOST_LOOK, "activations in a picture of all models", "fewer values of β or fewer examples"),
    ):
        if got > most:
            expected = f"at most {most:.2g} {of}{SHARED}"
            raise ConfigError(_largest(config), f"{got:.2g}", expected, f"Use smaller layers, {remedy}.")


def _largest(config: Config) -> str:
    """The field that most of it comes from, which a link gives up first."""
    layers = {"encoder": sum(config.encoder), "decoder": sum(config.decoder), "latent_dim": config.latent_dim}
    widest = max(layers, key=layers.__getitem__)
    return widest if layers[widest] > WIDE else "stops"


def units(config: Config, dataset: Dataset) -> int:
    """Activations of the whole stack for one input."""
    code = parts.POSTERIORS[config.posterior](config.latent_dim)
    ends = validation.outputs(config, dataset) + code + config.latent_dim
    return len(config.betas) * (sum(config.encoder) + sum(config.decoder) + ends)
