"""A curve's run as one HTML file: made by the page, where it is installed, in a process of its own.

The library never imports the page; what is not there to be run is said before anything is trained.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from vibcore import data
from vibcore.config import Config, check_values
from vibcore.files import check_writable
from vibcore.types import ConfigError

ROOM = "dashboard.replay"  # run as a module
NEEDED = ("dashboard", "streamlit", "plotly")
LARGEST = 64 * 2**20  # bytes of a curve
REMEDY = "Give what `python -m vibcore sweep --out curve.json` or the page's Export has written."


def replay(chosen: argparse.Namespace) -> None:
    """A curve's run as one HTML file that plays without a server; needs the page's packages."""
    config_of_curve(Path(chosen.curve))
    if Path(chosen.out).suffix != ".html":
        raise ConfigError("--out", chosen.out, "a name that ends in .html", "Correct it.")
    check_writable(chosen.out)
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        got, remedy = f"{' and '.join(missing)} not installed", "Run pip install 'bottleneck-lab[app]'."
        raise ConfigError("replay", got, "the packages of the page, which draws it", remedy)
    done = subprocess.run([sys.executable, "-m", ROOM, f"--curve={chosen.curve}", f"--out={chosen.out}"])
    if done.returncode:
        sys.exit(done.returncode)


def config_of_curve(path: Path) -> Config:
    """The config of a sweep's JSON; ConfigError for a file that is none, of another version, or of an own table."""
    tree = _tree(path)
    if not isinstance(tree, dict) or not isinstance(tree.get("config"), dict) or "points" not in tree:
        raise ConfigError(path.name, "JSON that is no curve", "a curve, with config and points", REMEDY)
    try:
        config = Config.from_json(json.dumps(tree["config"]))
        check_values(config)
    except ConfigError as error:
        got = f"a config of another version: {error}"
        raise ConfigError(path.name, got, "one of this version", "Run the sweep again.") from None
    if config.dataset.name == data.OWN:
        remedy = "Export the replay on the page that has the table open."
        raise ConfigError(path.name, "the curve of an own table", "of a set that is known by name", remedy)
    return config


def _tree(path: Path) -> Any:
    if not path.is_file():
        raise ConfigError(path.name, "no file", "a curve's JSON", "Correct its name.")
    if path.stat().st_size > LARGEST:
        raise ConfigError(path.name, f"{path.stat().st_size >> 20} MiB", f"at most {LARGEST >> 20} MiB", REMEDY)
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise ConfigError(path.name, "no JSON", "a curve's JSON", REMEDY) from None
