"""A link → choices, and back. What a link asks for and cannot have is said, and all the rest is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, urlencode

from dashboard import controls, pinning, presets
from dashboard.controls import BY_KEY, CONTROLS, DEFAULTS, HIDEABLE, Choices
from dashboard.lesson import steps
from vibcore.types import ConfigError

Query = Mapping[str, str | Sequence[str]]
Check = Callable[[Choices], None]  # raises ConfigError
MOST_KEYS = 64  # of a link, twice as many as there are controls
LONGEST_VALUE = 4000  # characters of one
LONGEST = 40  # characters of a link's value that are repeated to its reader
ABSENT = (
    "The link shows somebody’s own table, which does not travel with it. Choose “own” and the same file under Problem "
    "to see the same run; until then the default problem is shown."
)
COSTLIEST = "those that cost most bits are drawn."
INSTEAD = "the default is used instead"
# what sharing services, advertisers, mail programs and hosts append: whoever shares a link does not ask for these
APPENDED = re.compile(
    r"embed|embed_options|__.*|(utm|mtm|pk|mc|gad|fb|oly|li_fat)_.*|_(ga|gl|hsenc|hsmi)|\w*clk?id|gclsrc|[gw]braid|igsh|"
    r"igshid|mkt_tok|srsltid|vero_id|ref|ref_src|ref_url|referrer|source|share|si|trk|spm|feature|cmpid",
    re.IGNORECASE,
)


def opened(query: Query, digest: str, check: Check) -> tuple[Choices, list[str], Choices | None]:
    """What a link opens, what it cannot have in words, and what it would show if its own table were here.

    digest: of the visitor's own table, '' without one.
    """
    choices, said = read(query)
    wished = None
    if choices.dataset == controls.OWN and (not digest or digest != choices.table):
        wished, choices = choices, presets.preset(choices, DEFAULTS.dataset)
        said.append(ABSENT)
    choices, given_up = mend(choices, check)
    choices, axes = fitting(choices)
    choices, unpinned = _with_pins_that_can_be_had(choices, check)
    choices, unseen = _within_the_run(choices)
    return choices, [*said, *given_up, *axes, *unpinned, *unseen], wished


def _within_the_run(choices: Choices) -> tuple[Choices, list[str]]:
    """The choices without a step or a walk that their run has not, and what is said of it."""
    said, last = [], choices.steps
    if choices.at > last:
        said.append(
            f"Step that is shown: got {choices.at:,}, expected at most the last step, {last:,}; it opens there."
        )
    if choices.warm and not controls.has_density(choices.dataset):
        said.append(f"Warm β: got {choices.dataset}, expected a problem whose collapse is known; it was left out.")
    at = choices.at if choices.at <= last else 0
    return replace(choices, at=at, warm=choices.warm and controls.has_density(choices.dataset)), said


def _with_pins_that_can_be_had(choices: Choices, check: Check) -> tuple[Choices, list[str]]:
    """The choices without pinned runs that cannot be had, each with its reason."""
    found = [(pin, _error(pinning.choices_of(pin, choices), check)) for pin in choices.pins]
    said = [f"Pinned run at step {pin.step:,}: {error} It was left out." for pin, error in found if error]
    return replace(choices, pins=tuple(pin for pin, error in found if error is None)), said


def parse(text: str) -> dict[str, list[str]]:
    """'?beta=0.1&n=100' → {'beta': ['0.1'], 'n': ['100']}."""
    return parse_qs(text.removeprefix("?"), keep_blank_values=True)


def is_appended(key: str) -> bool:
    """Whether a key comes from whoever carried the link, not from whoever wrote it."""
    return APPENDED.fullmatch(key) is not None


def read(query: Query) -> tuple[Choices, list[str]]:
    """A link's choices, and one sentence for everything that it asks for and cannot have."""
    good: dict[str, Any] = {}
    said: list[str] = []
    if len(query) > MOST_KEYS:
        said.append(f"The link asks for {len(query):,} things; what comes after the first {MOST_KEYS} was left out.")
    for written, texts in islice(query.items(), MOST_KEYS):
        key = written.removeprefix("amp;")  # of a link that was copied out of HTML
        if is_appended(key):
            continue
        *unread, text = [texts] if isinstance(texts, str) else texts
        if unread and key in BY_KEY:
            said.append(f"{BY_KEY[key].label}: named {len(unread) + 1} times; the last one counts.")
        why = refusal(key, text)
        if why is None:
            good[key] = BY_KEY[key].form.read(text)
        else:
            said.append(why)
    said += [
        f"Hidden controls: “{shortened(name)}” is none that can be hidden, so nothing is; try lr or batch."
        for name in good.get("hide", ())[:MOST_KEYS]
        if name not in HIDEABLE
    ]
    good["hide"] = tuple(name for name in good.get("hide", ()) if name in HIDEABLE)
    if "table" in good and good.get("dataset") != controls.OWN:
        said.append("Own table: named without dataset=own; it was left out.")
        del good["table"]
    return pinning.resolved(replace(start(good.get("lesson", 0), good.get("dataset")), **good)), said


def start(lesson: int, dataset: str | None) -> Choices:
    """What a link changes: the choices of a step of the lesson, or the defaults, with what suits another dataset."""
    found = steps.choices(lesson) if lesson else presets.preset(DEFAULTS, DEFAULTS.dataset)
    return found if dataset in (None, found.dataset) else presets.preset(found, dataset)


def refusal(key: str, text: str, instead: str = INSTEAD) -> str | None:
    """Why a link's value cannot be had, in words; None when it can."""
    if key not in BY_KEY:
        return f"The link asks for “{shortened(key)}”, which is no control here; it was left out."
    control = BY_KEY[key]
    try:
        legal = len(text) <= LONGEST_VALUE and control.form.is_legal(control.form.read(text))
    except ValueError:
        legal = False
    if legal:
        return None
    return f"{control.label}: got “{shortened(text)}”, expected {control.form.expected}; {instead}."


def shortened(text: str) -> str:
    """A stranger's text, at a length that can be shown."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def fitting(choices: Choices) -> tuple[Choices, list[str]]:
    """The choices without latent dimensions that the model has not, and what is said of it."""
    if controls.has_axes(choices):
        return choices, []
    asked = " and ".join(str(d + 1) for d in choices.dims)
    has = f"two of the model’s {choices.latent_dim}" if choices.latent_dim > 1 else "none, as the model has only one"
    why = f"Latent plane axes: got dimensions {asked}, expected {has}; {COSTLIEST}"
    return replace(choices, dims=()), [why]


def mend(choices: Choices, check: Check) -> tuple[Choices, list[str]]:
    """The nearest choices that `check` takes, and in words what was given up for them: one control for each error."""
    said: list[str] = []
    for _ in CONTROLS:
        why = _error(choices, check)
        if why is None:
            return choices, said
        way = _remedy(choices, why, check)
        if way is None:
            break
        said.append(_given_up(choices, why, way))
        choices = replace(choices, **way)
    return Choices(), [*said, f"{why} The default problem is shown instead."]


def _remedy(choices: Choices, why: ConfigError, check: Check) -> dict[str, Any] | None:
    """The first way that leaves no error, else the first that leaves another one."""
    ways = list(_ways(choices, why))
    left = [_error(replace(choices, **way), check) for way in ways]
    for is_good in (lambda error: error is None, lambda error: error.what != why.what):
        for way, error in zip(ways, left, strict=True):
            if is_good(error):
                return way
    return None


def _error(choices: Choices, check: Check) -> ConfigError | None:
    try:
        check(choices)
    except ConfigError as error:
        return error
    return None


def _ways(choices: Choices, why: ConfigError) -> Iterator[dict[str, Any]]:
    """What may be given up, the best first: a smaller batch; what the error names; all else but the dataset; that."""
    batches = [b for b in (512, 256, 128, 64, 32, 16, 8) if b < choices.batch]
    if why.what == "batch":
        yield from ({"batch": b} for b in batches)
    base = presets.preset(DEFAULTS, choices.dataset)
    changed = [c.key for c in CONTROLS if c.kind == "cold" and getattr(choices, c.key) != getattr(base, c.key)]
    named = controls.blamed(why)
    for key in sorted(changed, key=lambda key: (key != named, key == "dataset")):
        yield {key: getattr(base, key)}
    if choices.dataset != DEFAULTS.dataset:
        yield {"dataset": DEFAULTS.dataset, "table": ""}


def _given_up(choices: Choices, why: ConfigError, way: Mapping[str, Any]) -> str:
    key, value = next(iter(way.items()))
    new, old = (BY_KEY[key].form.write(v) for v in (value, getattr(choices, key)))
    return f"{why} So {BY_KEY[key].label.lower()} is {new}, not {old}; the rest is kept."


def write(choices: Choices) -> dict[str, str]:
    """The link of some choices: the step of the lesson, and whatever differs from it or the dataset's defaults."""
    base, choices = start(choices.lesson, choices.dataset), replace(choices, pins=pinning.relative(choices))
    changed = [c for c in CONTROLS if getattr(choices, c.key) != getattr(base, c.key)]
    if choices.lesson:
        changed.insert(0, BY_KEY["lesson"])
    if choices.dataset != start(choices.lesson, None).dataset:
        changed.append(BY_KEY["dataset"])
    return {control.key: control.form.write(getattr(choices, control.key)) for control in changed}


def text(choices: Choices) -> str:
    """The link of some choices, as an address has it after its question mark."""
    return urlencode(write(choices), safe=",")
