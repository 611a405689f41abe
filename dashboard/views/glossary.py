"""The glossary: one page of words. Layout only."""

from __future__ import annotations

import streamlit as st

from dashboard import glossary, pages, session
from dashboard.lesson import steps
from dashboard.panel import Facts
from dashboard.views import notices, page

PATH = "glossary"
STYLE = (
    "<style>.st-key-glossary h1 { font-size: 1.8rem } .st-key-glossary h2 { font-size: 1.25rem; padding: 0 }</style>"
)


def whole() -> None:
    """Terms of all pages for the problem on screen, and the formulas with their papers."""
    mine = session.begin()
    shown = [(each, page.still_of(mine, each, Facts())) for each in (pages.EXPLORE, pages.VAE, *steps.PAGES)]
    st.html(STYLE)
    with st.container(width=900, key="glossary"):
        st.title("Glossary", anchor=False)
        st.markdown(
            "The words of “?” on both pages, for the problem that you look at, and of the lesson’s formulas. "
            "H is an entropy, I an information, KL a divergence; bits or nats as chosen under View."
        )
        for title, terms in glossary.sections(shown):
            st.header(title, anchor=False)
            st.markdown("\n".join(f"- **{notices.plain(term)}**: {notices.plain(words)}" for term, words in terms))
        st.header("Formulas", anchor=False)
        st.markdown("\n".join(glossary.formulas()))
