"""Attacks: links, files and messages of people who mean no good. Each is refused in words or does no harm.

Tables that chance or malice has spoiled are in `tests/cases`, links of nonsense in `tests/app/test_any_choice.py`.
"""

import asyncio
import http.client
import json
import os
import shutil
import threading
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit import runtime

from dashboard import bounds, cache, controls, doors, links, picture, presets, registry, session
from dashboard.controls import Choices
from dashboard.doors import Doors
from dashboard.panel import Facts, Moment
from dashboard.run import Run
from dashboard.state import Session, Upload
from dashboard.views.notices import plain
from dashboard.views.page import shown, still_of
from tests.app.test_own_table import taken
from tests.servers import ROOT, Server, serving
from tests.visitor import visiting
from vibcore import data, sheets
from vibcore.types import ConfigError

HOSTILE: tuple[str, ...] = ()
HOSTILE += ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "../../../etc/passwd")
HOSTILE += (
    "=cmd|'/C calc'!A0",
    "+cmd()",
    "@SUM(1)",
    "-1+cmd()",
    "{{7*7}}",
    "${7*7}",
    "a\x00b",
    "\u202egnp",
    "</b>&lt;b&gt;",
)
SMALL = "dataset=moons&n=200&stops=3&encoder=8&decoder=linear&batch=50"
RAISES = """
if __name__ == "__main__" and st.query_params.get("seed") == "667":
    raise RuntimeError("/a/path/of/the/server")
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that knows its own host, as one on the internet should."""
    folder = tmp_path_factory.mktemp("open")
    (folder / "app.py").write_text((ROOT / "app.py").read_text() + RAISES)
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    known = {"PYTHONPATH": str(ROOT), "STREAMLIT_SERVER_ALLOWED_HOSTS": "127.0.0.1"}
    with serving(folder, environment={**os.environ, **known}) as app:
        yield app


def ask(app: Server, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any, bytes]:
    """Status, headers and body of a request that no library tidies up."""
    connection = http.client.HTTPConnection(app.address.removeprefix("http://"), timeout=20)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_the_servers_settings_are_those_that_keep_strangers_out() -> None:
    of = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert of["client"]["showErrorDetails"] == "none" and of["client"]["disableDataExport"]
    server = of["server"]
    assert server["enableXsrfProtection"] and server["enableCORS"] and server["disconnectedSessionTTL"] == 120
    assert server["maxUploadSize"] <= 10 and server["maxWidgetStateSize"] <= 1 and server["maxMessageSize"] <= 32
    assert not server.get("enableStaticServing") and not server.get("enableAgentApi")


@pytest.mark.parametrize("key", ["dataset", "table", "encoder", "hide", "edits", "lesson", "seed", "colour"])
def test_what_a_link_says_is_repeated_short_and_as_text(key: str) -> None:
    for value in (*HOSTILE, "9" * 1_000_000, "1-" * 500_000, "x," * 500_000):
        mine = session.from_link({key: value, value: "1"})
        assert mine.choices.dataset == "spirals" and len(mine.refused) <= links.MOST_KEYS + 1
        for why in map(plain, mine.refused):
            assert len(why) < 400 and "\x00" not in why
            assert all(why[at - 1] == "\\" for at, letter in enumerate(why) if letter in "<>[]$`")


def test_a_link_of_a_hundred_thousand_things_is_read_as_far_as_one_can_be_meant() -> None:
    begin = time.perf_counter()
    mine = session.from_link({f"k{i}": "1" for i in range(100_000)})
    assert "asks for 100,000 things" in mine.refused[0] and len(mine.refused) == links.MOST_KEYS + 1
    assert time.perf_counter() - begin < 10


def test_a_link_of_a_megabyte_holds_up_nobody_and_no_answer_tells_of_the_server(app: Server) -> None:
    with visiting(app, SMALL) as bystander, visiting(app, f"{SMALL}&hide={'<b>,' * 200_000}") as odd:
        odd.query = ""
        odd.until(lambda v: v.step > 0)
        bystander.until(lambda v: v.step > 0)
    with visiting(app, "seed=667") as raised:
        raised.until(lambda v: b"exception" in v.said or not v.asked)
    script = str(ROOT).encode()
    for said in (bystander.said, odd.said, raised.said):
        assert b"Traceback" not in said and b"/a/path" not in said and script not in said


@pytest.mark.parametrize(
    "path",
    [
        "/stage/../app.py",
        "/stage/x/..%2f..%2fapp.py",
        "/stage/%2e%2e/%2e%2e/app.py",
        "/static/../../../../etc/passwd",
        "/media/../../etc/passwd",
        "/component/../../etc/passwd",
        "/_stcore/bidi-components/..%2f..%2f..%2fetc%2fpasswd",
        "/app/static/..%2fapp.py",
        "//etc/passwd",
        "/\x7f",
    ],
)
def test_no_path_leads_out_of_what_is_served(app: Server, path: str) -> None:
    try:
        status, _, body = ask(app, "GET", path)
    except http.client.InvalidURL:
        return
    assert b"root:" not in body and b"import streamlit" not in body and str(ROOT).encode() not in body
    assert status >= 400 or b"<title>Streamlit</title>" in body


def test_another_sites_page_and_another_hosts_name_are_not_let_in(app: Server) -> None:
    upgrade: dict[str, Any] = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    upgrade["Sec_WebSocket_Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    strange: tuple[dict[str, Any], ...] = ({"Origin": "https://elsewhere.example"}, {"Host": "rebound.example"})
    for about in strange:
        assert ask(app, "GET", "/_stcore/stream", **upgrade, **about)[0] == 403


def test_files_come_from_their_own_page_are_of_a_size_and_of_a_number(app: Server) -> None:
    _, headers, _ = ask(app, "GET", "/_stcore/health")
    cookie = headers["Set-Cookie"].split(";")[0]
    token = {
        "Cookie": cookie,
        "X_Xsrftoken": cookie.partition("=")[2],
        "Content_Type": "multipart/form-data; boundary=B",
    }

    def send(session: str, data: bytes, file: str, **headers: Any) -> int:
        start = b'--B\r\nContent-Disposition: form-data; name="file"; filename="../../<b>.csv"\r\n\r\n'
        return ask(app, "PUT", f"/_stcore/upload_file/{session}/{file}", start + data + b"\r\n--B--\r\n", **headers)[0]

    with visiting(app, SMALL) as visitor:
        visitor.until(lambda v: v.pictures)
        assert send(visitor.session, b"a,b", "x") == 403, "another site's form has no token"
        assert send("somebody-else", b"a,b", "x", **token) == 400
        assert send(visitor.session, bytes(11 * 2**20), "x", **token) == 413
        sent = [send(visitor.session, b"a,b", f"file{i}", **token) for i in range(doors.MOST_FILES + 2)]
        assert sent == [204] * doors.MOST_FILES + [429] * 2


def through(gate: Doors, scope: dict[str, Any]) -> list[dict[str, Any]]:
    """What a gate answers."""
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(gate({"headers": [], "method": "GET", "path": "/", **scope}, receive, send))
    return said


def test_one_page_too_many_is_told_to_come_back_and_scripts_and_checks_are_served() -> None:
    inside: list[str] = []

    async def app(scope: Any, *_: Any) -> None:
        inside.append(scope["type"])
        assert gate.pages == (scope["type"] == "websocket") * 1 or gate.pages == doors.MOST_PAGES

    gate = Doors(app)
    through(gate, {"type": "websocket"})
    assert inside == ["websocket"] and gate.pages == 0
    gate.pages = doors.MOST_PAGES
    assert through(gate, {"type": "websocket"}) == [{"type": "websocket.close", "code": 1013}]
    start, body = through(gate, {"type": "http", "headers": [(b"accept", b"text/html")]})
    assert start["status"] == 503 and body["body"].decode() == doors.FULL
    through(gate, {"type": "http"})
    assert inside == ["websocket", "http"]


def test_all_files_together_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {"another": {"file": SimpleNamespace(data=range(doors.MOST_BYTES))}}
    manager = SimpleNamespace(uploaded_file_mgr=SimpleNamespace(file_storage=held))
    monkeypatch.setattr(runtime, "get_instance", lambda: manager)
    path = f"{doors.UPLOADS}mine/file"
    start, body = through(Doors(lambda *_: pytest.fail("let in")), {"type": "http", "method": "PUT", "path": path})
    assert start["status"] == 429 and body["body"].decode() == doors.TOO_MANY_FILES


def test_names_from_a_file_are_no_markup_and_no_formula_wherever_they_are_shown() -> None:
    count = len(HOSTILE)
    names = [f'"{name}"'.replace("\x00", "") for name in HOSTILE]
    lines = [f"{i / 7},{(i * i) % 11},{names[i % count]}" for i in range(60 * count)]
    data = "\n".join([f"{names[0]},{names[4]},{names[1]}", *lines]).encode()
    file, mine = Upload("f", sheets.shown(HOSTILE[0]), sheets.sheet(data)), Session(Choices(), [])
    mine.choices = replace(taken(mine, Choices(dataset="own"), file), batch=32, stops=3)
    assert mine.own is not None
    run = Run(controls.config(mine.choices), session.window(mine, controls.config(mine.choices).dataset).dataset, True)
    told = [file.name, *mine.own.table.class_names, *mine.own.table.feature_names]
    for path in ("explore", "vae"):
        page = shown(mine, path)
        still = still_of(mine, page, Facts())
        told.append(picture.document(page, still))
        if len(page.runs) == 1 and page.runs[0].task == "classify":
            header, _ = picture.frame(page, Moment(still, run, run.snapshot_now(None)), False, "")
            told.append(json.dumps(header))
    for text in told:
        assert not any(tag in text for tag in ("<script", "<img", "</b>&", "\x00", "\u202e")), text[:200]
    assert all(name[0] not in "=+@-" for name in mine.own.table.class_names)
    assert any(name.startswith("'=cmd") for name in mine.own.table.class_names)
    assert [sheets.shown(name) for name in ("-1.5", "+", "-1e-3", "−1", "a=b")] == ["-1.5", "+", "-1e-3", "−1", "a=b"]


HUGE = [
    (
        {"encoder": (1024, 1024, 1024, 1024)},
        "encoder: got .*expected at most 8e.06 weights of all models, as many visitors share",
    ),
    (
        {"encoder": (1024,), "decoder": (1024,), "stops": 64, "batch": 600, "n": 5000},
        "encoder: got .* multiplications of a step.*or a smaller batch",
    ),
    (
        {"encoder": (1024,), "decoder": (1024,), "stops": 64, "batch": 32, "n": 5000},
        "encoder: got .* activations in a picture.*or fewer examples",
    ),
    (
        {"latent_dim": 64, "posterior": "full", "stops": 2, "n": 100, "batch": 8},
        "latent_dim: got 64, expected at most 16",
    ),
]


@pytest.mark.parametrize(("asked", "says"), HUGE)
def test_a_run_that_would_hold_up_all_others_is_refused_and_its_link_opens_a_smaller_one(
    asked: dict[str, Any], says: str
) -> None:
    nobody, choices = Session(Choices(), []), replace(Choices(dataset="moons"), **asked)
    with pytest.raises(ConfigError, match=says):
        session.check(nobody, choices)
    mine = session.from_link(links.write(choices))
    session.check(mine, mine.choices)
    assert mine.refused and mine.choices.dataset == "moons"


def test_every_dataset_can_be_had_as_it_suits_it() -> None:
    for name in data.names():
        session.check(Session(Choices(), []), presets.preset(Choices(), name))


def test_all_trainings_together_have_a_bound_and_one_that_is_open_already_needs_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine, choices = Session(Choices(), []), replace(Choices(), dataset="moons", n=200, stops=3, batch=50)
    config = controls.config(choices)
    run = Run(config, session.window(mine, config.dataset).dataset)
    before = registry.held()
    shown = run.snapshot_now([0])
    run.training.pictures.get("seen", lambda: shown)
    assert registry.held() >= before + shown.mu.nbytes + shown.latent_grid.nbytes, "its pictures count"
    monkeypatch.setattr(bounds, "MOST_HELD", registry.held())
    session.check(mine, choices)
    with pytest.raises(
        ConfigError, match=r"room: got 'a server that is full', expected at most \d+ MiB.*Try again when"
    ):
        session.check(mine, replace(choices, seed=1))
    del run
    opened = session.from_link({"dataset": "moons", "seed": "77"})
    assert opened.choices == Choices() and "The default problem is shown instead" in " ".join(opened.refused)


def test_the_room_of_a_server_is_its_hosts_to_set() -> None:
    assert bounds.memory("512") == 512 * 2**20 and bounds.MOST_HELD > registry.MOST_BYTES
    for text in ("255", "", "-1", "1e3", "lots", "٥١٢"):
        with pytest.raises(
            ConfigError, match=r"BOTTLENECK_MEMORY: got .*, expected MiB, a whole number of at least 256"
        ):
            bounds.memory(text)


def test_many_problems_at_once_are_looked_into_a_few_at_a_time() -> None:
    inside, most, go = [0], [0], threading.Event()

    def work() -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        go.wait(5)
        inside[0] -= 1

    found = [cache.Background(work) for _ in range(12)]
    assert cache.Background(lambda: 1, can_wait=False).done.wait(5), "PyTorch does not wait for them"
    time.sleep(0.1)
    go.set()
    assert all(each.done.wait(5) for each in found) and most[0] == 2
