"""Explore: every β at once. Layout only."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import cache, controls, document, layout, message, session
from dashboard.controls import Choices
from dashboard.scene import Scene
from dashboard.stage import join, pack, stage, version
from dashboard.state import Document, Session
from dashboard.views import notices
from dashboard.views.sidebar import sidebar
from vibcore.types import Reference, Snapshot

if TYPE_CHECKING:
    from dashboard.run import Run

LIVE = 1500  # inputs of a mixture in training: a tenth of a second
FEW = 5  # models looked at on the population in one tick at rest
STEADY = 2.0  # seconds between two valuations of a model that hardly moves
ABREAST = 150  # steps that one of two runs may be ahead of the other
CATCH_UP = 0.06  # seconds a tick for a run that is behind at rest
LARGEST = 60_000  # bytes of a message in training: what does not fit is left out, the oldest first
KEY = "stage.explore"
PRESENTING = "<style>.stSidebar, .stAppHeader { display: none } .stMainBlockContainer { padding-top: 0.6rem }</style>"


def prepare() -> None:
    """Make what a first visitor is shown first."""
    nobody = Session(Choices(), [])
    scene = session.scene(nobody, "classify")
    still(nobody, scene, False, lambda: document.document(scene, nobody.choices, None))


def page() -> None:
    """The whole page, top to bottom."""
    mine = session.begin()
    if mine.choices.present:
        st.html(PRESENTING)
    notices.refused(mine)
    session.sync(mine, sidebar(mine))
    layout.follow(mine)
    st.fragment(live, run_every=layout.interval(mine))(mine)


def live(mine: Session) -> None:
    """One tick: a picture of now. Training goes on behind it."""
    run = session.run(mine, "classify")
    scene, reference = session.scene(mine, "classify"), known(mine) if run else None
    shown = still(mine, scene, reference is not None, lambda: document.document(scene, mine.choices, reference))
    header, moments = message.before(scene, mine.choices, mine.notice), [message.Arrays()]
    if run is not None:
        keep_training(mine, [run])
        *earlier, latest = pictures(mine, run)
        header, arrays = message.frame(run, latest, mine.choices, reference, mine.playing, mine.notice)
        moments = [*(message.moment(run, picture, mine.choices) for picture in earlier), arrays]
        header["settled"] = is_settled(mine, [run], pending(run))
    show(
        mine,
        shown,
        scene,
        header,
        moments,
        KEY,
        lambda: session.chosen(mine, KEY),
        lambda: session.pressed(mine, KEY, "classify"),
    )
    layout.keep(mine)
    if run is not None:
        refresh_estimates(mine, run)
        after(mine, [run], pending(run))


def pictures(mine: Session, run: Run) -> list[Snapshot]:
    """What is to be seen of a run: the last moments of the chosen model in training, the whole family at rest."""
    if not mine.playing:
        return [run.look(None, mine.choices.dims)]
    return run.since([controls.nearest(run.config.betas, mine.choices.beta)], mine.choices.dims)


def show(
    mine: Session,
    shown: Document,
    scene: Scene,
    header: dict[str, Any],
    moments: list[message.Arrays],
    key: str,
    on_chosen: Callable[[], None],
    on_transport: Callable[[], None],
) -> None:
    """Send pictures; with a document that the browser has not got, the document and the drawn inputs."""
    *earlier, latest = moments
    text = "" if shown.sent else shown.text
    if not shown.sent:
        earlier, latest = [], latest | message.inputs(scene.window)
    # the stage calls back as the page opens: what comes earlier would hold up the picture, or overtake it
    call = mine.opened + 1 if mine.opened < session.OPEN else 0
    header |= {"version": shown.version, "call": call, "heard": mine.heard, "link": session.link(mine), "page": key}
    shown.sent = True
    packed = [pack("", header | {"texts": {}, "moment": True}, arrays) for arrays in earlier]
    packed.append(pack(text, header, latest))
    joined = join(packed)
    while len(packed) > 1 and len(joined) > LARGEST:
        del packed[0]
        joined = join(packed)
    stage(joined, key, on_chosen, on_transport)


def keep_training(mine: Session, runs: list[Run]) -> None:
    """At full speed training goes on between the ticks; none of several runs gets far ahead of the others."""
    slowest = min(run.state.step for run in runs)
    goal = mine.choices.steps if len(runs) == 1 else min(mine.choices.steps, slowest + ABREAST)
    for run in runs:
        if mine.playing and mine.opened and mine.choices.speed == "max":  # seen: who wants no motion has said so
            run.train_on(goal, [controls.nearest(run.config.betas, mine.choices.beta)], mine.choices.dims)
        else:
            run.rest()


def after(mine: Session, runs: list[Run], pending: bool) -> None:
    """What a tick trains by itself, and the page laid out anew where its timer has to change."""
    # Streamlit begins a rerun before the one that it replaces has ended: a tick of runs that are gone decides nothing
    if not mine.opened or not all(any(run is current for current in mine.runs.values()) for run in runs):
        return
    furthest = max(run.state.step for run in runs)
    if mine.speed_once:
        for run in runs:
            run.advance(mine.speed_once, mine.choices.steps)
        mine.speed_once = None
        st.rerun()
    if not mine.playing:
        for run in runs:
            run.advance(furthest, furthest, CATCH_UP)
        pending = pending or any(run.state.step < furthest for run in runs)
        if pending != mine.waiting:
            mine.waiting = pending
            st.rerun()
        return
    if mine.choices.speed != "max":
        for run in runs:
            run.advance(int(mine.choices.speed), mine.choices.steps)
    if all(run.state.step >= mine.choices.steps for run in runs):
        mine.playing = False
        st.rerun()


def refresh_estimates(mine: Session, run: Run) -> None:
    """Informations behind the bounds: of all models at rest, in turn where the plane shows them, else of the chosen.

    In training they rest on a small mixture, and the chosen model's are computed as soon as its rate has moved on, and
    now and then while it has not. At rest all points are first looked at on a large fresh sample.
    """
    if not mine.playing:
        if waiting := run.without_population():
            run.look_at_population(waiting[:FEW])
        elif cache.population(run.config.dataset).done.is_set():
            run.estimate(run.without_estimate()[:1])
        return
    waiting = run.without_estimate(LIVE)
    if mine.choices.show == "bound":
        chosen = controls.nearest(run.config.betas, mine.choices.beta)
        due = STEADY if run.latest and run.estimate_is_near(chosen, run.latest) else 0
        waiting = [chosen] if time.monotonic() - run.estimated_at > due and chosen in waiting else []
    run.estimate(waiting[:1], LIVE)


def is_settled(mine: Session, runs: list[Run], pending: bool) -> bool:
    """Whether the picture stays as it is until somebody presses something."""
    return not (mine.playing or mine.speed_once or mine.waiting or pending or len({run.state.step for run in runs}) > 1)


def pending(run: Run) -> bool:
    """Whether something is being computed that would change the picture at rest."""
    return unsettled(run) or not cache.reference(run.config.dataset).done.is_set()


def unsettled(run: Run) -> bool:
    """Whether numbers are still being computed that would change a picture at rest."""
    drawn = cache.population(run.config.dataset).done.is_set()
    return bool(not drawn or run.without_population() or run.without_estimate())


def still(mine: Session, scene: Scene, facts: object, make: Callable[[], str]) -> Document:
    """The document of now: made anew only when the choices, the scene or the known `facts` have changed."""
    task = scene.config.task
    made_for = (replace(mine.choices, beta=0.0, speed="", lr=1.0, edits=()), scene.dims, facts)
    if task not in mine.documents or mine.documents[task].made_for != made_for:
        # a visitor's own table is nobody else's
        text = make() if mine.choices.dataset == controls.OWN else cache.text((task, made_for), make)
        mine.documents[task] = Document(made_for, text, version(text))
    return mine.documents[task]


def known(mine: Session) -> Reference | None:
    """The exact frontier of the problem on screen, once it is computed."""
    background = cache.reference(controls.config(mine.choices).dataset)
    if background.error is not None:
        mine.notice = f"No exact frontier for this problem: {background.error}"
        return None
    return background.result()
