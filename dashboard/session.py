"""Sole owner of `st.session_state`: one visitor's choices, run and player."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import cache, controls
from dashboard import scene as scenes
from dashboard.controls import Choices
from dashboard.scene import Scene
from vibcore import tables, validation
from vibcore import window as windows
from vibcore.sheets import Sheet
from vibcore.tables import Reading, Table
from vibcore.types import ConfigError, DatasetSpec, Task
from vibcore.window import Window

if TYPE_CHECKING:
    from dashboard.run import Run

KEY = "lab"
TICK = 0.2  # seconds between two messages, and between two rounds of steps at the speeds 1, 10 and 100
LONG_TICK = 0.45  # … at full speed, where each message brings all pictures since the last, and costs training
OPEN = 2  # see `Session.opened`
ABSENT = (
    "The link shows somebody’s own table, which does not travel with it. Choose “own” and the same file under Problem "
    "to see the same run; until then the default problem is shown."
)


@dataclass
class Session:
    """What one visitor sees and does. Lives in `st.session_state`, so no other visitor can reach it."""

    choices: Choices
    refused: list[str]  # what the link asked for and could not have
    playing: bool = True
    generation: int = 0  # of the sidebar's widgets: a new one takes the values of `choices`
    interval: float | None = None  # seconds at which the page on screen reruns its live part by itself
    opened: int = 0  # 1: its first picture is seen, so controls are laid out; 2: they are, so PyTorch may be loaded
    waiting: bool = True  # something is computed in the background that will change the picture
    notice: str = ""  # what restarted last, and why
    runs: dict[str, Run] = field(default_factory=dict)  # by task
    own: Own | None = None
    upload: Upload | None = None
    wished: Choices | None = None  # what a link shows of a table that is not here yet
    speed_once: int | None = None  # steps of a pressed Step button
    documents: dict[str, Document] = field(default_factory=dict)  # by task


@dataclass
class Own:
    """A visitor's own table; nobody else can reach it, and it goes with the session."""

    table: Table
    source: str  # the file's name
    windows: dict[DatasetSpec, Window] = field(default_factory=dict)  # of the spec that is shown


@dataclass
class Upload:
    """The file that a visitor gave last, read once, and how they want it read: remembered across pages."""

    file: str  # what tells uploads apart
    name: str
    sheet: Sheet | None  # None where it was refused
    refusal: str = ""
    reading: Reading = field(default_factory=Reading)
    read: Reading | None = None  # the reading that `own` was made by


@dataclass
class Document:
    """The still part of the stage: what it was made for, its text, and whether the browser was sent it."""

    made_for: object
    text: str
    version: str
    sent: bool = False


def begin() -> Session:
    """This visitor's session; a new one reads the link."""
    if KEY not in st.session_state:
        choices, refused = controls.read(st.query_params.to_dict())
        wished = choices if choices.dataset == controls.OWN else None
        if wished is not None:
            choices = controls.preset(choices, controls.DEFAULTS.dataset)
            refused = [*refused, ABSENT]
        session = Session(choices, refused, wished=wished)
        try:
            check(session, choices)
        except ConfigError as error:
            session = Session(Choices(), [*refused, f"{error} The default problem is shown instead."], wished=wished)
        st.session_state[KEY] = session
    mine: Session = st.session_state[KEY]
    return mine


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
    validation.check(config, window(session, config.dataset).dataset)


def write_link(session: Session) -> None:
    """The address always names what is on screen; foreign keys such as embed stay."""
    ours = controls.write(session.choices)
    for key in [key for key in st.query_params if key in controls.BY_KEY and key not in ours]:
        del st.query_params[key]
    for key, text in ours.items():
        if st.query_params.get(key) != text:
            st.query_params[key] = text


def sync(session: Session, wanted: Choices) -> None:
    """Take over new choices: redraw, edit the running stack, or start anew from the same seed."""
    changed = controls.kinds_of_change(session.choices, wanted)
    if not changed:
        return
    if "dataset" in changed:
        wanted = controls.preset(wanted, wanted.dataset)
    if session.wished is not None and wanted.table == session.wished.table and wanted.dataset == controls.OWN:
        wanted, session.wished, session.refused = session.wished, None, []
        changed = changed | {"dataset": "cold"}  # the widgets follow the link
    try:
        check(session, wanted)
    except ConfigError as error:
        session.generation += 1  # the widgets go back to what still holds
        session.notice = f"Not changed. {error}"
        return
    cold = [controls.BY_KEY[key].label for key, kind in changed.items() if kind == "cold"]
    session.choices = wanted
    if cold:
        restart(session, f"Started anew from seed {wanted.seed}: {', '.join(cold).lower()} changed.")
    elif "lr" in changed:
        for run in session.runs.values():
            run.set_learning_rate(wanted.lr)
        session.notice = f"Learning rate {wanted.lr:g} from here on; nothing restarted."
    if "dataset" in changed:
        session.generation += 1


def interval(session: Session) -> float | None:
    """Seconds at which the live part should rerun by itself, or None; asked when a page is laid out."""
    session.interval = _wanted_interval(session)
    return session.interval


def keep_time(session: Session) -> None:
    """Lay the page out again where a button has started or stopped what its timer was set for."""
    if _wanted_interval(session) != session.interval:
        st.rerun()


def _wanted_interval(session: Session) -> float | None:
    if not session.opened or not (session.playing or session.waiting):
        return None
    return LONG_TICK if session.playing and session.choices.speed == "max" else TICK


def restart(session: Session, why: str) -> None:
    """Forget the run; the next picture starts a new one."""
    for run in session.runs.values():
        run.rest()
    session.runs.clear()
    session.playing = True
    session.notice = why


def run(session: Session, task: Task) -> Run | None:
    """The visitor's run of a task; None while PyTorch is still being loaded."""
    if session.opened < OPEN and not cache.engine_is_loaded():
        return None  # not even asked for before the page stands, which it would hold up
    engine = cache.engine().result()
    if engine is None:
        return None
    if task not in session.runs:
        config = controls.config(session.choices, task)
        session.runs[task] = engine.Run(config, window(session, config.dataset).dataset)
    return session.runs[task]


def scene(session: Session, task: Task) -> Scene:
    """What the still part of the page shows, whether there is a run yet or not."""
    config = controls.config(session.choices, task)
    current = session.runs.get(task)
    costliest = current.latest.dims if current is not None and current.latest is not None else ()
    return scenes.scene(config, window(session, config.dataset), session.choices.dims, costliest)


def chosen(session: Session, key: str) -> None:
    """The slider, or a dot of the plane, of the stage `key` chose another stop."""
    betas = controls.config(session.choices).betas
    index = max(0, min(int(st.session_state[key].chosen), len(betas) - 1))  # a browser's word is not trusted
    session.choices = replace(session.choices, beta=betas[index])


def pressed(session: Session, key: str, task: Task) -> None:
    """A button or a key of the stage `key`."""
    transport(session, dict(st.session_state[key].transport or {}), task)


def transport(session: Session, action: dict[str, Any], task: Task) -> None:
    """A pressed button or key of the stage."""
    name = action.get("action")
    current = session.runs.get(task)
    if name == "play":
        session.playing = True
        if current is not None and current.state.step >= session.choices.steps:
            session.notice = f"Already at step {session.choices.steps:,}: raise “Stop at step” to go on."
            session.playing = False
    elif name == "pause":
        session.playing = False
    elif name == "step":
        session.playing = False
        session.speed_once = 1 if session.choices.speed == "max" else int(session.choices.speed)
    elif name == "ready":
        session.opened = max(session.opened, OPEN if action.get("value") == OPEN else 1)
    elif name == "document":
        session.documents.clear()
    elif name == "reset":
        restart(session, f"Started anew from the same seed, {session.choices.seed}.")
    elif name == "seed":
        session.choices = replace(session.choices, seed=session.choices.seed + 1)
        session.generation += 1
        restart(session, f"Started anew from a new seed, {session.choices.seed}.")
    elif name == "speed" and str(action.get("value")) in controls.BY_KEY["speed"].legal:
        session.choices = replace(session.choices, speed=str(action["value"]))
