"""When a page is laid out anew: its widgets, its timer, and what of Streamlit's own it shows."""

from __future__ import annotations

import streamlit as st

from dashboard.crowd import CROWD
from dashboard.state import Session

TICK = 0.2  # seconds between two messages, and between two rounds of steps at the speeds 1, 10 and 100
LONG_TICK = 0.45  # … at full speed, where each message brings all pictures since the last, and costs training


def is_bare(session: Session) -> bool:
    """Whether the page is shown without sidebar and navigation: on a projector, or inside another page."""
    return session.choices.present or bool(st.context.is_embedded)


def widgets(session: Session) -> object:
    """What the widgets of the sidebar show: they are drawn anew when it has changed without them."""
    return session.widget_epoch, session.choices.dims, session.choices.latent_dim, session.refusal


def follow(session: Session) -> None:
    """Draw the widgets anew, at once, where a choice was refused or made elsewhere."""
    if session.drawn is not None and session.drawn != widgets(session):
        session.drawn = None
        st.rerun()


def interval(session: Session) -> float | None:
    """Seconds at which the live part should rerun by itself, or None; asked when a page is laid out."""
    session.interval = _wanted_interval(session)
    return session.interval


def span(session: Session) -> int:
    """Milliseconds over which the pictures of one message are shown: a little less than till the next."""
    return round(950 * LONG_TICK * session.slowdown)


def delay(session: Session) -> int:
    """Milliseconds after which the page that opens may ask for its controls; the same whenever it is asked."""
    if session.layout_delay is None:
        session.layout_delay = CROWD.layout_delay()
    return round(1000 * session.layout_delay)


def keep(session: Session) -> None:
    """Lay the page out again where a button has moved a widget, or changed what the timer was set for."""
    follow(session)
    if _wanted_interval(session) != session.interval:
        st.rerun()


def _wanted_interval(session: Session) -> float | None:
    if not session.phase or not (session.player.playing or session.player.is_waiting):
        return None
    session.slowdown = CROWD.slowdown(session.slowdown)
    is_fast = session.player.playing and session.choices.speed == "max"
    pace = LONG_TICK if is_fast else TICK
    return pace if session.slowdown == 1 else pace * session.slowdown * session.jitter
