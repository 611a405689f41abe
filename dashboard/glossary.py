"""Every term of the app in a sentence: the texts that panels, key numbers and the lesson's lines have themselves."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard import picture
from dashboard.lesson import lines, steps
from dashboard.page import Page
from dashboard.panel import Still

Section = tuple[str, list[tuple[str, str]]]  # a title, and terms with what they mean


def sections(pages: Iterable[tuple[Page, Still]]) -> list[Section]:
    """β, the key numbers and the marks of every chart, of pages on the problem that is on screen; each text once."""
    known: set[tuple[str, str]] = set()
    found: list[Section] = []

    def add(title: str, terms: Iterable[tuple[str, str]]) -> None:
        fresh = [term for term in terms if term not in known]
        known.update(fresh)
        if fresh:
            found.append((title, fresh))

    for page, still in pages:
        add(f"{page.title}: the slider", [("β", page.slider.help)])
        numbers = picture.numbers(page, still)
        add(f"{page.title}: key numbers", [(each.caption.format(unit=still.unit), each.help) for each in numbers])
        for panel in page.panels:  # also those that only a press brings
            if panel.applies(still.of(panel.run).scene):
                add(panel.title, [(mark, words) for mark, words in panel.about(still.of(panel.run))])
    return found


def formulas() -> list[str]:
    """Every line of the derivations with what it is and its source, as Markdown."""
    found = [line for step in steps.STEPS for line in lines.described(step).splitlines()]
    return list(dict.fromkeys(found))
