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

TICK = 0.08  # seconds between two pictures while training
KEY = "stage.explore"
PRESENTING = "<style>.stSidebar, .stAppHeader { display: none } .stMainBlockContainer { padding-top: 0.6rem }</style>"


def page() -> None:
    """The whole page, top to bottom."""
    mine = session.begin()
    if mine.choices.present:
        st.html(PRESENTING)
    for why in mine.refused:
        st.warning(why)
    session.sync(mine, sidebar(mine))
    session.write_link(mine)
    st.fragment(live, run_every=TICK if session.ticks(mine) else None)(mine)


def live(mine: Session) -> None:
    """One tick: draw first, then train; what is trained now is drawn at the next tick."""
    run = session.run(mine, "classify")
    if run is None:
        st.caption("Loading PyTorch …")
        return
    from dashboard import document, message  # need PyTorch, which is there now

    reference = known(mine)
    shown = (document.shown_dims(run, mine.choices), reference is not None)
    still_part = still(mine, "classify", shown, lambda: document.document(run, mine.choices, reference))
    header, arrays = message.frame(run, mine.choices, reference, mine.playing, not mine.playing, mine.notice)
    header["version"] = version(still_part.text)
    if still_part.sent:
        arrays.pop("point_image", None)  # the stage keeps it with the document
    stage(pack("" if still_part.sent else still_part.text, header, arrays), KEY,
          lambda: session.chosen(mine, KEY), lambda: session.pressed(mine, KEY, "classify"))  # fmt: skip
    still_part.sent = True
    session.write_link(mine)
    session.keep_time(mine)
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
        chosen = controls.nearest(run.config.betas, mine.choices.beta)
        waiting = [chosen] if now - run.valued_at > 0.5 and chosen in waiting else []
    run.value(waiting[: 3 if mine.playing else 6])


def still(mine: Session, task: Task, shown: object, make: Callable[[], str]) -> Document:
    """The document of now: made anew only when the choices or what is `shown` besides have changed."""
    made_for = (replace(mine.choices, beta=0.0, speed="", lr=1.0), shown)
    if task not in mine.documents or mine.documents[task].made_for != made_for:
        mine.documents[task] = Document(made_for, make())
    return mine.documents[task]


def waiting_for(mine: Session, run: Run) -> bool:
    """Whether something is still being computed that will change the picture at rest."""
    return bool(run.without_value()) or not cache.reference(run.config.dataset).done.is_set()


def known(mine: Session) -> Reference | None:
    """The exact frontier of the problem on screen, once it is computed."""
    background = cache.reference(controls.config(mine.choices).dataset)
    if background.error is not None:
        mine.notice = f"No exact frontier for this problem: {background.error}"
        return None
    return background.result()
