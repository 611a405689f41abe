"""Stories on Explore, one click each: a link's text, and one sentence of what it shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from dashboard import controls, links
from dashboard.controls import Choices


@dataclass(frozen=True)
class Story:
    """A run that shows one thing."""

    name: str
    sentence: str
    link: str

    def choices(self, now: Choices = controls.DEFAULTS) -> Choices:
        """What it opens, for who sees the page by `now`."""
        return replace(
            links.read(links.parse(self.link))[0], units=now.units, present=now.present, hide=now.hide, pins=now.pins
        )


STORIES = (
    Story("bend", "One label in ten is flipped: the curve bends, and each β buys what its bits are worth.", ""),
    Story(
        "memorise",
        "200 inputs, 15 % flipped: at a small β training dots rise above all that x tells, test dots fall.",
        "dataset=moons&n=300&batch=64&flip=0.15&stops=9&beta_min=0.004&steps=400&beta=0.004",
    ),
    Story(
        "collapse",
        "From β = 0.63 on the best code is none: the rings become the prior’s circle, 0 bits.",
        "stops=13&beta_min=0.3&beta_max=1&steps=2000&beta=0.819",
    ),
    Story(
        "corner",
        "No label is flipped: one corner is best at every β below 1, so nearly all stops know all of y.",
        "dataset=moons&n=600&noise=0.05&flip=0&encoder=32,32&stops=9&steps=1000&beta=0.108",
    ),
    Story(
        "many classes",
        "Ten classes, 45 % flipped: at β = 0.30 the best code jumps from nothing to more than a bit.",
        "dataset=blobs&classes=10&flip=0.45&noise=0.1&n=2000&stops=13&beta_min=0.08&beta_max=0.4&steps=1500&beta=0.205",
    ),
)


def shown(choices: Choices) -> Story | None:
    """The story that some choices tell, however they are looked at."""
    return next((story for story in STORIES if _run_of(story) == _run(choices)), None)


@cache
def _run_of(story: Story) -> Choices:
    return _run(story.choices())


def _run(choices: Choices) -> Choices:
    """What of some choices makes the run."""
    return replace(
        choices,
        beta=0.0,
        speed="",
        units="",
        show="",
        dims=(),
        present=False,
        compare=False,
        hide=(),
        lesson=0,
        pins=(),
    )
