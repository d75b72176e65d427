"""`PATCH` and `DELETE` of a contact."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from tests.support.cluster import CITUS_URL
from tests.support.patience import wait_until
from tests.support.resources import (
    NOBODY,
    create_contact,
    create_property,
    create_segment,
    error,
    show,
)

Connection = psycopg.Connection[Any]
NOT_FOUND = (404, "not_found", "Contact not found")


def change(client: httpx.Client, contact: str, **body: Any) -> dict[str, Any]:
    response = client.patch(f"/contacts/{contact}", json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_absent_stays_and_null_clears(client: httpx.Client) -> None:
    for key in ("plan", "city"):
        create_property(client, key)
    id_ = create_contact(
        client,
        first_name="Ada",
        last_name="L",
        unsubscribed=True,
        properties={"plan": "pro", "city": "London"},
    )
    assert change(client, id_, last_name=None, properties={"plan": None, "city": "Ockham"}) == {
        "object": "contact",
        "id": id_,
    }
    contact = show(client, f"/contacts/{id_}")
    assert (contact["first_name"], contact["last_name"]) == ("Ada", None)
    assert contact["properties"] == {"city": {"value": "Ockham", "type": "string"}}
    change(client, id_, unsubscribed=None, properties=None)
    contact = show(client, f"/contacts/{id_}")
    assert (contact["unsubscribed"], contact["properties"]) == (True, {})


def test_ids_in_the_body_are_ignored(client: httpx.Client) -> None:
    id_ = create_contact(client)
    body = {"id": NOBODY, "email": "Ada@example.com", "audienceId": 7, "unsubscribed": True}
    assert change(client, "ADA@example.com", **body)["id"] == id_
    contact = show(client, f"/contacts/{id_}")
    assert (contact["email"], contact["unsubscribed"]) == ("ada@example.com", True)


@pytest.mark.parametrize("by", ["id", "address"])
def test_another_address(client: httpx.Client, other_client: httpx.Client, by: str) -> None:
    create_contact(other_client, "eva@example.com")
    segment = create_segment(client)
    id_ = create_contact(client, first_name="Ada", segments=[segment])
    asked = id_ if by == "id" else "ada@example.com"
    answer = change(client, asked, email=" EVA@Example.com ", last_name="L")
    assert answer == {"object": "contact", "id": id_}
    contact = show(client, "/contacts/eva@example.com")
    assert (contact["id"], contact["email"]) == (id_, "eva@example.com")
    assert (contact["first_name"], contact["last_name"]) == ("Ada", "L")
    assert show(client, f"/segments/{segment}/contacts")["data"][0]["email"] == "eva@example.com"
    assert error(client.get("/contacts/ada@example.com")) == NOT_FOUND
    assert create_contact(client) != id_
    assert show(other_client, "/contacts/eva@example.com")["first_name"] is None


def test_an_address_that_is_taken_or_none(client: httpx.Client, subtests: pytest.Subtests) -> None:
    id_ = create_contact(client, first_name="Ada")
    create_contact(client, "eva@example.com")
    taken = "Invalid `email` field: another contact has this e-mail address."
    for email, message in (
        ("eva@example.com", taken),
        ("Eva@EXAMPLE.com", taken),
        ("eva", "`email` field: it must be an e-mail address"),
        ("", "`email` field: it must be an e-mail address"),
        (7, "`email` field: it must be a string"),
        ([], "`email` field: it must be a string"),
    ):
        with subtests.test(email=email):
            body: dict[str, Any] = {"email": email, "first_name": "x"}
            status, name, found = error(client.patch(f"/contacts/{id_}", json=body))
            assert (status, name) == (422, "validation_error")
            assert message in found
    contact = show(client, f"/contacts/{id_}")
    assert (contact["email"], contact["first_name"]) == ("ada@example.com", "Ada")
    assert (
        error(client.patch(f"/contacts/{NOBODY}", json={"email": "new@example.com"})) == NOT_FOUND
    )
    assert error(client.get("/contacts/new@example.com")) == NOT_FOUND


def test_no_address_and_the_same_one_change_nothing(
    client: httpx.Client, connection: Connection
) -> None:
    id_ = create_contact(client)
    change(client, id_, email=None)
    change(client, id_, email="ADA@example.com")
    moved = "SELECT updated_at > created_at FROM contacts"
    assert connection.execute(moved).fetchone() == (False,)
    change(client, id_, email="eva@example.com")
    assert connection.execute(moved).fetchone() == (True,)


def test_addresses_that_change_at_the_same_time(
    client: httpx.Client, connection: Connection
) -> None:
    """Everybody wants the same address, and all swap theirs in a circle."""
    names = [f"c{number}@example.com" for number in range(6)]
    ids = [create_contact(client, name) for name in names]

    def patch(id_: str, email: str) -> int:
        return client.patch(f"/contacts/{id_}", json={"email": email}).status_code

    with ThreadPoolExecutor(6) as threads:
        wanted = ["one@example.com"] * 6
        assert sorted(threads.map(patch, ids, wanted)) == [200, *[422] * 5]
        for _ in range(3):
            answers = list(threads.map(patch, ids, names[1:] + names[:1]))
            assert set(answers) <= {200, 422, 503}
            list(threads.map(patch, ids, names))
    counts = connection.execute("SELECT count(DISTINCT email), count(*) FROM contacts")
    assert counts.fetchone() == (6, 6)


def test_an_address_that_somebody_is_about_to_store(
    client: httpx.Client, settings: Settings, connection: Connection
) -> None:
    """The other one waits for this contact, too, as the batch of an import may."""
    id_ = create_contact(client)
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    response = None
    for email in (f"new{number}@example.com" for number in count()):
        with ThreadPoolExecutor(1) as threads, psycopg.connect(settings.psycopg_dsn) as other:
            other.execute(
                "INSERT INTO contacts (team_id, email) SELECT team_id, %s FROM contacts LIMIT 1",
                (email,),
            )
            changing = threads.submit(client.patch, f"/contacts/{id_}", json={"email": email})
            wait_until(lambda: connection.execute(waiting).fetchone() != (0,))
            try:
                other.execute("UPDATE contacts SET last_name = 'x' WHERE id = %s", (id_,))
            except psycopg.errors.DeadlockDetected:
                # On a busy machine the database may send the other one away.
                other.rollback()
                continue
            other.commit()
            response = changing.result()
            break
    assert response is not None
    assert error(response)[:2] == (422, "validation_error")
    assert show(client, f"/contacts/{id_}")["last_name"] == "x"


def test_updated_at_moves_only_when_something_differs(
    client: httpx.Client, connection: Connection
) -> None:
    create_property(client, "age", "number")
    id_ = create_contact(client, first_name="Ada", properties={"age": 36})
    moved = "SELECT updated_at > created_at FROM contacts"
    change(client, id_)
    change(client, id_, first_name="Ada", last_name=None, properties={"age": 36.0})
    assert connection.execute(moved).fetchone() == (False,)
    change(client, id_, properties={"age": None})
    assert connection.execute(moved).fetchone() == (True,)


def test_changes_at_the_same_time_are_merged(client: httpx.Client) -> None:
    keys = [f"key_{number}" for number in range(10)]
    for key in keys:
        create_property(client, key)
    id_ = create_contact(client)
    with ThreadPoolExecutor(5) as threads:
        list(threads.map(lambda key: change(client, id_, properties={key: key}), keys))
    properties = show(client, f"/contacts/{id_}")["properties"]
    assert {key: typed["value"] for key, typed in properties.items()} == {key: key for key in keys}


def test_what_is_refused(client: httpx.Client, subtests: pytest.Subtests) -> None:
    create_property(client)
    id_ = create_contact(client)
    for body, message in (
        ({"first_name": []}, "first_name"),
        ({"unsubscribed": "no"}, "unsubscribed"),
        ({"properties": {"unknown": None}}, '"unknown" is not defined'),
        ({"properties": {"plan": 1}}, '"plan" must be a string'),
    ):
        with subtests.test(body=body):
            status, name, found = error(client.patch(f"/contacts/{id_}", json=body))
            assert (status, name) == (422, "validation_error")
            assert message in found
    for path in (NOBODY, "eva@example.com", "eva"):
        with subtests.test(path=path):
            assert error(client.patch(f"/contacts/{path}", json={})) == NOT_FOUND
            patch = {"first_name": "Eva"}
            assert error(client.patch(f"/contacts/{path}", json=patch)) == NOT_FOUND


@pytest.mark.parametrize("by", ["id", "address"])
def test_deleting(client: httpx.Client, connection: Connection, by: str) -> None:
    # A distributed table has none, and does not even take the statement.
    if not CITUS_URL:
        connection.execute("DROP TRIGGER contacts_end_memberships ON contacts")
    segment = create_segment(client)
    id_ = create_contact(client, segments=[segment])
    stays = create_contact(client, "eva@example.com", segments=[segment])
    path = "/contacts/" + (id_ if by == "id" else "Ada%40example.com")
    response = client.delete(path)
    assert response.status_code == 200
    assert response.json() == {"object": "contact", "contact": id_, "id": id_, "deleted": True}
    assert error(client.get(path)) == NOT_FOUND
    members = connection.execute("SELECT contact_id::text FROM segment_memberships").fetchall()
    assert members == [(stays,)]


def test_deleting_what_is_not_there(client: httpx.Client, subtests: pytest.Subtests) -> None:
    for path, echoed in (
        (NOBODY, NOBODY),
        ("Eva@example.com", "Eva@example.com"),
        ("eva%2Fa@example.com", "eva/a@example.com"),
        ("eva", "eva"),
    ):
        with subtests.test(path=path):
            response = client.request("DELETE", f"/contacts/{path}", json={"email": "x"})
            assert response.status_code == 200
            assert response.json() == {
                "object": "contact",
                "contact": echoed,
                "id": echoed,
                "deleted": True,
            }


def test_a_deleted_contact_can_be_created_again(client: httpx.Client) -> None:
    id_ = create_contact(client, first_name="Ada")
    client.delete(f"/contacts/{id_}")
    again = create_contact(client)
    assert again != id_
    assert show(client, f"/contacts/{again}")["first_name"] is None
