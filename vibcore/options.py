"""The command line's parser, whose complaints take one line, and its flags from the table of fields."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from vibcore.fields import FIELDS
from vibcore.forms import Whole, flag_type

Read = Callable[[str], Any]
OF_RUN = ("encoder", "decoder", "latent_dim", "batch")
SUITED = ("n", "noise", "flip", "classes", "rho", *OF_RUN)  # what a dataset has its own usual values of
SUITS = " (default: what suits the set)"


class Parser(argparse.ArgumentParser):
    """argparse, whose complaints take one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help.\n")


class Layout(argparse.RawDescriptionHelpFormatter, argparse.ArgumentDefaultsHelpFormatter):
    """Examples as they are written, and every default that there is."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help if action.default is None else super()._get_help_string(action)


def listed(one: Read) -> Read:
    """One or several, by commas, each once."""
    return lambda text: list(dict.fromkeys(one(part) for part in text.split(",")))


def flag(of: argparse.ArgumentParser, key: str, default: Any = None, several: bool = False) -> None:
    """The flag of a field, by its key; None where not given, unless `default` says otherwise."""
    field = FIELDS[key]
    read = flag_type(field.form)
    kept = default is None and key in SUITED
    text = f"{field.help.rstrip('.')}{'; several by commas' if several else ''}{SUITS if kept else ''}"
    of.add_argument(f"--{key.replace('_', '-')}", type=listed(read) if several else read, default=default, help=text)


def jobs(text: str) -> int:
    """A whole number of at least 1, or −1."""
    return -1 if text == "-1" else int(flag_type(Whole(1, 1024))(text))
