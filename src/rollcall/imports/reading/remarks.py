"""What a person wants to know of a file as a whole."""

from __future__ import annotations

from rollcall.imports.encoding_labels import name_of
from rollcall.imports.issues import RowWarning, WarningCode, shorten
from rollcall.imports.reading.dialect import Dialect


def remarks_on(dialect: Dialect) -> list[RowWarning]:
    """Return the warnings of a file, which stand at its header."""
    return [*legacy_encoding(dialect), *unread_columns(dialect)]


def legacy_encoding(dialect: Dialect) -> list[RowWarning]:
    """Return the warning of a file that is not in Unicode; it stands at the header."""
    if dialect.encoding.startswith("utf"):
        return []
    name = name_of(dialect.encoding)
    return [RowWarning(row=dialect.header_row, code=WarningCode.LEGACY_ENCODING, value=name)]


def unread_columns(dialect: Dialect) -> list[RowWarning]:
    """Return the warning of columns that look like fields and are not read."""
    if not dialect.unread:
        return []
    names = shorten(", ".join(dialect.unread))
    return [RowWarning(row=dialect.header_row, code=WarningCode.UNREAD_COLUMN, value=names)]
