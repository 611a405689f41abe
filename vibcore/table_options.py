"""The command line's flags of a table of one's own: `--table file.csv --label y` in the place of `--dataset`."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from vibcore import datasets, tables, targets, texts
from vibcore.tables import Reading
from vibcore.types import ConfigError


def add(to: argparse.ArgumentParser) -> None:
    """The flags, in a group of their own."""
    of = to.add_argument_group("a table of your own", "CSV, TSV, .data, .txt, or gzip: classes or real values to tell")
    of.add_argument("--table", help="the file; --dataset, --n, --noise and --classes then have no meaning")
    of.add_argument("--label", help="name of the column that is told; without it, the likeliest")
    of.add_argument("--gaps", choices=["drop", "median"], default="drop", help="rows with gaps: left out, or filled")
    of.add_argument("--words", choices=["one-hot", "leave-out"], default="one-hot", help="columns of words")
    of.add_argument("--target", choices=targets.TARGETS, default="auto",
                    help="of the label column: classes, real values, or so many classes cut at quantiles")  # fmt: skip
    of.add_argument("--features", help="names of the columns to tell it from, by commas; without, all that fit")


def take(chosen: argparse.Namespace) -> None:
    """Put the dataset of the table in the place of the named ones, and say what was done to read it.

    Sets chosen.digest and chosen.load, which gives the dataset of a spec. ConfigError for what cannot be read.
    """
    chosen.digest, chosen.load = "", datasets.load
    if chosen.table is None:
        return
    path = Path(chosen.table)
    if not path.is_file():
        raise ConfigError("--table", chosen.table, "a file", "Correct its name.")
    with path.open("rb") as file:
        data = file.read(texts.LARGEST + 1)
    features = tuple(chosen.features.split(",")) if chosen.features else None
    words: tables.Words = "leave out" if chosen.words == "leave-out" else "one-hot"
    table = tables.read(data, Reading(chosen.label, chosen.gaps, words, chosen.target, features))
    told = f"{len(table.class_names)} classes" if table.class_names else "real values"
    print(f"{path.name}: {len(table.x):,} rows, {table.x.shape[1]} features, {told}", *table.notes, sep="\n",
          file=sys.stderr)  # fmt: skip
    chosen.dataset, chosen.digest, chosen.load = ["own"], table.digest, partial(tables.dataset, table)
