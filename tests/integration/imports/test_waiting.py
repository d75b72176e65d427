"""An import that waits says so: since when, until when, and what went wrong before."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg
import pytest

from rollcall.imports.kinds import Lane
from rollcall.imports.running import claims, leases
from rollcall.imports.running.claims import Claim

Connection = psycopg.Connection[Any]
NOT_WAITING = {"waiting_since": None, "retry_at": None, "attempts": None, "last_error": None}


@pytest.fixture
def import_id(client: httpx.Client) -> str:
    made = client.post("/contacts/imports", files={"file": b"email\na@example.com\n"})
    return str(made.json()["id"])


def waiting(client: httpx.Client, import_id: str) -> dict[str, Any]:
    shown = client.get(f"/contacts/imports/{import_id}").json()
    return {name: shown[name] for name in NOT_WAITING}


def claim(connection: Connection, seconds: float = 60) -> Claim:
    claimed = claims.claim_next(connection, Lane.SMALL, seconds)
    assert claimed is not None
    return claimed


def test_one_that_is_at_work_or_over_does_not_wait(
    client: httpx.Client, connection: Connection, import_id: str
) -> None:
    claim(connection)
    assert waiting(client, import_id) == NOT_WAITING
    connection.execute("UPDATE contact_imports SET status = 'completed', completed_at = now()")
    assert waiting(client, import_id) == NOT_WAITING


@pytest.mark.parametrize(
    "code", ["database_error", "storage_error", "internal_error", "of_a_later_version"]
)
def test_one_that_was_given_back_with_an_error(
    client: httpx.Client, connection: Connection, import_id: str, code: str
) -> None:
    lease = claim(connection).lease
    leases.release(connection, lease, pause=60, forgive=False, error_code=code)
    shown = waiting(client, import_id)
    assert shown["attempts"] == 1
    assert shown["last_error"]["code"] == code
    assert shown["last_error"]["message"]
    assert shown["retry_at"] > shown["waiting_since"]
    connection.execute("UPDATE contact_imports SET lease_expires_at = now()")
    assert waiting(client, import_id) == {**shown, "retry_at": None}
    claim(connection)
    assert waiting(client, import_id) == NOT_WAITING


def test_one_that_gave_way_to_others(
    client: httpx.Client, connection: Connection, import_id: str
) -> None:
    leases.release(connection, claim(connection).lease)
    shown = waiting(client, import_id)
    assert shown.pop("waiting_since") is not None
    assert shown == {"retry_at": None, "attempts": 0, "last_error": None}


def test_one_that_has_crashed(client: httpx.Client, connection: Connection, import_id: str) -> None:
    assert leases.record_crash(connection, claim(connection).lease) == 1
    shown = waiting(client, import_id)
    assert (shown["attempts"], shown["last_error"]["code"]) == (1, "worker_crashed")
    assert shown["retry_at"] is not None


def test_one_whose_worker_is_silent(
    client: httpx.Client, connection: Connection, import_id: str
) -> None:
    claim(connection, 0)
    shown = waiting(client, import_id)
    assert shown["waiting_since"] is not None
    assert shown["last_error"]["code"] == "worker_silent"


def test_another_team_is_told_nothing(other_client: httpx.Client, import_id: str) -> None:
    assert other_client.get(f"/contacts/imports/{import_id}").status_code == 404
