"""A visitor's run into the list of kept ones, and back: opened, it is where it was, and nothing trains again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dashboard import controls, jobs, kept, links, pages, session
from dashboard.jobs import Job, Report
from dashboard.keeper import Keeper
from dashboard.kept import Kept
from dashboard.lesson import steps
from dashboard.page import Page
from dashboard.state import Session
from vibcore.types import ConfigError

if TYPE_CHECKING:
    from vibcore.trajectory import Trajectory

RUNS = {each.key: each for page in (*pages.PAGES, *steps.PAGES) for each in page.runs}


def usual_name(mine: Session, page: Page) -> str:
    """What a run is called where its visitor does not say."""
    is_own = mine.choices.dataset == controls.OWN
    dataset = mine.own.source if is_own and mine.own is not None else mine.choices.dataset
    return f"{page.title}: {dataset}, seed {mine.choices.seed}"


def keep(mine: Session, page: Page, name: str) -> None:
    """Keep the runs of a page as they are now, behind its back. ConfigError where there is no room for that."""
    runs = {each.key: mine.runs[each.key] for each in page.runs if each.key in mine.runs}
    if len(runs) < len(page.runs):
        return
    jobs.check_room()
    from dashboard import making  # not above: it needs PyTorch, which pages open without

    name = name.strip() or usual_name(mine, page)
    held, choices = {key: making.frozen(run) for key, run in runs.items()}, mine.choices

    def work(report: Report) -> int:
        packed: Mapping[str, bytes] = {key: making.packed_of(run, report) for key, run in held.items()}
        step = held[page.runs[0].key].step
        found = kept.keep(name, page.path, links.text(choices), step, packed)
        mine.keeper = Keeper(found, choices, runs, step)
        return found

    mine.keeping = Job(work)


def open_kept(mine: Session, number: int, page: Page) -> None:
    """Show a run of the list as it is there now. ConfigError where it cannot be had: the page stays."""
    while True:
        run = kept.find(number)
        try:
            return open_run(mine, run, page)
        except ConfigError:
            if kept.find(number).files == run.files:
                raise  # else it was just being kept further


def delete(mine: Session, number: int) -> None:
    """Off the list, and kept no further."""
    kept.delete(number)
    if mine.keeper is not None and mine.keeper.id == number:
        mine.keeper.is_gone = True


def open_run(mine: Session, run: Kept, page: Page) -> None:
    """Show a kept run at the moment at which it was kept. ConfigError where it cannot be had: the page stays."""
    from dashboard import registry  # not above: they need PyTorch
    from dashboard.film import look
    from dashboard.run import Run
    from dashboard.trainings import Training

    fresh = session.from_link(links.parse(run.link), mine.own)
    if fresh.wished is not None:
        raise ConfigError(run.name, "no table", "the own table that it was made from", "Choose it under Problem first.")
    is_private = fresh.choices.dataset == controls.OWN
    loaded = {key: _loaded(fresh, run, key) for key in run.files}
    for key, found in loaded.items():
        if not is_private:
            registry.put(found)
        opened = fresh.runs[key] = Run(found.config, found.problem.dataset, is_private)
        if is_private:
            opened.go_by(Training(found))
        opened.reached = found.step
        look(opened, run.step if key == next(iter(loaded)) else found.step)
    session.take_over(mine, fresh, f"Opened: {run.name}, at step {run.step:,}.")
    mine.keeper = Keeper(run.id, fresh.choices, dict(fresh.runs), run.step)
    mine.go_to = run.page if run.page != page.path else None


def _loaded(fresh: Session, run: Kept, key: str) -> Trajectory:
    """One of its trajectories, known to be a whole one of what its link shows."""
    from dashboard import store
    from vibcore.trajectory import load_trajectory

    if key not in RUNS:
        raise ConfigError(run.name, key, "a run of this version's pages", "Open its link in the version it is of.")
    config = RUNS[key].config(fresh.choices)
    found = load_trajectory(kept.file_of(run, key), session.window(fresh, config.dataset).dataset)
    store.check(found, config, run.name)
    return found.branch(found.step, config)
