"""What a worker has to understand of an import's row is numbered, so that older ones leave it."""

from __future__ import annotations

from dataclasses import fields

from rollcall.imports.column_map import ColumnMap, PropertyColumn, UnsubscribedColumn
from rollcall.imports.kinds import ROW_FORMAT
from rollcall.imports.options import OPTIONS
from rollcall.imports.reading.dialect import Dialect

SAID_SINCE = {
    1: {
        *("Dialect.encoding", "Dialect.delimiter", "Dialect.header", "Dialect.header_row"),
        *("Dialect.sheet", "Dialect.unread", "Dialect.skips_blanks", "Dialect.escapes"),
        "Dialect.address_column",
        *("ColumnMap.email", "ColumnMap.first_name", "ColumnMap.last_name", "ColumnMap.full_name"),
        *("ColumnMap.unsubscribed", "ColumnMap.properties"),
        *("PropertyColumn.column", "PropertyColumn.type", "PropertyColumn.decimal"),
        "PropertyColumn.stored_as",
        *("UnsubscribedColumn.column", "UnsubscribedColumn.true_when"),
        *("column_map", "on_conflict", "segments", "topics", "resubscribe", "dry_run"),
        *("encoding", "delimiter", "header_row", "sheet"),
        # No worker looks at it.
        "note",
    },
}


def test_what_a_row_says_has_a_format_of_its_own() -> None:
    """A worker from before cannot read what is new: raise `ROW_FORMAT`, and add it here."""
    said = {f"Dialect.{field.name}" for field in fields(Dialect)} | set(OPTIONS)
    for model in (ColumnMap, PropertyColumn, UnsubscribedColumn):
        said |= {f"{model.__name__}.{name}" for name in model.model_fields}
    assert said == set().union(*SAID_SINCE.values())
    assert max(SAID_SINCE) == ROW_FORMAT
