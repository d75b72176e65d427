"""How long tests wait for what has to happen: only what never happens takes longer."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable

import httpx

# Seconds. A machine that is busy with other work takes ten times as long as it does alone; a test
# as a whole may take several such waits (`timeout` in pyproject.toml).
PATIENCE = 240.0

_CALLS = (
    *(httpx.Client.__init__, httpx.AsyncClient.__init__, httpx.request, httpx.stream),
    *(httpx.get, httpx.options, httpx.head, httpx.post, httpx.put, httpx.patch, httpx.delete),
)


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait for something that happens in its own time; fail when it does not happen."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def make_clients_patient() -> None:
    """Have httpx wait for an answer as long as that, and not five seconds, unless it is told."""
    for call in _CALLS:
        defaults = inspect.unwrap(call).__kwdefaults__
        assert defaults is not None
        assert "timeout" in defaults
        defaults["timeout"] = httpx.Timeout(PATIENCE)


def wait_until_ready(url: str) -> None:
    """Wait until an API that has just been started takes requests."""

    def is_ready() -> bool:
        try:
            return httpx.get(f"{url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    wait_until(is_ready)
