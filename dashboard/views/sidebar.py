"""The sidebar: widgets from the table of controls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import controls
from dashboard.controls import Choices, Control
from dashboard.parsers import flag
from dashboard.session import Session
from dashboard.views.own_table import own_table

SECTIONS = {
    "Problem": ("dataset", "classes", "n", "noise", "flip", "rho", "data_seed"),
    "Model": ("encoder", "decoder", "latent_dim", "variance", "seed"),
    "β stops": ("stops", "beta_min", "beta_max", "zero"),
    "Training": ("lr", "batch", "steps"),
    "View": ("units", "show", "dims", "present"),
}
SLIDERS = ("noise", "flip", "classes")


def sidebar(session: Session, without: tuple[str, ...] = ("variance",)) -> Choices:
    """Draw every control that applies, but for those that the page has no use for; returns what is wanted now."""
    wanted = session.choices
    if not session.opened:  # so many widgets take the browser as long as all the rest of a first picture
        st.sidebar.caption("Controls follow the first picture.")
        return wanted
    for title, keys in SECTIONS.items():
        shown = [c for c in map(controls.BY_KEY.__getitem__, keys)
                 if c.applies(session.choices) and c.key not in (*session.choices.hide, *without)]  # fmt: skip
        if not shown:
            continue
        with st.sidebar.expander(title, expanded=title in ("Problem", "View")):
            for control in shown:
                value = widget(control, getattr(session.choices, control.key), session.generation)
                wanted = replace(wanted, **{control.key: value})
                if control.key == "dataset" and value == controls.OWN:
                    wanted = own_table(session, wanted)
    return wanted


def widget(control: Control, value: Any, generation: int) -> Any:
    """One control. Free text that cannot be had is refused beside it, and the value stays."""
    about: dict[str, Any] = {"label": control.label, "help": control.help, "key": f"{control.key}.{generation}"}
    if control.parse is flag:
        return st.toggle(value=value, **about)
    if control.is_range:
        number: type[int] | type[float] = type(value)
        about |= {"min_value": number(control.legal[0]), "max_value": number(control.legal[1]), "value": value}
        if control.step is None:  # spans decades: a tenth of itself is a step
            return st.number_input(format="%.6g", step=value / 10, **about)
        draw = st.slider if control.key in SLIDERS else st.number_input
        return draw(step=number(control.step), **about)
    if control.legal:
        if len(control.legal) <= 3:
            return st.segmented_control(options=control.legal, default=value, required=True, **about)
        return st.selectbox(options=control.legal, index=control.legal.index(value), **about)
    text = st.text_input(value=controls.as_text(control, value), **about)
    why = controls.refusal(control.key, text)
    if why is not None:
        st.error(why.replace("the default is used instead", "the old value stays"))
        return value
    return control.parse(text)
