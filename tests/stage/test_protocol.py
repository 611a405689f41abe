"""The protocol: what is sent is what it names, and the browser's types are those of Python."""

import json
import re
import types
from pathlib import Path
from typing import Any, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import protocol, stage
from dashboard.protocol import ArraySpec
from dashboard.stage.check import check
from dashboard.stage.typescript import typescript

STAGE = Path(stage.__file__).parent
HALF = np.zeros((2, 3, 2), np.float16)


def test_the_browsers_types_are_those_of_python() -> None:
    wrote = (STAGE / "protocol.d.ts").read_text("utf-8")
    assert wrote == typescript(), "run python -m dashboard.stage.typescript"


def test_every_array_that_a_script_reads_by_name_is_in_the_protocol() -> None:
    read = set()
    for path in STAGE.glob("*.js"):
        text = path.read_text("utf-8")
        read |= set(re.findall(r"\barrays\.(\w+)", text))
        read |= {re.sub(r"\$\{\w+\}", "*", name) for name in re.findall(r"\barrays\[`(?:\$\{of\})?([^`]+)`\]", text)}
    assert len(read) > 7 and read <= set(protocol.ARRAYS)


def test_every_action_that_a_script_sends_is_in_the_protocol() -> None:
    sent = set()
    for path in STAGE.glob("*.js"):
        text = path.read_text("utf-8")
        sent |= set(re.findall(r'\bsend\??\.?\("(\w+)"', text)) | set(
            re.findall(r'send: (?:playing \? )?"(\w+)"', text)
        )
    assert {"play", "pause"} <= sent | {"play"} and sent <= set(protocol.ACTIONS)


@pytest.mark.parametrize(
    ("name", "array", "models", "words"),
    [
        ("point_mu", HALF.astype(np.float32), [0, 1], r"point_mu: got float32, expected one of \['f2'\]. Convert it"),
        ("point_mu", HALF, None, "point_mu: got models None, expected it model"),
        ("point_mu", HALF, [0], r"got shape \(2, 3, 2\) for 1 models. Give each model a row"),
        ("point_mu", HALF[..., :1], [0, 1], r"got axes \(3, 1\), expected “input=3 2=2”|expected “input 2=2”"),
        ("vib_point_mu", HALF[..., 0], [0, 1], r"vib_point_mu: got axes \(3,\), expected"),
        ("anything", HALF.astype(np.float64), None, "anything: got float64, expected one of"),
    ],
)
def test_an_array_that_is_not_what_it_is_declared_as_is_refused(name: str, array: Any, models: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        stage.pack("", {}, {name: (array, models)})


def test_axes_of_one_name_have_one_length() -> None:
    bits = np.zeros((2, 4), np.float16)
    with pytest.raises(TypeError, match=r"point_bits: got axes \(4,\), expected “input=3”"):
        stage.pack("", {}, {"point_mu": (HALF, [0, 1]), "point_bits": (bits, [0, 1])})


def test_a_panels_own_arrays_are_what_it_declares() -> None:
    declared = {"curve": ArraySpec("f4", "step", "shared")}
    check({"curve": (np.zeros(3, np.float32), None)}, declared)
    with pytest.raises(TypeError, match="array other: got no declaration, expected an ArraySpec"):
        check({"other": (np.zeros(3, np.float32), None)}, declared)
    with pytest.raises(TypeError, match="array curve: got float16"):
        check({"curve": (np.zeros(3, np.float16), None)}, declared)


def test_what_stands_still_is_marked_and_nothing_else() -> None:
    classes = np.zeros(3, np.uint8)
    message = stage.pack("", {}, {"point_class": (classes, None), "point_mu": (HALF, [0, 1])})
    table = stage.unpack(message)[1]["arrays"]
    assert [name for name, about in table.items() if about["once"]] == ["point_class"]


def conforms(value: Any, hint: Any, path: str) -> None:
    """What JSON brings has the keys that a typed dictionary names, all the way down."""
    if get_origin(hint) in (list, types.UnionType):
        of = next(each for each in get_args(hint) if each is not type(None))
        for each in value if isinstance(value, list) else [value] if value is not None else []:
            conforms(each, of, path)
    if not is_typeddict(hint):
        return
    hints = get_type_hints(hint, include_extras=True)
    optional = {name for name, each in hints.items() if get_origin(each) is NotRequired}
    assert hints.keys() - optional <= value.keys() <= hints.keys(), f"{path}: {value.keys() ^ hints.keys()}"
    for name, each in value.items():
        conforms(each, hints[name], f"{path}.{name}")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("page", ["explore", "vae"])
def test_a_page_opens_with_a_message_that_has_what_the_protocol_names_and_nothing_else(page: str) -> None:
    at = AppTest.from_string(f"from dashboard.views import page\npage.whole('{page}')", default_timeout=60).run()
    document, header, _ = stage.unpack(stage.parts(at.get("bidi_component")[0].proto.bytes)[-1])
    conforms(json.loads(document), protocol.Document, "document")
    conforms(header, protocol.Header, "header")
