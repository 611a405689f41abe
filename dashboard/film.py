"""The past of a page's runs: where a cursor may look back to, and moments of it for a browser that drags through time.

The cursor is one visitor's own. What was packed of a moment is kept with its training, for all who look there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dashboard import picture
from dashboard.page import Page
from dashboard.panel import Still, together
from dashboard.stage import Deflated, deflated, pack
from dashboard.turns import PICTURES, TRAINING
from vibcore.types import Snapshot

if TYPE_CHECKING:
    from dashboard.run import Run

BUDGET = 0.25  # seconds for the moments of one message


@dataclass(frozen=True)
class Wish:
    """What a browser lacks while it drags: steps of moments, the first most of all, with the picture of one model."""

    chosen: int
    steps: tuple[int, ...]


def moments(run: Run, step: int) -> list[int]:
    """Steps of the run so far that are kept, and that which is shown."""
    kept = {*run.training.trajectory.light, *(run.ahead.trajectory.light if run.ahead else ())}
    return sorted({at for at in kept if at <= max(run.reached, step)} | {step})


def cursor(runs: Sequence[Run], step: int) -> dict[str, Any]:
    """What a header says of it: where it is shown, and where it may go."""
    return {"step": step, "moments": moments(runs[0], step), "run": named(runs)}


def named(runs: Sequence[Run]) -> str:
    """What is trained, told apart from whatever else was shown by the same document."""
    return f"{hash(tuple(run.config for run in runs)):x}"


def look(run: Run, step: int) -> None:
    """Hold a run's cursor at a step that it has come to before: the very moment. Nobody else's moves."""
    run.stop()
    run.reached = run.furthest
    step = max(0, min(step, run.reached))
    if run.ahead is not None and step > run.training.step:
        run.go_by(run.ahead)
    with TRAINING.turn(ahead=True):
        run.moment = run.training.trajectory.at(min(step, run.training.step))


def seen_at(run: Run, step: int) -> Run | None:
    """A run as it is seen from one of its `moments`; None where that is kept no more."""
    found = copy(run)
    found.reached = run.furthest
    if run.moment is not None and step == run.moment.step:  # also where it is kept no more
        return found
    if run.ahead is not None and step not in run.training.trajectory.light:
        found.training = run.ahead
    found.moment = found.training.trajectory.light.get(step)
    return found if found.moment is not None and step <= run.furthest else None


def film(page: Page, still: Still, runs: Sequence[Run], version: str, wish: Wish) -> list[Deflated]:
    """Moments that a browser wishes for, as messages, as many as there is time for; it asks again for the others."""
    begin, found = time.monotonic(), []
    choices = replace(still.choices, beta=still.scene.config.betas[wish.chosen], speed="")
    still = replace(still, choices=choices, beside=tuple(replace(each, choices=choices) for each in still.beside))
    for step in wish.steps:
        seen = [each for run in runs if (each := seen_at(run, step if run is runs[0] else near(run, step)))]
        if len(seen) == len(runs):
            found.append(_packed(page, still, seen, version, wish.chosen))
        if time.monotonic() - begin > BUDGET:
            break
    return found


def near(run: Run, step: int) -> int:
    """The last kept moment up to a step: two runs of a page are not looked at at the same steps."""
    return max(at for at in moments(run, run.furthest) if at <= max(step, 0))


def _packed(page: Page, still: Still, runs: Sequence[Run], version: str, chosen: int) -> Deflated:
    """One moment with its words."""
    own = runs[0]
    about = {"version": version, "run": named(runs), "step": own.step, "film": True}
    steps, is_past = tuple(run.step for run in runs), own.looks_back(own.step)

    def make() -> Deflated:
        seen = [_picture(run, chosen, of) for of, run in zip((still, *still.beside), runs, strict=True)]
        header, arrays = picture.frame(page, together(still, runs, seen), False, "")
        return deflated(pack("", header | about, arrays))

    found: Deflated = own.training.film.get(
        (page.title, *about.items(), still.choices, still.pins, still.led, steps, is_past), make
    )
    return found


def _picture(run: Run, chosen: int, still: Still) -> Snapshot:
    """One model's picture at the cursor, with the points of that very moment."""
    assert run.moment is not None
    with PICTURES.turn(ahead=True):
        run.training.points(run.moment, (chosen,))
    return run.training.picture(run.moment, (chosen,), still.scene.dims)
