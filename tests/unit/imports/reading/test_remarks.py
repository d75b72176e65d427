"""Files that are not in Unicode are remarked at their header, by a name that people know."""

from __future__ import annotations

import pytest

from rollcall.imports.issues import RowWarning, WarningCode
from rollcall.imports.reading.dialect import Dialect
from rollcall.imports.reading.remarks import legacy_encoding


def remarks(encoding: str) -> list[RowWarning]:
    dialect = Dialect(encoding=encoding, delimiter=",", header=("email",), header_row=3)
    return legacy_encoding(dialect)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_unicode_is_not_remarked(encoding: str) -> None:
    assert remarks(encoding) == []


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1252", "Windows-1252"), ("cp1250", "Windows-1250"), ("cp932", "Shift_JIS")],
)
def test_a_legacy_encoding_is(encoding: str, name: str) -> None:
    assert remarks(encoding) == [RowWarning(row=3, code=WarningCode.LEGACY_ENCODING, value=name)]
