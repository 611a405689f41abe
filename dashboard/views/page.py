"""A page, whichever it is: what stands above its stage, and its live part. Layout only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import card, controls, layout, links, pages, picture, session
from dashboard.controls import Choices
from dashboard.page import Offer, Page
from dashboard.panel import Facts, Moment, Still
from dashboard.state import Session
from dashboard.views import explore, notices
from dashboard.views.sidebar import sidebar, widget
from vibcore.types import Snapshot

if TYPE_CHECKING:
    from dashboard.run import Run

PRESENTING = "<style>.stSidebar, .stAppHeader { display: none } .stMainBlockContainer { padding-top: 0.6rem }</style>"
ADVICE = 600  # px: one line of text, with the switch and the button beside it


def prepare() -> None:
    """Make what a first visitor is shown first."""
    nobody = Session(Choices(), [])
    page = shown(nobody, pages.PAGES[0].path)
    still = still_of(nobody, page, Facts())
    explore.still(nobody, page, still)


def shown(mine: Session, path: str) -> Page:
    """The page of a path: the first that the choices and their problem ask for."""
    dataset = session.window(mine, controls.config(mine.choices).dataset).dataset
    return next(page for page in pages.PAGES if page.path == path and page.applies(mine.choices, dataset))


def whole(path: str) -> None:
    """The whole page, top to bottom."""
    mine = session.begin()
    if mine.choices.present:
        st.html(PRESENTING)
    notices.refused(mine)
    page = shown(mine, path)
    if mine.runs and page.runs[0].task not in mine.runs:  # coming from another page
        mine.playing = True
    session.sync(mine, above(mine, page, sidebar(mine, without=page.without)))
    layout.follow(mine)
    st.fragment(live, run_every=layout.interval(mine))(mine, path)


def above(mine: Session, page: Page, wanted: Choices) -> Choices:
    """What stands above the stage, in one line."""
    if page.head is None:
        return wanted
    head, scene = page.head, session.scene(mine, page.runs[0].task)
    with st.container(horizontal=True, vertical_alignment="center"):
        if head.has_control(scene):
            value = widget(controls.BY_KEY[head.control], wanted, mine.generation)
            wanted = replace(wanted, **{head.control: value})
        if wanted.present:
            return wanted
        text, warns = head.sentence(scene)
        st.warning(text, width=ADVICE) if warns else st.caption(text, width="content")
        if head.is_offered(scene):
            st.button(head.offer.label, on_click=take_offer, args=(mine, head.offer), width="content")
    return wanted


def take_offer(mine: Session, offer: Offer) -> None:
    """Take over what a page suggests."""
    wanted, _ = links.fitting(offer.choices(mine.choices))
    session.adopt(mine, wanted, offer.said)


def still_of(mine: Session, page: Page, facts: Facts) -> Still:
    """What stands still of every run of a page."""
    own, *others = (Still(session.scene(mine, each.task), mine.choices, facts) for each in page.runs)
    return replace(own, beside=tuple(others))


def live(mine: Session, path: str) -> None:
    """One tick: a picture of now. Training goes on behind it."""
    page = shown(mine, path)
    found = [session.run(mine, each.task) for each in page.runs]
    runs = [run for run in found if run is not None]
    still = still_of(mine, page, explore.facts(mine, page) if runs else Facts())
    document = explore.still(mine, page, still)
    header, arrays = picture.loading_header(still, mine.notice), [{}]
    if runs:
        explore.keep_training(mine, runs)
        taken = [explore.pictures(mine, run) for run in runs]
        count = min(map(len, taken))  # as many of one as of the other
        *earlier, latest = (moment(still, runs, at) for at in zip(*(each[-count:] for each in taken), strict=True))
        header, now = picture.frame(page, latest, mine.playing, mine.notice)
        arrays = [*(picture.patch(page, each) for each in earlier), now]
        header["settled"] = explore.is_settled(mine, runs, explore.pending(page, runs))
    key = f"stage.{path}"
    explore.show(mine, document, card.inputs(still.scene.window), header, arrays, key, page)
    layout.keep(mine)
    if runs:
        for run in runs:
            explore.refresh_estimates(mine, run)
        explore.after(mine, runs, explore.pending(page, runs))


def moment(still: Still, runs: list[Run], at: tuple[Snapshot, ...]) -> Moment:
    """What was seen of every run of a page at about the same step."""
    own, *others = (Moment(each, run, seen) for each, run, seen in zip((still, *still.beside), runs, at, strict=True))
    return replace(own, beside=tuple(others))
