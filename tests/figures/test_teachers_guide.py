"""The teacher's guide: every link opens what it says, and the glossary has the words that the pages have."""

import re
from pathlib import Path

import pytest

from dashboard import controls, glossary, links, pages, session
from dashboard.lesson import steps
from dashboard.panel import Facts
from dashboard.state import Session
from dashboard.views import page

GUIDE = Path(__file__).parents[2].joinpath("docs/teachers-guide.md").read_text()
LINKS = sorted(set(re.findall(r"`/(lesson|vae)?(?:\?([^`]*))?`", GUIDE)))
SHOWN = [
    (each, page.still_of(Session(controls.DEFAULTS, []), each, Facts()))
    for each in (pages.EXPLORE, pages.VAE, *steps.PAGES)
]


@pytest.mark.parametrize(("path", "query"), LINKS)
def test_a_link_of_the_guide_opens_without_a_complaint(path: str, query: str) -> None:
    mine = session.from_link(links.parse(query))
    assert mine.refused == []
    assert session.link(mine).count("=") <= query.count("="), "all that it asks for, and nothing that goes without"
    if path == "lesson":
        assert steps.step(mine.choices.lesson).id and f"lesson={mine.choices.lesson}" == query
    assert page.shown(mine, path or "explore").path == (path or "explore")


def test_the_guide_names_its_links_and_the_lessons_numbers() -> None:
    assert len(LINKS) > 10
    plan = re.findall(r"^\| (\d+) \|", GUIDE, re.M)
    first, second = GUIDE.split("## In 50 minutes")
    assert sum(map(int, re.findall(r"^\| (\d+) \|", first, re.M))) == 20
    assert sum(map(int, re.findall(r"^\| (\d+) \|", second, re.M))) == 50 and len(plan) == 13


def test_the_glossary_has_every_mark_and_number_of_all_pages_once() -> None:
    found = glossary.sections(SHOWN)
    said = [term for _, terms in found for term in terms]
    assert len(said) == len(set(said)) > 40
    for shown, still in SHOWN:
        for panel in shown.panels:
            if panel.applies(still.scene):
                assert {tuple(mark) for mark in panel.about(still)} <= set(said), panel.title
    assert all(re.search(r"\*.*(\d{4}|definition).*\*$", line) for line in glossary.formulas())
