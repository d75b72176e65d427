"""The sweep after deleted properties."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import psycopg

from rollcall.config import Settings
from rollcall.imports.running.run import RunOutcome
from rollcall.sweeps.properties import purge_deleted
from tests.support.engine import run_next
from tests.support.resources import create_contact, create_property, show

Connection = psycopg.Connection[Any]
STORED = "SELECT properties FROM contacts ORDER BY id"


def stored(connection: Connection) -> list[dict[str, Any]]:
    return [row[0] for row in connection.execute(STORED)]


def definitions(connection: Connection) -> int:
    row = connection.execute("SELECT count(*) FROM contact_properties").fetchone()
    assert row is not None
    count: int = row[0]
    return count


def delete_property(client: httpx.Client, id_: str) -> None:
    assert client.delete(f"/contact-properties/{id_}").status_code == 200


def test_in_chunks_until_nothing_is_left(client: httpx.Client, connection: Connection) -> None:
    plan, _ = create_property(client), create_property(client, "age", "number")
    for number in range(5):
        properties = {"plan": "pro"} if number == 2 else {"plan": "pro", "age": number}
        create_contact(client, f"{number}@example.com", properties=properties)
    delete_property(client, plan)
    new = create_property(client)
    create_contact(client, "new@example.com", properties={"plan": "new"})
    assert purge_deleted(connection, chunk=2, max_chunks=2) == 2
    assert ["plan" in properties for properties in stored(connection)] == [False] * 4 + [
        True,
        False,
    ]
    assert purge_deleted(connection, chunk=2) == 2
    ages = [properties.get("age") for properties in stored(connection)]
    assert ages == [0, 1, None, 3, 4, None]
    assert definitions(connection) == 2
    shown = show(client, "/contacts/new@example.com")["properties"]
    assert shown == {"plan": {"value": "new", "type": "string"}}
    delete_property(client, new)
    purge_deleted(connection)
    assert stored(connection)[-1] == {}
    unmoved = "SELECT bool_and(updated_at = created_at) FROM contacts"
    assert connection.execute(unmoved).fetchone() == (True,)
    assert purge_deleted(connection) == 0


def test_who_began_before_is_waited_for(
    client: httpx.Client, connection: Connection, settings: Settings
) -> None:
    plan = create_property(client)
    create_contact(client)
    with psycopg.connect(settings.psycopg_dsn) as writing:
        writing.execute("SELECT FROM contact_properties WHERE id = %s FOR KEY SHARE", (plan,))
        delete_property(client, plan)
        assert purge_deleted(connection) == 0
        writing.execute("""UPDATE contacts SET properties = '{"plan": "pro"}'""")
    assert stored(connection) == [{"plan": "pro"}]
    purge_deleted(connection)
    assert stored(connection) == [{}]
    assert definitions(connection) == 0


def test_an_import_that_was_let_in_before_is_waited_for(
    client: httpx.Client, connection: Connection, settings: Settings, team_id: uuid.UUID
) -> None:
    upload = client.post(
        "/contacts/imports",
        files={"file": b"email,Plan\nada@example.com,pro\n"},
        data={"column_map": '{"properties": {"plan": {"column": "Plan"}}}'},
    )
    import_id = uuid.UUID(upload.json()["id"])
    (plan,) = show(client, "/contact-properties")["data"]
    delete_property(client, plan["id"])
    create_property(client, "plan", "number")
    assert purge_deleted(connection) == 0
    assert run_next(settings) == (import_id, RunOutcome.COMPLETED)
    assert show(client, "/contacts/ada@example.com")["properties"] == {}
    assert stored(connection) == [{"plan": "pro"}]
    purge_deleted(connection)
    assert stored(connection) == [{}]
    assert definitions(connection) == 1


def test_an_import_writes_to_the_property_of_now(
    client: httpx.Client, connection: Connection, settings: Settings, team_id: uuid.UUID
) -> None:
    old = create_property(client)
    create_contact(client, properties={"plan": "old"})
    delete_property(client, old)
    upload = client.post(
        "/contacts/imports",
        files={"file": b"email,Plan\nada@example.com,pro\n"},
        data={
            "column_map": '{"properties": {"plan": {"column": "Plan", "stored_as": "elsewhere"}}}'
        },
    )
    import_id = uuid.UUID(upload.json()["id"])
    assert run_next(settings) == (import_id, RunOutcome.COMPLETED)
    typed = {"plan": {"value": "pro", "type": "string"}}
    assert show(client, "/contacts/ada@example.com")["properties"] == typed
    purge_deleted(connection)
    assert show(client, "/contacts/ada@example.com")["properties"] == typed
