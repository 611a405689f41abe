"""Pressed buttons and keys: each is done once, in the order of pressing, and a browser's word is not trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboard import controls
from dashboard.film import Wish
from dashboard.session import OPEN, restart, take_guess, take_link
from dashboard.state import Session

LONGEST_LINK = 4000  # characters
MOST_PRESSES, MOST_COUNTED = 64, 2**53  # of a message, of which the rest comes again; of a page
LONGEST_NAME = 80  # characters
MOST_MOMENTS = 16  # of the past in one message
TAKES_OVER = ("play", "pause", "step", "reset", "seed", "link")  # from who drags through the past
LAST_SEED = int(controls.limits(controls.BY_KEY["seed"], controls.DEFAULTS)[1])


def count(session: Session, sent: object, run: str) -> None:
    """Presses that a stage sends until they are counted, each done once and in order: a few, the rest come again."""
    if not isinstance(sent, Mapping) or not isinstance(sent.get("actions"), list):
        return
    sender = str(sent.get("from"))[:LONGEST_NAME]
    done = session.heard[1] if session.heard[0] == sender else 0
    for action in sent["actions"][:MOST_PRESSES]:
        number = action.get("n") if isinstance(action, Mapping) else None
        if isinstance(number, int) and done < number < MOST_COUNTED:
            transport(session, action, run)
            session.heard = (sender, done := number)


def look(session: Session, asked: Mapping[str, Any]) -> None:
    """Through the past: to a step, or, while it is dragged, for moments that the browser lacks."""
    step, chosen, lacks = asked.get("step"), asked.get("chosen"), asked.get("lacks")
    if not isinstance(step, int) or not isinstance(chosen, int):
        return
    wish = None
    if isinstance(lacks, list):
        last = len(controls.config(session.choices).betas) - 1
        steps = tuple(each for each in lacks[:MOST_MOMENTS] if isinstance(each, int))
        wish = Wish(max(0, min(chosen, last)), steps)
    session.player.look(step, wish)


def transport(session: Session, action: Mapping[str, Any], run: str) -> None:
    """A pressed button or key of the stage."""
    name, value = action.get("action"), action.get("value")
    current = session.runs.get(run)
    if name == "look" and isinstance(value, Mapping):
        look(session, value)
    elif name in TAKES_OVER:
        session.player.wish = None
    if name in (*TAKES_OVER, "look") and current is not None and current.step:
        session.at = 0  # whoever has seen it move decides where it stops
    if name == "play":
        session.player.playing = True
        if current is not None and current.step >= session.choices.steps:
            session.notice = f"Already at step {current.step:,}: raise “Stop at step” beyond it to go on."
            session.player.playing = False
    elif name == "pause":
        session.player.playing = False
    elif name == "step":
        session.player.step(session.choices.speed)
    elif name == "ready":
        session.phase = max(session.phase, OPEN if action.get("value") == OPEN else 1)
    elif name == "document":
        session.documents.clear()
    elif name == "present":
        session.choices = replace(session.choices, present=False)
        session.widget_epoch += 1
        session.interval = math.nan  # the page is laid out anew, sidebar and all
    elif name == "link":
        take_link(session, str(action.get("value"))[:LONGEST_LINK])
    elif name == "guess":
        take_guess(session, action.get("value"))
    elif name == "reset":
        restart(session, f"Started anew from the same seed, {session.choices.seed}.")
    elif name == "seed":
        session.choices = replace(session.choices, seed=(session.choices.seed + 1) % (LAST_SEED + 1))
        session.widget_epoch += 1
        restart(session, f"Started anew from a new seed, {session.choices.seed}.")
    elif name == "speed" and str(action.get("value")) in controls.SPEEDS:
        session.choices = replace(session.choices, speed=str(action["value"]))
