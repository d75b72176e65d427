"""The first records of a file, for whoever has to find out what they mean."""

from __future__ import annotations

import itertools
from dataclasses import replace

from rollcall.imports.reading.dialect import Head

# More of them do not tell more of a column.
FIRST_RECORDS = 200


def first_records(head: Head, delimiter: str) -> list[list[str]]:
    """Return the first records of a file as they are with a delimiter, blank ones included.

    Unless the head has the row of the header, it is taken to be the first; where it stands further
    down, as many more records are returned as stand above it.
    """
    syntax = head.syntax(delimiter)
    header = 0 if head.header_row is None else head.header_row - 1
    if head.skips_blanks(syntax, header):
        syntax = replace(syntax, skips_blanks=True)
    return list(itertools.islice(head.records(syntax), (head.header_row or 0) + FIRST_RECORDS))
