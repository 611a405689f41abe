"""What is sent to the browser: a document when it has changed, pictures as many as fit into a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from dashboard import cache, controls, picture
from dashboard.card import inputs
from dashboard.page import Page
from dashboard.panel import Arrays, Moment
from dashboard.scene import Scene
from dashboard.stage import Deflated, deflated, join, pack, version
from dashboard.state import Document, Session

FRAMES: cache.Shared[tuple[Moment, Any]] = cache.Shared(96)
BETWEEN: cache.Shared[tuple[Arrays, Deflated]] = cache.Shared(256)
LARGEST = 60_000  # bytes of a message in training: what does not fit is left out, the oldest first; more if it is rarer


def get_document(session: Session, scene: Scene, facts: object, make: Callable[[], str]) -> Document:
    """The document of now: made anew only when the choices, the scene or the known `facts` have changed."""
    task = scene.config.task
    made_for = (replace(session.choices, beta=0.0, speed="", lr=1.0, edits=(), seed=0, steps=1), scene.dims, facts)
    if task not in session.documents or session.documents[task].made_for != made_for:
        # a visitor's own table is nobody else's
        is_own = session.choices.dataset == controls.OWN or any(pin.is_own for pin in session.choices.pins)
        text = make() if is_own else cache.TEXTS.get((task, made_for), make)
        session.documents[task] = Document(made_for, text, version(text))
    return session.documents[task]


def frame(page: Page, moment: Moment, playing: bool, notice: str) -> tuple[dict[str, Any], Arrays]:
    """`picture.frame`, made once for visitors who see the same; the header is the caller's own."""
    said = playing, notice, moment.run.looks_back(moment.snapshot.step)
    header, arrays = _once(page, moment, said, lambda: picture.frame(page, moment, playing, notice))
    return dict(header), arrays


def patch(page: Page, moment: Moment) -> Arrays:
    """`picture.patch`, made once for visitors who see the same."""
    found: Arrays = _once(page, moment, (), lambda: picture.patch(page, moment))
    return found


def _once(page: Page, moment: Moment, said: tuple[object, ...], make: Callable[[], Any]) -> Any:
    """What was made of the very same snapshots for the same choices. Of a visitor's own table nothing is kept."""
    every, still = (moment, *moment.beside), moment.still
    if any(each.run.is_private for each in every) or any(pin.is_own for pin in still.choices.pins):
        return make()
    seen = tuple((id(each.run.training), id(each.snapshot), each.run.training.values.estimated_at) for each in every)
    known = still.facts.reference is not None, still.facts.entropy is not None
    # the moment is kept with what was made of it: the id of a snapshot that is gone could be another's
    key = page.title, still.choices, still.scene.dims, still.pins, still.led, seen, known, *said
    return FRAMES.get(key, lambda: (moment, make()))[1]


def message(
    document: Document,
    scene: Scene,
    header: dict[str, Any],
    moments: list[Arrays],
    slowdown: int = 1,
    film: Sequence[Deflated] = (),
) -> bytes:
    """Pictures to be shown one after another; with a document that the browser has not got, also the drawn inputs.

    Before them a `film` of the past, which the browser keeps.
    """
    *earlier, latest = moments
    text = "" if document.sent else document.text
    if not document.sent:
        earlier, latest = [], latest | inputs(scene.window)
    document.sent = True
    keep = scene.config.dataset.name != controls.OWN
    packed = [_between(document.version, arrays, keep) for arrays in earlier]
    packed.append(deflated(pack(text, header, latest)))
    while len(packed) > 1 and sum(len(each.data) for each in packed) > LARGEST * slowdown:
        del packed[0]
    return join([*film, *packed])


def _between(version: str, arrays: Arrays, keep: bool) -> Deflated:
    """A moment between two frames, packed once for all who see the same: what its header lacks is in the frame's."""

    def make() -> tuple[Arrays, Deflated]:
        return arrays, deflated(pack("", {"version": version, "texts": {}, "moment": True}, arrays))

    # the arrays are kept with what was made of them: the id of some that are gone could be others'
    return (BETWEEN.get((version, id(arrays)), make) if keep else make())[1]
