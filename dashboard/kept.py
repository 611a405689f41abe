"""Runs that are kept by name: one SQLite file of the user's, and each run's trajectories as .npz in a folder beside it.

Off unless BOTTLENECK_KEPT names the file. Several servers may share it. A trajectory is on the disk, whole, before its
run names it, and goes after its run names it no more: whoever is killed loses nothing kept.
No PyTorch, no Streamlit.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from vibcore.delimiters import printable
from vibcore.files import whole
from vibcore.types import ConfigError

PLACE = "BOTTLENECK_KEPT"  # of the environment
APPLICATION = 0x624C4162  # what tells the file from another program's, in SQLite's header
# what leads from each version of the file to the next, the first from an empty one
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE runs (id INTEGER PRIMARY KEY, name TEXT NOT NULL, page TEXT NOT NULL, link TEXT NOT NULL,
        step INTEGER NOT NULL, kept_at REAL NOT NULL, files TEXT NOT NULL) STRICT""",
    ),
)
SELECT = "SELECT id, name, page, link, step, kept_at, files FROM runs"
WAIT = 10.0  # seconds for another server's writing
LONGEST_NAME = 80  # characters
MOST_RUNS = 1000
ABANDONED = 3600.0  # seconds after which a trajectory of no run goes: who wrote it was killed
EXPECTED = "a file of kept runs that can be read and written"


@dataclass(frozen=True)
class Kept:
    """A run of the list. files: the trajectory of each of the page's runs, by key."""

    id: int
    name: str
    page: str  # its path
    link: str
    step: int
    kept_at: float  # seconds since 1970
    files: Mapping[str, str]


def place() -> Path | None:
    """Where the list is; None where nothing is kept."""
    named = os.environ.get(PLACE)
    return Path(named) if named else None


def runs() -> list[Kept]:
    """All that are kept, the newest first. ConfigError where the file cannot be read."""
    with _opened() as db:
        return list(map(_kept, db.execute(f"{SELECT} ORDER BY kept_at DESC, id DESC")))


def find(run: int) -> Kept:
    """One of them as it is now. ConfigError where it is gone."""
    with _opened() as db:
        rows = db.execute(f"{SELECT} WHERE id = ?", (run,)).fetchall()
        if not rows:
            raise _gone()
        return _kept(rows[0])


def keep(name: str, page: str, link: str, step: int, trajectories: Mapping[str, bytes]) -> int:
    """Keep a run: its id. ConfigError or OSError where it cannot be kept: then nothing has changed."""
    name = _name(name)
    with _written(trajectories) as files, _opened() as db:
        _check_room(db)
        _tidy(db, _folder())
        insert = "INSERT INTO runs (name, page, link, step, kept_at, files) VALUES (?, ?, ?, ?, ?, ?) RETURNING id"
        return int(db.execute(insert, (name, page, link, step, time.time(), json.dumps(files))).fetchone()[0])


def update(run: int, link: str, step: int, trajectories: Mapping[str, bytes]) -> bool:
    """Keep a run further than it is kept; nothing where it is there already. False where it is off the list.

    ConfigError or OSError where it cannot be kept: then nothing has changed.
    """
    with _written(trajectories) as files, _opened() as db, _transaction(db):
        row = db.execute("SELECT step, files FROM runs WHERE id = ?", (run,)).fetchone()
        is_further = row is not None and row[0] < step
        if is_further:
            change = "UPDATE runs SET link = ?, step = ?, files = ? WHERE id = ?"
            db.execute(change, (link, step, json.dumps(files), run))
    _remove(_folder(), json.loads(row[1]) if is_further else files)
    return row is not None


@contextmanager
def _written(trajectories: Mapping[str, bytes]) -> Iterator[dict[str, str]]:
    """Files of trajectories, on the disk; they go where the block that is to name them fails."""
    folder, files = _folder(), {key: f"{secrets.token_hex(12)}.npz" for key in trajectories}
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for key, data in trajectories.items():
            _write(folder / files[key], data)
        yield files
    except BaseException:
        _remove(folder, files)
        raise


def rename(run: int, name: str) -> None:
    """Another name. ConfigError where the run is gone."""
    with _opened() as db:
        if not db.execute("UPDATE runs SET name = ? WHERE id = ?", (_name(name), run)).rowcount:
            raise _gone()


def delete(run: int) -> None:
    """Off the list, and its files removed; nothing where it is gone already."""
    with _opened() as db:
        row = db.execute("DELETE FROM runs WHERE id = ? RETURNING files", (run,)).fetchone()
    if row is not None:
        _remove(_folder(), json.loads(row[0]))


def file_of(run: Kept, key: str) -> Path:
    """The trajectory of one of its runs; ConfigError where the list names none, or a file that is elsewhere."""
    name = run.files.get(key, "")
    if not name or Path(name).name != name:
        raise ConfigError(run.name, f"no trajectory of “{key}”", "one of the page's", "Open its link and train it.")
    return _folder() / name


@contextmanager
def _opened() -> Iterator[sqlite3.Connection]:
    """The list, of this version; every error of SQLite's in words."""
    path = _place()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(path, timeout=WAIT, isolation_level=None)) as db:
            _prepare(db)
            yield db
    except ConfigError:
        raise
    except (sqlite3.Error, ValueError) as error:  # or a row that another program wrote
        remedy = f"Nothing that was kept is lost. Look at what {PLACE} names."
        raise ConfigError("kept runs", str(error), EXPECTED, remedy) from None


def _prepare(db: sqlite3.Connection) -> None:
    """Make the list where there is none, and bring an older one to this version; another's is not touched."""
    db.execute("BEGIN")  # one moment for all that is read: another server may just be making it
    version = _version(db)
    db.execute("COMMIT")
    if version == len(MIGRATIONS):
        return
    with suppress(sqlite3.OperationalError):  # another server is at it; any mode is safe
        db.execute("PRAGMA journal_mode = WAL")
    with _transaction(db):
        for statement in (each for step in MIGRATIONS[_version(db) :] for each in step):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All of a block, or nothing, while no other server writes."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _version(db: sqlite3.Connection) -> int:
    """Of the list, 0 where it is empty; ConfigError for another program's file, and for one of a newer version."""
    (version,), (application,) = (db.execute(f"PRAGMA {of}").fetchone() for of in ("user_version", "application_id"))
    (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application != APPLICATION and (version or application or tables):
        raise ConfigError("kept runs", "another program's file", EXPECTED, f"Let {PLACE} name another.")
    if version > len(MIGRATIONS):
        expected = f"at most version {len(MIGRATIONS)}"
        raise ConfigError("kept runs", f"a file of version {version}", expected, "Update Bottleneck Lab.")
    return int(version)


def _kept(row: tuple[int, str, str, str, int, float, str]) -> Kept:
    files = json.loads(row[6])
    if not isinstance(files, dict):
        raise ValueError(f"files of run {row[0]}")
    return Kept(*row[:6], files)


def _name(text: str) -> str:
    """A name that can be shown; ConfigError for none."""
    found = " ".join(printable(text).split())[:LONGEST_NAME]
    if not found:
        raise ConfigError("name", text, f"1 to {LONGEST_NAME} characters", "Give the run a name.")
    return found


def _place() -> Path:
    path = place()
    if path is None:
        raise ConfigError("kept runs", "no place", f"a file named by {PLACE}", "Set it, and start the server again.")
    return path


def _folder() -> Path:
    path = _place()
    return path.with_name(f"{path.name}.runs")


def _write(path: Path, data: bytes) -> None:
    """Whole, and on the disk, or not at all."""
    with whole(path) as part, part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _remove(folder: Path, files: Mapping[str, str]) -> None:
    for name in files.values():
        with suppress(OSError):
            (folder / Path(name).name).unlink()


def _check_room(db: sqlite3.Connection) -> None:
    (count,) = db.execute("SELECT count(*) FROM runs").fetchone()
    if count >= MOST_RUNS:
        raise ConfigError("kept runs", count, f"fewer than {MOST_RUNS}", "Delete some first.")


def _tidy(db: sqlite3.Connection, folder: Path) -> None:
    """Remove what no run has: of who was killed while keeping one."""
    named = {name for (files,) in db.execute("SELECT files FROM runs") for name in json.loads(files).values()}
    for path in (*folder.glob("*.npz"), *folder.glob(".*.part")):
        with suppress(OSError):
            if path.name not in named and time.time() - path.stat().st_mtime > ABANDONED:
                path.unlink()


def _gone() -> ConfigError:
    return ConfigError("kept runs", "a run that is gone", "one of the list", "Somebody else may have deleted it.")
