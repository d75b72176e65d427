"""`rollcall doctor`: what it finds, each time something is not as it should be."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from typer.testing import CliRunner

from rollcall.cli.app import app
from rollcall.config import Settings
from rollcall.doctor.database import look_at_database
from rollcall.doctor.examination import examine
from rollcall.doctor.findings import Finding, Level
from rollcall.doctor.redis import look_at_redis
from rollcall.doctor.storage import look_at_storage
from rollcall.storage.guard import adopt
from rollcall.storage.objects import Storage

Connection = psycopg.Connection[Any]


@pytest.fixture
def healthy(settings: Settings, connection: Connection) -> Settings:
    """Settings with a storage that is marked."""
    adopt(connection, Storage(settings.storage_url))
    return settings


def troubles(findings: Iterator[Finding]) -> list[tuple[str, str, str]]:
    return [
        (each.level.value, each.subject, each.found)
        for each in findings
        if each.level is not Level.OK
    ]


def folder_of(settings: Settings) -> Path:
    return Path(urlsplit(settings.storage_url).path)


def test_where_all_is_well_only_the_worker_is_missing(
    healthy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in healthy.model_dump(mode="json").items():
        monkeypatch.setenv(f"ROLLCALL_{name.upper()}", str(value))
    result = CliRunner().invoke(app, ["doctor"])
    lines = [line.split()[:2] for line in result.stdout.splitlines()]
    said = {(level, subject) for level, subject in lines if subject != "disk"}
    # The servers of the tests are told not to wait for the disk.
    assert said - {("warn", "database")} == {
        ("ok", "settings"),
        ("ok", "database"),
        ("ok", "clock"),
        ("ok", "connections"),
        ("ok", "migrations"),
        ("ok", "rights"),
        ("warn", "workers"),
        ("ok", "redis"),
        ("ok", "storage"),
    }
    assert "→ start `rollcall worker`" in result.stdout
    assert list(folder_of(healthy).glob("*/trial*")) == []


def test_settings_that_nobody_reads(healthy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLLCALL_WORKER_CONCURENCY", "4")
    first = [finding for finding in examine(healthy) if finding.subject == "settings"]
    assert [finding.level for finding in first] == ["ok", "warn"]
    assert first[1].found == "ROLLCALL_WORKER_CONCURENCY is read by nobody"


def test_a_database_that_is_away_does_not_keep_it_from_the_rest(healthy: Settings) -> None:
    away = healthy.model_copy(update={"database_url": "postgresql://127.0.0.1:1/x"})
    found = list(examine(away))
    assert [f.level for f in found if f.subject == "database"] == ["fail"]
    assert "x" not in {f.subject for f in found}
    assert {"redis", "storage"} <= {f.subject for f in found if f.level is Level.OK}


@pytest.mark.parametrize(
    ("version", "level", "told"),
    [
        ("0001", "fail", "are at 0001 of "),
        ("9999", "warn", "are at 9999, and this program knows "),
        (None, "fail", "the database has no tables"),
    ],
)
def test_migrations(
    healthy: Settings, connection: Connection, version: str | None, level: str, told: str
) -> None:
    connection.execute(
        "UPDATE alembic_version SET version_num = %s WHERE %s::text IS NOT NULL", (version, version)
    )
    if version is None:
        connection.execute("DELETE FROM alembic_version")
    (found,) = [f for f in look_at_database(healthy) if f.subject == "migrations"]
    assert (found.level, found.found.startswith(told)) == (level, True)


def test_rights_that_are_missing(healthy: Settings, connection: Connection) -> None:
    role = f"poor_{healthy.database_url.rpartition('/')[2]}"
    connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
    try:
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
        parts = urlsplit(healthy.database_url)
        host = parts.netloc.rpartition("@")[2]
        url = parts._replace(netloc=f"{role}:x@{host}").geturl()
        found = list(look_at_database(healthy.model_copy(update={"database_url": url})))
        (rights,) = [f for f in found if f.subject == "rights"]
        assert rights.level is Level.FAIL
        assert "operations.storage" in rights.found
        assert "public.contacts" in rights.found
    finally:
        connection.execute(f"DROP OWNED BY {role}")
        connection.execute(f"DROP ROLE {role}")


def test_more_connections_than_the_server_has(healthy: Settings) -> None:
    many = healthy.model_copy(update={"db_pool_size": 1000})
    assert ("fail", "connections") in {each[:2] for each in troubles(look_at_database(many))}


def test_clocks_that_are_apart(healthy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert ("warn", "clock") in {each[:2] for each in troubles(look_at_database(healthy))}


def test_a_redis_that_forgets(healthy: Settings) -> None:
    with redis.Redis.from_url(healthy.redis_url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            found = troubles(look_at_redis(healthy))
        finally:
            client.config_set("maxmemory-policy", "noeviction")
    assert [each[:2] for each in found] == [("warn", "redis")]
    assert "allkeys-lru" in found[0][2]


def test_a_redis_that_is_away(healthy: Settings) -> None:
    away = healthy.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    assert [each[:2] for each in troubles(look_at_redis(away))] == [("warn", "redis")]


def test_a_storage_that_is_not_there_or_another(healthy: Settings) -> None:
    with tempfile.TemporaryDirectory() as other:
        replaced = healthy.model_copy(update={"storage_url": Path(other).as_uri()})
        assert ("fail", "storage", "is not the one that belongs to the database") in troubles(
            look_at_storage(replaced)
        )
        gone = healthy.model_copy(update={"storage_url": Path(other, "no").as_uri()})
        assert troubles(look_at_storage(gone)) == [("fail", "storage", f"{other}/no is not there")]
        assert not Path(other, "no").exists()


def test_a_storage_that_takes_nothing(healthy: Settings) -> None:
    # A file in the place of the folder of the trial: root may write wherever the rights forbid it.
    folder = folder_of(healthy) / ".rollcall"
    folder.rename(folder.with_name("moved"))
    folder.write_bytes(b"")
    found = troubles(look_at_storage(healthy))
    assert next(told[:21] for _, subject, told in found if subject == "storage") == (
        "cannot be written to:"
    )


def test_no_room(healthy: Settings) -> None:
    large = healthy.model_copy(update={"max_upload_bytes": 2**60})
    assert ("fail", "disk") in {each[:2] for each in troubles(look_at_storage(large))}
