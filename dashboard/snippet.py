"""The Python that makes a run: the library alone, as text. Whatever comes from a file is quoted by `repr`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from textwrap import fill
from typing import Any

from vibcore.config import Config, DatasetSpec
from vibcore.tables import Reading

HEAD = '''"""{title}. Needs the library alone: pip install . where its pyproject.toml lies."""

'''
FIT = """# One thread, as the page trains: more of them add up in another order, and the last bits differ.
fit = vibcore.fit(config{data}, count=1)

for point in fit.points["test"]:
    print(f"beta {{point.beta:g}}: rate {{point.rate.value:.4f}}, distortion {{point.distortion.value:.4f}} nats")
chosen = fit.points["test"][{chosen}]  # the one on the page
# fit.curve(), fit.snapshot(), fit.save("run.npz") and vibcore.load_fit("run.npz") go on from here.
"""
TABLE = """# The table is yours: the page gives it to nobody. Put its path here; it was called {name!r}.
table = tables.read(
    Path({name!r}).read_bytes(),
    tables.Reading(
{reading}
    ),
)
"""


def python(config: Config, title: str, chosen: int, source: str = "", reading: Reading | None = None) -> str:
    """A script that trains a config to its last step. source, reading: the name of an own table's file, and how it is
    read. ValueError for a title that ends a docstring."""
    if any(mark in title for mark in ('"', "\\", "\n", "\r", "\0")):
        raise ValueError(title)
    is_own = reading is not None
    imports = (
        "from pathlib import Path\n\nimport vibcore\nfrom vibcore import tables\n" if is_own else "import vibcore\n"
    )
    table = TABLE.format(name=source, reading="\n".join(_arguments(reading, 8))) if reading else ""
    made = [
        HEAD.format(title=title) + imports,
        table,
        _call("spec", "vibcore.DatasetSpec", config.dataset),
        _call("config", "vibcore.Config", config),
        FIT.format(data=", tables.dataset(table, spec)" if is_own else "", chosen=chosen),
    ]
    return "\n".join(filter(None, made))


def stopped(config: Config, step: int) -> Config:
    """The config of a run that stops at a step: without what was to come."""
    return replace(config, steps=step, edits=tuple(edit for edit in config.edits if edit[0] < step))


def _call(name: str, of: str, value: Config | DatasetSpec) -> str:
    return "\n".join([f"{name} = {of}(", *_arguments(value, 4), ")\n"])


def _arguments(value: Any, indent: int) -> Iterator[str]:
    """A line for each field; a long tuple of numbers over several."""
    for each in fields(value):
        got = getattr(value, each.name)
        text = "spec" if isinstance(got, DatasetSpec) else repr(got)
        line = f"{' ' * indent}{each.name}={text},"
        if len(line) > 110 and isinstance(got, tuple) and all(isinstance(part, float) for part in got):
            inner = fill(text[1:-1], 100, initial_indent=" " * (indent + 4), subsequent_indent=" " * (indent + 4))
            line = f"{' ' * indent}{each.name}=(\n{inner},\n{' ' * indent}),"
        yield line
