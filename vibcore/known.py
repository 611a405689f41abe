"""What is exactly known of the problem that `frontier` is asked for on the command line."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from vibcore import data, densities
from vibcore.exact import joints
from vibcore.files import read_joint
from vibcore.types import ConfigError, Joint, Reference

PROBLEM = ("noise", "flip", "classes")  # flags of a set, None where not given


def known_of(chosen: argparse.Namespace) -> Reference:
    """What is exactly known of the problem asked for; ConfigError where nothing is."""
    refuse_unused(chosen)
    if chosen.joint:
        p = joints.checked(read_joint(Path(chosen.joint), chosen.counts))
        of_table = densities.known(Joint(p, None, Path(chosen.joint).name))
        return replace(of_table, source=of_table.frontier.source)
    given = {flag: getattr(chosen, flag) for flag in PROBLEM if getattr(chosen, flag) is not None}
    spec = data.spec_of("gaussian", rho=chosen.gaussian) if chosen.gaussian else data.spec_of(chosen.dataset, **given)
    data.check(spec)
    known = densities.reference(spec)
    if known is None:
        raise ConfigError("--dataset", spec.name, "a set whose density is known", "Give a table with --joint instead.")
    return known


def refuse_unused(chosen: argparse.Namespace) -> None:
    """ConfigError for flags that would change nothing: a problem's without --dataset, --counts without --joint."""
    source = "--gaussian" if chosen.gaussian else "--joint"
    given = [f"--{flag}" for flag in PROBLEM if getattr(chosen, flag) is not None]
    if not chosen.dataset and given:
        raise ConfigError(", ".join(given), "given", f"none with {source}", "Leave out what belongs to --dataset.")
    if chosen.counts and not chosen.joint:
        raise ConfigError("--counts", "given", "none without --joint", "Leave it out.")
