"""What is pinned, above the stage: buttons that pin, and a chip for each pin, which takes it away."""

from __future__ import annotations

import html

import streamlit as st

from dashboard import layout, leads, pin_board, pinning
from dashboard.figures.palette import PINS
from dashboard.page import Page
from dashboard.pins import SEEDS, Pin
from dashboard.state import Session
from dashboard.views.notices import plain
from vibcore import data

ONE = "Keep the curve and the latent plane of this run, at its step, beside whatever comes. Up to four."
BAND = (
    f"Train this run from {SEEDS} model seeds up to its step, and pin the median of each stop with its range: how far "
    "initial weights, batches and noise matter. The data stay the same."
)
WARM = (
    "Lead one model up through β and down again, without starting anew: does it fall and come back at the same β? "
    "Seen in the tab of that name, beside what is predicted. A link carries it: who opens one sees it begin."
)
STYLE = """<style>
.st-key-pins { margin-block: -0.2rem -0.7rem }
.st-key-pins button, .st-key-pressing button { min-height: 1.7rem; padding-block: 0 }
</style>"""


def press(mine: Session, page: Page) -> None:
    """The buttons that pin what is on screen."""
    if not page.has_pins or "pins" in mine.choices.hide:
        return
    st.html(STYLE)
    with st.container(horizontal=True, gap="small", width="content", key="pressing"):
        st.button("Pin this run", help=ONE, key="pin", on_click=pin_board.pin, args=(mine, page))
        st.button(f"Pin {SEEDS} seeds", help=BAND, key="pin_seeds", on_click=pin_board.pin, args=(mine, page, SEEDS))
        if data.has_density(page.runs[0].config(mine.choices).dataset):
            label = "Warm β" if mine.lead is None else "End warm β"
            st.button(label, help=WARM, key="warm", on_click=leads.toggle, args=(mine, page))


def chips(mine: Session) -> None:
    """One for each pin, in its colour; where there are no controls only what the lines are."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="pins"):
        # there also where it is empty: a stage whose place changes is put onto the page anew
        named = zip(mine.choices.pins, pinning.names(mine.choices), strict=True)
        if mine.choices.pins and (layout.is_bare(mine) or "pins" in mine.choices.hide):
            parts = [f'<span style="color: {PINS[pin.colour]}">●</span> {html.escape(name)}' for pin, name in named]
            st.html(f"<div>Pinned: {' &nbsp; '.join(parts)}</div>")
            return
        for pin, name in named:
            chip(mine, pin, name)


def chip(mine: Session, pin: Pin, name: str) -> None:
    """The button of one pin, which takes it away."""
    key = f"unpin_{pin.colour}"
    st.html(f"<style>.st-key-{key} button {{ border: 2px solid {PINS[pin.colour]} }}</style>")
    label = f"{plain(name)} · step {pin.step:,} ×" if "step" not in name else f"{plain(name)} ×"
    st.button(label, key=key, help="Unpin", on_click=pin_board.unpin, args=(mine, pin), width="content")
