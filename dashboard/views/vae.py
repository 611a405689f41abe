"""VAE: the case Y = X. Layout only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import cache, controls, layout, links, message, presets, sending, session, vae_document, vae_message
from dashboard.controls import Choices
from dashboard.player import is_pending
from dashboard.state import Session
from dashboard.views import explore, notices
from dashboard.views.sidebar import sidebar, widget
from vibcore import data
from vibcore.config import Task

if TYPE_CHECKING:
    from dashboard.run import Run

KEY = "stage.vae"
ADVICE = 600  # px: one line of text, with the switch and the button beside it
HIDDEN = (32,)
CONVENTION = "**Y = X**: the same engine and bound; at β = 1 the loss is −ELBO."
ENDLESS = "A learnt variance, β < 1 and a z that can hold all of x: the loss has no minimum, R grows on."


def page() -> None:
    """The whole page, top to bottom."""
    mine = session.begin()
    if mine.choices.present:
        st.html(explore.PRESENTING)
    notices.refused(mine)
    if "reconstruct" not in mine.runs:
        mine.player.playing = True
    session.sync(mine, head(mine, sidebar(mine, without=("show",))))
    layout.follow(mine)
    st.fragment(live, run_every=layout.interval(mine))(mine)


def head(mine: Session, wanted: Choices) -> Choices:
    """One line above the stage: what is compared, what this page is, and a better problem for it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if has_classes(mine):
            compare = widget(controls.BY_KEY["compare"], wanted, mine.widget_epoch)
            wanted = replace(wanted, compare=compare)
        if wanted.present:
            return wanted
        if controls.has_pixels(wanted):
            st.caption(f"{CONVENTION} Pixels are the odds of coins.", width="content")
        elif endless(mine):
            st.warning(ENDLESS, width=ADVICE)
        else:
            st.caption(f"{CONVENTION} Digits show more.", width="content")
        if not controls.has_pixels(wanted):
            st.button("Switch to digits", on_click=switch_to_digits, args=(mine,), width="content")
    return wanted


def endless(mine: Session) -> bool:
    """Whether the likelihood has no bound: a learnt variance may shrink where z can hold all of x."""
    features = session.window(mine, controls.config(mine.choices).dataset).x.shape[1]
    return mine.choices.variance == 0 and mine.choices.latent_dim >= features


def switch_to_digits(mine: Session) -> None:
    """Another dataset, and networks that can draw it, for both tasks alike."""
    digits = replace(presets.preset(mine.choices, data.image_names()[0]), encoder=HIDDEN, decoder=HIDDEN)
    wanted, _ = links.fitting(digits)
    session.adopt(mine, wanted, f"Digits, with one hidden layer of {HIDDEN[0]} on either side,")


def has_classes(mine: Session) -> bool:
    """Whether there are classes to spend bits on."""
    return session.window(mine, controls.config(mine.choices).dataset).dataset.y.ndim == 1


def live(mine: Session) -> None:
    """One tick: a picture of now. Training goes on behind it."""
    run, player = session.run(mine, "reconstruct"), mine.player
    compare = mine.choices.compare and has_classes(mine)
    vib = session.run(mine, "classify") if compare else None
    scene, other = session.scene(mine, "reconstruct"), session.scene(mine, "classify") if compare else None
    entropy = cache.input_entropy(scene.config.dataset).result() if run else None
    facts = (other and other.dims, entropy is not None)
    shown = sending.get_document(mine, scene, facts, lambda: vae_document.document(scene, other, mine.choices, entropy))
    header, moments = message.before(scene, mine.choices, mine.notice), [message.Arrays()]
    runs = [each for each in (run, vib) if each]
    if run is not None:
        player.begin_tick(runs, mine.choices, bool(mine.phase))
        taken = [player.snapshots(each, mine.choices) for each in runs]
        count = min(map(len, taken))  # as many of one as of the other
        at = list(zip(*(each[-count:] for each in taken), strict=True))
        beside = [(vib, other[0]) if vib else None for _, *other in at]
        header, arrays = vae_message.frame(run, at[-1][0], beside[-1], mine.choices, player.playing, mine.notice)
        moments = [*(vae_message.moment(run, at[i][0], beside[i], mine.choices) for i in range(count - 1)), arrays]
        header["settled"] = player.is_settled(runs, pending(runs))
    explore.show(mine, shown, scene, header, moments, KEY, lambda: pressed(mine))
    layout.keep(mine)
    if run is not None:
        for each in runs:
            player.refresh_estimates(each, mine.choices)
        session.end_tick(mine, runs, pending(runs))


def pending(runs: list[Run]) -> bool:
    """Whether something is being computed that would change the picture at rest."""
    return any(is_pending(run, "reconstruct") for run in runs)


def pressed(mine: Session) -> None:
    """A button or a key; where two runs are shown it is for the one that is behind."""
    tasks: list[Task] = ["reconstruct", "classify"] if mine.choices.compare else ["reconstruct"]
    steps = {task: mine.runs[task].step for task in tasks if task in mine.runs}
    session.pressed(mine, KEY, min(steps, key=steps.__getitem__, default="reconstruct"))
