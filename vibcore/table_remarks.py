"""What is said of a table that was read: what may mislead its reader."""

from __future__ import annotations

import numpy as np

from vibcore.sheets import listed
from vibcore.types import Array


def remarks(x: Array, y: Array, names: tuple[str, ...], classes: tuple[str, ...]) -> list[str]:
    """Features that say nothing, and those that say all."""
    same = [
        name
        for name, values in zip(names, x.T, strict=True)
        if np.nanmax(values, initial=-np.inf) == np.nanmin(values, initial=np.inf)
    ]
    notes = [f"The same in every row: {listed(same, 5)}."] if same else []
    if not classes:
        return notes
    told = [f"{name} ({c})" for name, values in zip(names, x.T, strict=True) for c in _told(values, y, classes)]
    notes += [f"Features that tell a class from all others without a mistake: {listed(told, 5)}."] if told else []
    for name, values in zip(names, x.T, strict=True):
        if len(np.unique(values)) == len(classes) == len(np.unique(np.stack([values, y]), axis=1).T):
            notes.append(f"{name} gives the label away: each of its values goes with one class.")
    return notes


def _told(values: Array, y: Array, classes: tuple[str, ...]) -> list[str]:
    """The class, of three or more, that one of a feature's two values is never without and never beside."""
    first = values == values[0]
    if len(classes) < 3 or len(np.unique(values)) != 2:
        return []
    sides = [np.unique(y[side]) for side in (first, ~first)]
    return [classes[side[0]] for side in sides if len(side) == 1 and sum(map(len, sides)) == len(classes)]
