"""The stage's messages: what is packed is what the browser unpacks."""

import zlib

import numpy as np
import pytest

from dashboard import stage


def test_a_message_survives_packing() -> None:
    arrays = {
        "half": (np.array([[0.5, np.nan], [1e-3, -2]], dtype=np.float16), [3, 7]),
        "bytes": (np.arange(5, dtype=np.uint8), None),
        "single": (np.linspace(0, 1, 7, dtype=np.float32), None),
    }
    text, header, found = stage.unpack(stage.pack('{"β": "é"}', {"chosen": 2}, arrays))
    assert text == '{"β": "é"}' and header["chosen"] == 2
    assert header["arrays"]["half"]["models"] == [3, 7] and header["arrays"]["bytes"]["models"] is None
    for name, (array, _) in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_arrays_start_where_a_browser_can_read_them() -> None:
    message = stage.pack("x", {}, {n: (np.zeros(k, dtype=np.uint8), None) for n, k in (("a", 3), ("b", 9), ("c", 1))})
    _, header, _ = stage.unpack(message)
    assert all(about["offset"] % 8 == 0 for about in header["arrays"].values())
    assert len(message) % 8 == 0


def test_a_type_that_the_browser_cannot_read_is_refused() -> None:
    with pytest.raises(TypeError, match=r"array wide: got float64, expected one of .*Convert it"):
        stage.pack("", {}, {"wide": (np.zeros(2), None)})


def test_nan_never_reaches_the_header() -> None:
    with pytest.raises(ValueError, match="JSON"):
        stage.pack("", {"bad": float("nan")}, {})


def test_several_messages_survive_joining() -> None:
    messages = [stage.pack("", {"chosen": i}, {"a": (np.arange(i, dtype=np.uint8), None)}) for i in range(4)]
    for count in (1, 2, 3, 4):
        joined = stage.join(messages[:count])
        assert stage.parts(joined) == messages[:count]
        assert (len(zlib.decompress(joined)) - sum(map(len, messages[:count]))) % 8 == 0, "arrays stay aligned"


def test_a_message_is_smaller_on_its_way() -> None:
    message = stage.pack("", {"texts": ["β = 0.1"] * 500}, {"code": (np.arange(2304, dtype=np.uint8) // 9, None)})
    assert len(stage.join([message])) < len(message) / 2


def test_what_the_page_needs_is_served_from_here(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(stage, "STATIC", tmp_path / "static")
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "stage-old.js").write_text("of an earlier version")
    loader = stage.serve()
    copy = tmp_path / "static" / "plotly.min.js"
    assert copy.stat().st_size > 1_000_000 and b"plotly.js v" in copy.read_bytes()[:400]
    (script,) = (tmp_path / "static").glob("stage-*.js")
    assert script.name in loader and script.with_suffix(".css").name in loader
    assert "export function mount" in script.read_text()
    assert len(loader) < 1000, "Streamlit sends it with every message"
    assert stage.version("a") != stage.version("b")
