"""The command line's flags of a table of one's own: `--table file.csv --label y` in the place of `--dataset`."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from vibcore import data, tables, targets, texts
from vibcore.cells import counted
from vibcore.tables import Reading
from vibcore.types import ConfigError

OF_TABLES = ("label", "gaps", "words", "target", "features")  # flags that need --table
OF_SETS = ("dataset", "n", "noise", "classes", "rho")  # and that cannot be with it


def add(to: argparse.ArgumentParser) -> None:
    """The flags, in a group of their own."""
    of = to.add_argument_group("a table of your own", "CSV, TSV, .data, .txt, or gzip: classes or real values to tell")
    of.add_argument("--table", help="the file, in the place of --dataset, --n, --noise, --classes and --rho")
    of.add_argument("--label", help="name of the column that is told; without it, the likeliest")
    of.add_argument("--gaps", choices=["drop", "median"], default="drop", help="rows with gaps: left out, or filled")
    of.add_argument("--words", choices=["one-hot", "leave-out"], default="one-hot", help="columns of words")
    of.add_argument(
        "--target",
        choices=targets.TARGETS,
        default="auto",
        help="of the label column: classes, real values, or so many classes cut at quantiles",
    )
    of.add_argument("--features", help="names of the columns to tell it from, by commas; without, all that fit")


def use_table(chosen: argparse.Namespace, usual: argparse.Namespace) -> None:
    """Put the dataset of the table in the place of the named ones, and say what was done to read it.

    Sets chosen.digest and chosen.load, which gives the dataset of a spec. ConfigError for what cannot be read, and for
    flags that would change nothing: those that are not as `usual`.
    """
    chosen.digest, chosen.load = "", data.load
    _refuse_unused(chosen, usual)
    if chosen.table is None:
        return
    path = Path(chosen.table)
    if not path.is_file():
        raise ConfigError("--table", chosen.table, "a file", "Correct its name.")
    with path.open("rb") as file:
        read = file.read(texts.LARGEST + 1)
    features = tuple(chosen.features.split(",")) if chosen.features else None
    words: tables.Words = "leave out" if chosen.words == "leave-out" else "one-hot"
    table = tables.read(read, Reading(chosen.label, chosen.gaps, words, chosen.target, features))
    if chosen.flip and not table.class_names:
        remedy = "Leave it out, or cut the numbers into classes, as with --target 3."
        raise ConfigError("--flip", chosen.flip, "none for a label column of numbers", remedy)
    told = f"{len(table.class_names)} classes" if table.class_names else "real values"
    shape = f"{counted(len(table.x), 'row')}, {counted(table.x.shape[1], 'feature')}"
    print(f"{path.name}: {shape}, {told}", *table.notes, sep="\n", file=sys.stderr)
    chosen.dataset, chosen.digest, chosen.load = [data.OWN], table.digest, partial(tables.dataset, table)


def _refuse_unused(chosen: argparse.Namespace, usual: argparse.Namespace) -> None:
    flags, beside, remedy = OF_TABLES, "without --table", "Give the file with --table, or leave it out."
    if chosen.table is not None:
        flags, beside, remedy = OF_SETS, "with --table", "Leave it out: the table has its own rows and classes."
    given = ", ".join(f"--{flag}" for flag in flags if getattr(chosen, flag) != getattr(usual, flag))
    if given:
        raise ConfigError(given, "given", f"none {beside}", remedy)
