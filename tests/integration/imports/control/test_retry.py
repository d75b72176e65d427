"""Imports that have failed and are run again: nothing is lost, and nothing counts twice."""

from __future__ import annotations

import subprocess
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from rollcall.imports.running.run import RunOutcome
from tests.support.engine import run_next
from tests.support.event_stream import events_of
from tests.support.forks import forks
from tests.support.uploads import Importer

Connection = psycopg.Connection[Any]
ROWS = 400
BAD = ROWS // 10
CSV = b"email,Plan\n" + b"".join(
    (b"no address,x\n" if n % 10 == 3 else b"p%d@example.com,plan%d\n" % (n, n))
    for n in range(ROWS)
)
COUNTS = {"total": ROWS, "created": ROWS - BAD, "updated": 0, "skipped": 0, "failed": BAD}


@pytest.fixture
def importer(client: httpx.Client, settings: Settings, team_id: uuid.UUID) -> Importer:
    """Imports in small batches."""
    return Importer(client=client, settings=settings, team_id=team_id, batch_rows=100)


def file_of(importer: Importer, connection: Connection) -> Path:
    ((key,),) = connection.execute("SELECT object_key FROM contact_imports").fetchall()
    return Path(urlsplit(importer.settings.storage_url).path, key)


def fail_half_way(importer: Importer, connection: Connection, **fields: Any) -> str:
    """Import some batches of a file that is then gone; the file comes back after the failure."""
    path = importer.upload(CSV, **fields)
    importer.work_on_one_batch(path)
    file = file_of(importer, connection)
    away = file.rename(file.with_name("away"))
    assert run_next(importer.settings)[1] is RunOutcome.FAILED
    away.rename(file)
    return path


def test_it_goes_on_behind_the_last_record_committed(
    importer: Importer, connection: Connection
) -> None:
    path = fail_half_way(importer, connection)
    before = importer.client.get(path).json()
    assert before["error"]["code"] == "file_missing"
    assert 0 < before["counts"]["total"] < ROWS
    answer = importer.client.post(f"{path}/retry")
    assert answer.status_code == 200
    queued = answer.json()
    assert (queued["status"], queued["error"], queued["completed_at"]) == ("queued", None, None)
    assert queued["counts"] == before["counts"]
    again = importer.client.post(f"{path}/retry")
    assert (again.status_code, again.json()["name"]) == (422, "validation_error")
    assert again.json()["message"].startswith("This import is queued already.")
    importer.work(path)
    done = importer.client.get(path).json()
    assert (done["status"], done["counts"]) == ("completed", COUNTS)
    rows = [
        item["row"]
        for item in importer.client.get(f"{path}/failures", params={"limit": 100}).json()["data"]
    ]
    assert rows == list(range(5, ROWS + 2, 10))
    assert connection.execute("SELECT count(*) FROM contacts").fetchone() == (ROWS - BAD,)
    late = importer.client.post(f"{path}/retry")
    assert late.status_code == 422
    assert "is completed" in late.json()["message"]


def test_one_that_was_cancelled_is_not_cancelled_any_more(
    importer: Importer, connection: Connection
) -> None:
    path = importer.upload(CSV)
    importer.work_on_one_batch(path)
    assert importer.client.post(f"{path}/cancel").json()["status"] == "failed"
    assert importer.client.post(f"{path}/retry").json()["status"] == "queued"
    importer.work(path)
    assert importer.client.get(path).json()["counts"] == COUNTS
    # And it can be cancelled once more.
    second = importer.upload(CSV)
    importer.client.post(f"{second}/cancel")
    importer.client.post(f"{second}/retry")
    assert importer.client.post(f"{second}/cancel").json()["error"]["code"] == "cancelled"


def test_attempts_count_anew(importer: Importer, connection: Connection) -> None:
    path = importer.upload(CSV)
    connection.execute("UPDATE contact_imports SET attempts = 20, error_code = 'internal_error'")
    assert run_next(importer.settings)[1] is RunOutcome.FAILED
    importer.client.post(f"{path}/retry")
    importer.work(path)
    assert importer.client.get(path).json()["counts"] == COUNTS


def test_a_dry_run_begins_anew(importer: Importer, connection: Connection) -> None:
    path = fail_half_way(importer, connection, dry_run="true")
    importer.client.post(f"{path}/retry")
    importer.work(path)
    done = importer.client.get(path).json()
    assert (done["status"], done["counts"]) == ("completed", COUNTS)
    failures = importer.client.get(f"{path}/failures", params={"limit": 100}).json()["data"]
    assert len(failures) == BAD
    assert connection.execute("SELECT count(*) FROM contacts").fetchone() == (0,)


def test_events_go_on(importer: Importer, connection: Connection) -> None:
    path = fail_half_way(importer, connection)
    id_ = path.rpartition("/")[2]
    with events_of(importer.client, id_) as events:
        (failed,) = events
    assert failed.name == "failed"
    importer.client.post(f"{path}/retry")
    with events_of(importer.client, id_, failed.id) as events:
        first = next(events)
        assert (first.name, first.data["status"]) == ("progress", "queued")
        assert first.id > failed.id
        importer.work(path)
        *_, last = (event for event in events if event.name)
    assert (last.name, last.data["counts"]) == ("completed", COUNTS)


COLUMN_MAP = {"email": "email", "properties": {"plan": {"column": "Plan", "type": "string"}}}


def test_a_property_that_was_deleted_since_is_defined_again(
    importer: Importer, connection: Connection
) -> None:
    """Its old values are gone or going; what is imported now is shown."""
    path = fail_half_way(importer, connection, column_map=COLUMN_MAP)
    (defined,) = importer.client.get("/contact-properties").json()["data"]
    importer.client.delete(f"/contact-properties/{defined['id']}")
    assert importer.client.post(f"{path}/retry").status_code == 200
    importer.work(path)
    last = importer.client.get(f"/contacts/p{ROWS - 1}@example.com").json()
    assert last["properties"] == {"plan": {"value": f"plan{ROWS - 1}", "type": "string"}}
    first = importer.client.get("/contacts/p0@example.com").json()
    assert first["properties"] == {}


def test_one_that_is_of_another_type_by_now_is_a_reason_against(
    importer: Importer, connection: Connection
) -> None:
    path = fail_half_way(importer, connection, column_map=COLUMN_MAP)
    (defined,) = importer.client.get("/contact-properties").json()["data"]
    importer.client.delete(f"/contact-properties/{defined['id']}")
    importer.client.post("/contact-properties", json={"key": "plan", "type": "number"})
    answer = importer.client.post(f"{path}/retry")
    assert answer.status_code == 422
    assert '"plan" is defined as number' in answer.json()["message"]
    assert importer.client.get(path).json()["status"] == "failed"


def test_another_teams_import_is_not_there(
    importer: Importer, other_client: httpx.Client, connection: Connection
) -> None:
    path = fail_half_way(importer, connection)
    before = importer.client.get(path).json()
    assert other_client.post(f"{path}/retry").status_code == 404
    assert importer.client.get(path).json() == before
    assert importer.client.post(f"/contacts/imports/{uuid.uuid4()}/retry").status_code == 404
    assert importer.client.post("/contacts/imports/7/retry").status_code == 422


def test_an_operator_retries_it(importer: Importer, connection: Connection) -> None:
    path = fail_half_way(importer, connection)
    id_ = path.rpartition("/")[2]

    def rollcall(*arguments: str) -> subprocess.CompletedProcess[str]:
        dumped = importer.settings.model_dump(mode="json")
        environment = {f"ROLLCALL_{name.upper()}": str(value) for name, value in dumped.items()}
        return forks.run(["imports", "retry", *arguments], environment=environment)

    wrong = rollcall(id_, "--team", "team b")
    assert (wrong.returncode, wrong.stderr) == (1, "Contact import not found\n")
    assert rollcall("7").returncode == 2
    done = rollcall(id_, "--team", "team a")
    assert (done.returncode, done.stdout) == (0, f"Import {id_} is queued again.\n"), done.stderr
    again = rollcall(id_)
    assert again.returncode == 1
    assert "is queued already" in again.stderr
    importer.work(path)
    assert importer.client.get(path).json()["counts"] == COUNTS


def test_one_that_was_given_up_has_all_its_attempts_again(
    importer: Importer, connection: Connection
) -> None:
    path = fail_half_way(importer, connection)
    connection.execute("UPDATE contact_imports SET attempts = 30, crashes = 3, losses = 10")
    assert importer.client.post(f"{path}/retry").status_code == 200
    importer.work(path)
    assert importer.client.get(path).json()["status"] == "completed"
