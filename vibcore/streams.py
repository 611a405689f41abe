"""Where chance comes from: one named stream for each use, those of a seed independent. Without PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

# A stream is known by its place: new names go to the end, or every number changes.
NAMES = (
    "sample",  # inputs of a drawn set, and their true classes
    "flips",  # of labels
    "split",  # into training and test rows
    "images",  # which rows of an image file
    "weights",  # initial ones
    "batches",  # one permutation an epoch
    "noise",  # of z in training, a block of steps at a time
    "evaluation",  # of z wherever a model is looked at
    "values",  # of z in the Monte-Carlo informations
    "prior",  # z drawn from r(z)
    "outputs",  # x drawn from q(x|z)
    "population",  # fresh inputs of a known density
    "ties",  # order of equal values in a table's real-valued label
    "rows",  # which rows of a table that is too long
)
LARGEST_SEED = 2**32 - 1


def sequence(seed: int, name: str, *indices: int) -> np.random.SeedSequence:
    """The entropy of one stream: of a seed, a name of NAMES, and whatever numbers it further (an epoch, a block)."""
    return np.random.SeedSequence(int(seed), spawn_key=(NAMES.index(name), *map(int, indices)))


def stream(seed: int, name: str, *indices: int) -> np.random.Generator:
    """A fresh NumPy generator at the stream's beginning: equal arguments give equal draws, others independent ones."""
    return np.random.default_rng(sequence(seed, name, *indices))


def torch_stream(seed: int, name: str, *indices: int) -> torch.Generator:
    """The same for torch on a CPU, whose generator takes 32 bits of a seed and silently drops the rest."""
    import torch  # seconds to load: only for who has it already

    return torch.Generator().manual_seed(int(sequence(seed, name, *indices).generate_state(1)[0]))
