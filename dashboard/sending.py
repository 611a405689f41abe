"""What is sent to the browser: a document when it has changed, pictures as many as fit into a message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dashboard import cache, controls
from dashboard.card import inputs
from dashboard.panel import Arrays
from dashboard.scene import Scene
from dashboard.stage import join, pack, version
from dashboard.state import Document, Session

LARGEST = 60_000  # bytes of a message in training: what does not fit is left out, the oldest first


def get_document(session: Session, scene: Scene, facts: object, make: Callable[[], str]) -> Document:
    """The document of now: made anew only when the choices, the scene or the known `facts` have changed."""
    task = scene.config.task
    made_for = (replace(session.choices, beta=0.0, speed="", lr=1.0, edits=()), scene.dims, facts)
    if task not in session.documents or session.documents[task].made_for != made_for:
        # a visitor's own table is nobody else's
        text = make() if session.choices.dataset == controls.OWN else cache.text((task, made_for), make)
        session.documents[task] = Document(made_for, text, version(text))
    return session.documents[task]


def message(document: Document, scene: Scene, header: dict[str, Any], moments: list[Arrays]) -> bytes:
    """Pictures to be shown one after another; with a document that the browser has not got, also the drawn inputs."""
    *earlier, latest = moments
    text = "" if document.sent else document.text
    if not document.sent:
        earlier, latest = [], latest | inputs(scene.window)
    document.sent = True
    packed = [pack("", header | {"texts": {}, "moment": True}, arrays) for arrays in earlier]
    packed.append(pack(text, header, latest))
    joined = join(packed)
    while len(packed) > 1 and len(joined) > LARGEST:
        del packed[0]
        joined = join(packed)
    return joined
