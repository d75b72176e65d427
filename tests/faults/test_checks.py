"""What the checks of a round find: each thing that must not be, planted."""

from __future__ import annotations

import copy
import random
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from rollcall.config import Settings
from tests.support import oracle
from tests.support.engine import Engine
from tests.support.faults import checks
from tests.support.faults.checks import IN_THE_END_GONE, NEVER, SOON_GONE
from tests.support.faults.expected import DryRun, Exactly, Expected, Pair
from tests.support.faults.files import FileMaker, Upload

Connection = psycopg.Connection[Any]
PEOPLE = [f"p{number}@example.com" for number in range(300)]


@pytest.fixture
def engine(connection: Connection, settings: Settings) -> Engine:
    return Engine(connection, settings)


def upload_of(**asked: Any) -> Upload:
    maker = FileMaker(random=random.Random(7))
    return maker.make(PEOPLE, ["first_name", "score"], ((), ()), **asked)


def imported(engine: Engine, outcome: list[oracle.Outcome], **asked: Any) -> uuid.UUID:
    """Import a file; its outcome is added, and the import returned."""
    upload = upload_of(**asked)
    stored = {email: copy.deepcopy(each) for email, each in engine.contacts().items()}
    engine.run(upload.data, upload.options)
    outcome.append(oracle.run_import(upload.data, upload.options, stored))
    return engine.imported[-1]


def wrong(outcome: oracle.Outcome) -> Iterator[oracle.Outcome]:
    """Yield outcomes that are not quite this one."""
    rows = dict(outcome.rows)
    first = min(rows)
    rows[first] = "updated" if rows[first] == "created" else "created"
    yield replace(outcome, rows=rows)
    yield replace(outcome, rows={row: told for row, told in outcome.rows.items() if row != first})
    yield replace(outcome, failures=outcome.failures[1:])
    yield replace(outcome, warnings=outcome.warnings[1:])


def test_an_import_is_held_against_its_outcome(engine: Engine) -> None:
    outcomes: list[oracle.Outcome] = []
    id_ = imported(engine, outcomes)
    (outcome,) = outcomes
    assert outcome.failures
    assert outcome.warnings
    assert Exactly(id_, outcome).differences(engine.connection) == []
    for other in wrong(outcome):
        assert Exactly(id_, other).differences(engine.connection) != []
    # Whether it was made or found may be open for a row.
    (changed, *_) = wrong(outcome)
    assert Exactly(id_, changed, {min(outcome.rows)}).differences(engine.connection) == []


def test_a_dry_run_must_have_stored_no_row(engine: Engine) -> None:
    outcomes: list[oracle.Outcome] = []
    id_ = imported(engine, outcomes)
    assert DryRun(id_, outcomes[0]).differences(engine.connection) != []
    upload = upload_of()
    engine.run(upload.data, upload.options, dry_run=True)
    outcome = oracle.run_import(upload.data, upload.options, engine.contacts())
    assert DryRun(engine.imported[-1], outcome).differences(engine.connection) == []


def test_of_two_at_once_either_may_have_made_a_contact_and_one_must(engine: Engine) -> None:
    outcomes: list[oracle.Outcome] = []
    ids = [imported(engine, outcomes, is_spoilt=False) for _ in range(2)]

    def compare(new: set[str], order: tuple[int, int]) -> list[str]:
        first, second = (Exactly(ids[n], outcomes[m]) for n, m in zip(order, (0, 1), strict=True))
        told: Expected = Pair(first, second, new)
        return told.differences(engine.connection)

    assert compare(set(PEOPLE), (0, 1)) == []
    assert compare(set(PEOPLE), (1, 0)) == []
    assert compare(set(PEOPLE[1:]), (0, 1)) != []


def test_contacts_are_held_against_those_of_the_oracle(engine: Engine) -> None:
    engine.connection.execute(
        "INSERT INTO contact_properties (team_id, key, stored_as, type)"
        " VALUES (%s, 'score', 'score', 'number')",
        (engine.team_id,),
    )
    imported(engine, [])

    def compare(**changes: Any) -> list[str]:
        contacts = engine.contacts()
        if changes:
            contacts[PEOPLE[0]] = replace(contacts[PEOPLE[0]], **changes)
        return list(checks.check_contacts(engine.connection, engine.team_id, contacts))

    assert compare() == []
    assert compare(first_name="Another") != []
    assert compare(segments={str(uuid.uuid4())}) != []
    assert compare(properties={"plan": "pro"}) != []
    without = engine.contacts()
    del without[PEOPLE[0]]
    assert list(checks.check_contacts(engine.connection, engine.team_id, without)) != []


# Makes what a query finds, for as long as its connection lasts.
PLANTED = {
    "import that has not ended": "UPDATE contact_imports SET status = 'in_progress'",
    "import with a lease": "UPDATE contact_imports SET lease_owner = gen_random_uuid()",
    "cancellation": (
        "INSERT INTO contact_import_cancellations (team_id, import_id)"
        " SELECT team_id, id FROM contact_imports"
    ),
    "batch of no import": "UPDATE contact_import_batches SET import_id = gen_random_uuid()",
    "failed row of no import": "UPDATE contact_import_failures SET import_id = gen_random_uuid()",
    "membership of nobody": (
        "INSERT INTO segment_memberships (team_id, segment_id, contact_id)"
        " SELECT team_id, id, gen_random_uuid() FROM segments"
    ),
    "session of an import": (
        "INSERT INTO contact_import_sessions"
        " (team_id, import_id, lease_owner, backend_pid, backend_start)"
        " SELECT team_id, id, gen_random_uuid(), 1, now() FROM contact_imports"
    ),
    "temporary table": "CREATE TEMPORARY TABLE left_over (id int)",
    "deleted segment": "UPDATE segments SET deleted_at = now()",
    "deleted topic": "UPDATE topics SET deleted_at = now()",
    "deleted property": (
        "INSERT INTO contact_properties (team_id, key, stored_as, type, deleted_at)"
        " SELECT team_id, 'plan', 'plan', 'string', now() FROM teams"
    ),
}
ALL = NEVER | SOON_GONE | IN_THE_END_GONE


@pytest.mark.parametrize("what", PLANTED)
def test_what_must_not_be_left_is_found(engine: Engine, what: str) -> None:
    engine.define((str(uuid.uuid4()),), (str(uuid.uuid4()),))
    imported(engine, [])
    query = {what: ALL[what]}
    assert checks._find(engine.connection, query) == []
    engine.connection.execute(PLANTED[what])
    (told,) = checks._find(engine.connection, query)
    assert what in told


def test_what_cannot_be_planted_is_asked_for_at_least(connection: Connection) -> None:
    for query in ALL.values():
        connection.execute(query)
    assert ALL.keys() - PLANTED.keys() == {
        "transaction that waits for its end",
        "name to be sorted",
    }
