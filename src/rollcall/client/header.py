"""The columns of a file that are contact fields, found as the server finds them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rollcall.client.errors import ClientError
from rollcall.errors import ValidationFailed
from rollcall.imports.column_map import DEFAULT_FIELDS, ColumnMap
from rollcall.imports.dialect import read_dialect
from rollcall.imports.encoding import HEAD_BYTES

# gzip, Zstandard, and ZIP, which spreadsheets are as well.
PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")


def match_columns(file: Path, others: Sequence[str]) -> dict[str, str]:
    """Return the column of each contact field that the file has one for.

    Args:
        file: what will be uploaded.
        others: further columns that are in its header.

    Raises:
        ClientError: the file cannot be read here, or has no header.
    """
    try:
        with file.open("rb") as opened:
            head = opened.read(HEAD_BYTES)
            complete = not opened.read(1)
    except OSError as error:
        raise ClientError(f"Cannot read {file}: {error.strerror}.") from None
    if head.startswith(PACKED):
        raise ClientError(
            "The header of a packed file is not read here: with --property, give a --map for"
            " every contact field too, such as --map email=Email."
        )
    try:
        dialect = read_dialect(head, complete=complete, wanted=[*DEFAULT_FIELDS, *others])
    except ValidationFailed as error:
        raise ClientError(error.message) from None
    matched = ColumnMap.matching(dialect.header)
    columns = {field: getattr(matched, field) for field in DEFAULT_FIELDS}
    return {field: column for field, column in columns.items() if column is not None}
