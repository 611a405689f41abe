"""Bottleneck Lab: the table of contents. `streamlit run app.py`."""

import streamlit as st

from dashboard import session
from dashboard.views import explore, vae

st.set_page_config(page_title="Bottleneck Lab", page_icon="⏳", layout="wide")
st.html("<style>.stMainBlockContainer { padding: 3.6rem 1.6rem 1rem; }</style>")
session.begin()
pages = [
    st.Page(explore.page, title="Explore", url_path="explore", default=True),
    st.Page(vae.page, title="VAE", url_path="vae"),
]
st.navigation(pages, position="top").run()
