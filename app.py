"""Bottleneck Lab: the table of contents. `streamlit run app.py`."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

import dashboard

ICON = Path(dashboard.__file__).parent / "stage" / "icon.svg"  # a wheel puts this file elsewhere


def contents() -> None:
    """What one visitor sees: the pages, each at its path."""
    from dashboard import layout, session
    from dashboard.pages import PAGES
    from dashboard.views import glossary, lesson, page

    st.set_page_config(page_title="Bottleneck Lab", page_icon=ICON, layout="wide", initial_sidebar_state="collapsed")
    st.html("<style>.stMainBlockContainer { padding-inline: 1.6rem; }</style>")
    mine = session.begin()
    titles = {each.path: each.title for each in PAGES}  # of those that share a path, the last: it always applies
    pages = [
        st.Page(partial(page.whole, path), title=title, url_path=path, default=path == PAGES[0].path)
        for path, title in titles.items()
    ]
    taught = st.Page(lesson.whole, title="Lesson", url_path=lesson.PATH)
    words = st.Page(glossary.whole, title="Glossary", url_path=glossary.PATH)
    chosen = st.navigation([*pages, taught, words], position="hidden" if layout.is_bare(mine) else "top")
    if mine.go_to is not None:  # what was opened is on another page
        path, mine.go_to = mine.go_to, None
        st.switch_page(pages[list(titles).index(path)] if path in titles else taught)
    if mine.choices.lesson and chosen is not taught and chosen.url_path != lesson.PATH:
        if not mine.walk.is_on:  # a link asked for it
            st.switch_page(taught)
        session.leave_lesson(mine)
    chosen.run()


@asynccontextmanager
async def prepared(_: object) -> AsyncIterator[dict[str, Any]]:
    """Made ready while the first visitor's browser still loads the page."""

    def prepare() -> None:
        from dashboard.views import page

        page.prepare()

    from dashboard import closing

    closing.tell_before_the_end()
    threading.Thread(target=prepare, daemon=True).start()
    yield {}


def files(request: Request) -> Response:
    """Script, style and chart library of the page."""
    from dashboard import stage

    return stage.served(request)


def first(request: Request) -> Response:
    """The first page by its own name, which Streamlit serves at the root alone."""
    return RedirectResponse(f"./?{request.url.query}")


if __name__ == "__main__":  # Streamlit runs this file for every visitor; the server imports it once
    contents()
else:
    from dashboard.doors import Doors
    from dashboard.stage.preload import Preload

    path = (st.get_option("server.baseUrlPath") or "").strip("/")
    base = f"/{path}" if path else ""
    routes = [Route(f"{base}/stage/{{folder}}/{{name}}", files), Route(f"{base}/explore", first)]
    layers = [Middleware(Doors), Middleware(Preload, base=base)]
    app = st.App(__file__, lifespan=prepared, routes=routes, middleware=layers)
