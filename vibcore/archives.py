"""Arrays in one .npz with a word on what they are: data, never code, and what is broken is refused in words."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from vibcore.types import Array, ConfigError

LARGEST = 512 * 2**20  # bytes unpacked that are read: a small file can declare any number of them


def packed(
    meta: Mapping[str, Any], arrays: Mapping[str, Array], report: Callable[[int, int], None] = lambda done, total: None
) -> bytes:
    """The file's bytes, as `np.load` reads them. meta: JSON-ready, with its `format`. report(done, total) may raise."""
    named = {"meta": np.array(json.dumps(meta)), **arrays}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for i, (name, array) in enumerate(named.items()):
            report(i, len(named))
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)
    return buffer.getvalue()


@contextmanager
def opened(path: Path, what: str, form: int) -> Iterator[tuple[dict[str, Any], dict[str, Array]]]:
    """Meta and arrays of a file of one format, such as "a saved trajectory".

    ConfigError for another format, a file that is none, and for whatever fails in the block: it found the file broken.
    """
    try:
        found = _read(path)
        if found[0].get("format") != form:
            got, remedy = f"format {found[0].get('format')}", "Update this library, or save the run again."
            raise ConfigError(path.name, got, f"format {form}", remedy)
        yield found
    except FileNotFoundError:
        raise ConfigError(path.name, "no file", f"a {what}", "Correct its name.") from None
    except ConfigError:
        raise
    except Exception as error:  # broken archives fail in a dozen ways
        got, remedy = f"a broken file ({type(error).__name__})", "Save it again."
        raise ConfigError(path.name, got, f"a whole {what}", remedy) from None


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > LARGEST:
        raise ConfigError(path.name, f"{size / 2**20:.0f} MB unpacked", f"at most {LARGEST >> 20} MB", "Thin it.")
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    meta: dict[str, Any] = json.loads(str(arrays.pop("meta")))
    return meta, arrays
