"""What a department runs: image and surroundings say what they must, and the wheel serves from a read-only tree."""

import json
import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard import stage
from dashboard.views.sidebar import about
from tests.app.test_stage import get, homeless, without_rights
from tests.package.environments import ROOT
from tests.package.test_wheel import PROJECT
from tests.servers import Server, wait_for
from tests.visitor import visiting

INSTRUCTION = re.compile(r"^([A-Z]+)\s+(.*)$")
SECRET = re.compile(r"password|passwd|secret|token|api_?key|BEGIN [A-Z ]*PRIVATE", re.IGNORECASE)


def instructions(text: str) -> list[tuple[str, str]]:
    """A Dockerfile's instructions, lines that go on put together."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines()
    found = [INSTRUCTION.match(line) for line in joined if line.strip()]
    assert all(found), "every line is an instruction or goes on"
    return [(match[1], match[2]) for match in found if match]


@pytest.fixture(scope="module")
def image() -> list[tuple[str, str]]:
    return instructions((ROOT / "Dockerfile").read_text())


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


def test_the_image_is_pinned_slim_and_an_ordinary_users(image: list[tuple[str, str]]) -> None:
    bases = [value.split()[0] for name, value in image if name == "FROM"]
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base) for base in bases) and len(set(bases)) == 1
    last = image[max(i for i, (name, _) in enumerate(image) if name == "FROM") :]
    (user,) = [value for name, value in last if name == "USER"]
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user), "a number, which a cluster can check, and not root's"
    order = [name for name, _ in last]
    assert order.index("USER") < order.index("ENTRYPOINT") and order.index("USER") > order.index("COPY")
    assert not any(name == "ADD" for name, _ in image) and ("STOPSIGNAL", "SIGTERM") in image


def test_the_image_takes_pytorch_for_cpus_in_the_version_of_all_numbers(image: list[tuple[str, str]]) -> None:
    steps = [value for name, value in image if name == "RUN"]
    first, rest = (next(i for i, step in enumerate(steps) if part in step) for part in ("torch==", "-r requirements"))
    assert first < rest and '--index-url "$CPU_WHEELS"' in steps[first]
    assert any('test -n "$CPU_WHEELS"' in step for step in steps), "no gigabytes of CUDA by mistake"
    assert all("--no-cache-dir" in step for step in steps if "pip install" in step)


def test_the_images_health_check_asks_the_page_below_its_base_path(image: list[tuple[str, str]]) -> None:
    (check,) = [value for name, value in image if name == "HEALTHCHECK"]
    command = json.loads(check[check.index("[") :])
    assert command[:2] == ["python", "-c"] and "/_stcore/health" in command[2].replace("'_st", "/_st")
    compile(command[2], "check", "exec")


def test_what_is_copied_is_there_and_nothing_else_goes_along(image: list[tuple[str, str]]) -> None:
    copied = [value.split()[:-1] for name, value in image if name == "COPY" and "--from" not in value]
    allowed = (ROOT / ".dockerignore").read_text().split("\n")
    assert "*" in allowed
    for name in (each for group in copied for each in group):
        assert (ROOT / name).exists() and any(line.startswith(f"!{name}") for line in allowed), name
    for line in (each[1:] for each in allowed if each.startswith("!")):
        assert (ROOT / line).exists(), f"{line} is gone"


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", ".dockerignore", ".streamlit/config.toml"])
def test_no_secret_is_written_down(name: str) -> None:
    assert not SECRET.search((ROOT / name).read_text())


def test_every_service_is_read_only_without_rights_and_looked_after(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"lab", "door"}
    for name, service in compose["services"].items():
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert service["tmpfs"] and service["healthcheck"]["test"] and service["restart"] == "unless-stopped"
        assert service["security_opt"] == ["no-new-privileges:true"] and "privileged" not in service
    lab, door = compose["services"]["lab"], compose["services"]["door"]
    assert "ports" not in lab, "nobody passes the door"
    assert re.fullmatch(r"caddy:\d+\.\d+\.\d+-\w+", door["image"])
    assert lab["mem_limit"] and lab["pids_limit"] and lab["environment"]["STREAMLIT_SERVER_ALLOWED_HOSTS"]


def test_the_door_passes_on_what_lies_below_the_base_path(compose: dict[str, Any]) -> None:
    lab = compose["services"]["lab"]
    path = lab["environment"]["STREAMLIT_SERVER_BASE_URL_PATH"]
    rules = compose["configs"]["caddyfile"]["content"]
    assert rules.count("{") == rules.count("}") and "${HOST}" in rules
    assert f"handle /{path}/*" in rules and f"reverse_proxy lab:{lab['expose'][0]}" in rules
    assert f"respond /{path}/_stcore/metrics* 404" in rules
    assert f"/{path}/_stcore/health" in lab["healthcheck"]["test"][-1]


def test_the_page_names_version_and_licence() -> None:
    assert about() == f"Bottleneck Lab {PROJECT['version']}, free software under the {PROJECT['license']} licence."


@contextmanager
def proxy(port: int) -> Iterator[int]:
    """A small door before a server of this machine: bytes there, bytes back. Its port."""

    def pass_on(source: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with suppress(OSError):  # the door is closed
            while True:
                inner, outer = door.accept()[0], socket.create_connection(("127.0.0.1", port))
                every.extend((inner, outer))
                for pair in ((inner, outer), (outer, inner)):
                    threading.Thread(target=pass_on, args=pair, daemon=True).start()

    every: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield door.getsockname()[1]
        finally:
            door.shutdown(socket.SHUT_RDWR)
            for each in every:
                each.close()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing of a folder may be written, what its links lead to left alone."""
    tree = [path for path in (folder, *folder.rglob("*")) if not path.is_symlink()]
    modes = {path: path.stat().st_mode for path in tree}
    for path, mode in modes.items():
        path.chmod(mode & 0o555)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def test_the_wheel_serves_an_ordinary_user_from_a_read_only_tree_below_a_path_behind_a_proxy(
    everything: Path, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*without_rights(), str(everything / "bottleneck-lab"), f"--server.port={port}"]
    known = {"STREAMLIT_SERVER_BASE_URL_PATH": "lab", "STREAMLIT_SERVER_ALLOWED_HOSTS": "127.0.0.1 lab.example.edu"}
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV"))}
    about = ours | homeless() | known | {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    about |= {"STREAMLIT_SERVER_ADDRESS": "127.0.0.1", "STREAMLIT_SERVER_HEADLESS": "true"}
    with read_only(everything.parent), read_only(tmp_path), proxy(port) as front:
        process = subprocess.Popen(
            command, cwd=tmp_path, env=about, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/lab", process)
            address = f"http://127.0.0.1:{front}/lab"
            assert get(f"{address}/stage/{stage.folder()}/stage.js")[2] == stage.sources()["stage.js"]
            with visiting(
                Server(address, process.pid), "dataset=iris&stops=3&steps=20", origin=address[:-4]
            ) as visitor:
                visitor.until(lambda v: v.step > 0)
        finally:
            process.terminate()
            process.wait(20)
    assert list(tmp_path.iterdir()) == []
