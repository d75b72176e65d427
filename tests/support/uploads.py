"""Files that go in over HTTP and are imported at once, without a worker in between."""

from __future__ import annotations

import json
import threading
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from rollcall.config import Settings
from rollcall.imports.running.run import RunOutcome
from tests.support.engine import run_next


@dataclass(frozen=True, kw_only=True)
class Importer:
    """A team's client, and the means to do what a worker would."""

    client: httpx.Client
    settings: Settings
    team_id: uuid.UUID
    batch_rows: int = 100_000

    def run(self, data: bytes, filename: str = "contacts.csv", **fields: Any) -> str:
        """Upload a file, import it to its end, and return the import's path."""
        path = self.upload(data, filename, **fields)
        self.work(path)
        return path

    def upload(self, data: bytes, filename: str = "contacts.csv", **fields: Any) -> str:
        """Upload a file and return the import's path."""
        form = {k: v if isinstance(v, str) else json.dumps(v) for k, v in fields.items()}
        response = self.client.post(
            "/contacts/imports", files={"file": (filename, data)}, data=form
        )
        assert response.status_code == 201, response.text
        return f"/contacts/imports/{response.json()['id']}"

    def work(self, path: str) -> None:
        """Run an import to its end."""
        assert self._work(path, threading.Event()) is RunOutcome.COMPLETED

    def work_on_one_batch(self, path: str) -> None:
        """Run an import until its next batch is committed."""
        stop = threading.Event()
        stop.set()
        assert self._work(path, stop) is RunOutcome.PAUSED

    def _work(self, path: str, stop: threading.Event) -> RunOutcome:
        claimed, outcome = run_next(self.settings, self.batch_rows, stop)
        assert claimed == uuid.UUID(path.rpartition("/")[2])
        return outcome
