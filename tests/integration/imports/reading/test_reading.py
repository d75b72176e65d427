"""Reading imports: shapes, pages, filters, and the wall between teams."""

from __future__ import annotations

import re
from typing import Any

import httpx
import psycopg
import pytest

from tests.support.resources import pages

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
    assert WIRE_TIME.fullmatch(shown["created_at"])
    assert shown.pop("waiting_since") == shown.pop("created_at")
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
        "note": None,
        "column_map": {"email": "email"},
        "dialect": {
            "format": "csv",
            "encoding": "UTF-8",
            "delimiter": ",",
            "header_row": 1,
            "sheet": None,
        },
        "changes": [],
        "retry_at": None,
        "attempts": 0,
        "last_error": None,
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


def test_an_item_of_the_list_has_what_the_import_has(
    client: httpx.Client, ids: list[str], connection: psycopg.Connection[Any]
) -> None:
    connection.execute(
        "UPDATE contact_imports SET status = 'in_progress', total = 3, created = 1, failed = 2,"
        " failures = '{\"invalid_email\": 2}', warnings = '{\"repeated_email\": 1}',"
        " dry_run = true,"
        " resume_offset = size / 2, rows_per_second = 1234.56, last_batch_at = now() + '1 hour'"
        " WHERE id = %s",
        (ids[0],),
    )
    listed = client.get("/contacts/imports", params={"limit": 2}).json()["data"]
    for item in listed:
        shown = client.get(f"/contacts/imports/{item['id']}").json()
        alone = {"changes": [], "column_map": {"email": "email"}, "dialect": shown["dialect"]}
        assert {**item, **alone} == shown
        assert not alone.keys() & item.keys()
    assert listed[0]["failures"] == {"invalid_email": 2}
    assert listed[0]["warnings"] == {"repeated_email": 1}
    assert (listed[0]["progress"], listed[0]["rows_per_second"]) == (0.5, 1234.6)


def test_an_error_of_a_newer_version(
    client: httpx.Client, ids: list[str], connection: psycopg.Connection[Any]
) -> None:
    connection.execute(
        "UPDATE contact_imports SET status = 'failed', completed_at = now(),"
        " error_code = 'stars_unfavourable' WHERE id = %s",
        (ids[0],),
    )
    shown = client.get(f"/contacts/imports/{ids[0]}")
    assert shown.status_code == 200, shown.text
    assert shown.json()["error"]["code"] == "stars_unfavourable"
    assert "stars_unfavourable" in shown.json()["error"]["message"]
    listed = client.get("/contacts/imports", params={"limit": 1}).json()["data"]
    assert listed[0]["error"] == shown.json()["error"]


@pytest.mark.parametrize("kind", ["failures", "warnings"])
def test_codes_of_a_newer_version(
    client: httpx.Client, ids: list[str], connection: psycopg.Connection[Any], kind: str
) -> None:
    """A cluster that is updated has workers that know more than the API does."""
    known = {"failures": "invalid_email", "warnings": "misspelled_domain"}[kind]
    written = [(2, "a_new_code"), (3, known), (4, "z_new_code")]
    if kind == "warnings":
        written += [(3, "a_new_code"), (3, "z_new_code")]
    for row, code in written:
        connection.execute(
            f'INSERT INTO contact_import_{kind} (team_id, import_id, "row", code, value)'
            " SELECT team_id, id, %s, %s, 'x@y.example' FROM contact_imports WHERE id = %s",
            (row, code, ids[0]),
        )
    path = f"/contacts/imports/{ids[0]}/{kind}"
    listed = client.get(path).json()["data"]
    assert [(item["row"], item["code"]) for item in listed] == sorted(written)
    assert all(item["code"] in item["message"] for item in listed if item["code"] != known)
    item_ids = [item["id"] for item in listed]
    for limit in (1, 2):
        walked = [id_ for found in pages(client, path, limit) for id_ in found]
        assert walked == item_ids
    before = client.get(path, params={"before": item_ids[-1], "limit": 100}).json()["data"]
    assert [item["id"] for item in before] == item_ids[:-1]


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
