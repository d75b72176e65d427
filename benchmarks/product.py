"""API and worker as processes, and one import through them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Self

import httpx
import psutil

from benchmarks.data import COLUMN_MAP
from rollcall.embedded import EmbeddedServices

POLL_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Run:
    """An import from accepted to completed; sizes in bytes, times in seconds."""

    upload_seconds: float
    seconds: float
    counts: dict[str, int]
    worker_bytes: int
    slowest_get: float


class Product:
    """A running API and worker."""

    def __init__(self, services: EmbeddedServices):
        self._stack = ExitStack()
        self._environment = {
            **os.environ,
            "ROLLCALL_DATABASE_URL": services.database_url,
            "ROLLCALL_REDIS_URL": services.redis_url,
            "ROLLCALL_STORAGE_URL": services.storage_url,
            "ROLLCALL_RATE_LIMIT": "0",
            "ROLLCALL_LOG_LEVEL": "warning",
        }

    def __enter__(self) -> Self:
        self._command("migrate")
        key = self._command("keys", "create", "--team", "bench").strip()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._start("api", "--port", str(port))
        self._worker = psutil.Process(self._start("worker").pid)
        self._client = self._stack.enter_context(
            httpx.Client(
                base_url=f"http://127.0.0.1:{port}",
                headers={"Authorization": f"Bearer {key}"},
                timeout=120,
            )
        )
        self._wait_until_ready()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run_import(self, data: bytes, **fields: Any) -> Run:
        """Upload a file and watch its import to the end."""
        form = {"column_map": COLUMN_MAP, **fields}
        started = time.perf_counter()
        response = self._client.post(
            "/contacts/imports",
            files={"file": ("contacts.csv", data)},
            data={name: json.dumps(value) for name, value in form.items()},
        )
        response.raise_for_status()
        accepted = time.perf_counter()
        worker_bytes, slowest = 0, 0.0
        while True:
            asked = time.perf_counter()
            shown = self._client.get(f"/contacts/imports/{response.json()['id']}").json()
            now = time.perf_counter()
            slowest = max(slowest, now - asked)
            worker_bytes = max(worker_bytes, self._worker.memory_info().rss)
            if shown["status"] in ("completed", "failed"):
                return Run(
                    upload_seconds=accepted - started,
                    seconds=now - accepted,
                    counts=shown["counts"],
                    worker_bytes=worker_bytes,
                    slowest_get=slowest,
                )
            time.sleep(POLL_SECONDS)

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "rollcall", *arguments], env=self._environment
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.terminate)
        return process

    def _command(self, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "rollcall", *arguments],
            env=self._environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def _wait_until_ready(self) -> None:
        while True:
            try:
                if self._client.get("/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
