"""The row of stories above Explore's stage."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import layout, session
from dashboard.state import Session
from dashboard.stories import STORIES, shown

STYLE = """<style>
.st-key-stories { margin-bottom: -0.6rem }
.st-key-stories button { min-height: 1.7rem; padding-block: 0 }
</style>"""
NAMES = [story.name for story in STORIES]


def stories(mine: Session, more: Callable[[], None]) -> None:
    """One click each, what the story on screen shows, and `more` of the row; nothing on a projector or inside another
    page."""
    if layout.is_bare(mine):
        return
    told, key = shown(mine.choices), f"story.{mine.widget_epoch}"
    st.html(STYLE)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="stories"):
        st.pills(
            "Stories",
            NAMES,
            default=None if told is None else told.name,
            key=key,
            on_change=session.tell_story,
            args=(mine, key),
            label_visibility="collapsed",
            width="content",
        )
        st.caption(told.sentence if told else "Stories, one click each: what a bottleneck does.", width="stretch")
        more()
