"""A page, whichever it is: what stands above its stage, and its live part. Layout only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import (
    cache,
    closing,
    controls,
    film,
    keeper,
    layout,
    leads,
    links,
    pages,
    picture,
    pin_board,
    presses,
    sending,
    session,
)
from dashboard.controls import Choices
from dashboard.film import Wish
from dashboard.lesson import guess, steps
from dashboard.page import Offer, Page
from dashboard.panel import Arrays, Facts, Moment, Still, together
from dashboard.player import is_unsettled
from dashboard.stage import Deflated, stage
from dashboard.state import Document, Session
from dashboard.views import notices
from dashboard.views.pins import chips, press
from dashboard.views.sidebar import sidebar, widget
from dashboard.views.stories import stories
from vibcore.config import DatasetSpec

if TYPE_CHECKING:
    from dashboard.run import Run

PRESENTING = "<style>.stSidebar, .stAppHeader { display: none } .stMainBlockContainer { padding-top: 0.6rem }</style>"
ADVICE = 600  # px: one line of text, with the switch and the button beside it
FACTS: dict[str, Callable[[DatasetSpec], cache.Background[Any]]] = {
    "reference": cache.reference,
    "entropy": cache.input_entropy,
}
UNKNOWN = {"reference": "No exact frontier for this problem", "entropy": "No entropy of this problem's inputs"}


def prepare() -> None:
    """Make what a first visitor is shown first."""
    nobody = Session(Choices(), [])
    page = shown(nobody, pages.PAGES[0].path)
    get_document(nobody, page, still_of(nobody, page, Facts()))


def shown(mine: Session, path: str) -> Page:
    """The page of a path: the first that the choices and their problem ask for."""
    dataset = session.window(mine, controls.config(mine.choices).dataset).dataset
    return next(
        page for page in (*pages.PAGES, *steps.PAGES) if page.path == path and page.applies(mine.choices, dataset)
    )


def whole(path: str) -> None:
    """The whole page, top to bottom."""
    mine = session.begin()
    page = opening(mine, path)
    session.sync(mine, above(mine, page, sidebar(mine, page)))
    layout.follow(mine)
    st.fragment(live, run_every=layout.interval(mine))(mine, path)


def opening(mine: Session, path: str) -> Page:
    """What comes before a page's own words, and the page."""
    if mine.choices.present:
        st.html(PRESENTING)
    notices.refused(mine)
    page = shown(mine, path)
    if mine.runs and page.runs[0].key not in mine.runs:  # coming from another page
        mine.player.playing = True
    return page


def above(mine: Session, page: Page, wanted: Choices) -> Choices:
    """What stands above the stage, in one line."""
    if page.has_stories:
        stories(mine, lambda: press(mine, page))
    if page.has_pins:
        chips(mine)
    if page.head is None:
        return wanted
    head, scene = page.head, session.scene(mine, page.runs[0])
    with st.container(horizontal=True, vertical_alignment="center"):
        if head.has_control(scene):
            value = widget(controls.BY_KEY[head.control], wanted, mine.widget_epoch)
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
    own, *others = (Still(session.scene(mine, each), mine.choices, facts) for each in page.runs)
    return replace(own, beside=tuple(others), pins=pin_board.pinned(mine, page), led=leads.led(mine, page))


def get_document(mine: Session, page: Page, still: Still) -> Document:
    """The document of now, made anew only where it has changed."""
    facts = still.facts.reference is not None, still.facts.entropy is not None
    drawn = tuple((each.pin, each.scene.dims) for each in still.pins)
    made_for = (page.title, tuple(each.scene.dims for each in still.beside), facts, drawn, still.led and still.led.top)
    return sending.get_document(mine, still.scene, made_for, lambda: picture.document(page, still))


def live(mine: Session, path: str, beside: Callable[[Moment | None], None] = lambda moment: None) -> None:
    """One tick: a picture of now, and what else is to be said of it. Training goes on behind it."""
    page, player = shown(mine, path), mine.player
    runs = [run for each in page.runs if (run := session.run(mine, each)) is not None]
    if runs:
        pin_board.keep_on(mine, page, runs)
        leads.keep_on(mine, page)
        keeper.keep_on(mine)
    still = still_of(mine, page, poll_facts(mine, page) if runs else Facts())
    document, header = get_document(mine, page, still), picture.loading_header(still, mine.notice)
    patches: list[Arrays] = [{}]
    latest = None
    if runs:
        player.begin_tick(runs, session.goal(mine), bool(mine.phase))
    if runs and player.wish is not None and document.sent:
        past, latest = film.film(page, still, runs, document.version, player.wish), last_seen(still, runs)
        player.wish = Wish(player.wish.chosen, ())
        header |= {"texts": {}, "playing": False, "moment": True, **film.cursor(runs, runs[0].step)}
        show(mine, page, document, still, header | on_lesson(mine, still, latest), patches, past)
        beside(latest)
        return
    if runs:
        *earlier, latest = moments(mine, still, runs)
        behind = [*pin_board.progress(mine, page), leads.progress(mine, page)]
        said = ". ".join(filter(None, [closing.word(), mine.notice, *(run.training.said for run in runs), *behind]))
        moved, arrays = sending.frame(page, latest, player.playing, said)
        header |= moved | film.cursor(runs, latest.snapshot.step)
        header["settled"] = player.is_settled(runs, is_pending(mine, page, runs))
        patches = [*(sending.patch(page, each) for each in earlier), arrays]
    show(mine, page, document, still, header | on_lesson(mine, still, latest), patches)
    beside(latest)
    layout.keep(mine)
    if runs:
        for run in runs:
            player.refresh_estimates(run, mine.choices)
        session.end_tick(mine, runs, is_pending(mine, page, runs))


def on_lesson(mine: Session, still: Still, latest: Moment | None) -> dict[str, Any]:
    """What a header says of a step of the lesson: a guess hides the dots that would answer it."""
    number = mine.choices.lesson
    return guess.header(mine.walk, steps.step(number), number, still, latest) if number else {}


def moments(mine: Session, still: Still, runs: list[Run]) -> list[Moment]:
    """What was seen of the runs of a page since the last picture, as much of one as of the other."""
    taken = [mine.player.snapshots(run, mine.choices) for run in runs]
    count = min(map(len, taken))
    return [together(still, runs, at) for at in zip(*(each[-count:] for each in taken), strict=True)]


def last_seen(still: Still, runs: list[Run]) -> Moment | None:
    """What was shown before a browser began to drag through the past."""
    seen = [run.latest for run in runs if run.latest is not None]
    return together(still, runs, seen) if len(seen) == len(runs) else None


def show(
    mine: Session,
    page: Page,
    document: Document,
    still: Still,
    header: dict[str, Any],
    patches: list[Arrays],
    past: Sequence[Deflated] = (),
) -> None:
    """Send pictures to the page's stage, after a film of the past, with what its answers are told apart by."""
    # the stage calls back as the page opens: what comes earlier would hold up the picture, or overtake it
    call, key = mine.phase + 1 if mine.phase < session.OPEN else 0, f"stage.{page.path}"
    link = session.link(mine, mine.runs.get(page.runs[0].key))
    header |= {"version": document.version, "call": call, "heard": mine.heard, "link": link, "page": key}
    header["span"] = layout.span(mine)
    if call == 1:
        header["after"] = layout.delay(mine)
    message = sending.message(document, still.scene, header, patches, mine.slowdown, past)
    state = stage(message, key, lambda: session.chosen(mine, key), lambda: pressed(mine, page, key))
    if session.hear(mine, key, state.get("chosen")):
        st.rerun()


def pressed(mine: Session, page: Page, key: str) -> None:
    """A button or a key; where two runs are shown it is for the one that is behind."""
    steps = {each.key: mine.runs[each.key].step for each in page.runs if each.key in mine.runs}
    presses.count(mine, session.pressed(key), min(steps, key=steps.__getitem__, default=page.runs[0].key))


def poll_facts(mine: Session, page: Page) -> Facts:
    """What is known by now of the problem on screen."""
    spec, found = controls.config(mine.choices).dataset, {}
    for name in page.facts:
        background = FACTS[name](spec)
        if background.error is not None:
            mine.notice = f"{UNKNOWN[name]}: {background.error}"
        else:
            found[name] = background.result()
    return Facts(**found)


def is_pending(mine: Session, page: Page, runs: list[Run]) -> bool:
    """Whether a picture at rest would change: numbers are being computed, or what is known of the problem."""
    spec = runs[0].config.dataset
    waits = pin_board.is_pending(mine, page) or leads.is_pending(mine, page) or any(map(is_unsettled, runs))
    return waits or not all(FACTS[name](spec).done.is_set() for name in page.facts)
