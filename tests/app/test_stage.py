"""The stage's messages: what is packed is what the browser unpacks; and its files, served from wherever they lie."""

import gzip
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard import stage
from tests.servers import ROOT, serving


def test_a_message_survives_packing() -> None:
    arrays: dict[str, tuple[Any, list[int] | None]] = {
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
        joined = stage.join([stage.deflated(message) for message in messages[:count]])
        assert stage.parts(joined) == messages[:count]
        assert (len(zlib.decompress(joined, wbits=-15)) - sum(map(len, messages[:count]))) % 8 == 0, (
            "arrays stay aligned"
        )


def test_a_message_is_smaller_on_its_way() -> None:
    message = stage.pack("", {"texts": ["β = 0.1"] * 500}, {"code": (np.arange(2304, dtype=np.uint8) // 9, None)})
    assert len(stage.join([stage.deflated(message)])) < len(message) / 2


def get(address: str, packed: bool = False) -> tuple[int, Any, bytes]:
    """Status, headers and body, unpacked."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"} if packed else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read()
            return answer.status, answer.headers, gzip.decompress(body) if packed else body
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def without_rights() -> list[str]:
    """What makes a command an ordinary user's: of root's rights, those to write where modes forbid it are gone."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("run as root without setpriv: modes forbid nothing")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"]


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The app in a folder that nobody may write to."""
    tree = tmp_path_factory.mktemp("install") / "lab"
    tree.mkdir()
    shutil.copy(ROOT / "app.py", tree)
    for part in ("vibcore", "dashboard", ".streamlit"):
        shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tree, *tree.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = sorted(tree.rglob("*"))
    assert subprocess.run([*without_rights(), "touch", tree / "x"], capture_output=True).returncode != 0
    yield tree
    assert sorted(tree.rglob("*")) == before, "nothing was written"
    for path in (tree, *tree.rglob("*")):
        path.chmod(0o755)


def homeless() -> dict[str, str]:
    """An environment in which there is no home to write to, either."""
    return {**os.environ, "HOME": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent"}


class Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else."""

    def redirect_request(self, *args: object) -> None:
        return None


@pytest.fixture(scope="module")
def served(install: Path) -> Iterator[str]:
    """Its address, below /deep/lab."""
    with serving(install, "/deep/lab", without_rights(), homeless()) as app:
        yield app.address


def test_an_install_that_cannot_be_written_to_shows_its_page(install: Path) -> None:
    script = """
from streamlit.testing.v1 import AppTest
at = AppTest.from_file("app.py", default_timeout=60).run()
assert not at.exception, at.exception
assert at.get("bidi_component")
"""
    command = [*without_rights(), sys.executable, "-c", script]
    done = subprocess.run(command, cwd=install, env=homeless(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_install_that_cannot_be_written_to_serves_page_script_style_and_library(served: str) -> None:
    assert get(served + "/")[0] == 200
    library = stage.LIBRARY.read_bytes()
    assert b"plotly.js v" in library[:400] and len(library) > 1_000_000
    for name, content in {**stage.sources(), "plotly.min.js": library}.items():
        for packed in (False, True):
            status, headers, body = get(f"{served}/stage/{stage.folder()}/{name}", packed)
            assert status == 200 and body == content
            assert headers["Content-Type"].startswith("text/css" if name.endswith("css") else "text/javascript")
            assert "immutable" in headers["Cache-Control"] and "max-age=31536000" in headers["Cache-Control"]
            assert headers["Content-Encoding"] == ("gzip" if packed else None)


def test_a_page_names_all_its_files_so_that_they_come_while_the_rest_is_loading(served: str) -> None:
    _, headers, _ = get(served + "/")
    named = re.findall(r"<(/deep/lab/stage/[^>]+)>; rel=(modulepreload|preload; as=style)", headers["Link"])
    assert {Path(path).name for path, _ in named} == set(stage.sources())
    assert all(get(served.removesuffix("/deep/lab") + path)[0] == 200 for path, _ in named)
    assert "Link" not in get(served + "/_stcore/health")[1]


def test_the_first_page_is_found_by_its_own_name_with_all_that_a_link_says(served: str) -> None:
    asked = urllib.request.Request(f"{served}/explore?beta=0.1&dataset=moons", headers={"Host": "elsewhere.example"})
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.build_opener(Stay).open(asked)
    error.value.close()
    assert error.value.code == 307
    assert error.value.headers["Location"] == "./?beta=0.1&dataset=moons", "whatever host it was asked as"


def test_files_that_are_none_of_the_page_are_not_served(served: str) -> None:
    here = f"{served}/stage/{stage.folder()}"
    for address in (
        f"{here}/__init__.py",
        f"{here}/icon.svg",
        f"{here}/protocol.d.ts",
        f"{here}/..%2Fstage.css",
        f"{served}/stage/old/stage.js",
    ):
        status, _, body = get(address)
        assert status in (400, 404) and b"import" not in body


def test_the_loader_names_the_folder_by_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(stage.loader()) < 1000, "Streamlit sends it with every message"
    assert b"export function mount" in stage.sources()["mount.js"]
    assert stage.version("a") != stage.version("b")
    one = stage.folder()
    monkeypatch.setattr(stage, "sources", lambda: {"mount.js": b"another"})
    assert stage.folder.__wrapped__() != one
