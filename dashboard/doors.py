"""Who may come in: so many pages at once, so many files. Who may not is told so in words, and nobody inside notices."""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime

MOST_PAGES = 200  # open at once; a class of thirty with two tabs each is a third of it
MOST_FILES = 4  # of a page: a new table takes the place of the one before
MOST_BYTES = 256 * 2**20  # of all files: a class of twenty-five with the largest tables
MOST_ARRIVING = 8  # files at once
FULL = f"This server is full: {MOST_PAGES} pages are open. Come back in a few minutes."
TOO_MANY_FILES = "There is no room for another file: close some of the others, or come back in a few minutes."
UPLOADS = "/_stcore/upload_file/"


class Doors:
    """ASGI middleware that counts open pages and files on their way."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.pages = 0
        self.arriving = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._page(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] == "PUT" and UPLOADS in scope["path"]:
            await self._file(scope, receive, send)
        elif scope["type"] == "http" and self.pages >= MOST_PAGES and _is_a_visit(scope):
            await PlainTextResponse(FULL, 503, {"Retry-After": "120"})(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.pages >= MOST_PAGES:
            await send({"type": "websocket.close", "code": 1013})  # try again later
            return
        self.pages += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.pages -= 1

    async def _file(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = scope["path"].partition(UPLOADS)[2].partition("/")[0]
        if self.arriving >= MOST_ARRIVING or not _has_room(session):
            await PlainTextResponse(TOO_MANY_FILES, 429)(scope, receive, send)
            return
        self.arriving += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.arriving -= 1


def _is_a_visit(scope: Scope) -> bool:
    """Whether somebody opens a page, rather than a script or a health check asking for a file."""
    return scope["method"] == "GET" and b"text/html" in dict(scope["headers"]).get(b"accept", b"")


def _has_room(session: str) -> bool:
    """Whether a page may send one more file; those that nobody needs go with its session."""
    held = dict(getattr(runtime.get_instance().uploaded_file_mgr, "file_storage", {}))
    size = sum(len(file.data) for files in held.values() for file in list(files.values()))
    return len(held.get(session, ())) < MOST_FILES and size < MOST_BYTES
