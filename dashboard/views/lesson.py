"""The lesson: words on one side, the living stage on the other. Layout only; steps are data (`dashboard.lesson`)."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import layout, session
from dashboard.lesson import guess, lines, marks, steps
from dashboard.lesson.step import Question, Step, Switch
from dashboard.panel import Moment
from dashboard.state import Session
from dashboard.views import page
from dashboard.views.sidebar import SECTIONS, sidebar

PATH = "lesson"
HANDS = 120  # px of all hands together
Places = tuple[DeltaGenerator, DeltaGenerator]
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
:is(.st-key-lesson i, i[data-hands]) { display: inline-block; height: 0.6em;
  background: color-mix(in srgb, #832db6 70%, currentColor) }
.st-key-lesson tr[data-term] { cursor: help }
.st-key-lesson tr[data-term]:is(:hover, :focus-visible) { background: #832db624 }
@media (max-width: 640px) {
  .st-key-lesson .katex-display { font-size: 0.8rem }
  .st-key-lesson table { font-size: 0.82em }
  .st-key-lesson [data-bar] { zoom: 0.5 }
}
.st-key-lesson i + i { opacity: 0.45 }
MARKS</style>""".replace("MARKS", marks.style())
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
    session.sync(mine, sidebar(mine, shown, without=FIXED))
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
    """What stands beside the stage; returns the places of what follows it: facts, and what the run shows."""
    walk_buttons(mine, number)
    st.header(step.title, anchor=False)
    st.markdown(step.text)
    st.latex(step.formula)
    facts = st.empty()
    seen = ask(mine, number, step.question) if step.question is not None else st.empty()
    if step.switch is not None:
        turn(mine, number, step.switch)
    if described := lines.described(step):
        table = lines.table(step, mine.choices.units, mine.walk.turned.get(number, False))
        st.markdown(table, unsafe_allow_html=True)
        with st.expander("What each line is, and where it is from"):
            st.markdown(described)
    for label, path, link in step.links:
        st.markdown(f"[{label} →]({path if path != 'explore' else '.'}{'?' + link if link else ''})")
    st.caption(step.sources)
    return facts, seen


def walk_buttons(mine: Session, number: int) -> None:
    """Back, next, all steps at once, and a show of hands."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        to_step(mine, "Back", number - 1, "PageUp")
        to_step(mine, "Next", number + 1, "PageDown")
        with st.popover(f"Step {number} of {LAST}", width="content"):
            for i, step in enumerate(steps.STEPS, 1):
                done = " ✓" if i in mine.walk.done else ""
                st.button(f"{i} · {step.title}{done}", key=f"step.{i}", type="tertiary", on_click=go, args=(mine, i))
        question = steps.step(number).question
        if question is not None:
            with st.popover("Hands", width="content", key="hands", help="A show of hands, counted in class"):
                count_hands(mine, number, question.choices)


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
    asked, said = f"**Predict.** {question.asked}", mine.walk.guesses.get(number)
    if said is None and number in mine.walk.places:
        st.markdown(f"{asked} The answer: *{question.choices[question.right]}*. {question.explained}")
        return st.empty()
    if said is None:
        if question.aim is not None:
            asked += " **Click there in the information plane**, or choose:"
        choices = range(len(question.choices))
        picked = st.radio(asked, choices, None, question.choices.__getitem__, key=f"guess.{number}")
        if picked is None:
            return st.empty()
        mine.walk.guesses[number] = picked
        mine.walk.done.add(number)
        st.rerun()
    st.markdown(f"{asked} You said: *{question.choices[said]}*.")
    right = "Right." if said == question.right else f"It is: {question.choices[question.right]}."
    st.markdown(f"**{right}** {question.explained}")
    return st.empty()


def follow(mine: Session, number: int, places: Places, now: Moment | None) -> None:
    """Lines and words with the numbers of now, at each picture; all places are written to before there is any."""
    step, walk, said = steps.step(number), mine.walk, ("", "")
    if mine.choices.beta != walk.begun_at and step.done == "beta":
        walk.done.add(number)
    if now is not None:
        moment, shown = now.with_estimates(), ""
        if step.question is not None and number in walk.places:
            shown = f"**{guess.distance(step.question, walk.places[number], moment)}**"
        elif step.question is not None and number in walk.guesses:
            shown = step.question.seen(moment)
        said = step.facts(moment), shown
    for place, words in zip(places, said, strict=True):
        place.markdown(words)


def count_hands(mine: Session, number: int, choices: tuple[str, ...]) -> None:
    """A show of hands, counted by whoever teaches; kept for this visitor alone."""
    hands = mine.walk.hands.setdefault(number, [0] * len(choices))
    for i, choice in enumerate(choices):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            for sign, by, name in (("−", -1, "fewer"), ("\\+", 1, "more")):
                key, said = f"{name}.{number}.{i}", f"One hand {name}: {choice}"
                st.button(sign, help=said, key=key, on_click=raise_hand, args=(hands, i, by), width="content")
            bar = f'<i aria-hidden="true" data-hands style="width: {hand_bar(hands, i)}px"></i>'
            st.markdown(f"**{hands[i]}** {bar} {choice}", unsafe_allow_html=True, width="content")


def raise_hand(hands: list[int], choice: int, by: int) -> None:
    hands[choice] = max(0, hands[choice] + by)


def hand_bar(hands: list[int], choice: int) -> int:
    """Pixels: as much of the bar's length as the choice has of all hands."""
    return round(HANDS * hands[choice] / max(1, sum(hands)))
