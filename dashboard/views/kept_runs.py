"""Kept runs: a name and Keep, a list with Open, Rename and Delete. Layout only; the list is `dashboard.kept`'s."""

from __future__ import annotations

import time

import streamlit as st

from dashboard import cache, keeping, kept
from dashboard.kept import LONGEST_NAME, Kept
from dashboard.page import Page
from dashboard.state import Session
from dashboard.views.notices import done, plain, progress

POLL = 0.5  # seconds between two looks at what is being kept
LOOK = 3.0  # … at how far a run that trains is kept
ABOUT = (
    "They stay on this server until somebody deletes them; all who may open this page see them. The one on screen is "
    "kept on while it trains."
)


def kept_runs(mine: Session, page: Page) -> None:
    """A place of the sidebar that lives by itself; none where nothing is kept."""
    if kept.place() is None:
        return
    pace = _pace(mine)
    with st.sidebar.expander("Kept runs", expanded=False):
        st.fragment(_section, run_every=pace)(mine, page, pace)


def _pace(mine: Session) -> float | None:
    """Seconds between two looks at this place; None where it stands."""
    if mine.keeping is not None and not mine.keeping.done.is_set():
        return POLL
    keeper = mine.keeper
    return LOOK if keeper is not None and (mine.player.playing or keeper.is_at_work) else None


def _section(mine: Session, page: Page, pace: float | None) -> None:
    job = mine.keeping
    if job is not None and not job.done.is_set():
        progress(job, "Keeping …", "kept.cancel")
    else:
        _keep(mine, page)
        if job is not None and job.value is None:
            st.error(plain(f"Not kept. {job.said}"))
    done(lambda: _listed(mine, page, kept.runs()))
    if pace != _pace(mine):
        st.rerun()  # the timer of this place is set when the page is laid out


def _keep(mine: Session, page: Page) -> None:
    usual = keeping.usual_name(mine, page)
    name = st.text_input("Name", placeholder=usual, max_chars=LONGEST_NAME, key="kept.name", help=ABOUT)
    is_waiting = any(each.key not in mine.runs for each in page.runs)
    if st.button("Keep", key="kept.keep", disabled=is_waiting) and done(lambda: keeping.keep(mine, page, name)):
        st.rerun()


def _listed(mine: Session, page: Page, runs: list[Kept]) -> None:
    if not runs:
        st.caption("No run is kept yet.")
        return
    named = {run.id: run for run in runs}
    labels = {run.id: f"{run.name} · {time.strftime('%d %b, %H:%M', time.localtime(run.kept_at))}" for run in runs}
    key = f"kept.run.{len(runs)}.{runs[0].id}"
    run = named[st.selectbox("Kept", list(named), format_func=lambda number: labels.get(number, ""), key=key)]
    _say_how_far(mine, run)
    with st.container(horizontal=True, gap="small"):
        is_asked = st.button("Open", key="kept.open", disabled=not cache.engine_is_loaded())
        with st.popover("Rename"):
            name = st.text_input("New name", run.name, max_chars=LONGEST_NAME, key=f"kept.rename.{run.id}")
            is_renamed = st.button("Rename it", key="kept.renamed")
        with st.popover("Delete"):
            st.markdown(f"Delete “{plain(run.name)}” for good?")
            is_deleted = st.button("Delete it", key="kept.delete")
    if (
        (is_asked and done(lambda: keeping.open_kept(mine, run.id, page)))
        or (is_renamed and done(lambda: kept.rename(run.id, name)))
        or (is_deleted and done(lambda: keeping.delete(mine, run.id)))
    ):
        st.rerun()


def _say_how_far(mine: Session, run: Kept) -> None:
    """Up to which step it is kept; of the run on screen whether that goes on."""
    keeper = mine.keeper if mine.keeper is not None and mine.keeper.id == run.id else None
    goes_on = "; on screen, and kept on as it trains" if keeper is not None else ""
    st.caption(f"Kept up to step {run.step:,}{goes_on}.")
    if keeper is not None and keeper.said:
        st.error(plain(keeper.said))
