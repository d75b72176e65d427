"""What has become of rows and contacts, as the engine has noted it, held against the oracle."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.config import Settings
from rollcall.contacts.models import Contact
from rollcall.database.engine import create_engine
from rollcall.imports.outcomes.bits import RowBits
from rollcall.imports.outcomes.origin import ImportedRow, Origin, find_origin
from tests.support import oracle

# Those that the oracle knows.
WARNINGS = ["repeated_email", "resubscribed", "kept_unsubscribed", "cleaned_email"]


@dataclass(kw_only=True)
class Result:
    """What an import has reported."""

    status: str
    counts: tuple[int, int, int, int]
    failures: list[oracle.Failure]
    warnings: list[oracle.Warned]
    rows: dict[int, str]


def result_of(connection: psycopg.Connection[Any], import_id: uuid.UUID) -> Result:
    """Return what the rows of an import say."""
    row = connection.execute(
        "SELECT status, created, updated, skipped, failed FROM contact_imports WHERE id = %s",
        (import_id,),
    ).fetchone()
    assert row is not None
    failures = connection.execute(
        'SELECT "row", "column", code, value FROM contact_import_failures WHERE import_id = %s'
        ' ORDER BY "row"',
        (import_id,),
    )
    warnings = connection.execute(
        'SELECT "row", code, "column", value FROM contact_import_warnings'
        " WHERE import_id = %s AND code = ANY(%s)"
        ' ORDER BY "row", code',
        (import_id, WARNINGS),
    )
    return Result(
        status=row[0],
        counts=(row[1], row[2], row[3], row[4]),
        failures=[oracle.Failure(*failure) for failure in failures],
        warnings=[oracle.Warned(*warning) for warning in warnings],
        rows=rows_of(connection, import_id),
    )


def contacts_of(
    connection: psycopg.Connection[Any], team_id: uuid.UUID
) -> dict[str, oracle.Contact]:
    """Return all contacts of a team in the order of their ids, which is that of their creation.

    `version` is 1 for those that were changed after their creation.
    """
    rows = connection.execute(
        """SELECT email, first_name, last_name, unsubscribed, properties, topics,
            ARRAY(SELECT segment_id::text FROM segment_memberships m
                  WHERE m.team_id = c.team_id AND m.contact_id = c.id),
            updated_at <> created_at
        FROM contacts c WHERE team_id = %s ORDER BY id""",
        (team_id,),
    )
    return {
        row[0]: oracle.Contact(
            email=row[0],
            first_name=row[1],
            last_name=row[2],
            unsubscribed=row[3],
            properties=row[4],
            topics=row[5],
            segments=set(row[6]),
            version=int(row[7]),
        )
        for row in rows
    }


def rows_of(connection: psycopg.Connection[Any], import_id: uuid.UUID) -> dict[int, str]:
    """Return what became of each row of an import: created, updated, skipped or failed."""
    found: dict[int, str] = {}
    batches = connection.execute(
        "SELECT b.first_row, b.last_row, b.created, b.matched, i.on_conflict"
        " FROM contact_import_batches AS b JOIN contact_imports AS i"
        " ON i.team_id = b.team_id AND i.id = b.import_id WHERE b.import_id = %s",
        (import_id,),
    )
    for first, last, created, matched, on_conflict in batches:
        other = "updated" if on_conflict == "upsert" else "skipped"
        for bits, outcome in ((created, "created"), (matched, other)):
            for row in RowBits(bits, first):
                assert first <= row <= last
                assert row not in found
                found[row] = outcome
    failures = connection.execute(
        'SELECT "row" FROM contact_import_failures WHERE import_id = %s', (import_id,)
    )
    for (row,) in failures:
        assert row not in found
        found[row] = "failed"
    return found


def origins_of(settings: Settings, team_id: uuid.UUID) -> dict[str, Origin]:
    """Return where each contact of a team comes from, by its address."""

    async def find() -> dict[str, Origin]:
        engine = create_engine(settings)
        async with AsyncSession(engine) as session:
            query = select(Contact).where(Contact.team_id == team_id)
            contacts = (await session.scalars(query)).all()
            origins = {each.email: await find_origin(session, each) for each in contacts}
        await engine.dispose()
        return origins

    return asyncio.run(find())


def check_origin(
    origin: Origin, contact: oracle.Contact, imports: list[tuple[uuid.UUID, oracle.Outcome]]
) -> None:
    """Compare the origin of a contact with what the oracle knows of it."""
    created = _expected(contact.created_by, imports)
    assert _found(origin.created) == created
    changed = _expected(contact.changed_by, imports)
    if origin.changed is None and changed is not None:
        # Created and changed within one batch is created, at one and the same moment.
        assert created is not None
        assert created[0] == changed[0]
    elif changed is None or origin.changed is None:
        assert origin.changed is None
    else:
        # Of several rows of a batch the last one, be it that it had nothing to add.
        outcome = next(outcome for id_, outcome in imports if id_ == changed[0])
        assert origin.changed.import_id == changed[0]
        assert origin.changed.row in _rows_from(outcome, contact.email, changed[1])


def _expected(
    by: tuple[oracle.Outcome, int] | None, imports: list[tuple[uuid.UUID, oracle.Outcome]]
) -> tuple[uuid.UUID, int] | None:
    if by is None:
        return None
    return next(id_ for id_, outcome in imports if outcome is by[0]), by[1]


def _found(row: ImportedRow | None) -> tuple[uuid.UUID, int] | None:
    return None if row is None else (row.import_id, row.row)


def _rows_from(outcome: oracle.Outcome, email: str, row: int) -> Collection[int]:
    return {other for other, each in outcome.emails.items() if each == email and other >= row}
