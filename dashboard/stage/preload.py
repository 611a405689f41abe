"""The page's answer names the stage's files, so that they come while Streamlit's own are still on their way."""

from __future__ import annotations

from functools import cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import stage


@cache
def links(base: str) -> bytes:
    """A `Link` header's value: every module and the style, under the base path of the server."""
    kinds = {".js": "modulepreload", ".css": "preload; as=style"}
    at = f"{base}/stage/{stage.folder()}"
    return ", ".join(f"<{at}/{name}>; rel={kinds[name[name.rindex('.') :]]}" for name in stage.sources()).encode()


class Preload:
    """ASGI middleware that adds the header to every page."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self.app = app
        self.base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def named(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                message["headers"] = [*message["headers"], (b"link", links(self.base))]
            await send(message)

        await self.app(scope, receive, named if scope["type"] == "http" else send)


def _is_page(message: Message) -> bool:
    kind = dict(message["headers"]).get(b"content-type", b"")
    return bool(message["status"] == 200 and kind.startswith(b"text/html"))
