"""Reading server-sent events as the standard says, from a response over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Event:
    """An event; a comment is one whose name is empty."""

    name: str
    id: int
    data: dict[str, Any]


@contextmanager
def events_of(
    client: httpx.Client, id_: str, last_event_id: int | str | None = None
) -> Iterator[Iterator[Event]]:
    """Follow an import; the events end where the stream does."""
    headers = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
    with client.stream("GET", f"/contacts/imports/{id_}/events", headers=headers) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield read_events(response.iter_lines())


def read_events(lines: Iterator[str]) -> Iterator[Event]:
    """Yield what is between empty lines."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        else:
            data = json.loads(fields.get("data", "{}"))
            yield Event(fields.get("event", ""), int(fields.get("id", -1)), data)
            fields = {}
    assert not fields, "the stream ended in the middle of an event"
