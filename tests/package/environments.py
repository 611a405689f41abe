"""Environments that hold the wheel, what it asks for, and no more.

The packages that it asks for are not fetched again: links lead to those of the environment that runs the tests, one by
one as the wheel's own metadata names them. So nothing else can be imported, no network is needed, and an environment
is made in seconds rather than minutes.
"""

import os
import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def make(wheel: Path, folder: Path, extras: Iterable[str] = (), others: Iterable[str] = ()) -> Path:
    """A virtual environment with a wheel, some of its extras, and other packages by name: its `bin` folder."""
    venv.create(folder, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "-q", "--no-compile"]
    run(*pip, "--no-index", "--no-deps", str(wheel), cwd=folder)
    site = next(folder.glob("lib/python*/site-packages"))
    for each in needed(site, extras, others):
        link(each, site)
    return folder / "bin"


def needed(site: Path, extras: Iterable[str], others: Iterable[str]) -> Iterator[Distribution]:
    """All packages that the wheel and the others lead to, in the versions that are asked for."""
    wheel = next(iter(Distribution.discover(name="bottleneck-lab", path=[str(site)])))
    wanted = [*asked(wheel, extras), *map(Requirement, others)]
    seen: set[str] = set()
    while wanted:
        requirement = wanted.pop()
        found = distribution(requirement.name)
        assert requirement.specifier.contains(found.version), f"{requirement} is asked for, {found.version} is here"
        if str(requirement) not in seen:
            seen.add(str(requirement))
            wanted += asked(found, requirement.extras)
            yield found


def asked(package: Distribution, extras: Iterable[str]) -> list[Requirement]:
    """What a package asks for on this machine, by itself and for some of its extras."""
    of_any = [{"extra": extra} for extra in ("", *extras)]
    every = map(Requirement, package.requires or ())
    return [each for each in every if each.marker is None or any(map(each.marker.evaluate, of_any))]


def link(package: Distribution, site: Path) -> None:
    """What a package has put into its folder of packages, as links in another one."""
    tops = {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}
    for top in tops:
        target = Path(str(package.locate_file(top)))
        if target.exists() and not (site / top).exists():
            (site / top).symlink_to(target)


def run(*command: str, cwd: Path) -> str:
    """Output of a command that must succeed, in a folder from which nothing of ours can be imported by chance."""
    ours = ("PYTHON", "COV", "MPL")  # Streamlit, where it was imported, chooses a backend for Matplotlib
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    done = subprocess.run(command, cwd=cwd, env=kept | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command[:4])} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout
