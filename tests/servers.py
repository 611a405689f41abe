"""The app, served by Streamlit on a free port of this machine alone: for tests, benchmarks and the README's picture."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 60  # s until it answers


@dataclass(frozen=True)
class Server:
    """A running app: where it is, and the number of its process."""

    address: str
    pid: int


@contextmanager
def serving(
    folder: Path = ROOT, path: str = "", before: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Serve the app of a folder below a path, until the block ends. `before` comes before the command."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flags = [f"--server.port={port}", "--server.address=127.0.0.1", f"--server.baseUrlPath={path}"]
    command = [*before, sys.executable, "-m", "streamlit", "run", "app.py", *flags, "--server.headless=true"]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=quiet, stderr=quiet)
    address = f"http://127.0.0.1:{port}{path}"
    try:
        wait_for(address, process)
        yield Server(address, process.pid)
    finally:
        process.terminate()
        process.wait(20)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Return once a server answers; that it ended, or takes too long, is an error."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    ended = process.poll()
    raise RuntimeError(
        f"got no answer from {address} "
        + (f"in {PATIENCE} s" if ended is None else f"and the server's exit status {ended}")
        + ", expected a running app: see what `streamlit run app.py` prints"
    )
