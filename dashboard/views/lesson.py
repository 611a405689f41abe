"""The lesson: words on one side, the living stage on the other. Layout only; steps are data (`dashboard.lesson`)."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import layout, session
from dashboard.lesson import lines, steps
from dashboard.lesson.step import Question, Step, Switch
from dashboard.panel import Moment
from dashboard.state import Session
from dashboard.views import page
from dashboard.views.sidebar import SECTIONS, sidebar

PATH = "lesson"
Places = tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]
LAST = len(steps.STEPS)
FIXED = tuple(key for title, keys in SECTIONS.items() if title != "View" for key in keys)  # the step says what they are
STYLE = """<style>
.st-key-lesson h2 { font-size: 1.4rem; padding: 0.1rem 0 0 }
.st-key-lesson kbd { color: inherit !important; opacity: 1 !important }
.st-key-lesson { gap: 0.55rem }
.st-key-lesson div:has(> :is(p, table, .katex-display)), .st-key-lesson div:has(> div > h2) { margin: 0 !important }
.st-key-lesson p { margin: 0; line-height: 1.5 }
.st-key-lesson table + p { margin-top: 0.3rem !important }
.st-key-lesson .katex-display { margin: 0 !important; font-size: 1rem; overflow: visible }
.st-key-lesson .katex-display > .katex { white-space: normal }
.st-key-lesson div:has(.katex-display) { overflow: visible }
.st-key-lesson table { margin: 0 !important; width: 100%; font-size: 0.95em }
.st-key-lesson :is(td, th) { padding: 0.12rem 0.4rem; border-inline: 0 }
.st-key-lesson td:nth-child(2) { white-space: nowrap; font-variant-numeric: tabular-nums; text-align: right }
.st-key-lesson i { display: inline-block; height: 0.6em; background: #832db6 }
@media (max-width: 640px) { .st-key-lesson .katex-display { font-size: 0.8rem } }
.st-key-lesson i + i { opacity: 0.45 }
</style>"""
LARGE = """<style>
.st-key-lesson :is(p, li, td, th, label, summary) { font-size: 20px !important }
.st-key-lesson h2 { font-size: 28px }
.st-key-lesson .katex-display { font-size: 1.35rem }
</style>"""


def whole() -> None:
    """The whole page: a step's words, and its stage."""
    mine = session.begin()
    mine.walk.is_on = True
    if not mine.choices.lesson:
        go(mine, mine.walk.left_at)
    mine.walk.left_at = number = mine.choices.lesson
    shown = page.opening(mine, PATH)
    st.html(STYLE + LARGE if mine.choices.present else STYLE)
    session.sync(mine, sidebar(mine, without=(*FIXED, *shown.without)))
    layout.follow(mine)
    words, picture = st.columns((5, 8), gap="medium")
    with words, st.container(key="lesson"):
        places = step_words(mine, number, steps.step(number))
    with picture:
        beside = partial(follow, mine, number, places)
        st.fragment(page.live, run_every=layout.interval(mine))(mine, PATH, beside)


def go(mine: Session, number: int) -> None:
    """To a step: its problem, its β, its view."""
    session.adopt(mine, steps.choices(number, mine.choices), f"Step {number}: started anew")
    mine.walk.begun_at = mine.choices.beta
    mine.widget_epoch += 1


def step_words(mine: Session, number: int, step: Step) -> Places:
    """What stands beside the stage; returns the places of what follows it: facts, what the run shows, and lines."""
    walk_buttons(mine, number)
    st.header(step.title, anchor=False)
    st.markdown(step.text)
    st.latex(step.formula)
    facts = st.empty()
    seen = ask(mine, number, step.question) if step.question is not None else st.empty()
    if step.switch is not None:
        turn(mine, number, step.switch)
    told = st.empty()
    if described := lines.described(step):
        with st.expander("What each line is, and where it is from"):
            st.markdown(described)
    for label, path, link in step.links:
        st.markdown(f"[{label} →]({path if path != 'explore' else '.'}{'?' + link if link else ''})")
    st.caption(step.sources)
    return facts, seen, told


def walk_buttons(mine: Session, number: int) -> None:
    """Back, where we are, next, and all steps at once."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        to_step(mine, "Back", number - 1, "PageUp")
        to_step(mine, "Next", number + 1, "PageDown")
        with st.popover(f"Step {number} of {LAST}", width="content"):
            for i, step in enumerate(steps.STEPS, 1):
                done = " ✓" if i in mine.walk.done else ""
                st.button(f"{i} · {step.title}{done}", key=f"step.{i}", type="tertiary", on_click=go, args=(mine, i))


def to_step(mine: Session, label: str, number: int, key: str) -> None:
    """A button to another step, and the key that a presenter's remote sends."""
    is_none = not 1 <= number <= LAST
    st.button(label, shortcut=key, on_click=go, args=(mine, number), disabled=is_none, width="content")


def turn(mine: Session, number: int, switch: Switch) -> None:
    """The switch of a step."""
    is_on = st.toggle(switch.label, value=mine.walk.turned.get(number, False), help=switch.help, key=f"turn.{number}")
    mine.walk.turned[number] = is_on
    if is_on:
        mine.walk.done.add(number)


def ask(mine: Session, number: int, question: Question) -> DeltaGenerator:
    """A guess, then the answer; returns the place of what the run shows."""
    asked, guess = f"**Predict.** {question.asked}", mine.walk.guesses.get(number)
    if guess is None:
        choices = range(len(question.choices))
        picked = st.radio(asked, choices, None, question.choices.__getitem__, key=f"guess.{number}")
        if picked is None:
            return st.empty()
        mine.walk.guesses[number] = picked
        mine.walk.done.add(number)
        st.rerun()
    st.markdown(f"{asked} You said: *{question.choices[guess]}*.")
    right = "Right." if guess == question.right else f"It is: {question.choices[question.right]}."
    st.markdown(f"**{right}** {question.explained}")
    return st.empty()


def follow(mine: Session, number: int, places: Places, now: Moment | None) -> None:
    """Lines and words with the numbers of now, at each picture; all places are written to before there is any."""
    step, walk, said = steps.step(number), mine.walk, ("", "", "")
    if mine.choices.beta != walk.begun_at and step.done == "beta":
        walk.done.add(number)
    if now is not None:
        moment, question = now.with_estimates(), step.question if number in walk.guesses else None
        shown = "" if question is None else question.seen(moment)
        said = step.facts(moment), shown, lines.written(step, moment, walk, mine.player.playing)
    for place, words in zip(places, said, strict=True):
        place.markdown(words, unsafe_allow_html=True)
