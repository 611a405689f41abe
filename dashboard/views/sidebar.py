"""The sidebar: widgets from the table of controls."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard import controls, layout, links
from dashboard.controls import Choices
from dashboard.page import Page
from dashboard.state import Session
from dashboard.views import notices
from dashboard.views.axes import axes
from dashboard.views.kept_runs import kept_runs
from dashboard.views.own_table import own_table
from dashboard.views.take_home import take_home_section
from vibcore import forms, run_forms
from vibcore.fields import Field

SECTIONS = {
    "Problem": ("dataset", "classes", "n", "noise", "flip", "rho", "data_seed"),
    "Model": ("encoder", "decoder", "latent_dim", "posterior", "variance", "seed"),
    "β stops": ("stops", "beta_min", "beta_max", "zero"),
    "Training": ("lr", "batch", "steps"),
    "View": ("units", "show", "dims", "present"),
}
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
SLIDERS = ("noise", "flip", "classes")


def sidebar(session: Session, page: Page, without: tuple[str, ...] = ()) -> Choices:
    """Draw every control that applies, but for those that the page has no use for; returns what is wanted now."""
    wanted = current = controls.in_force(session.choices)
    if layout.is_bare(session):
        return wanted
    if not session.phase:  # so many widgets take the browser as long as all the rest of a first picture
        st.sidebar.caption("Controls follow the first picture.")
        return wanted
    session.drawn = layout.widgets(session)
    for title, keys in SECTIONS.items():
        hidden = (*session.choices.hide, *page.without, *without)
        shown = [controls.BY_KEY[key] for key in keys if key not in hidden]
        shown = [control for control in shown if controls.applies(control, session.choices)]
        if not shown:
            continue
        with st.sidebar.expander(title, expanded=title in ("Problem", "View")):
            for control in shown:
                draw: Any = axes if isinstance(control.form, run_forms.Dims) else partial(widget, control)
                value: Any = draw(current, session.widget_epoch)
                wanted = replace(wanted, **{control.key: value})
                if session.refusal and session.refusal[0] == control.key:
                    st.error(notices.plain(f"Not changed. {session.refusal[1]}"))
                if control.key == "dataset" and value == controls.OWN:
                    wanted = own_table(session, wanted)
    take_home_section(session, page)
    kept_runs(session, page)
    st.sidebar.caption(about())
    return wanted


@cache
def about() -> str:
    """What this is, in which version, and on what terms."""
    try:
        version = metadata.version("bottleneck-lab")
    except metadata.PackageNotFoundError:  # a checkout
        version = tomllib.loads(PROJECT.read_text())["project"]["version"]
    return f"Bottleneck Lab {version}, free software under the MIT licence."


def widget(control: Field, choices: Choices, widget_epoch: int) -> Any:
    """One control. Free text that cannot be had is refused beside it, and the value stays."""
    value = getattr(choices, control.key)
    about: dict[str, Any] = {"label": control.label, "help": control.help, "key": f"{control.key}.{widget_epoch}"}
    form = control.form
    if isinstance(form, forms.Flag):
        return st.toggle(value=value, **about)
    if isinstance(form, forms.Whole | forms.Number):
        return number(control, choices, about)
    if isinstance(form, forms.Choice):
        if len(form.names) <= 3:
            return st.segmented_control(options=form.names, default=value, required=True, **about)
        return st.selectbox(options=form.names, index=form.names.index(value), **about)
    text = st.text_input(value=form.write(value), **about)
    why = links.refusal(control.key, text, "the old value stays")
    if why is not None:
        st.error(notices.plain(why))
        return value
    return form.read(text)


def number(control: Field, choices: Choices, about: dict[str, Any]) -> Any:
    """A slider, or a field for a number; what spans decades has a tenth of itself as its step."""
    value = getattr(choices, control.key)
    kind: type[int] | type[float] = type(value)
    low, high = controls.limits(control, choices)
    about |= {"min_value": kind(low), "max_value": kind(high), "value": value}
    if control.step is None:
        return st.number_input(format="%.6g", step=value / 10, **about)
    draw = st.slider if control.key in SLIDERS else st.number_input
    return draw(step=kind(control.step), **about)
