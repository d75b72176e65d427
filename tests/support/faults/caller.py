"""A client that does not give up: what may not have been heard is asked again, until it is."""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.patience import PATIENCE

# A server that is frozen or cut off says nothing for so long; then it is asked anew.
ANSWER_SECONDS = 60.0
PAUSE = 0.2
BUSY = "concurrent_idempotent_requests"


@dataclass(frozen=True)
class Reply:
    """An answer, and how often it was asked for: what was not heard may have been done too."""

    answer: httpx.Response
    tries: int

    def json(self) -> Any:
        return self.answer.json()


class Caller:
    """Calls an API with the key of a team, from one thread."""

    def __init__(self, url: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=ANSWER_SECONDS)

    def close(self) -> None:
        self._client.close()

    def get(self, path: str) -> Reply:
        return self._call("GET", path)

    def patch(self, path: str, **fields: Any) -> Reply:
        return self._call("PATCH", path, json=fields)

    def delete(self, path: str) -> Reply:
        return self._call("DELETE", path)

    def post(self, path: str, **fields: Any) -> Reply:
        return self._call("POST", path, json=fields)

    def upload(self, data: bytes, form: dict[str, str]) -> str:
        """Send a file, as often as it takes; return the id of its import."""
        files = {"file": ("contacts.csv", data)}
        reply = self._call("POST", "/contacts/imports", files=files, data=form)
        assert reply.answer.status_code == 201, reply.answer.text
        id_: str = reply.json()["id"]
        return id_

    def _call(self, method: str, path: str, **content: Any) -> Reply:
        # With it, what is sent several times is done once.
        headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        deadline = time.monotonic() + PATIENCE
        tries = 0
        while True:
            tries += 1
            answer = None
            with suppress(httpx.TransportError):
                answer = self._client.request(method, path, headers=headers, **content)
            if answer is not None and not _has_to_wait(answer):
                assert answer.status_code < 500, f"{method} {path}: {answer.text}"
                return Reply(answer, tries)
            assert time.monotonic() < deadline, f"{method} {path}: {answer and answer.text}"
            time.sleep(PAUSE)


def _has_to_wait(answer: httpx.Response) -> bool:
    """Tell whether a client is to ask again later; every other answer is one."""
    if answer.status_code == 503:
        return True
    return answer.status_code == 409 and answer.json()["name"] == BUSY
