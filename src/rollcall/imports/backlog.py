"""The backlog: all imports of all teams that have not ended, as `/metrics` tells of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg

from rollcall.config import Settings
from rollcall.database import heartbeat
from rollcall.database.connections import connect
from rollcall.database.statements import load_statements
from rollcall.imports.kinds import Lane
from rollcall.metrics.catalogue import (
    BACKLOG_IMPORTS,
    BACKLOG_OLDEST_SECONDS,
    DATABASE_UP,
    ROWS_PER_SECOND,
    WORKERS,
)
from rollcall.metrics.recording import Sample

STATEMENTS = load_statements(__package__, "backlog.sql")
STATES = ("queued", "running", "waiting", "silent")
SPEED_KNOWN = timedelta(seconds=15)
# Whoever asks for numbers waits for them ten seconds as a rule.
LIMITS = {"statement_timeout": "3s", "lock_timeout": "1s"}


def look_up_backlog(settings: Settings) -> list[Sample]:
    """Return what there is to do at this moment; from a thread."""
    try:
        with connect(settings.psycopg_dsn, "rollcall-metrics", LIMITS) as connection:
            return [*_read(connection), Sample(gauge=DATABASE_UP, value=1, labels={})]
    except psycopg.Error:
        return [Sample(gauge=DATABASE_UP, value=0, labels={})]


def _read(connection: psycopg.Connection[Any]) -> Iterator[Sample]:
    found = connection.execute(STATEMENTS["by_lane"]).fetchall()
    counts = {(lane, state): count for lane, state, count, _ in found}
    ages = {(lane, state): age for lane, state, _, age in found}
    # A lane without imports has none, which is not the same as to say nothing of it.
    for lane, state in itertools.product(Lane, STATES):
        labels = {"lane": lane.value, "state": state}
        yield Sample(gauge=BACKLOG_IMPORTS, value=counts.get((lane, state), 0), labels=labels)
    for lane in Lane:
        age = max((ages.get((lane, state), 0.0) for state in STATES), default=0.0)
        yield Sample(gauge=BACKLOG_OLDEST_SECONDS, value=age, labels={"lane": lane.value})
    parameters = {"known": SPEED_KNOWN}
    (speed,) = connection.execute(STATEMENTS["rows_per_second"], parameters).fetchone() or (0,)
    yield Sample(gauge=ROWS_PER_SECOND, value=speed, labels={})
    (workers,) = connection.execute(heartbeat.COUNT, heartbeat.PARAMETERS).fetchone() or (0,)
    yield Sample(gauge=WORKERS, value=workers, labels={})
