"""How long tests wait for what has to happen: only what never happens takes longer."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable

import httpx

from rollcall.errors import ServiceUnavailable

# Seconds. A machine that is busy with other work takes ten times as long as it does alone; a test
# as a whole may take several such waits (`timeout` in pyproject.toml).
PATIENCE = 240.0

# To read them takes longer than most answers do.
CERTIFICATES = httpx.create_ssl_context()

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


class PatientTransport(httpx.HTTPTransport):
    """Asks again, as a client should, where the database has not answered the server in time."""

    def __init__(self) -> None:
        super().__init__(verify=CERTIFICATES)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = super().handle_request(request)
            if answer.status_code != 503 or time.monotonic() > deadline:
                return answer
            answer.read()
            if answer.json().get("message") != ServiceUnavailable.__doc__:
                return answer
            time.sleep(int(answer.headers["retry-after"]))


def make_clients_patient() -> None:
    """Have httpx wait for an answer as long as that, and not five seconds, unless it is told.

    All clients have the certificates of this machine in common, too.
    """
    for call in _CALLS:
        defaults = inspect.unwrap(call).__kwdefaults__
        assert defaults is not None
        assert {"timeout", "verify"} <= defaults.keys()
        defaults.update(timeout=httpx.Timeout(PATIENCE), verify=CERTIFICATES)


def wait_until_ready(url: str) -> None:
    """Wait until an API that has just been started takes requests."""

    def is_ready() -> bool:
        try:
            return httpx.get(f"{url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    wait_until(is_ready)
