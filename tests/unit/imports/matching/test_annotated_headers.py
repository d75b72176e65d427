"""Headers of many products and languages, with made-up cells of the kind that is in each column.

`headers/headers.txt` has one a line, `name | column:kind | column:kind`, and `headers/kinds.toml`
the cells of each kind. Where a kind is that of a field, the column has to be found; all others have
to be left alone, numbers and booleans with their type.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from rollcall.imports.matching.suggest import suggest
from rollcall.imports.matching.suggestions import Target
from rollcall.properties.values import PropertyType

HEADERS_FOLDER = Path(__file__).parent / "headers"
CELLS: dict[str, list[str]] = tomllib.loads(
    (HEADERS_FOLDER / "kinds.toml").read_text(encoding="utf-8")
)
FIELDS = {"e": "email", "f": "first_name", "Gz": "first_name", "Gj": "first_name"}
FIELDS |= dict.fromkeys(("l", "Lz", "Lj"), "last_name")
FIELDS |= dict.fromkeys(("F", "Fz", "Fj", "Fa", "Fh", "Fi"), "full_name")
TYPES = {"n": PropertyType.NUMBER} | dict.fromkeys("btz", PropertyType.BOOLEAN)
TYPES |= dict.fromkeys(("x", "i", "d", "p", "zp"), PropertyType.STRING)
CONSENT = {"S": True, "U": False}


def read_lines() -> dict[str, list[list[str]]]:
    """Return the columns of each header as name, whether it is about consent, and kind."""
    text = (HEADERS_FOLDER / "headers.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    read = [line.split(" | ") for line in lines]
    return {name: [split_column(column) for column in columns] for name, *columns in read}


def split_column(column: str) -> list[str]:
    before, _, kind = column.rpartition(":")
    name, _, consent = before.rpartition(":")
    return [name, consent, kind] if consent in CONSENT and name else [before, "", kind]


HEADERS = read_lines()


@pytest.mark.parametrize("name", HEADERS)
def test_every_column_is_what_is_in_it(name: str) -> None:
    columns = HEADERS[name]
    records = [
        [column[0] for column in columns],
        *zip(*(CELLS[c[2]] for c in columns), strict=True),
    ]
    found = suggest(records, header_row=0)
    fields: dict[str, str | tuple[str, bool]] = {}
    for (said_name, _, _), column in zip(columns, found.columns, strict=True):
        said = column.suggestion
        if said is not None and said.is_taken and said.target is not Target.PROPERTY:
            is_consent = said.target is Target.UNSUBSCRIBED
            fields[said.target.value] = (said_name, said.inverted) if is_consent else said_name
    expected: dict[str, str | tuple[str, bool]] = {}
    for said_name, consent, kind in columns:
        if consent:
            expected["unsubscribed"] = (said_name, CONSENT[consent])
        elif kind in FIELDS:
            expected[FIELDS[kind]] = said_name
    assert fields == expected
    for (said_name, consent, kind), column in zip(columns, found.columns, strict=True):
        if not consent and kind in TYPES:
            assert column.suggestion is not None, said_name
            assert column.suggestion.type is TYPES[kind], said_name
