"""Take home: choose a kind of file, make it, save it. Layout only; how it is made is `dashboard.making`'s."""

from __future__ import annotations

import streamlit as st

from dashboard import session, take_home
from dashboard.page import Page
from dashboard.state import Session
from dashboard.take_home import Making
from dashboard.views.notices import done, plain, progress

POLL = 0.5  # seconds between two looks at what is being made


def take_home_section(mine: Session, page: Page) -> None:
    """A place of the sidebar that lives by itself: nothing else is drawn anew by what is pressed in it."""
    with st.sidebar.expander("Export", expanded=False):
        st.fragment(_section, run_every=POLL if _is_busy(mine) else None)(mine, page, _is_busy(mine))


def _is_busy(mine: Session) -> bool:
    return mine.making is not None and not mine.making.job.done.is_set()


def _section(mine: Session, page: Page, was_busy: bool) -> None:
    items = take_home.items(page, [session.scene(mine, each) for each in page.runs])
    key = f"export.{len(items)}"  # of other kinds another list
    item = st.selectbox("Take home", items, format_func=lambda item: item.label, key=key)
    st.caption(item.about)
    if _is_busy(mine) and mine.making is not None:
        progress(mine.making.job, f"{mine.making.item.label} …", "export.cancel")
    else:
        is_waiting = any(each.key not in mine.runs for each in page.runs)
        if st.button("Make", key="export.make", disabled=is_waiting):
            done(lambda: take_home.start(mine, page, item))
        if not _is_busy(mine) and mine.making is not None and mine.making.item == item:
            _result(mine.making)
    if was_busy != _is_busy(mine):
        st.rerun()  # the timer of this place is set when the page is laid out


def _result(made: Making) -> None:
    value = made.job.value
    if value is None:
        st.error(plain(made.job.said))
        return
    size = f"{len(value) / 1e6:.1f} MB" if len(value) > 1e5 else f"{len(value) / 1e3:.1f} KB"
    st.download_button(
        f"Save, {size}",
        lambda: value,
        made.name,
        made.item.mime,
        key="export.save",
        type="primary",
        on_click="ignore",
    )
    st.caption(plain(made.name))
    if made.item.suffix == "py":
        st.code(value.decode(), language="python", height=260)
