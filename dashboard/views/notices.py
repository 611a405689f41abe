"""What a link asks for and cannot have, said once above the stage until it is dismissed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.jobs import Job, in_words
from dashboard.state import Session
from vibcore.delimiters import printable
from vibcore.types import ConfigError


def refused(session: Session) -> None:
    """One box with all of it, and a button that takes it away for as long as the page is open."""
    if not session.refused:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        lines = [plain(why) for why in session.refused]
        st.warning("\n".join(f"- {line}" for line in lines) if len(lines) > 1 else lines[0])
        st.button("×", key="dismiss", type="tertiary", help="Dismiss", on_click=session.refused.clear, width="content")


def plain(text: str) -> str:
    """Text of a stranger's as text: Streamlit reads Markdown."""
    line = re.sub(r"([\\`*_{}\[\]()$<>|~]|:(?=\S)|^[#+=-])", r"\\\1", " ".join(printable(text).split()))
    return re.sub(r"^(\d+)\.", r"\1\.", line)  # no list begins


def progress(job: Job[Any], words: str, key: str) -> None:
    """How far a job is, and the button that ends it."""
    job.look()
    st.progress(job.share or 0.0, words if job.share is not None else "Waiting: other files are being made …")
    st.button("Cancel", key=key, on_click=job.cancel)


def done(act: Callable[[], None]) -> bool:
    """Act; what cannot be had is said here, in words."""
    try:
        act()
    except (ConfigError, OSError) as error:
        st.error(plain(in_words(error)))
        return False
    return True
