"""Explore: every β at once. Layout only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import cache, controls, document, layout, message, sending, session
from dashboard.controls import Choices
from dashboard.player import is_pending
from dashboard.scene import Scene
from dashboard.stage import stage
from dashboard.state import Document, Session
from dashboard.views import notices
from dashboard.views.sidebar import sidebar
from vibcore.types import Reference

KEY = "stage.explore"
PRESENTING = "<style>.stSidebar, .stAppHeader { display: none } .stMainBlockContainer { padding-top: 0.6rem }</style>"


def prepare() -> None:
    """Make what a first visitor is shown first."""
    nobody = Session(Choices(), [])
    scene = session.scene(nobody, "classify")
    sending.get_document(nobody, scene, False, lambda: document.document(scene, nobody.choices, None))


def page() -> None:
    """The whole page, top to bottom."""
    mine = session.begin()
    if mine.choices.present:
        st.html(PRESENTING)
    notices.refused(mine)
    session.sync(mine, sidebar(mine))
    layout.follow(mine)
    st.fragment(live, run_every=layout.interval(mine))(mine)


def live(mine: Session) -> None:
    """One tick: a picture of now. Training goes on behind it."""
    run, player = session.run(mine, "classify"), mine.player
    scene, reference = session.scene(mine, "classify"), poll_reference(mine) if run else None
    shown = sending.get_document(
        mine, scene, reference is not None, lambda: document.document(scene, mine.choices, reference)
    )
    header, moments = message.before(scene, mine.choices, mine.notice), [message.Arrays()]
    if run is not None:
        player.begin_tick([run], mine.choices, bool(mine.phase))
        *earlier, latest = player.snapshots(run, mine.choices)
        header, arrays = message.frame(run, latest, mine.choices, reference, player.playing, mine.notice)
        moments = [*(message.moment(run, picture, mine.choices) for picture in earlier), arrays]
        header["settled"] = player.is_settled([run], is_pending(run, "classify"))
    show(mine, shown, scene, header, moments, KEY, lambda: session.pressed(mine, KEY, "classify"))
    layout.keep(mine)
    if run is not None:
        player.refresh_estimates(run, mine.choices)
        session.end_tick(mine, [run], is_pending(run, "classify"))


def show(
    mine: Session,
    shown: Document,
    scene: Scene,
    header: dict[str, Any],
    moments: list[message.Arrays],
    key: str,
    on_transport: Callable[[], None],
) -> None:
    """Send pictures to the stage `key`, with what its answers are told apart by."""
    # the stage calls back as the page opens: what comes earlier would hold up the picture, or overtake it
    call = mine.phase + 1 if mine.phase < session.OPEN else 0
    header |= {"version": shown.version, "call": call, "heard": mine.heard, "link": session.link(mine), "page": key}
    stage(sending.message(shown, scene, header, moments), key, lambda: session.chosen(mine, key), on_transport)


def poll_reference(mine: Session) -> Reference | None:
    """The exact frontier of the problem on screen, once it is computed."""
    background = cache.reference(controls.config(mine.choices).dataset)
    if background.error is not None:
        mine.notice = f"No exact frontier for this problem: {background.error}"
        return None
    return background.result()
