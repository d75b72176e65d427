"""Which import a contact comes from, and which of its rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.contacts.models import Contact
from rollcall.imports.models import ContactImport, StoredBatch
from rollcall.imports.outcomes.bits import RowBits

# Of the last eight bytes of an id, the first two bits are the same in all.
ID_BYTES = 8
ORDINAL_BITS = 20


@dataclass(frozen=True, kw_only=True)
class ImportedRow:
    """A row of an import that has created or changed a contact."""

    import_id: uuid.UUID
    filename: str | None
    row: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a contact comes from, as far as imports have to do with it.

    `created` is null for a contact that was created otherwise, or by an import from before rows
    were noted. `changed` is null where its last change is its creation, or was made otherwise; it
    is the last row of the address among those that were committed together with the change.
    """

    created: ImportedRow | None
    changed: ImportedRow | None


async def find_origin(session: AsyncSession, contact: Contact) -> Origin:
    """Return what imports have made of a contact, by two probes of an index."""
    found = select(StoredBatch, ContactImport.filename).join(
        ContactImport,
        (ContactImport.team_id == StoredBatch.team_id)
        & (ContactImport.id == StoredBatch.import_id),
    )
    moments = {contact.created_at, contact.updated_at}
    query = found.where(StoredBatch.team_id == contact.team_id, StoredBatch.applied_at.in_(moments))
    batches = [(batch, filename) for batch, filename in await session.execute(query)]
    created, changed = None, None
    for batch, filename in batches:
        if batch.applied_at == contact.created_at:
            created = _imported(batch, filename, _created_row(batch, contact.id)) or created
        else:
            changed = _imported(batch, filename, _changed_row(batch, contact.id)) or changed
    return Origin(created=created, changed=changed)


def _imported(batch: StoredBatch, filename: str | None, row: int | None) -> ImportedRow | None:
    if row is None:
        return None
    return ImportedRow(import_id=batch.import_id, filename=filename, row=row, at=batch.applied_at)


def _created_row(batch: StoredBatch, contact_id: uuid.UUID) -> int | None:
    """Return the row of a batch that has created a contact."""
    row = batch.first_row + _ordinal(contact_id, batch.ids_from)
    return row if row in RowBits(batch.created, batch.first_row) else None


def _ordinal(contact_id: uuid.UUID, ids_from: int) -> int:
    """Return the place in its batch of an id that `batching.ids` has made."""
    since = (contact_id.int >> 80) - ids_from
    counter = (contact_id.int >> 64 & 0xFFF) << 8 | contact_id.int >> 54 & 0xFF
    return (since << ORDINAL_BITS) + counter


def _changed_row(batch: StoredBatch, contact_id: uuid.UUID) -> int | None:
    """Return the row of a batch that has changed a contact."""
    wanted = contact_id.bytes[-ID_BYTES:]
    for row, id_ in zip(RowBits(batch.changed, batch.first_row), _ids(batch), strict=True):
        if id_ == wanted:
            return row
    return None


def _ids(batch: StoredBatch) -> Iterator[bytes]:
    ids = batch.changed_ids or b""
    return (ids[at : at + ID_BYTES] for at in range(0, len(ids), ID_BYTES))
