"""The engine against the oracle: generated files, and the table of edge cases."""

from __future__ import annotations

import copy
import dataclasses
import resource
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rollcall.config import Settings
from rollcall.imports.reading.dialect import HeaderError
from rollcall.imports.running.paused import PausedEmails
from tests.support import oracle
from tests.support.engine import Engine
from tests.support.import_cases import CASES
from tests.support.import_cases.case import Case, without_values
from tests.support.legacy import detect_legacy
from tests.support.outcomes import check_origin, origins_of
from tests.support.strategies import SEGMENTS, TOPICS, Scenario, scenarios, two_imports

NewEngine = Callable[[], Engine]
BATCH_ROWS = st.sampled_from([1, 2, 3, 7, 100_000])
CONNECTIONS = st.sampled_from([1, 2, 3])
thorough = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def new_engine(connection: psycopg.Connection[Any], settings: Settings) -> NewEngine:
    """Make engines, each with a team of its own."""
    return lambda: Engine(connection, settings)


@thorough
@given(scenario=scenarios(), batch_rows=BATCH_ROWS, connections=CONNECTIONS)
def test_an_import_is_what_the_oracle_says(
    new_engine: NewEngine, scenario: Scenario, batch_rows: int, connections: int
) -> None:
    engine = new_engine()
    engine.connections = connections
    compare(engine, scenario, batch_rows)


@thorough
@given(scenario=two_imports(), batch_rows=BATCH_ROWS, connections=CONNECTIONS)
def test_two_imports_in_a_row_are_what_the_oracle_says(
    new_engine: NewEngine, scenario: Scenario, batch_rows: int, connections: int
) -> None:
    engine = new_engine()
    engine.connections = connections
    compare(engine, scenario, batch_rows)


@thorough
@given(scenario=scenarios(), batch_rows=st.sampled_from([3, 7]), kept=st.booleans())
def test_an_import_with_pauses_is_what_the_oracle_says(
    new_engine: NewEngine, scenario: Scenario, batch_rows: int, kept: bool
) -> None:
    engine = new_engine()
    engine.connections = 2
    engine.paused = PausedEmails() if kept else None
    compare(engine, scenario, batch_rows, pausing=True)


@thorough
@given(scenario=scenarios(), batch_rows=BATCH_ROWS)
def test_a_dry_run_tells_what_the_import_will_do(
    new_engine: NewEngine, scenario: Scenario, batch_rows: int
) -> None:
    engine = new_engine()
    engine.batch_rows = batch_rows
    start(engine, scenario.start())
    (file,) = scenario.files
    before = engine.everything()
    try:
        dry_run = engine.run(file.data, file.options, dry_run=True)
    except HeaderError:
        return
    assert engine.everything() == before
    result = engine.run(file.data, file.options)
    assert dry_run.rows.keys() == {failure.row for failure in result.failures}
    assert dataclasses.replace(dry_run, rows=result.rows) == result
    outcome = oracle.run_import(
        file.data, file.options, scenario.start(), detect_legacy=detect_legacy
    )
    counts = (outcome.created, outcome.updated, outcome.skipped, outcome.failed)
    assert (dry_run.counts, dry_run.failures) == (counts, outcome.failures)
    assert dry_run.warnings == sorted(outcome.warnings)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_edge_case(new_engine: NewEngine, case: Case) -> None:
    engine = new_engine()
    stored = with_real_ids(case.start())
    options = dataclasses.replace(
        case.options,
        segments=tuple(map(real_id, case.options.segments)),
        topics=tuple((real_id(topic), choice) for topic, choice in case.options.topics),
    )
    engine.define(*map(tuple, ids_of(stored, options)))
    engine.store(stored)
    if case.header_error is not None:
        with pytest.raises(HeaderError):
            engine.run(case.data, options)
        return
    result = engine.run(case.data, options)
    assert result.counts == case.counts
    assert without_values(result.failures) == case.failures
    outcome = oracle.run_import(case.data, options, stored, detect_legacy=detect_legacy)
    assert result.failures == outcome.failures
    assert result.rows == outcome.rows
    found = engine.contacts()
    for email, fields in case.contacts.items():
        wanted: dict[str, Any] = {k: with_real_id(v) for k, v in fields.items() if k != "version"}
        assert as_json(found[email]) == as_json(dataclasses.replace(found[email], **wanted))


def test_numbers_that_are_the_same_change_nothing(new_engine: NewEngine) -> None:
    engine = new_engine()
    options = oracle.Options(
        oracle.ColumnMap(properties={"n": oracle.PropertyMapping("n", "number")})
    )
    for one, other in (("1", "1.0"), ("-0", "0"), ("100", "1e2"), ("0.5", ".50")):
        engine.run(f"email,n\nx@example.com,{one}\n".encode(), options)
        engine.connection.execute("UPDATE contacts SET updated_at = created_at")
        engine.run(f"email,n\nx@example.com,{one}\nx@example.com,{other}\n".encode(), options)
        assert engine.contacts()["x@example.com"].version == 0, (one, other)


def test_a_wide_header_over_short_records_costs_nothing(new_engine: NewEngine) -> None:
    engine = new_engine()
    names = ",".join(f"c{n}" for n in range(30_000))
    rows = "".join(f"p{n}@example.com\n" for n in range(3000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = engine.run(f"email,{names}\n{rows}".encode(), oracle.Options())
    assert result.counts == (3000, 0, 0, 0)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 300_000, f"{grown} KiB"


def start(engine: Engine, contacts: dict[str, oracle.Contact]) -> None:
    """Store what is there before the first import."""
    engine.connection.execute("DELETE FROM segments; DELETE FROM topics")
    engine.define(SEGMENTS, TOPICS)
    engine.store(contacts)


def compare(engine: Engine, scenario: Scenario, batch_rows: int, *, pausing: bool = False) -> None:
    """Run a scenario through both; all that can be seen afterwards must be the same."""
    engine.batch_rows = batch_rows
    expected = scenario.start()
    start(engine, expected)
    versions = {email: contact.version for email, contact in expected.items()}
    imports = []
    for file in scenario.files:
        try:
            outcome = oracle.run_import(
                file.data, file.options, expected, detect_legacy=detect_legacy
            )
        except oracle.HeaderError:
            with pytest.raises(HeaderError):
                engine.run(file.data, file.options)
            continue
        result = engine.run(file.data, file.options, pausing=pausing)
        assert result.counts == (
            outcome.created,
            outcome.updated,
            outcome.skipped,
            outcome.failed,
        )
        assert result.failures == outcome.failures
        assert result.warnings == sorted(outcome.warnings)
        assert result.rows == outcome.rows
        imports.append((engine.imported[-1], outcome))
    origins = origins_of(engine.settings, engine.team_id)
    found = engine.contacts()
    assert list(found) == list(expected)
    for email, contact in expected.items():
        check_origin(origins[email], contact, imports)
        moved = contact.version != versions.get(email, contact.version)
        if email not in versions:
            # Created and changed within one batch is created, at one and the same moment.
            found[email].version = 0
        assert as_json(found[email]) == as_json(dataclasses.replace(contact, version=int(moved)))


def as_json(contact: oracle.Contact) -> oracle.Contact:
    """Make numbers comparable as JSON writes them: 1.0 is 1, and 1e23 is not a double's digits."""
    properties: dict[str, Any] = {
        key: Decimal(repr(value)) if type(value) in (int, float) else value
        for key, value in contact.properties.items()
    }
    return dataclasses.replace(contact, properties=properties)


def real_id(name: str) -> str:
    """Turn the short ids of the table of cases into UUIDs."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def with_real_id(value: object) -> object:
    if isinstance(value, set):
        return set(map(real_id, value))
    if (
        isinstance(value, dict)
        and value
        and all(v in ("opt_in", "opt_out") for v in value.values())
    ):
        return {real_id(topic): choice for topic, choice in value.items()}
    return value


def with_real_ids(contacts: dict[str, oracle.Contact]) -> dict[str, oracle.Contact]:
    contacts = copy.deepcopy(contacts)
    for contact in contacts.values():
        contact.segments = set(map(real_id, contact.segments))
        contact.topics = {real_id(topic): choice for topic, choice in contact.topics.items()}
    return contacts


def ids_of(
    contacts: dict[str, oracle.Contact], options: oracle.Options
) -> tuple[set[str], set[str]]:
    segments = set(options.segments).union(*(c.segments for c in contacts.values()))
    topics = {topic for topic, _ in options.topics}.union(*(c.topics for c in contacts.values()))
    return segments, topics
