"""What is exactly known of the problem that `frontier` is asked for on the command line."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from vibcore import data, densities
from vibcore.exact import joints
from vibcore.files import read_joint
from vibcore.types import ConfigError, Joint, Reference

PROBLEM = ("noise", "flip", "classes", "rho")  # flags of a set, None where not given


def known_of(chosen: argparse.Namespace) -> Reference:
    """What is exactly known of the problem asked for; ConfigError where nothing is."""
    if chosen.gaussian is not None:
        spell_out(chosen)
    refuse_unused(chosen)
    if chosen.joint:
        p = joints.checked(read_joint(Path(chosen.joint), chosen.counts))
        of_table = densities.known(Joint(p, None, Path(chosen.joint).name))
        return replace(of_table, source=of_table.frontier.source)
    spec = data.spec_of(chosen.dataset, **{flag: getattr(chosen, flag) for flag in given(chosen)})
    data.check(spec)
    known = densities.reference(spec)
    if known is None:
        raise ConfigError("--dataset", spec.name, "a set whose density is known", "Give a table with --joint instead.")
    if not known.frontier.i_x.max() > 0:
        raise ConfigError("--dataset", f"{spec.name}, whose x says nothing of y", "a frontier", "Let x say more of y.")
    return known


def spell_out(chosen: argparse.Namespace) -> None:
    """Put what --gaussian is short for in its place; ConfigError where both are given."""
    if chosen.rho is not None:
        raise ConfigError("--rho", "given", "none with --gaussian, which are the same", "Leave one out.")
    chosen.dataset, chosen.rho = "gaussian", chosen.gaussian


def given(chosen: argparse.Namespace) -> list[str]:
    """The flags of a set that are given."""
    return [flag for flag in PROBLEM if getattr(chosen, flag) is not None]


def refuse_unused(chosen: argparse.Namespace) -> None:
    """ConfigError for flags that would change nothing: of a set that does not go by them, --counts without --joint."""
    fields = data.source(chosen.dataset).fields if chosen.dataset else ()
    unused = ", ".join(f"--{flag}" for flag in given(chosen) if flag not in fields)
    if unused:
        beside = f"none with --dataset {chosen.dataset}" if chosen.dataset else "none with --joint"
        raise ConfigError(unused, "given", beside, "Leave it out: it would change nothing.")
    if chosen.counts and not chosen.joint:
        raise ConfigError("--counts", "given", "none without --joint", "Leave it out.")
