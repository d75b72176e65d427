"""What `/metrics` says of imports that have not ended."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from rollcall.config import Settings
from rollcall.imports.backlog import look_up_backlog

Connection = psycopg.Connection[Any]
ADD = """
INSERT INTO contact_imports
    (team_id, object_key, size, sha256, dialect, column_map, on_conflict, segments, topics, lane,
     status, created_at, released_at, lease_owner, lease_expires_at, rows_per_second, last_batch_at)
VALUES
    (%(team_id)s, 'x', 1, '', '{}', '{}', 'upsert', '[]', '{}', %(lane)s,
     %(status)s, now() - make_interval(secs => 900), now() - make_interval(secs => %(waits)s),
     %(owner)s, now() + make_interval(secs => %(lease)s), %(speed)s, now())
"""


def add(connection: Connection, team_id: uuid.UUID, lane: str, **values: Any) -> None:
    defaults = {"status": "in_progress", "waits": None, "owner": None, "lease": 0, "speed": None}
    connection.execute(ADD, {"team_id": team_id, "lane": lane, **defaults, **values})


def found(settings: Settings) -> dict[str, float]:
    """Return what there is by name and labels, without what is 0."""
    return {
        " ".join([sample.gauge.name.removeprefix("rollcall_"), *sample.labels.values()]): value
        for sample in look_up_backlog(settings)
        if (value := round(sample.value, -1 if "seconds" in sample.gauge.name else 0))
    }


def test_nothing_to_do(settings: Settings) -> None:
    assert found(settings) == {"database_up": 1}
    names = {sample.gauge.name for sample in look_up_backlog(settings)}
    assert names >= {"rollcall_backlog_imports", "rollcall_backlog_oldest_seconds"}


def test_by_lane_and_state(settings: Settings, connection: Connection, team_id: uuid.UUID) -> None:
    owner = uuid.uuid4()
    add(connection, team_id, "small", status="queued")
    # Retried a minute ago, and created long before that.
    add(connection, team_id, "dry_run", status="queued", waits=60)
    add(connection, team_id, "large", waits=120)
    add(connection, team_id, "large", owner=owner, lease=-600)
    add(connection, team_id, "large", owner=owner, lease=60, speed=1000)
    add(connection, team_id, "large", status="completed")
    assert found(settings) == {
        "database_up": 1,
        "backlog_imports small queued": 1,
        "backlog_oldest_seconds small": 900,
        "backlog_imports dry_run queued": 1,
        "backlog_oldest_seconds dry_run": 60,
        "backlog_imports large waiting": 1,
        "backlog_imports large silent": 1,
        "backlog_imports large running": 1,
        "backlog_oldest_seconds large": 600,
        "rows_per_second": 1000,
    }


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/x"])
def test_a_database_that_is_away_is_told_of(settings: Settings, url: str) -> None:
    away = settings.model_copy(update={"database_url": url})
    assert found(away) == {}
    assert [sample.gauge.name for sample in look_up_backlog(away)] == ["rollcall_database_up"]
