"""Reading imports: shapes, pages, filters, and the wall between teams."""

from __future__ import annotations

import re
from typing import Any

import httpx
import psycopg
import pytest

COUNT = 25
WIRE_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+00")


@pytest.fixture
def ids(client: httpx.Client) -> list[str]:
    """Uploaded imports, newest first."""
    made = [
        client.post("/contacts/imports", files={"file": b"email\na@example.com\n"}).json()["id"]
        for _ in range(COUNT)
    ]
    return made[::-1]


def page(client: httpx.Client, **parameters: Any) -> tuple[list[str], bool]:
    answer = client.get("/contacts/imports", params=parameters).json()
    assert answer["object"] == "list"
    return [item["id"] for item in answer["data"]], answer["has_more"]


def test_an_import_before_it_runs(client: httpx.Client, ids: list[str]) -> None:
    shown = client.get(f"/contacts/imports/{ids[0].upper()}").json()
    assert WIRE_TIME.fullmatch(shown.pop("created_at"))
    assert shown == {
        "object": "contact_import",
        "id": ids[0],
        "status": "queued",
        "completed_at": None,
        "counts": {"total": 0, "created": 0, "updated": 0, "skipped": 0, "failed": 0},
        "error": None,
        "failures": {},
        "warnings": {},
        "progress": 0.0,
        "rows_per_second": None,
        "dry_run": False,
        "changes": [],
    }


def test_pages_forwards(client: httpx.Client, ids: list[str]) -> None:
    assert page(client) == (ids[:10], True)
    assert page(client, limit=100) == (ids, False)
    assert page(client, limit=10, after=ids[9]) == (ids[10:20], True)
    assert page(client, limit=5, after=ids[19]) == (ids[20:], False)
    assert page(client, after=ids[-1]) == ([], False)


def test_pages_backwards(client: httpx.Client, ids: list[str]) -> None:
    assert page(client, limit=5, before=ids[20]) == (ids[15:20], True)
    assert page(client, limit=5, before=ids[5]) == (ids[:5], False)
    assert page(client, before=ids[0]) == ([], False)


def test_a_cursor_whose_row_is_gone(
    client: httpx.Client, ids: list[str], connection: psycopg.Connection[Any]
) -> None:
    connection.execute("DELETE FROM contact_imports WHERE id = %s", (ids[9],))
    assert page(client, limit=5, after=ids[9]) == (ids[10:15], True)
    assert page(client, limit=5, before=ids[9]) == (ids[4:9], True)


def test_by_status(
    client: httpx.Client, ids: list[str], connection: psycopg.Connection[Any]
) -> None:
    connection.execute(
        "UPDATE contact_imports SET status = 'failed', completed_at = now(),"
        " error_code = 'file_missing' WHERE id = ANY(%s::uuid[])",
        (ids[3:6],),
    )
    assert page(client, status="failed", limit=2) == (ids[3:5], True)
    assert page(client, status="failed", limit=2, after=ids[4]) == ([ids[5]], False)
    assert page(client, status="completed") == ([], False)
    shown = client.get(f"/contacts/imports/{ids[3]}").json()
    assert shown["error"] == {
        "code": "file_missing",
        "message": "The uploaded file is no longer in the storage.",
    }


def test_another_team_sees_nothing(
    client: httpx.Client, other_client: httpx.Client, ids: list[str]
) -> None:
    assert page(other_client) == ([], False)
    assert page(other_client, after=ids[0]) == ([], False)
    assert other_client.get(f"/contacts/imports/{ids[0]}").status_code == 404


@pytest.mark.parametrize("field", ["segments", "topics"])
def test_another_teams_segments_and_topics_do_not_exist(
    client: httpx.Client, other_client: httpx.Client, field: str
) -> None:
    made = other_client.post(
        f"/{field}", json={"name": "theirs", "default_subscription": "opt_in"}
    ).json()["id"]
    response = client.post(
        "/contacts/imports",
        files={"file": b"email\na@example.com\n"},
        data={field: f'[{{"id": "{made}", "subscription": "opt_in"}}]'},
    )
    assert response.status_code == 422
    assert f"{made} not found" in response.json()["message"]
