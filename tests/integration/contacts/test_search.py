"""Searching contacts by the beginning of an e-mail address or a name."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.sweeps import names
from rollcall.sweeps.names import sort_names
from tests.support.resources import create_contact

Connection = psycopg.Connection[Any]


# A first name, and what it is searched for by.
LETTERS = [
    ("Jürgen", "JÜRG"),
    ("Straßer", "strass"),
    ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
    ("Ольга", "ольг"),
    ("Łukasz", "łuk"),
    ("İlker", "ilk"),
    ("山田", "山"),
    ("100% Real_Name", "100% real_"),
    ("O'Brien\\", "o'brien\\"),
    ("😀 Smile", "😀"),
    ("\uff37\uff29\uff24\uff25", "wide"),
]


def search(client: httpx.Client, text: str, **parameters: Any) -> list[str]:
    answer = client.get("/contacts", params={"search": text, **parameters})
    assert answer.status_code == 200, answer.text
    return [contact["email"].partition("@")[0] for contact in answer.json()["data"]]


def walk(client: httpx.Client, text: str, limit: int) -> list[str]:
    """Return what is found page by page."""
    found: list[str] = []
    parameters: dict[str, Any] = {"search": text, "limit": limit}
    while True:
        page = client.get("/contacts", params=parameters).json()
        found += [contact["email"].partition("@")[0] for contact in page["data"]]
        if not page["has_more"]:
            return found
        assert len(page["data"]) == limit
        parameters["after"] = page["data"][-1]["id"]


def add(client: httpx.Client, local_part: str, first: str | None, last: str | None) -> str:
    return create_contact(client, f"{local_part}@example.com", first_name=first, last_name=last)


@pytest.fixture(params=["waiting", "sorted"])
def settle(request: pytest.FixtureRequest, connection: Connection) -> Any:
    """Names are found before they are sorted in and after it."""
    return lambda: request.param == "sorted" and sort_names(connection)


def test_by_the_beginning_of_address_and_names(client: httpx.Client, settle: Any) -> None:
    add(client, "x1", "Ada", "Lovelace")
    add(client, "x2", "Grace", "Adams")
    add(client, "ada", None, None)
    add(client, "x3", "Zoë", "van der Berg")
    add(client, "x4", None, "Lovelace")
    settle()
    assert search(client, "ada") == ["ada", "x1", "x2"]
    assert search(client, "ADA L") == ["x1"]
    assert search(client, "  ada   love ") == ["x1"]
    assert search(client, "love") == ["x1", "x4"]
    assert search(client, "van der") == ["x3"]
    assert search(client, "zoe") == search(client, "ZOË") == search(client, "Zoe\u0308") == ["x3"]
    assert search(client, "x3@example.com") == ["x3"]
    assert search(client, "ovelace") == search(client, "%") == search(client, "x_") == []
    assert search(client, "example") == []


def test_letters_of_any_language(client: httpx.Client, settle: Any) -> None:
    for number, (stored, _) in enumerate(LETTERS):
        add(client, f"x{number}", stored, None)
    settle()
    found = {asked: search(client, asked) for _, asked in LETTERS}
    assert found == {asked: [f"x{number}"] for number, (_, asked) in enumerate(LETTERS)}


def test_each_contact_once_and_in_one_order(
    client: httpx.Client, connection: Connection, settle: Any
) -> None:
    for number in range(12):
        first, last = ("Anna", "Annen") if number % 2 else ("Bo", "Annen")
        add(client, f"{'anna' if number % 3 else 'x'}{number:02}", first, last)
    settle()
    whole = search(client, "ann", limit=100)
    assert len(whole) == len(set(whole)) == 12
    assert whole[:8] == sorted(f"anna{number:02}" for number in range(12) if number % 3)
    for limit in (1, 2, 5, 12):
        assert walk(client, "ann", limit) == whole


def test_what_has_changed_is_found_by_what_it_is_now(
    client: httpx.Client, connection: Connection
) -> None:
    renamed, deleted = add(client, "x", "Ada", "Byron"), add(client, "y", "Ada", "Gone")
    sort_names(connection)
    client.patch(f"/contacts/{renamed}", json={"first_name": "Grace", "last_name": None})
    assert client.delete(f"/contacts/{deleted}").status_code == 200
    assert search(client, "ada") == search(client, "byron") == []
    assert search(client, "grace") == ["x"]
    entries = "SELECT key FROM contact_name_leaves CROSS JOIN unnest(keys) AS key"
    assert {row[0] for row in connection.execute(entries)} == {"ada byron", "byron"}
    sort_names(connection)
    assert search(client, "grace") == ["x"]


def test_layers_become_few(
    client: httpx.Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "LEAF", 3)
    for number in range(40):
        add(client, f"x{number:02}", f"Name{number % 7}", f"Last{number % 5}")
        sort_names(connection)
    row = connection.execute("SELECT count(*), sum(size) FROM contact_name_layers").fetchone()
    assert row is not None
    assert row[0] <= names.MAX_LAYERS
    assert row[1] == 80
    assert len(walk(client, "name", 7)) == 40
    assert sorted(walk(client, "last3", 2)) == [f"x{n:02}" for n in range(40) if n % 5 == 3]


def test_a_range_too_large_for_one_transaction(
    client: httpx.Client, connection: Connection, team_id: uuid.UUID
) -> None:
    for number in range(5):
        add(client, f"x{number}", "Ada", str(number))
    connection.execute("DELETE FROM contact_names_pending")
    connection.execute(
        "INSERT INTO contact_names_pending (team_id, first_id, last_id) VALUES (%s, %s, %s)",
        (team_id, uuid.UUID(int=0), uuid.UUID(int=(1 << 128) - 1)),
    )
    assert len(search(client, "ada")) == 5
    assert sort_names(connection, chunk=2, max_chunks=2) == 2
    assert len(search(client, "ada")) == 5
    assert sort_names(connection, chunk=2) == 1
    assert connection.execute("SELECT count(*) FROM contact_names_pending").fetchone() == (0,)
    assert len(search(client, "ada")) == 5


def test_what_cannot_be_searched_for(client: httpx.Client) -> None:
    unknown = str(uuid.uuid4())
    for parameters, message in [
        ({"search": ""}, "Invalid `search`: it must have 1 to 100 characters."),
        ({"search": "   "}, "Invalid `search`: it must have 1 to 100 characters."),
        ({"search": "x" * 101}, "Invalid `search`: it must have 1 to 100 characters."),
        ({"search": "a\0"}, "Invalid `search`: it must not contain a NUL character."),
        ({"search": "a", "segment_id": "x"}, "Use either `search` or `segment_id`, not both."),
        ({"search": "a", "before": unknown}, "a search has no `before`"),
        ({"search": "a", "after": unknown}, "no contact of this search has this id"),
    ]:
        answer = client.get("/contacts", params=parameters)
        assert answer.status_code == 422
        assert message in answer.json()["message"]


def test_another_team_finds_nothing(
    client: httpx.Client, other_client: httpx.Client, settle: Any
) -> None:
    id_ = add(client, "ada", "Ada", "Lovelace")
    settle()
    assert search(other_client, "ada") == search(other_client, "love") == []
    add(other_client, "eve", "Ada", None)
    assert search(other_client, "ada") == ["eve"]
    answer = other_client.get("/contacts", params={"search": "ada", "after": id_})
    assert "no contact of this search has this id" in answer.json()["message"]
