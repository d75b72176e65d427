"""`rollcall contacts export` and `erase`: a person in all that is kept, and nobody else."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from typer.testing import CliRunner, Result

from rollcall.cli.app import app
from rollcall.config import Settings
from rollcall.database.base import Base
from tests.support.resources import create_contact, create_segment, error
from tests.support.uploads import Importer

Connection = psycopg.Connection[Any]
Rollcall = Callable[..., Result]
EMAIL = "ada@example.com"
# The address is a contact, a value that fails, and one that deserves a look.
CSV = b"email,first_name\nADA@example.com,Ada\nbob@example.com,Bob\nada@example.com extra,Ada\n"
OTHERS = b"email\ngrace@example.com\nnobody\n"


@pytest.fixture
def rollcall(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Rollcall:
    for name, value in settings.model_dump(mode="json").items():
        monkeypatch.setenv(f"ROLLCALL_{name.upper()}", str(value))
    return lambda *arguments: CliRunner().invoke(app, arguments)


@pytest.fixture
def importer(client: httpx.Client, settings: Settings, team_id: uuid.UUID) -> Importer:
    return Importer(client=client, settings=settings, team_id=team_id)


def everything(connection: Connection, team_id: uuid.UUID) -> str:
    """Return all that the database has of a team."""
    return "\n".join(
        row[0]
        for table in sorted(Base.metadata.tables)
        for row in connection.execute(
            f"SELECT '{table} ' || to_jsonb(t)::text FROM {table} AS t WHERE team_id = %s",
            (team_id,),
        )
    )


def files(settings: Settings) -> list[bytes]:
    folder = Path(urlsplit(settings.storage_url).path)
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def test_a_person_is_known_everywhere_and_then_nowhere(
    rollcall: Rollcall, importer: Importer, other_client: httpx.Client, connection: Connection
) -> None:
    client = importer.client
    segment = create_segment(client)
    dry = importer.run(CSV, f"{EMAIL}.csv", dry_run="true")
    wet = importer.run(CSV, note=f"from {EMAIL}", segments=[{"id": segment}])
    again = importer.run("email\nada@example.com\n".encode("utf-16"))
    kept = importer.run(OTHERS)
    client.post(f"{dry}/cancel", headers={"Idempotency-Key": "x"})
    create_contact(other_client, EMAIL)
    before = importer.client.get(wet).json()["counts"]

    known = json.loads(rollcall("contacts", "export", "Ada@Example.com", "--team", "team a").stdout)
    assert known["contact"]["first_name"] == "Ada"
    assert [each["id"] for each in known["contact"]["segments"]] == [segment]
    assert len(known["failures"]) == 2
    assert {each["change"]["email"] for each in known["changes"]} == {EMAIL}
    assert {each["import_id"] for each in known["words"]} == {id_of(dry), id_of(wet)}
    assert {id_ for file in known["files"] for id_ in file["import_ids"]} == {
        *map(id_of, (dry, wet, again))
    }

    erased = rollcall("contacts", "erase", EMAIL, "--team", "team a")
    assert erased.exit_code == 0, erased.stdout
    assert erased.stdout.count("erased: the stored file ") == 3
    assert EMAIL not in everything(connection, importer.team_id).lower()
    assert [EMAIL.encode() in file.lower() for file in files(importer.settings)] == [False]
    assert client.get(f"/contacts/{EMAIL}").status_code == 404
    assert client.get("/contacts/bob@example.com").status_code == 200
    # Counts stay, and what is gone is said to be gone.
    assert client.get(wet).json()["counts"] == before
    (failed,) = client.get(f"{wet}/failures").json()["data"]
    assert failed["value"] == "(erased)"
    assert error(client.get(f"{wet}/failures.csv"))[:2] == (404, "not_found")
    assert client.get(f"{kept}/failures.csv").status_code == 200
    assert other_client.get(f"/contacts/{EMAIL}").status_code == 200

    nothing = rollcall("contacts", "erase", EMAIL, "--team", "team a")
    assert "erased: nothing: the address is not known" in nothing.stdout


def id_of(path: str) -> str:
    return path.rpartition("/")[2]


def test_an_import_that_would_bring_it_back_is_named(
    rollcall: Rollcall, importer: Importer
) -> None:
    path = importer.upload(CSV)
    left = rollcall("contacts", "erase", EMAIL, "--team", "team a")
    assert left.exit_code == 1
    assert f"LEFT: import {id_of(path)} reads a file with it" in left.stdout
    assert rollcall("imports", "fail", id_of(path)).exit_code == 0
    assert rollcall("contacts", "erase", EMAIL, "--team", "team a").exit_code == 0
    assert error(importer.client.get(f"{path}/failures.csv"))[:2] == (404, "not_found")


def test_a_team_or_an_address_that_is_none(rollcall: Rollcall, team_key: str) -> None:
    del team_key
    assert rollcall("contacts", "export", EMAIL, "--team", "nobody").exit_code == 1
    result = rollcall("contacts", "erase", "ada", "--team", "team a")
    assert (result.exit_code, result.stderr) == (1, "This is no e-mail address.\n")
