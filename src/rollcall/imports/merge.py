"""Step 4: one batch into the database, as a set. The caller's transaction holds all of it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg.types.json import Jsonb

from rollcall.imports.batch import Batch
from rollcall.imports.mapping import Failure
from rollcall.imports.models import OnConflict
from rollcall.imports.warnings import RowWarning
from rollcall.sql import load_statements

STATEMENTS = load_statements("rollcall.imports", "merge.sql")
COPY_PIECE = 256 * 1024

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True, kw_only=True)
class MergeOptions:
    """What an import does with its contacts, the same for all of its batches."""

    team_id: uuid.UUID
    import_id: uuid.UUID
    on_conflict: OnConflict
    segments: tuple[uuid.UUID, ...]
    topics: dict[uuid.UUID, str]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What became of the records of one batch; failures and warnings are counted by code."""

    created: int
    updated: int
    skipped: int
    failed: int
    failures: dict[str, int]
    warnings: dict[str, int]


def prepare(connection: Connection) -> None:
    """Make the temporary table that the batches of this connection go through."""
    with connection.transaction():
        connection.execute(STATEMENTS["create_batch_table"])


def merge_batch(connection: Connection, batch: Batch, options: MergeOptions) -> Counts:
    """Apply a batch to contacts, memberships, failures and warnings.

    Raises:
        psycopg.errors.UniqueViolation, DeadlockDetected: a concurrent writer was faster; the
            batch has to be repeated in a new transaction.
    """
    # A batch may have to be repeated, so what is found here is not added to the batch's own.
    warnings = list(batch.warnings)
    created = _merge_contacts(connection, batch, options) if batch.accepted else 0
    rest = batch.accepted - created
    upsert = options.on_conflict is OnConflict.UPSERT
    _copy_rows(connection, "copy_failures", batch.failures, options)
    _copy_rows(connection, "copy_warnings", warnings, options)
    return Counts(
        created=created,
        updated=rest if upsert else 0,
        skipped=0 if upsert else rest,
        failed=len(batch.failures),
        failures=dict(Counter(failure.code for failure in batch.failures)),
        warnings=dict(Counter(warning.code for warning in warnings)),
    )


def _merge_contacts(connection: Connection, batch: Batch, options: MergeOptions) -> int:
    connection.execute(STATEMENTS["prefer_index_probes"])
    with connection.cursor().copy(STATEMENTS["copy_batch"]) as copy:
        for start in range(0, len(batch.rows), COPY_PIECE):
            copy.write(batch.rows[start : start + COPY_PIECE])
    upsert = options.on_conflict is OnConflict.UPSERT
    created = _count(
        connection,
        "upsert_contacts" if upsert else "insert_new_contacts",
        {"team_id": options.team_id, "topics": Jsonb(_live_topics(connection, options))},
    )
    _add_to_segments(connection, batch, options, created)
    return created


def _add_to_segments(
    connection: Connection, batch: Batch, options: MergeOptions, created: int
) -> None:
    if not options.segments:
        return
    parameters = {"team_id": options.team_id, "segments": list(options.segments)}
    rows = connection.execute(STATEMENTS["live_segments"], parameters).fetchall()
    parameters["segments"] = [row[0] for row in rows]
    if not parameters["segments"]:
        return
    all_created = created == batch.distinct
    if created:
        connection.execute(
            STATEMENTS["add_created_to_segments"],
            {**parameters, "all_created": all_created},
            prepare=False,
        )
    if options.on_conflict is OnConflict.UPSERT and not all_created:
        connection.execute(STATEMENTS["add_matched_to_segments"], parameters, prepare=False)


def _live_topics(connection: Connection, options: MergeOptions) -> dict[str, str]:
    if not options.topics:
        return {}
    rows = connection.execute(
        STATEMENTS["live_topics"], {"team_id": options.team_id, "topics": list(options.topics)}
    )
    live = {row[0] for row in rows}
    return {str(topic): choice for topic, choice in options.topics.items() if topic in live}


def _copy_rows(
    connection: Connection,
    statement: str,
    rows: Sequence[Failure] | Sequence[RowWarning],
    options: MergeOptions,
) -> None:
    """Copy failures or warnings, whose fields are in the order of the statement's columns."""
    if not rows:
        return
    # As text, because an id that is the same on every row need not be written anew for each.
    team_id, import_id = str(options.team_id), str(options.import_id)
    with connection.cursor().copy(STATEMENTS[statement]) as copy:
        for row in rows:
            copy.write_row((team_id, import_id, *row))


def _count(connection: Connection, statement: str, parameters: dict[str, object]) -> int:
    row = connection.execute(STATEMENTS[statement], parameters, prepare=False).fetchone()
    assert row is not None
    assert isinstance(row[0], int)
    return row[0]
