"""The live picture: a small component that keeps its Plotly charts alive and draws what it is sent.

It knows nothing of bottlenecks. Python sends a *document* (figures, slider, captions) that rarely changes and a
*frame* (arrays and texts) that often does; a trace's `meta.bind` names the arrays that it shows.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import plotly
import streamlit as st

from vibcore.types import Array

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "static"
DTYPES = {"f2", "f4", "u1", "i4"}


def serve_plotly() -> None:
    """Copy the chart library out of plotly.py to where Streamlit serves it: the page needs no internet."""
    source = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    target = STATIC / source.name
    if not target.exists() or target.stat().st_size != source.stat().st_size:
        STATIC.mkdir(exist_ok=True)
        part = target.with_suffix(".part")
        shutil.copyfile(source, part)
        part.replace(target)  # two sessions may start at once; neither must serve half a file


def pack(document: str, header: Mapping[str, Any], arrays: Mapping[str, tuple[Array, list[int] | None]]) -> bytes:
    """One message. Every array comes with the models of its leading axis, or None when all models share it.

    `document` may be empty when the browser has the one that `header["version"]` names; it asks when it has not.
    """
    table: dict[str, Any] = {}
    chunks: list[bytes] = []
    offset = 0
    for name, (array, models) in arrays.items():
        dtype = f"{array.dtype.kind}{array.dtype.itemsize}"
        if dtype not in DTYPES:
            raise TypeError(f"array {name}: got {array.dtype}, expected one of {sorted(DTYPES)}. Convert it first.")
        raw = np.ascontiguousarray(array).tobytes()
        raw += bytes(-len(raw) % 8)
        table[name] = {"dtype": dtype, "shape": array.shape, "offset": offset, "models": models}
        chunks.append(raw)
        offset += len(raw)
    head = json.dumps({**header, "arrays": table}, allow_nan=False).encode()
    text = document.encode()
    start = struct.pack("<II", len(text), len(head)) + text + head
    return start + bytes(-len(start) % 8) + b"".join(chunks)


def unpack(message: bytes) -> tuple[str, dict[str, Any], dict[str, Array]]:
    """Inverse of `pack`, as the browser does it."""
    lengths = struct.unpack_from("<II", message)
    document = message[8 : 8 + lengths[0]].decode()
    header = json.loads(message[8 + lengths[0] : 8 + sum(lengths)])
    base = -(-(8 + sum(lengths)) // 8) * 8
    arrays = {
        name: np.frombuffer(message, about["dtype"], int(np.prod(about["shape"])), base + about["offset"]).reshape(
            about["shape"]
        )
        for name, about in header["arrays"].items()
    }
    return document, header, arrays


def version(document: str) -> str:
    """A document's name."""
    return hashlib.sha1(document.encode(), usedforsecurity=False).hexdigest()


@st.cache_resource
def _component() -> Callable[..., Any]:
    serve_plotly()
    script = "\n".join((HERE / f"{part}.js").read_text() for part in ("codec", "charts", "controls", "stage"))
    return st.components.v2.component(
        "bottleneck_stage",
        html='<div class="lab-stage"></div>',
        css=(HERE / "stage.css").read_text(),
        js=script,
        isolate_styles=False,
    )


def stage(message: bytes, key: str, on_chosen: Callable[[], None], on_transport: Callable[[], None]) -> Any:
    """Mount or update the stage. `chosen` is a state (the model looked at), `transport` a trigger (a button)."""
    return _component()(key=key, data=message, on_chosen_change=on_chosen, on_transport_change=on_transport)
