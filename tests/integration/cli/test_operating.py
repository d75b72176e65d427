"""`rollcall imports …` and `rollcall keys …`: what those who run the service see and do."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import httpx
import pytest
from typer.testing import CliRunner, Result

from rollcall.cli.app import app
from rollcall.config import Settings
from tests.support.resources import error
from tests.support.uploads import Importer

Rollcall = Callable[..., Result]
CSV = b"email\nada@example.com\nnobody\n"


@pytest.fixture
def rollcall(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Rollcall:
    """Run `rollcall …` in this process, with the test's settings."""
    for name, value in settings.model_dump(mode="json").items():
        monkeypatch.setenv(f"ROLLCALL_{name.upper()}", str(value))
    return lambda *arguments: CliRunner().invoke(app, arguments)


@pytest.fixture
def importer(client: httpx.Client, settings: Settings, team_id: uuid.UUID) -> Importer:
    return Importer(client=client, settings=settings, team_id=team_id)


def id_of(path: str) -> str:
    return path.rpartition("/")[2]


def test_imports_are_listed_shown_and_ended(rollcall: Rollcall, importer: Importer) -> None:
    done = id_of(importer.run(CSV))
    queued = id_of(importer.upload(CSV, dry_run="true"))
    first, second = rollcall("imports", "list").stdout.splitlines()
    assert first.startswith(queued)
    assert first.endswith("dry run  team a")
    assert second.startswith(done)
    assert "completed            2 rows, 1 failed  team a" in second
    assert id_of(rollcall("imports", "list", "--status", "queued").stdout.split()[0]) == queued
    assert rollcall("imports", "list", "--team", "nobody").stdout == ""
    assert rollcall("imports", "list", "--status", "lost").exit_code == 2

    shown = json.loads(rollcall("imports", "show", done).stdout)
    assert shown["counts"]["failed"] == 1
    assert shown["team"] == "team a"
    assert shown["operation"]["lane"] == "small"
    assert shown["operation"]["size"] == len(CSV)
    assert rollcall("imports", "show", str(uuid.uuid4())).exit_code == 1
    assert rollcall("imports", "show", done, "--team", "team b").exit_code == 1

    ended = rollcall("imports", "fail", queued)
    assert ended.stdout == f"Import {queued} has ended; its error is `cancelled`.\n"
    again = rollcall("imports", "fail", queued)
    assert (again.exit_code, "has ended already" in again.stderr) == (1, True)
    state = importer.client.get(f"/contacts/imports/{queued}").json()
    assert (state["status"], state["error"]["code"]) == ("failed", "cancelled")


def test_keys_are_listed_and_revoked(
    rollcall: Rollcall, client: httpx.Client, other_client: httpx.Client
) -> None:
    assert client.get("/contacts").status_code == 200
    assert rollcall("keys", "list").stdout.count("team ") == 2
    (line,) = rollcall("keys", "list", "--team", "team b").stdout.splitlines()
    id_, name = line.split()[0], line.rpartition("  ")[2]
    assert (name, "re_" in line) == ("team b: test", False)
    assert rollcall("keys", "revoke", id_, "--team", "team a").exit_code == 1
    assert rollcall("keys", "revoke", id_).stdout == f"The key {id_} of team b is revoked.\n"
    assert rollcall("keys", "revoke", id_).exit_code == 1
    assert rollcall("keys", "revoke", "re_x").exit_code == 2
    assert error(other_client.get("/contacts"))[:2] == (403, "restricted_api_key")
    assert client.get("/contacts").status_code == 200
    assert rollcall("keys", "list", "--team", "team b").stdout == ""
    assert "revoked" in rollcall("keys", "list", "--team", "team b", "--revoked").stdout
