"""The live picture: a small component that keeps its Plotly charts alive and draws what it is sent.

It knows nothing of bottlenecks. Python sends a *document* (figures, slider, captions) that rarely changes and a
*frame* (arrays and texts) that often does; a trace's `meta.bind` names the arrays that it shows.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import struct
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import plotly
import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from dashboard import protocol
from dashboard.stage.check import check
from vibcore.types import Array

HERE = Path(__file__).parent
LIBRARY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
STYLE = "stage.css"
MEDIA = {".js": "text/javascript", ".css": "text/css"}
# Streamlit sends a component's own script with every message: it only fetches the real ones, once, and all at once,
# as imports that are found in imports would come one after another.
LOADER = """
const url = (name) => new URL(`stage/FOLDER/${name}`, document.baseURI).href;
const style = document.createElement("link");
const styled = new Promise((done) => Object.assign(style, { rel: "stylesheet", href: url("stage.css"), onload: done }));
document.head.append(style);
const modules = "NAMES".split(" ").map((name) => import(url(`${name}.js`)));
const loaded = Promise.all([import(url("mount.js")), styled, ...modules]);
export default function (component) {
  let close = null, closed = false;
  loaded.then(([{ mount }]) => { if (!closed) close = mount(component); });
  return () => { closed = true; close?.(); };
}
"""


@cache
def sources() -> dict[str, bytes]:
    """The page's own modules and style, as they lie in the package. Nothing is written: an install may be read-only."""
    return {path.name: path.read_bytes() for path in (*sorted(HERE.glob("*.js")), HERE / STYLE)}


@cache
def loader() -> str:
    """The script that fetches all others."""
    names = " ".join(Path(name).stem for name in sources() if name.endswith(".js"))
    return LOADER.replace("FOLDER", folder()).replace("NAMES", names)


@cache
def folder() -> str:
    """What the files' folder is called: by their content, so that a browser may keep them for good."""
    return version("".join(text.decode() for text in sources().values()) + plotly.__version__)[:12]


@cache
def packed(name: str) -> bytes:
    """A file as gzip, made once: the library is 5 MB and takes 0.1 s."""
    return gzip.compress(sources().get(name) or LIBRARY.read_bytes(), 5, mtime=0)


def served(request: Request) -> Response:
    """Script, style and chart library of the page, which needs no internet: /stage/FOLDER/NAME."""
    name = request.path_params["name"]
    if request.path_params["folder"] != folder() or name not in {*sources(), LIBRARY.name}:
        return PlainTextResponse("There is no such file: reload the page.", 404)
    media = MEDIA[Path(name).suffix]
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return Response(packed(name), headers=headers | {"Content-Encoding": "gzip"}, media_type=media)
    return Response(sources().get(name) or LIBRARY.read_bytes(), headers=headers, media_type=media)


def pack(document: str, header: Mapping[str, Any], arrays: protocol.Arrays, once: Collection[str] = ()) -> bytes:
    """One message. Every array comes with the models of its leading axis, or None when all models share it.

    `document` may be empty when the browser has the one that `header["version"]` names; it asks when it has not.
    `once`: arrays that are kept with the document, beside those that are declared so.
    """
    check(arrays)
    table: dict[str, Any] = {}
    chunks: list[bytes] = []
    offset = 0
    for name, (array, models) in arrays.items():
        about = protocol.spec(name)
        is_once = name in once or (about is not None and about.sent == "once")
        raw = np.ascontiguousarray(array).tobytes()
        raw += bytes(-len(raw) % 8)
        dtype = f"{array.dtype.kind}{array.dtype.itemsize}"
        table[name] = {"dtype": dtype, "shape": array.shape, "offset": offset, "models": models, "once": is_once}
        chunks.append(raw)
        offset += len(raw)
    head = json.dumps({**header, "arrays": table}, allow_nan=False).encode()
    text = document.encode()
    start = struct.pack("<II", len(text), len(head)) + text + head
    return start + bytes(-len(start) % 8) + b"".join(chunks)


class Deflated(NamedTuple):
    """A message at half its size, and its length before."""

    length: int
    data: bytes


def deflated(message: bytes) -> Deflated:
    """A message as `join` lays it beside others: its data end on a whole byte."""
    stream = zlib.compressobj(level=1, wbits=-15)  # more is slower, not smaller
    return Deflated(len(message), stream.compress(message) + stream.flush(zlib.Z_FULL_FLUSH))


def join(messages: Sequence[Deflated]) -> bytes:
    """Several messages as one stream: their number and lengths, then they themselves."""
    start = struct.pack(f"<{len(messages) + 1}I", len(messages), *(each.length for each in messages))
    begin = deflated(start + bytes(-len(start) % 8))
    return b"".join([begin.data, *(each.data for each in messages), zlib.compressobj(wbits=-15).flush()])


def parts(joined: bytes) -> list[bytes]:
    """The messages of what was joined, as the browser takes them apart."""
    joined = zlib.decompress(joined, wbits=-15)
    (count,) = struct.unpack_from("<I", joined)
    lengths = struct.unpack_from(f"<{count}I", joined, 4)
    ends = np.cumsum([-(-4 * (count + 1) // 8) * 8, *lengths]).tolist()
    return [joined[a:b] for a, b in pairwise(ends)]


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
def _component(key: str) -> Callable[..., Any]:
    """One component a stage: the page knows by its key which of several it is."""
    return st.components.v2.component(
        f"bottleneck_{key.replace('.', '_')}",
        html=f'<div class="lab-stage" data-key="{key}"></div>',
        js=loader(),
        isolate_styles=False,
    )


def stage(joined: bytes, key: str, on_chosen: Callable[[], None], on_transport: Callable[[], None]) -> Any:
    """Mount or update the stage with joined messages, pictures to be shown one after another.

    `chosen` is a state (the model looked at), `transport` a trigger (numbered presses, see `presses.count`).
    """
    return _component(key)(key=key, data=joined, on_chosen_change=on_chosen, on_transport_change=on_transport)
