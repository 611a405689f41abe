"""Sole owner of `st.session_state`: one visitor's choices, run and player."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import bounds, cache, controls, links, presets, stories
from dashboard import scene as scenes
from dashboard.controls import Choices
from dashboard.figures.frames import nats_per_unit
from dashboard.lesson import guess, steps
from dashboard.scene import Scene
from dashboard.state import Own, Session
from vibcore import tables, validation
from vibcore import window as windows
from vibcore.config import DatasetSpec
from vibcore.types import ConfigError
from vibcore.window import Window

if TYPE_CHECKING:
    from dashboard.page import PageRun
    from dashboard.run import Run

KEY = "lab"
OPEN = 2  # see `Session.phase`


def begin() -> Session:
    """This visitor's session; a new one reads the link."""
    if KEY not in st.session_state:
        st.session_state[KEY] = from_link({key: st.query_params.get_all(key) for key in st.query_params})
    mine: Session = st.session_state[KEY]
    return mine


def from_link(query: links.Query, own: Own | None = None) -> Session:
    """A session as a link wants it, with what it cannot have in words."""
    session = Session(Choices(), [], own=own)
    digest = own.table.digest if own is not None else ""
    opened = links.opened(query, digest, lambda attempt: check(session, attempt))
    found, session.refused, session.wished = opened
    session.at, session.wants_lead = found.at, found.warm
    session.choices = replace(found, at=0, warm=False)
    return session


def window(session: Session, spec: DatasetSpec) -> Window:
    """What is drawn of a problem, and its data: of the visitor's own table, or of one that all visitors share."""
    if spec.name != controls.OWN:
        return cache.window(spec)
    if session.own is None:
        raise ConfigError("own table", "none", "a CSV file", "Choose it under Problem.")
    if spec not in session.own.windows:
        session.own.windows = {spec: windows.window(tables.dataset(session.own.table, spec))}
    return session.own.windows[spec]


def check(session: Session, choices: Choices) -> None:
    """ConfigError when a run of these choices cannot be had."""
    config = controls.config(choices)
    dataset = window(session, config.dataset).dataset
    validation.check(config, dataset)
    bounds.check(config, dataset)


def link(session: Session, run: Run | None = None) -> str:
    """The address of what is on screen; while a table of a link is still missing, that of the link.

    Of a run that stands before its last step it names the step.
    """
    has_stopped = run is not None and not session.player.playing and 0 < run.step < session.choices.steps
    at = run.step if run is not None and has_stopped else session.at
    shown = replace(session.choices, at=at, warm=session.wants_lead or session.lead is not None)
    if session.wished is not None and shown.dataset == controls.DEFAULTS.dataset:
        return links.text(replace(session.wished, beta=shown.beta, units=shown.units, show=shown.show))
    return links.text(shown)


def take_link(session: Session, text: str) -> None:
    """What an earlier entry of the browser's history shows, as if its link were opened now."""
    fresh = from_link(links.parse(text), session.own)
    session.refused, session.wished = fresh.refused, fresh.wished
    adopt(session, fresh.choices, "Back at an earlier address; started anew")
    if not session.runs:
        session.at = fresh.at
    session.wants_lead = fresh.wants_lead and (session.lead is None or not session.runs)


def sync(session: Session, wanted: Choices) -> None:
    """Take over what the widgets want: redraw, edit the running stack, or start anew from the same seed."""
    # what the stage chose is no widget's: a run of the page that began before must not take it back
    wanted = replace(wanted, beta=session.choices.beta, speed=session.choices.speed, pins=session.choices.pins)
    changed = controls.kinds_of_change(controls.in_force(session.choices), wanted)
    if not changed:
        return
    if "dataset" in changed:
        wanted = presets.preset(wanted, wanted.dataset)
    if session.wished is not None and wanted.table == session.wished.table and wanted.dataset == controls.OWN:
        wanted, session.refused = links.mend(session.wished, lambda attempt: check(session, attempt))
        session.wished = None
        session.widget_epoch += 1  # the widgets follow the link
    wanted, axes = links.fitting(wanted)
    try:
        check(session, wanted)
    except ConfigError as error:
        session.widget_epoch += 1  # the widgets go back to what still holds
        named = controls.blamed(error)
        session.refusal = (named if named in changed else next(iter(changed)), str(error))
        return
    session.refusal = None
    adopt(session, controls.edited(session.choices, wanted, changed, furthest(session)), "Started anew", axes)


def tell_story(session: Session, key: str) -> None:
    """Open the story that the widget `key` has chosen; who clicks the one on screen starts it anew from its β."""
    told = next((story for story in stories.STORIES if story.name == st.session_state.get(key)), None)
    told = told or stories.shown(session.choices)
    if told is not None:
        adopt(session, told.choices(session.choices), f"{told.name.capitalize()}: started anew")
        session.player.playing = True  # also where the run only goes on
    session.widget_epoch += 1


def take_guess(session: Session, value: object) -> None:
    """A place in the plane, for the question of the step on screen; the page is laid out anew."""
    number, size = session.choices.lesson, nats_per_unit(session.choices.units)
    if number and guess.note(session.walk, steps.step(number), number, value, size):
        session.interval = math.nan


def leave_lesson(session: Session) -> None:
    """To another page, with the problem of the step that the visitor was at."""
    session.choices = replace(session.choices, lesson=0)
    session.walk.is_on = False


def furthest(session: Session) -> int:
    """The step that the furthest of the runs has come to."""
    return max((run.step for run in session.runs.values()), default=0)


def adopt(session: Session, wanted: Choices, started: str, axes: Sequence[str] = ()) -> None:
    """Take over choices that can be had."""
    old, session.choices = session.choices, wanted
    changed = controls.kinds_of_change(old, wanted)
    cold = [key for key, kind in changed.items() if kind == "cold"]
    if "dataset" in cold:
        cold = [key for key in cold if key in ("dataset", "table")]  # the others are what suits it
    if not cold and not controls.shares_past(old, wanted, furthest(session)):
        cold = ["lr"]
    if cold:
        names = ", ".join(controls.BY_KEY[key].label.lower() for key in cold)
        restart(session, " ".join([f"{started} from seed {wanted.seed}: {names} changed.", *axes]))
    elif "lr" in changed or "edits" in changed:
        for run in session.runs.values():
            asked = controls.config(wanted, run.config.task)
            run.edit(replace(run.config, lr=asked.lr, edits=asked.edits, steps=asked.steps))
        rate = controls.in_force(wanted).lr
        session.notice = f"Learning rate {rate:g} from step {furthest(session):,} on; nothing restarted."
    if "dataset" in changed:
        session.widget_epoch += 1


def take_over(session: Session, other: Session, notice: str) -> None:
    """Show what another session would, paused: its choices, with its runs where they are."""
    for run in session.runs.values():
        run.stop()
    session.choices, session.refused, session.wished = other.choices, other.refused, other.wished
    session.runs, session.notice, session.player.playing = other.runs, notice, False
    session.player.wish, session.refusal = None, None
    session.at, session.wants_lead = other.at, other.wants_lead
    session.walk.is_on = bool(other.choices.lesson)
    session.widget_epoch += 1


def restart(session: Session, why: str) -> None:
    """Forget the run; the next picture starts a new one."""
    for run in session.runs.values():
        run.stop()
    session.runs.clear()
    session.player.playing, session.at, session.wants_lead = True, 0, False
    session.notice = why


def run(session: Session, of: PageRun) -> Run | None:
    """The visitor's run of a page; None while PyTorch is still being loaded."""
    if session.phase < OPEN and not cache.engine_is_loaded():
        return None  # not even asked for before the page stands, which it would hold up
    engine = cache.engine().result()
    if engine is None:
        return None
    if of.key not in session.runs:
        config = of.config(session.choices)
        is_private = session.choices.dataset == controls.OWN  # a visitor's own table is nobody else's
        session.runs[of.key] = engine.Run(config, window(session, config.dataset).dataset, is_private)
    return session.runs[of.key]


def end_tick(session: Session, runs: Sequence[Run], is_pending: bool) -> None:
    """What a tick trains by itself, and the page laid out anew where its timer has to change."""
    # Streamlit begins a rerun before the one that it replaces has ended: a tick of runs that are gone decides nothing
    if not session.phase or not all(any(run is current for current in session.runs.values()) for run in runs):
        return
    is_over = session.player.end_tick(runs, goal(session), is_pending)
    if session.at and min(run.step for run in runs) >= session.at:
        session.at = 0
    if is_over:
        st.rerun()


def goal(session: Session) -> Choices:
    """The choices as far as playing goes now: to the step that a link stops at, else to the last."""
    return replace(session.choices, steps=session.at) if session.at else session.choices


def scene(session: Session, of: PageRun) -> Scene:
    """What the still part of the page shows of a run, whether there is one yet or not."""
    config = of.config(session.choices)
    current = session.runs.get(of.key)
    costliest = current.latest.dims if current is not None and current.latest is not None else ()
    return scenes.scene(config, window(session, config.dataset), session.choices.dims, costliest)


def chosen(session: Session, key: str) -> None:
    """The slider, or a dot of the plane, of the stage `key` chose another stop."""
    if key in st.session_state:  # else of a page that was left
        hear(session, key, st.session_state[key].get("chosen"))


def hear(session: Session, key: str, said: object) -> bool:
    """Whether a stage says another stop than before: Streamlit may lose the call while a page is laid out anew."""
    if not isinstance(said, int | float) or not math.isfinite(said) or session.said.get(key) == said:
        return False  # a browser's word is not trusted
    session.said[key], betas = said, controls.config(session.choices).betas
    session.choices = replace(session.choices, beta=betas[max(0, min(int(said), len(betas) - 1))])
    return True


def pressed(key: str) -> object:
    """What a button or a key of the stage `key` has sent."""
    # a page that was left may still send; what it sent is sent again by the next
    return st.session_state[key].get("transport") if key in st.session_state else None
