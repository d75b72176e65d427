"""A client of the API that costs little: one connection, files streamed from the disk."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from benchmarks.data import COLUMN_MAP, Counts
from benchmarks.figure import WrongResult

PIECE = 256 * 1024
TIMEOUT = 600.0
# How long to wait between two looks at an import: the longer it runs, the less it matters.
POLL_SECONDS = (0.01, 0.1)
POLL_SHARE = 0.05


@dataclass(frozen=True, kw_only=True)
class Run:
    """An import from its upload to its end; the times are those of `time.perf_counter`."""

    began: float
    accepted: float
    completed: float
    counts: dict[str, int]

    @property
    def seconds(self) -> float:
        """From accepted to seen completed, which is at most a twentieth more than it took."""
        return self.completed - self.accepted

    def check(self, expected: Counts) -> None:
        """Raise when the import has not reported what it should."""
        if self.counts != expected.as_json():
            raise WrongResult(f"counts {self.counts} instead of {expected.as_json()}")


class Client:
    """One connection with the key of one team; not for two threads at once."""

    def __init__(self, port: int, token: str):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        self._headers = {"Authorization": f"Bearer {token}"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, path: str) -> Any:
        """Return the answer to a GET, and raise when it is not 200."""
        self._connection.request("GET", path, headers=self._headers)
        return self._answer(200)

    def create(self, path: str, body: dict[str, Any]) -> str:
        """Create a segment, a topic, …; return its id."""
        headers = {**self._headers, "Content-Type": "application/json"}
        self._connection.request("POST", path, body=json.dumps(body), headers=headers)
        return str(self._answer(201)["id"])

    def upload(self, file: Path, **fields: object) -> str:
        """Upload a file for import and return the import's id."""
        self._post_file("/contacts/imports", file, {"column_map": COLUMN_MAP, **fields})
        return str(self._answer(201)["id"])

    def upload_raw(self, file: Path) -> None:
        """Upload a file in the same form to the server that only writes the body to disk."""
        self._post_file("/", file, {"column_map": COLUMN_MAP})
        self._answer(201)

    def run_import(self, file: Path, **fields: object) -> Run:
        """Upload a file and watch its import to the end."""
        began = time.perf_counter()
        import_id = self.upload(file, **fields)
        accepted = time.perf_counter()
        while True:
            shown = self.get(f"/contacts/imports/{import_id}")
            if shown["status"] == "completed":
                return Run(
                    began=began,
                    accepted=accepted,
                    completed=time.perf_counter(),
                    counts=shown["counts"],
                )
            if shown["status"] == "failed":
                raise WrongResult(f"import failed: {shown['error']}")
            shortest, longest = POLL_SECONDS
            waited = time.perf_counter() - accepted
            time.sleep(min(max(waited * POLL_SHARE, shortest), longest))

    def _post_file(self, path: str, file: Path, fields: Mapping[str, Any]) -> None:
        """Send a multipart form: the fields as JSON, then the file."""
        boundary = uuid.uuid4().hex
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            f"{json.dumps(value)}\r\n"
            for name, value in fields.items()
        )
        head += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"'
            "\r\nContent-Type: text/csv\r\n\r\n"
        )
        tail = f"\r\n--{boundary}--\r\n"
        size = len(head) + file.stat().st_size + len(tail)
        headers = {
            **self._headers,
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(size),
        }
        body = _pieces(head.encode(), file, tail.encode())
        self._connection.request("POST", path, body=body, headers=headers)

    def _answer(self, status: int) -> Any:
        response = self._connection.getresponse()
        content = response.read()
        if response.status != status:
            raise WrongResult(f"status {response.status}: {content[:500]!r}")
        return json.loads(content) if content else None


def _pieces(head: bytes, file: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with file.open("rb", buffering=0) as stream:
        while piece := stream.read(PIECE):
            yield piece
    yield tail
