"""Explore: every β at once. Layout only."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import cache, controls, session
from dashboard.session import Document, Session
from dashboard.stage import pack, stage, version
from dashboard.views.sidebar import sidebar
from vibcore.types import Reference, Task

if TYPE_CHECKING:
    from dashboard.run import Run

TICK = 0.08 # seconds between two pictures while training
KEY = "stage.explore"


def page() -> None:
    """The whole page, top to bottom."""
    mine = session.begin()
    for why in mine.refused:
        st.warning(why)
    session.sync(mine, sidebar(mine))
    session.write_link(mine)
    st.fragment(live, run_every=TICK if mine.playing or mine.waiting else None)(mine)


def live(mine: Session) -> None:
    """One tick: draw first, then train; what is trained now is drawn at the next tick."""
    run = session.run(mine, "classify")
    if run is None:
        st.caption("Loading PyTorch …")
        return
    from dashboard import message  # needs PyTorch, which is there now

    reference = known(mine)
    document = still(mine, "classify", reference, lambda: message.document(run, mine.choices, reference))
    header, arrays = message.frame(run, mine.choices, reference, mine.playing, not mine.playing, mine.notice)
    header["version"] = version(document.text)
    stage(pack("" if document.sent else document.text, header, arrays), KEY, lambda: chosen(mine), lambda: pressed(mine))
    document.sent = True
    refresh_values(mine, run)
    if mine.speed_once:
        run.advance(mine.speed_once, mine.choices.steps)
        mine.speed_once = None
        st.rerun()
    if not mine.playing:
        if waiting_for(mine, run) != mine.waiting:
            mine.waiting = waiting_for(mine, run)
            st.rerun()
        return
    run.advance(None if mine.choices.speed == "max" else int(mine.choices.speed), mine.choices.steps)
    if run.state.step >= mine.choices.steps:
        mine.playing = False
        st.rerun()


def refresh_values(mine: Session, run: Run) -> None:
    """Monte-Carlo values: all at rest, all in turn where the plane shows them, else the chosen one twice a second."""
    waiting = run.without_value()
    if mine.playing and mine.choices.show == "bound":
        now = time.monotonic()
        waiting = [controls.nearest(run.config.betas, mine.choices.beta)] if now - run.valued_at > 0.5 else []
    run.value(waiting[: 3 if mine.playing else 6])


def still(mine: Session, task: Task, reference: Reference | None, make: Callable[[], str]) -> Document:
    """The document of now: made anew only when something that it shows has changed."""
    made_for = (replace(mine.choices, beta=0.0, speed="", lr=1.0), reference)
    if task not in mine.documents or mine.documents[task].made_for != made_for:
        mine.documents[task] = Document(made_for, make())
    return mine.documents[task]


def waiting_for(mine: Session, run: Run) -> bool:
    """Whether something is still being computed that will change the picture at rest."""
    return bool(run.without_value()) or not cache.reference(run.config.dataset).done.is_set()


def known(mine: Session) -> Reference | None:
    """The exact frontier of the problem on screen, once it is computed."""
    result = cache.reference(controls.config(mine.choices).dataset).result()
    return result if isinstance(result, Reference) else None


def chosen(mine: Session) -> None:
    """The slider or a dot of the plane chose another stop."""
    session.choose(mine, st.session_state[KEY].chosen)


def pressed(mine: Session) -> None:
    """A button or key of the stage."""
    session.transport(mine, dict(st.session_state[KEY].transport), "classify")
