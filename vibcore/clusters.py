"""A dask cluster that exists, as joblib's backend."""

from __future__ import annotations

import re
from typing import Any

from vibcore.types import ConfigError

WAIT = 10  # seconds for a scheduler, and for its first worker
ADDRESS = re.compile(r"(?:(?:tcp|tls|ucx|wss?)://)?(?:\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):\d{1,5}")


def backend_of(client: Any) -> Any:
    """joblib's dask backend, but for one thing: what has a single worker, joblib would run in the calling process."""
    from joblib._dask import DaskDistributedBackend

    class Cluster(DaskDistributedBackend):  # type: ignore[misc]
        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, int(super().effective_n_jobs(n_jobs)))

    return Cluster(client=client)


def client_of(scheduler: str | None) -> Any:
    """A client of the dask cluster at an address, that has workers."""
    make: Any
    try:
        from distributed import Client as make
    except ImportError:
        raise ConfigError(
            "backend",
            "dask",
            "dask.distributed, which is not installed",
            "Run pip install 'dask[distributed]', or use the local backend.",
        ) from None
    try:
        if not ADDRESS.fullmatch(scheduler or ""):  # dask leaves threads behind that wait for what is no address
            raise ValueError
        client = make(scheduler, timeout=WAIT, set_as_default=False)
    except Exception:  # what answers but is no scheduler fails in a dozen ways
        raise ConfigError(
            "scheduler",
            scheduler,
            "the address of a dask scheduler that answers, as tcp://host:8786",
            "Start one with `dask scheduler` and its workers with `dask worker`.",
        ) from None
    try:
        client.wait_for_workers(1, timeout=WAIT)
    except TimeoutError:
        client.close()
        expected = f"at least one at {scheduler} within {WAIT} s"
        raise ConfigError("workers", 0, expected, "Start some with `dask worker`.") from None
    return client
