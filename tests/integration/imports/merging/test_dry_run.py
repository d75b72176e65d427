"""Dry runs: the counts, the list of changes, and that nothing is stored."""

from __future__ import annotations

import dataclasses
import json
import threading
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from rollcall.imports import kinds
from rollcall.imports.running import shadows
from rollcall.imports.running.claims import Claim
from rollcall.imports.running.lanes import Lanes
from rollcall.storage.objects import Storage
from rollcall.worker.setup import connect_worker
from tests.support.engine import Engine
from tests.support.patience import PATIENCE
from tests.support.resources import show
from tests.support.uploads import Importer

STORED = b"email,first_name,unsubscribed,Plan\nann@b.co,Ann,yes,free\nbob@b.co,Bob,no,\n"
PLAN = {"plan": {"column": "Plan", "type": "string"}}
MAP = {"first_name": "first_name", "unsubscribed": "unsubscribed", "properties": PLAN}
NEW_MAP = {**MAP, "properties": {**PLAN, "seats": {"column": "seats", "type": "number"}}}
FILE = b"""email,first_name,unsubscribed,Plan,seats
bob@b.co,Bob,,,
new@b.co,New,,pro,3
x,,,,
ann@b.co,,no,pro,1.5
new@b.co,,yes,,4
bob@b.co,Robert,,,
"""


@pytest.fixture
def engine(connection: psycopg.Connection[Any], settings: Settings) -> Engine:
    return Engine(connection, settings)


@pytest.fixture
def topic(client: httpx.Client) -> str:
    made = client.post("/topics", json={"name": "News", "default_subscription": "opt_out"})
    id_: str = made.json()["id"]
    return id_


@pytest.mark.parametrize("batch_rows", [1, 2, 100])
@pytest.mark.parametrize("on_conflict", ["upsert", "skip"])
def test_it_tells_what_the_import_will_do(
    importer: Importer, engine: Engine, topic: str, batch_rows: int, on_conflict: str
) -> None:
    importer.run(STORED, column_map=MAP)
    importer = dataclasses.replace(importer, batch_rows=batch_rows)
    segment = importer.client.post("/segments", json={"name": "All"}).json()["id"]
    form: dict[str, Any] = {
        "column_map": NEW_MAP,
        "on_conflict": on_conflict,
        "segments": [{"id": segment}],
        "topics": [{"id": topic, "subscription": "opt_in"}],
    }
    before = engine.everything()
    tried = show(importer.client, importer.run(FILE, dry_run="true", **form))
    assert engine.everything() == before
    assert (tried["status"], tried["dry_run"]) == ("completed", True)
    done = show(importer.client, importer.run(FILE, **form))
    assert (done["dry_run"], done["changes"]) == (False, [])
    for name in ("counts", "failures", "warnings"):
        assert tried[name] == done[name]
    changed = [(change["row"], change["action"]) for change in tried["changes"]]
    upsert = on_conflict == "upsert"
    assert changed == (
        [(2, "updated"), (3, "created"), (5, "updated")] if upsert else [(3, "created")]
    )


def test_the_changes_field_by_field(importer: Importer, topic: str) -> None:
    importer.run(STORED, column_map=MAP)
    topics = json.dumps([{"id": topic, "subscription": "opt_in"}])
    for batch_rows in (1, 4, 100):
        run = dataclasses.replace(importer, batch_rows=batch_rows).run
        path = run(FILE, dry_run="true", column_map=NEW_MAP, topics=topics)
        (bob, new, ann) = show(importer.client, path)["changes"]
        choice = {f"topics.{topic}": {"from": None, "to": "opt_in"}}
        assert bob == {
            "row": 2,
            "email": "bob@b.co",
            "action": "updated",
            "fields": {"first_name": {"from": "Bob", "to": "Robert"}, **choice},
        }
        assert new["fields"] == {
            "first_name": {"from": None, "to": "New"},
            "unsubscribed": {"from": None, "to": True},
            "properties.plan": {"from": None, "to": "pro"},
            "properties.seats": {"from": None, "to": 4},
            **choice,
        }
        assert list(new["fields"])[:2] == ["first_name", "unsubscribed"]
        assert ann["fields"] == {
            "unsubscribed": {"from": True, "to": False},
            "properties.plan": {"from": "free", "to": "pro"},
            "properties.seats": {"from": None, "to": 1.5},
            **choice,
        }


@pytest.mark.parametrize("batch_rows", [1, 2, 100])
@pytest.mark.parametrize("on_conflict", ["upsert", "skip"])
def test_who_joins_a_segment(importer: Importer, batch_rows: int, on_conflict: str) -> None:
    client = importer.client
    old, new, gone = (
        client.post("/segments", json={"name": name}).json()["id"] for name in ("a", "b", "c")
    )
    importer.run(b"email\nold@b.co\nboth@b.co\n", segments=[{"id": old}])
    importer.run(b"email\nboth@b.co\nnone@b.co\n", segments=[{"id": new}])
    run = dataclasses.replace(importer, batch_rows=batch_rows)
    data = b"email,first_name\nboth@b.co,\nold@b.co,\nnew@b.co,New\nnone@b.co,Nora\nold@b.co,\n"
    segments = [{"id": id_} for id_ in (new, gone, old)]
    path = run.upload(data, dry_run="true", on_conflict=on_conflict, segments=segments)
    client.delete(f"/segments/{gone}")
    run.work(path)
    joins = {id_: {f"segments.{id_}": {"from": False, "to": True}} for id_ in (old, new)}
    created = {
        "row": 4,
        "email": "new@b.co",
        "action": "created",
        "fields": {
            "first_name": {"from": None, "to": "New"},
            "unsubscribed": {"from": None, "to": False},
            f"segments.{new}": {"from": None, "to": True},
            f"segments.{old}": {"from": None, "to": True},
        },
    }
    joined = {"row": 3, "email": "old@b.co", "action": "updated", "fields": joins[new]}
    named = {
        "row": 5,
        "email": "none@b.co",
        "action": "updated",
        "fields": {"first_name": {"from": None, "to": "Nora"}, **joins[old]},
    }
    changes = show(client, path)["changes"]
    assert changes == ([joined, created, named] if on_conflict == "upsert" else [created])
    assert client.get(f"/segments/{new}/contacts").json()["data"] != []
    assert [each["email"] for each in client.get(f"/segments/{old}/contacts").json()["data"]] == [
        "both@b.co",
        "old@b.co",
    ]


@pytest.mark.parametrize("batch_rows", [7, 100])
def test_the_first_twenty_changes(importer: Importer, batch_rows: int) -> None:
    importer.run(b"email\n" + b"".join(b"p%d@b.co\n" % n for n in range(10)))
    data = b"email\n" + b"".join(b"p%d@b.co\n" % n for n in range(50))
    run = dataclasses.replace(importer, batch_rows=batch_rows).run
    shown = show(importer.client, run(data, dry_run="true"))
    assert [change["row"] for change in shown["changes"]] == list(range(12, 32))
    assert (shown["counts"]["created"], shown["counts"]["updated"]) == (40, 10)


def test_a_change_of_an_earlier_rows_contact_comes_in_its_place(importer: Importer) -> None:
    stored = b"".join(b"old%d@b.co,\n" % n for n in range(24))
    importer.run(b"email,first_name\n" + stored)
    news = b"".join(b"new%d@b.co,\n" % n for n in range(30))
    data = b"email,first_name\n" + stored + b"old3@b.co,Ola\n" + news
    run = dataclasses.replace(importer, batch_rows=24).run
    changes = show(importer.client, run(data, dry_run="true"))["changes"]
    assert [each["row"] for each in changes] == list(range(26, 46))
    assert changes[0]["email"] == "old3@b.co"


def test_properties_are_checked_but_not_made(importer: Importer) -> None:
    importer.run(FILE, dry_run="true", column_map=NEW_MAP)
    client = importer.client
    assert client.get("/contact-properties").json()["data"] == []
    assert client.get("/contacts").json()["data"] == []
    importer.run(STORED, column_map=MAP)
    other = {"properties": {"plan": {"column": "Plan", "type": "number"}}}
    response = client.post(
        "/contacts/imports",
        files={"file": STORED},
        data={"dry_run": "true", "column_map": json.dumps(other)},
    )
    assert response.status_code == 422
    assert 'the property "plan" is defined as string, not as number' in response.json()["message"]


def test_one_that_is_broken_off_begins_anew(importer: Importer) -> None:
    importer.run(STORED, column_map=MAP)
    importer = dataclasses.replace(importer, batch_rows=2)
    path = importer.upload(FILE, dry_run="true", column_map=NEW_MAP)
    importer.work_on_one_batch(path)
    assert show(importer.client, path)["counts"]["total"] == 2
    importer.work(path)
    shown = show(importer.client, path)
    assert shown["counts"] == {"total": 6, "created": 1, "updated": 4, "skipped": 0, "failed": 1}
    assert shown["failures"] == {"invalid_email": 1}
    assert shown["warnings"] == {"repeated_email": 2, "resubscribed": 1}
    assert len(shown["changes"]) == 3
    for name, count in (("failures", 1), ("warnings", 3)):
        assert len(importer.client.get(f"{path}/{name}").json()["data"]) == count


def test_a_worker_stores_the_import_after_a_dry_run(
    importer: Importer, connection: psycopg.Connection[Any]
) -> None:
    """One thread runs both, so that it would show if it went on seeing copies."""
    lanes = lanes_of(importer, large_at_once=1)
    tried = importer.upload(FILE, dry_run="true")
    stored = importer.upload(FILE)
    connection.execute("UPDATE contact_imports SET lane = 'large'")
    lanes.start()
    try:
        wait_until_over(importer.client, stored)
    finally:
        lanes.stop()
    assert show(importer.client, tried)["counts"] == show(importer.client, stored)["counts"]
    assert len(importer.client.get("/contacts").json()["data"]) == 3


def test_imports_do_not_wait_for_large_dry_runs(
    importer: Importer,
    other_client: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A team's dry runs are held up; as many as there are threads for large imports, and one."""
    monkeypatch.setattr(kinds, "SMALL_BYTES", 0)
    go_on, held_up = threading.Event(), threading.Semaphore(0)
    begin = shadows.begin_dry_run

    def wait(*arguments: Any) -> Claim:
        held_up.release()
        assert go_on.wait(60)
        return begin(*arguments)

    monkeypatch.setattr(shadows, "begin_dry_run", wait)
    lanes = lanes_of(importer, large_at_once=2)
    tried = [importer.upload(FILE, dry_run="true") for _ in range(3)]
    lanes.start()
    try:
        assert held_up.acquire(timeout=PATIENCE)
        answer = other_client.post("/contacts/imports", files={"file": FILE})
        wait_until_over(other_client, f"/contacts/imports/{answer.json()['id']}")
        stored = importer.upload(FILE)
        wait_until_over(importer.client, stored)
        assert {show(importer.client, path)["status"] for path in tried} == {
            "queued",
            "in_progress",
        }
        go_on.set()
        for path in tried:
            wait_until_over(importer.client, path)
    finally:
        go_on.set()
        lanes.stop()
    # They were told of the contacts that the import has stored in the meantime.
    assert [show(importer.client, path)["counts"]["updated"] for path in tried] == [5] * 3


def lanes_of(importer: Importer, large_at_once: int) -> Lanes:
    return Lanes(
        connect=lambda: connect_worker(importer.settings),
        storage=Storage(importer.settings.storage_url),
        large_at_once=large_at_once,
        batch_rows=2,
        lease_seconds=60,
    )


def wait_until_over(client: httpx.Client, path: str) -> None:
    pause = threading.Event()
    for _ in range(600):
        if show(client, path)["status"] == "completed":
            return
        pause.wait(0.05)
    raise AssertionError(f"{path} has not been completed")
