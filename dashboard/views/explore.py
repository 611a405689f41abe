"""Transport."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import cache, controls, picture, session
from dashboard.page import Page
from dashboard.panel import Arrays, Facts, Still
from dashboard.stage import join, pack, stage, version
from dashboard.state import Document, Session
from vibcore.types import Snapshot

if TYPE_CHECKING:
    from dashboard.run import Run

LIVE = 1500  # inputs of a mixture in training: a tenth of a second
FEW = 5  # models looked at on the population in one tick at rest
STEADY = 2.0  # seconds between two valuations of a model that hardly moves
ABREAST = 150  # steps that one of two runs may be ahead of the other
CATCH_UP = 0.06  # seconds a tick for a run that is behind at rest
LARGEST = 60_000  # bytes of a message in training: what does not fit is left out, the oldest first


def pictures(mine: Session, run: Run) -> list[Snapshot]:
    """What is to be seen of a run: the last moments of the chosen model in training, the whole family at rest."""
    if not mine.playing:
        return [run.look(None, mine.choices.dims)]
    return run.since([controls.nearest(run.config.betas, mine.choices.beta)], mine.choices.dims)


def show(
    mine: Session,
    shown: Document,
    inputs: Arrays,
    header: dict[str, Any],
    moments: list[Arrays],
    key: str,
    page: Page,
) -> None:
    """Send pictures; with a document that the browser has not got, the document and the drawn inputs."""
    *earlier, latest = moments
    text = "" if shown.sent else shown.text
    if not shown.sent:
        earlier, latest = [], latest | inputs
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
    stage(joined, key, lambda: session.chosen(mine, key), lambda: pressed(mine, key, page))


def pressed(mine: Session, key: str, page: Page) -> None:
    """A button or a key; where two runs are shown it is for the one that is behind."""
    steps = {each.task: mine.runs[each.task].state.step for each in page.runs if each.task in mine.runs}
    session.pressed(mine, key, min(steps, key=steps.__getitem__, default=page.runs[0].task))


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


FACTS = {"reference": cache.reference, "entropy": cache.input_entropy}


def pending(page: Page, runs: list[Run]) -> bool:
    """Whether something is being computed that would change the picture at rest."""
    spec = runs[0].config.dataset
    return any(map(unsettled, runs)) or not all(FACTS[name](spec).done.is_set() for name in page.facts)


def unsettled(run: Run) -> bool:
    """Whether numbers are still being computed that would change a picture at rest."""
    drawn = cache.population(run.config.dataset).done.is_set()
    return bool(not drawn or run.without_population() or run.without_estimate())


def still(mine: Session, page: Page, known: Still) -> Document:
    """The document of now: made anew only when the choices, the scenes or the known facts have changed."""
    dims = tuple(each.scene.dims for each in (known, *known.beside))
    facts = known.facts.reference is not None, known.facts.entropy is not None
    made_for = (page.title, replace(mine.choices, beta=0.0, speed="", lr=1.0, edits=()), dims, facts)
    task = page.runs[0].task
    if task not in mine.documents or mine.documents[task].made_for != made_for:
        # a visitor's own table is nobody else's
        def make() -> str:
            return picture.document(page, known)

        text = make() if mine.choices.dataset == controls.OWN else cache.text(made_for, make)
        mine.documents[task] = Document(made_for, text, version(text))
    return mine.documents[task]


def facts(mine: Session, page: Page) -> Facts:
    """What is known of the problem on screen by now."""
    spec, found = controls.config(mine.choices).dataset, {}
    for name in page.facts:
        background = FACTS[name](spec)
        if background.error is not None:
            mine.notice = f"No exact frontier for this problem: {background.error}"
        else:
            found[name] = background.result()
    return Facts(**found)
