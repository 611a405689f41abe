"""VAE: the case Y = X. Layout only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import cache, controls, session
from dashboard.controls import Choices
from dashboard.session import Session
from dashboard.stage import pack, stage, version
from dashboard.views import explore
from dashboard.views.sidebar import sidebar, widget
from vibcore.types import Task

if TYPE_CHECKING:
    from dashboard.run import Run

KEY = "stage.vae"
ROOM = """<style>
/* the stage leaves room for the line above it, and on high pages for its second row */
.lab-stage .lab-panels:not(.lab-more) .lab-chart {
  height: min(clamp(290px, calc(100vh - 394px), 760px), calc(var(--panel) * 1.04)); }
@media (max-height: 800px) {
  .lab-stage .lab-panels:not(.lab-more) .lab-chart { height: clamp(290px, calc(100vh - 352px), 760px); } }
.lab-stage:has(.lab-more > *) .lab-panels:not(.lab-more) .lab-chart {
  height: min(max(400px, calc(100vh - 632px)), calc(var(--panel) * 1.04)); }
</style>"""
ADVICE = 600  # px: one line of text, with the switch and the button beside it
HIDDEN = (32,)
CONVENTION = "**Y = X**: the same engine and bound; at β = 1 the loss is −ELBO."
ENDLESS = "A learnt variance, β < 1 and a z that can hold all of x: the loss has no minimum, R grows on."


def page() -> None:
    """The whole page, top to bottom."""
    mine = session.begin()
    if mine.choices.present:
        st.html(explore.PRESENTING)
    st.html(ROOM)
    for why in mine.refused:
        st.warning(why)
    if "reconstruct" not in mine.runs:
        mine.playing = True
    session.sync(mine, head(mine, sidebar(mine, without=("show",))))
    session.write_link(mine)
    st.fragment(live, run_every=explore.TICK if session.ticks(mine) else None)(mine)


def head(mine: Session, wanted: Choices) -> Choices:
    """One line above the stage: what is compared, what this page is, and a better problem for it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if has_classes(wanted):
            compare = widget(controls.BY_KEY["compare"], wanted.compare, mine.generation)
            wanted = replace(wanted, compare=compare)
        if wanted.present:
            return wanted
        if wanted.dataset == "digits":
            st.caption(f"{CONVENTION} Pixels are the odds of coins.", width="content")
        else:
            st.info(ENDLESS if endless(wanted) else f"{CONVENTION} Digits show more.", width=ADVICE)
            st.button("Switch to digits", on_click=switch_to_digits, args=(mine,), width="content")
    return wanted


def endless(choices: Choices) -> bool:
    """Whether the likelihood has no bound: a learnt variance may shrink where z can hold all of x."""
    features = cache.dataset(controls.config(choices).dataset).x.shape[1]
    return choices.variance == 0 and choices.latent_dim >= features


def switch_to_digits(mine: Session) -> None:
    """Another dataset, and networks that can draw it, for both tasks alike."""
    mine.choices = replace(controls.preset(mine.choices, "digits"), encoder=HIDDEN, decoder=HIDDEN)
    mine.generation += 1  # at once: a run that is being stopped may still look
    why = f"Digits from seed {mine.choices.seed}, with one hidden layer of {HIDDEN[0]} on either side."
    session.restart(mine, why)


def has_classes(choices: Choices) -> bool:
    """Whether there are classes to spend bits on."""
    return choices.dataset != "gaussian"


def live(mine: Session) -> None:
    """One tick: draw first, then train; what is trained now is drawn at the next tick."""
    run = session.run(mine, "reconstruct")
    vib = session.run(mine, "classify") if mine.choices.compare and has_classes(mine.choices) else None
    if run is None:
        st.caption("Loading PyTorch …")
        return
    from dashboard import vae_document, vae_message  # need PyTorch, which is there now

    entropy = cache.input_entropy(run.config.dataset).result()
    shown = (run.latest and run.latest.dims, vib and vib.latest and vib.latest.dims, entropy is not None)
    document = explore.still(mine, "reconstruct", shown,
                             lambda: vae_document.document(run, vib, mine.choices, entropy))  # fmt: skip
    moving = mine.playing or (vib is not None and vib.state.step != run.state.step)
    header, arrays = vae_message.frame(run, vib, mine.choices, mine.playing, moving, not document.sent,
                                        mine.notice)  # fmt: skip
    header["version"] = version(document.text)
    stage(pack("" if document.sent else document.text, header, arrays), KEY,
          lambda: session.chosen(mine, KEY), lambda: pressed(mine))  # fmt: skip
    document.sent = True
    session.write_link(mine)
    session.keep_time(mine)
    train(mine, [run] if vib is None else [run, vib])


def train(mine: Session, runs: list[Run]) -> None:
    """One slice for the run that is behind, so that two stay abreast; at rest it catches up."""
    for run in runs:
        explore.refresh_values(mine, run)
    behind, ahead = (order(runs, key=lambda run: run.state.step) for order in (min, max))
    if mine.speed_once:
        for run in runs:
            run.advance(mine.speed_once, mine.choices.steps)
        mine.speed_once = None
        st.rerun()
    if not mine.playing:
        if behind.state.step < ahead.state.step:
            behind.advance(None, ahead.state.step)
        waiting = not all(settled(run) for run in runs) or behind.state.step < ahead.state.step
        if waiting != mine.waiting:
            mine.waiting = waiting
            st.rerun()
        return
    behind.advance(None if mine.choices.speed == "max" else int(mine.choices.speed), mine.choices.steps)
    if all(run.state.step >= mine.choices.steps for run in runs):
        mine.playing = False
        st.rerun()


def settled(run: Run) -> bool:
    """Whether nothing is being computed that would change the picture at rest."""
    return not run.without_value() and cache.input_entropy(run.config.dataset).done.is_set()


def pressed(mine: Session) -> None:
    """A button or a key; where two runs are shown it is for the one that is behind."""
    tasks: list[Task] = ["reconstruct", "classify"] if mine.choices.compare else ["reconstruct"]
    steps = {task: mine.runs[task].state.step for task in tasks if task in mine.runs}
    session.pressed(mine, KEY, min(steps, key=steps.__getitem__, default="reconstruct"))
