"""The floor of an upload: an application that writes the raw body to disk and knows no more.

Run by the same server as the API. It ends with an fsync, as an upload to a folder does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.client import Client
from benchmarks.deployment import free_port, wait_until_ready
from rollcall.embedded.processes import spawn, stop

FOLDER = "BENCH_RAW_FOLDER"
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """Answer 200 to `/readyz`, and 201 to a body that has been written."""
    assert scope["type"] == "http"
    status = 200 if scope["path"] == "/readyz" else await _write(receive)
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body"})


async def _write(receive: Receive) -> int:
    path = Path(os.environ[FOLDER]) / uuid.uuid4().hex
    with path.open("wb", buffering=0) as file:
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return 400
            file.write(message.get("body", b""))
            more = message.get("more_body", False)
        os.fsync(file.fileno())
    return 201


@contextmanager
def serving(folder: Path) -> Iterator[Client]:
    """Run the application in a process of its own, and yield a client of it."""
    port = free_port()
    process = _start(port, folder)
    try:
        wait_until_ready(process, port)
        with Client(port, "re_none") as client:
            yield client
    finally:
        stop(process, patience=10)


def _start(port: int, folder: Path) -> subprocess.Popen[bytes]:
    return spawn(
        [
            sys.executable,
            *("-m", "uvicorn", "benchmarks.raw_server:app", "--port", str(port)),
            *("--lifespan", "off", "--log-level", "warning", "--no-access-log"),
            *("--timeout-keep-alive", "600"),
        ],
        env={**os.environ, FOLDER: str(folder)},
        cwd=Path(__file__).parents[1],
    )
