"""Which two latent dimensions are drawn: two pickers, counted from 1 as z₁ is."""

from __future__ import annotations

import streamlit as st

from dashboard import controls
from dashboard.controls import Choices


def axes(choices: Choices, widget_epoch: int) -> tuple[int, ...]:
    """Two pickers, counted from 1 as z₁ is: the pair of latent dimensions that is drawn."""
    options = [None, *range(choices.latent_dim)]
    known = choices.dims or (None, None)
    picked: list[int | None] = []
    for column, name, most, now in zip(st.columns(2), ("First", "Second"), ("Most", "Second most"), known, strict=True):
        key = (
            f"dims.{name.lower()}.{choices.latent_dim}.{choices.dims}.{widget_epoch}"  # follows K and the other picker
        )
        names = [f"{most} bits", *(f"z{d + 1}" for d in range(choices.latent_dim))]
        chosen = column.selectbox(
            f"{name} axis",
            range(len(names)),
            options.index(now),
            key=key,
            help=controls.BY_KEY["dims"].help,
            format_func=names.__getitem__,
        )
        picked.append(options[chosen])
    return pair(choices.dims, picked[0], picked[1])


def pair(old: tuple[int, ...], first: int | None, second: int | None) -> tuple[int, ...]:
    """Two different dimensions, or none: who picks one gets another beside it, who frees one frees both."""
    if first is not None and second is not None and first != second:
        return first, second
    if first is second is None or (old and None in (first, second)):
        return ()
    if old and first is not None and second is not None:  # alike: the one not touched takes what the other left
        return (first, old[0]) if first != old[0] else (old[1], second)
    if first is None and second is not None:
        return int(second == 0), second
    return (first, int(first == 0)) if first is not None else ()
