"""What became of each row of a batch, in one row of a table for all of them."""

from __future__ import annotations

import zlib

import numpy as np

from rollcall.database.connections import Connection
from rollcall.database.statements import load_statements
from rollcall.imports.batching.accepted_rows import AcceptedRows, Mask
from rollcall.imports.keys import ImportKey
from rollcall.imports.merging.merged import ID_BYTES, Merged

STATEMENTS = load_statements(__package__, "outcomes.sql")
# Most batches have one outcome, which compresses to nothing at any level.
LEVEL = 1


def record_outcomes(
    connection: Connection, key: ImportKey, rows: AcceptedRows, merged: Merged
) -> None:
    """Store which rows of a batch have created, matched and changed contacts.

    `StoredBatch` describes what is stored. Rows that failed are not among them.
    """
    created = rows.mask(rows.first_rows(merged.created))
    changed_rows = rows.last_rows(merged.changed[:, :ID_BYTES])
    in_order = np.argsort(changed_rows)
    parameters = {
        "team_id": key.team_id,
        "import_id": key.import_id,
        "first_row": rows.first,
        "last_row": rows.last,
        "ids_from": rows.milliseconds,
        "created": _pack(created),
        "matched": _pack(rows.is_accepted & ~created),
        "changed": _pack(rows.mask(changed_rows)),
        "changed_ids": merged.changed[in_order, -ID_BYTES // 2 :].tobytes() or None,
    }
    connection.execute(STATEMENTS["record_outcomes"], parameters)


def _pack(mask: Mask) -> bytes | None:
    """Return a bit for each row, compressed; None where none is set."""
    return zlib.compress(np.packbits(mask).tobytes(), LEVEL) if mask.any() else None
