"""Bells, and whose turn it is."""

from __future__ import annotations

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from rollcall.config import Settings
from rollcall.imports.kinds import ROW_FORMAT, Lane
from rollcall.imports.running import claims, leases
from rollcall.imports.running.claims import Claim, claim_next
from rollcall.imports.wake import QUEUE_NAME, connect_queue, enqueue
from tests.support import oracle
from tests.support.engine import Engine

Connection = psycopg.Connection[Any]
CSV = b"email\na@example.com\n"


@pytest.fixture
def teams(connection: Connection, settings: Settings) -> list[Engine]:
    return [Engine(connection, settings) for _ in range(3)]


def add(team: Engine, count: int = 1, lane: Lane = Lane.LARGE) -> list[uuid.UUID]:
    ids = [team.create(CSV, oracle.Options()) for _ in range(count)]
    team.connection.execute("UPDATE contact_imports SET lane = %s WHERE id = ANY(%s)", (lane, ids))
    return ids


def take(connection: Connection, lane: Lane = Lane.LARGE) -> Claim:
    claim = claim_next(connection, lane, 60)
    assert claim is not None
    return claim


def test_rows_of_a_later_format_are_left_to_newer_workers(
    connection: Connection, teams: list[Engine]
) -> None:
    (later,) = add(teams[0])
    connection.execute("UPDATE contact_imports SET row_format = %s", (ROW_FORMAT + 1,))
    (known,) = add(teams[1])
    claim = take(connection)
    assert claim.lease.import_id == known
    assert claim_next(connection, Lane.LARGE, 60) is None
    # Nor does it give way to what it cannot take.
    (again,) = add(teams[1])
    assert take_id(connection) == again
    assert not claims.is_turn_over(connection, claim.lease, Lane.LARGE)
    newer = claim_next(connection, Lane.LARGE, 60, row_format=ROW_FORMAT + 1)
    assert newer is not None
    assert newer.lease.import_id == later
    leases.release(connection, newer.lease, pause=0, forgive=True)
    assert claim_next(connection, Lane.LARGE, 60) is None


def take_id(connection: Connection) -> uuid.UUID:
    return take(connection).lease.import_id


def test_a_job_that_waits_is_notified_of_once(settings: Settings) -> None:
    import_id = uuid.uuid4()

    async def run() -> list[Any]:
        queue = connect_queue(settings.redis_url)
        try:
            for _ in range(3):
                await enqueue(queue, import_id)
            return list(await queue.zrange(QUEUE_NAME, 0, -1))
        finally:
            await queue.aclose(close_connection_pool=True)

    assert asyncio.run(run()) == [str(import_id).encode()]


def test_teams_take_turns(teams: list[Engine], connection: Connection) -> None:
    first, second, third = teams
    a, b, c = add(first, 3), add(second, 2), add(third)
    order = [take_id(connection) for _ in range(6)]
    assert order == [a[0], b[0], c[0], a[1], b[1], a[2]]
    assert claim_next(connection, Lane.LARGE, 60) is None


def test_who_has_had_a_turn_goes_behind_who_has_waited(
    teams: list[Engine], connection: Connection
) -> None:
    first, second, _ = teams
    (a, a2), (b,) = add(first, 2), add(second)
    turn = take(connection)
    assert turn.lease.import_id == a
    leases.release(connection, turn.lease)
    assert take_id(connection) == b
    assert [take_id(connection) for _ in range(2)] == [a, a2]


def test_a_turn_is_over_when_a_team_with_less_at_work_waits(
    teams: list[Engine], connection: Connection
) -> None:
    first, second, _ = teams
    add(first, 2)
    own = take(connection)
    # The team's own next import is no reason to stop.
    assert not claims.is_turn_over(connection, own.lease, Lane.LARGE)
    add(second, 2)
    assert claims.is_turn_over(connection, own.lease, Lane.LARGE)
    assert not claims.is_turn_over(connection, own.lease, Lane.SMALL)
    take(connection)
    # Each of the two teams has one at work: nothing would be fairer than that.
    assert not claims.is_turn_over(connection, own.lease, Lane.LARGE)


def test_lanes_are_apart(teams: list[Engine], connection: Connection) -> None:
    (large,), (small,) = add(teams[0]), add(teams[1], lane=Lane.SMALL)
    assert take(connection, Lane.SMALL).lease.import_id == small
    assert claim_next(connection, Lane.SMALL, 60) is None
    assert take_id(connection) == large


def test_the_size_decides_on_the_lane() -> None:
    sizes = (0, 1 << 20, (1 << 20) + 1)
    assert [Lane.of(size, dry_run=False) for size in sizes] == ["small", "small", "large"]
    assert [Lane.of(size, dry_run=True) for size in sizes] == ["small", "small", "dry_run"]


def test_a_dry_run_is_no_turn_of_its_team(teams: list[Engine], connection: Connection) -> None:
    (dry_run,) = add(teams[0], lane=Lane.DRY_RUN)
    (own,), (other,) = add(teams[0]), add(teams[1])
    assert take(connection, Lane.DRY_RUN).lease.import_id == dry_run
    assert [take_id(connection) for _ in range(2)] == [own, other]


def test_an_import_whose_row_is_locked_is_passed_over(
    teams: list[Engine], connection: Connection, settings: Settings
) -> None:
    locked, free = add(teams[0], 2)
    with psycopg.connect(settings.psycopg_dsn) as other:
        other.execute("SELECT FROM contact_imports WHERE id = %s FOR UPDATE", (locked,))
        assert take_id(connection) == free
    assert take_id(connection) == locked


def test_many_workers_take_each_import_once(
    teams: list[Engine], connection: Connection, settings: Settings
) -> None:
    expected = {import_id for team in teams for import_id in add(team, 12)}

    def work(_: int) -> list[uuid.UUID]:
        taken = []
        with psycopg.connect(settings.psycopg_dsn, autocommit=True) as own:
            while claim := claim_next(own, Lane.LARGE, 60):
                taken.append(claim.lease.import_id)
        return taken

    with ThreadPoolExecutor(6) as threads:
        taken = [import_id for ids in threads.map(work, range(6)) for import_id in ids]
    # Two that look at the same moment may both pass over a row that neither gets in the end.
    while claim := claim_next(connection, Lane.LARGE, 60):
        taken.append(claim.lease.import_id)
    assert len(taken) == len(expected)
    assert set(taken) == expected
