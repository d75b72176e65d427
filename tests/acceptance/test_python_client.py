"""The official Python client, unmodified, through the documented example."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import resend

ROWS = 1200
COLUMN_MAP: dict[str, Any] = {
    "email": "Email",
    "first_name": "First Name",
    "last_name": "Last Name",
    "properties": {"plan": {"column": "Plan", "type": "string"}},
}


@pytest.fixture(autouse=True)
def configured(base_url: str, team_key: str) -> Iterator[None]:
    """Point the client at the running product; nothing else is changed."""
    before = resend.api_url, resend.api_key
    resend.api_url, resend.api_key = base_url, team_key
    yield
    resend.api_url, resend.api_key = before


def csv_file(rows: int = ROWS) -> bytes:
    lines = ["Email,First Name,Last Name,Plan"]
    lines += [
        f"person{n}@example.com,First{n},Last{n},{'pro' if n % 2 else 'free'}" for n in range(rows)
    ]
    return "\n".join(lines).encode()


def options(segment: str, topic: str) -> dict[str, Any]:
    return {
        "column_map": COLUMN_MAP,
        "segments": [{"id": segment}],
        "topics": [{"id": topic, "subscription": "opt_in"}],
    }


def completed(import_id: str) -> dict[str, Any]:
    while True:
        shown = resend.Contacts.Imports.get(import_id)
        counts: dict[str, int] = dict(shown["counts"])  # type: ignore[arg-type]
        assert counts["total"] == sum(v for k, v in counts.items() if k != "total")
        if shown["status"] not in ("queued", "in_progress"):
            assert shown["status"] == "completed"
            assert shown["completed_at"]
            return counts
        time.sleep(0.05)


def test_the_documented_example(http: httpx.Client) -> None:
    segment = resend.Segments.create({"name": "Newsletter"})["id"]
    topic = resend.Topics.create({"name": "News", "default_subscription": "opt_out"})["id"]
    created = resend.Contacts.Imports.create(
        {"file": csv_file(), "on_conflict": "upsert", **options(segment, topic)}  # type: ignore[typeddict-item]
    )
    assert created["object"] == "contact_import"
    counts = completed(created["id"])
    assert counts == {"total": ROWS, "created": ROWS, "updated": 0, "skipped": 0, "failed": 0}

    contact = http.get("/contacts/person7@example.com").json()
    assert (contact["first_name"], contact["last_name"]) == ("First7", "Last7")
    assert contact["properties"] == {"plan": {"value": "pro", "type": "string"}}
    segments = http.get("/contacts/person7@example.com/segments").json()["data"]
    assert [item["id"] for item in segments] == [segment]
    topics = http.get("/contacts/person7@example.com/topics").json()["data"]
    assert [(item["id"], item["subscription"]) for item in topics] == [(topic, "opt_in")]

    in_segment = pages(http, segment)
    # Newest first: the last row of the file is the newest contact.
    assert in_segment == [f"person{n}@example.com" for n in reversed(range(ROWS))]


def pages(http: httpx.Client, segment: str) -> list[str]:
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = http.get("/contacts", params={"segment_id": segment, "limit": 100, **cursor}).json()
        found += [item["email"] for item in page["data"]]
        if not page["has_more"]:
            return found
        cursor = {"after": page["data"][-1]["id"]}


@pytest.mark.parametrize(("on_conflict", "outcome"), [("skip", "skipped"), ("upsert", "updated")])
def test_the_same_file_again(connection: Any, on_conflict: Any, outcome: str) -> None:
    first = resend.Contacts.Imports.create({"file": csv_file(), "column_map": COLUMN_MAP})
    completed(first["id"])
    versions = "SELECT id, updated_at, xmin::text FROM contacts ORDER BY id"
    before = connection.execute(versions).fetchall()
    second = resend.Contacts.Imports.create(
        {"file": csv_file(), "column_map": COLUMN_MAP, "on_conflict": on_conflict}
    )
    counts = completed(second["id"])
    assert counts == {"total": ROWS, "created": 0, "updated": 0, "skipped": 0, "failed": 0} | {
        outcome: ROWS
    }
    assert connection.execute(versions).fetchall() == before
    listed = resend.Contacts.Imports.list({"status": "completed", "limit": 5})
    assert [item["id"] for item in listed["data"]] == [second["id"], first["id"]]
    assert listed["has_more"] is False


def test_the_example_async() -> None:
    async def run() -> None:
        segment = (await resend.Segments.create_async({"name": "Async"}))["id"]
        topic = await resend.Topics.create_async({"name": "A", "default_subscription": "opt_out"})
        created = await resend.Contacts.Imports.create_async(
            {"file": csv_file(50), **options(segment, topic["id"])}  # type: ignore[typeddict-item]
        )
        while True:
            shown = await resend.Contacts.Imports.get_async(created["id"])
            if shown["status"] == "completed":
                break
            assert shown["status"] in ("queued", "in_progress")
            await asyncio.sleep(0.05)
        assert shown["counts"]["created"] == 50
        listed = await resend.Contacts.Imports.list_async()
        assert [item["id"] for item in listed["data"]] == [created["id"]]

    asyncio.run(run())
