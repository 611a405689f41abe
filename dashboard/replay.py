"""A run as one HTML file that needs neither a server nor the internet: python -m dashboard.replay LINK --out FILE.

`--curve FILE` in the place of a link: the run of a sweep's JSON.

The page's own modules with recorded messages inside: drawn by what draws the app, from what the app is sent. To have
room for moments it goes without Plotly, which draws at rest in the app, and without what Plotly alone can draw; without
the plane of the inputs; and without what is told of a single input. What a place of the latent plane means it tells.
"""

from __future__ import annotations

import argparse
import base64
import html
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from string import Template
from typing import Any

from dashboard import cache, film, links, picture, stage
from dashboard.card import inputs
from dashboard.controls import Choices
from dashboard.page import Page
from dashboard.pages import EXPLORE, VAE
from dashboard.panel import Facts, Moment, Panel, Still, together
from dashboard.player import FEW
from dashboard.run import Run
from dashboard.scene import scene
from dashboard.take_home import ALONE, Compared
from vibcore import data
from vibcore.config import Config, DatasetSpec
from vibcore.files import whole
from vibcore.replays import config_of_curve
from vibcore.sweeps import bar
from vibcore.types import ConfigError

OFFLINE = stage.HERE / "offline"
MOST_BYTES = 3_000_000  # of a file
MOST_MOMENTS, FEWEST_MOMENTS = 60, 4
LEFT_OUT = ("point_odds", "point_bits", "point_sigma")  # told of a single input: half of a message
STANDS = re.compile(r"(pin|led)_")  # arrays that are the same at every moment, sent with the first
PAGES = {"explore": EXPLORE, "vae": VAE}
SKETCHED = {"scatter", "heatmap", "contour"}
IMPORT = re.compile(r'(from|import) "\.{1,2}/(\w+\.js)"')


Report = Callable[[int, int], None]  # moments that are recorded, and all


def nobody(done: int, total: int) -> None:
    """A report to nobody."""


@dataclass(frozen=True)
class Recording:
    """A page of which moments are recorded: its panels that can be sketched, and its runs."""

    page: Page
    still: Still
    runs: tuple[Run, ...]
    version: str
    document: str


def replay(page: Page, choices: Choices, report: Report = nobody) -> str:
    """Train what a page shows, and record it."""
    return trained(page, choices, [each.config(choices) for each in page.runs], report)


def replay_of(config: Config, report: Report = nobody) -> str:
    """Train one config, and record it on the page of its task."""
    return trained(EXPLORE if config.task == "classify" else VAE, choices_of(config), [config], report)


def trained(page: Page, choices: Choices, configs: Sequence[Config], report: Report) -> str:
    """The file's text of runs that are trained for it alone."""
    runs = [Run(each, data.load(each.dataset), is_private=True) for each in configs]
    for step in sorted({round(choices.steps * (i / MOST_MOMENTS) ** 2) for i in range(1, MOST_MOMENTS + 1)}):
        for run in runs:  # dense early, where all happens
            run.advance(step - run.step, step)
    return recorded(page, choices, runs, report=report)


def choices_of(config: Config) -> Choices:
    """What a page says of a config: all that both name. A page's β is the stop that is nearest to its own."""
    spec = config.dataset
    of_data = vars(spec) | {"dataset": spec.name, "data_seed": spec.seed}
    found = of_data | vars(config) | {"dataset": spec.name, "variance": config.variance or 0.0}
    return Choices(**{each.name: found[each.name] for each in fields(Choices) if each.name in found})


def recorded(
    page: Page,
    choices: Choices,
    runs: Sequence[Run],
    most_bytes: int = MOST_BYTES,
    report: Report = nobody,
    compared: Compared = ALONE,
) -> str:
    """The file's text: runs at as many of their kept moments as there is room for. ConfigError where there is not.

    report(done, total) is called at every moment, and may raise to end it.
    """
    kept = film.moments(runs[0], runs[0].furthest)
    recording = begun(page, choices, held(runs, kept[-1]), compared)
    first, size = (len(moment(recording, kept, is_first).data) for is_first in (True, False))  # the largest: of the end
    room = (most_bytes - len(written(choices, []))) * 3 // 4 - first  # in base64
    if room < (FEWEST_MOMENTS - 1) * size:
        got, remedy = f"{size:,} bytes a moment", "Choose fewer stops."
        raise ConfigError("replay", got, f"room for {FEWEST_MOMENTS} of them in {most_bytes:,} bytes", remedy)
    count = min(1 + room // size, len(kept))
    steps = [kept[round(i * (len(kept) - 1) / max(1, count - 1))] for i in range(count)]
    seen = [replace(recording, runs=held(runs, step)) for step in steps]
    messages: list[stage.Deflated] = []
    for each in seen:
        report(len(messages), count)
        messages.append(moment(each, steps, each is seen[0]))
    report(count, count)
    return written(choices, messages)


def held(runs: Sequence[Run], step: int) -> tuple[Run, ...]:
    """Runs as they are seen from a moment of the first."""
    found = [film.seen_at(run, film.near(run, step)) for run in runs]
    return tuple(run for run in found if run is not None)


def begun(page: Page, choices: Choices, runs: tuple[Run, ...], compared: Compared) -> Recording:
    """What stands still, without what only Plotly can draw."""
    still = still_of(page, choices, runs, compared)
    panels = tuple(each for each in picture.panels(page, still) if is_sketched(each, still.of(each.run)))
    page = replace(page, panels=panels)
    document = json.loads(picture.document(page, still))
    for trace in (trace for panel in document["panels"] for trace in panel["figure"]["data"]):
        trace.get("meta", {}).pop("point", None)  # nothing to be told of a single input
    text = json.dumps(document)
    return Recording(page, still, runs, stage.version(text), text)


def still_of(page: Page, choices: Choices, runs: Sequence[Run], compared: Compared = ALONE) -> Still:
    """What stands still of runs, with all that is known of their problem: computed where it is not yet."""
    spec = runs[0].config.dataset
    known: dict[str, Callable[[DatasetSpec], cache.Background[Any]]] = {
        "reference": cache.reference,
        "entropy": cache.input_entropy,
    }
    found = {name: known[name](spec) for name in page.facts}
    cache.population(spec).done.wait()
    for each in found.values():
        each.done.wait()
    facts = Facts(**{name: each.result() for name, each in found.items()})
    scenes = [scene(run.config, run.window, run.snapshot_now(None, choices.dims).dims) for run in runs]
    own, *others = (Still(each, choices, facts) for each in scenes)
    return replace(own, beside=tuple(others), pins=compared.pins, led=compared.led)


def seen_now(still: Still, runs: Sequence[Run]) -> Moment:
    """All models of runs at their cursors, on the population where its density is known: a few models a turn."""
    for run in runs:
        while waiting := run.without_population():
            run.look_at_population(waiting[:FEW])
    seen = [run.snapshot_now(None, of.scene.dims) for run, of in zip(runs, (still, *still.beside), strict=True)]
    return together(still, runs, seen)


def is_sketched(panel: Panel, still: Still) -> bool:
    """Whether the stage draws a panel by itself: fixed ranges of two plain axes, and traces that it knows."""
    figure = picture.tree(panel.figure(still))
    layout = figure["layout"]
    axes = [layout.get(name, {}) for name in ("xaxis", "yaxis")]
    is_fixed = (
        all("range" in axis and axis.get("type", "linear") == "linear" for axis in axes) and "yaxis2" not in layout
    )
    return is_fixed and panel.id != "input" and {trace.get("type") for trace in figure["data"]} <= SKETCHED


def moment(recording: Recording, steps: list[int], is_first: bool) -> stage.Deflated:
    """All models at the cursors of the runs, as a message; the first has the document."""
    page, still, runs = recording.page, recording.still, recording.runs
    header, arrays = picture.frame(page, seen_now(still, runs), False, "")
    stands = set(filter(STANDS.match, arrays))
    left_out = LEFT_OUT if is_first else (*LEFT_OUT, *stands)
    arrays = {name: array for name, array in arrays.items() if name not in left_out}
    if is_first:
        arrays |= inputs(still.scene.window)
    about = {"version": recording.version, "page": "replay", "call": 1, "span": 0, "step": runs[0].step}
    about |= {"moments": steps, "run": "replay", "settled": True}
    return stage.deflated(stage.pack(recording.document if is_first else "", header | about, arrays, stands))


def written(choices: Choices, messages: Sequence[stage.Deflated]) -> str:
    """The file: its parts are base64, so that nothing of a name in the data can end a script."""
    scripts = {path.name: path.read_text("utf-8") for path in (*stage.HERE.glob("*.js"), OFFLINE / "replay.js")}
    modules = {f"lab/{name}": data_url(text) for name, text in scripts.items()}
    return Template((OFFLINE / "replay.html").read_text("utf-8")).substitute(
        title=html.escape(f"Bottleneck Lab: {choices.dataset}, seed {choices.seed}, {choices.steps:,} steps"),
        style=(stage.HERE / stage.STYLE).read_text("utf-8"),
        modules=json.dumps({"imports": modules}),
        messages=coded(stage.join(messages)),
    )


def data_url(script: str) -> str:
    """A module, which finds the others by name instead of by place."""
    named = IMPORT.sub(r'\1 "lab/\2"', script)
    return f"data:text/javascript;base64,{coded(named.encode())}"


def coded(raw: bytes) -> str:
    """Bytes as text."""
    return base64.b64encode(raw).decode()


def of_link(link: str, page: Page) -> str:
    """The replay of a link; what it asks for and cannot have is said on standard error."""
    choices, said = links.read(links.parse(link))
    choices = replace(choices, steps=min(choices.steps, choices.at or choices.steps))
    if choices.pins or choices.warm:
        said.append("Left out: pinned runs and warm β. Export on the page has them.")
    print(*said, sep="\n", end="\n" if said else "", file=sys.stderr)
    return replay(page, choices, bar)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what a link of the app shows, and write its replay; the exit status, 2 for what cannot be had."""
    parser = argparse.ArgumentParser("python -m dashboard.replay", description="A run as one HTML file.")
    of = parser.add_mutually_exclusive_group(required=True)
    of.add_argument("link", nargs="?", help="what follows the ? in an address of the app: dataset=moons&steps=1000")
    of.add_argument("--curve", type=Path, help="the .json of a sweep of one config")
    parser.add_argument("--page", choices=sorted(PAGES), default="explore", help="of a link")
    parser.add_argument("--out", type=Path, required=True, help="the .html to write")
    given = parser.parse_args(arguments)
    try:
        text = replay_of(config_of_curve(given.curve), bar) if given.curve else of_link(given.link, PAGES[given.page])
        with whole(given.out) as part:
            part.write_text(text, "utf-8")
    except (ConfigError, OSError) as error:
        print(f"replay: {error}", file=sys.stderr)
        return 2
    print(f"{given.out}: {len(text):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
