"""What is kept of an upload besides its file and options: whose key it was, and a note."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg
import pytest

from tests.integration.imports.intake.test_upload import post
from tests.support.resources import error, show


@pytest.mark.parametrize(
    ("sent", "kept"), [(" The fair\r\nin May ", "The fair\nin May"), (" ", None), ("x" * 500,) * 2]
)
def test_a_note_is_kept_as_it_was_written(
    client: httpx.Client, sent: str, kept: str | None
) -> None:
    answer = post(client, b"email\na@example.com\n", note=sent).json()
    assert show(client, f"/contacts/imports/{answer['id']}")["note"] == kept
    assert client.get("/contacts/imports").json()["data"][0]["note"] == kept


@pytest.mark.parametrize(
    ("note", "fault"), [("x" * 501, "it may have at most 500 characters"), ("a\0", "it has a NUL")]
)
def test_what_is_no_note(client: httpx.Client, note: str, fault: str) -> None:
    answer = post(client, b"email\na@example.com\n", note=note)
    assert error(answer) == (422, "validation_error", f"Invalid `note`: {fault}.")


def test_an_import_knows_its_key(client: httpx.Client, connection: psycopg.Connection[Any]) -> None:
    answer = post(client, b"email\na@example.com\n").json()
    found = connection.execute(
        "SELECT k.token_hash IS NOT NULL FROM contact_imports AS i"
        " JOIN api_keys AS k ON k.team_id = i.team_id AND k.id = i.api_key_id WHERE i.id = %s",
        (answer["id"],),
    )
    assert found.fetchall() == [(True,)]
