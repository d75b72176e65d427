"""The stages that turn a file into mapped chunks, one after the other and without a database."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from rollcall.imports.column_map import ColumnMap
from rollcall.imports.mapping.mapper import MappedChunk, map_chunk
from rollcall.imports.mapping.plan import Plan, make_plan
from rollcall.imports.matching.header import match_header
from rollcall.imports.reading import blocks
from rollcall.imports.reading.chunks import read_chunks
from rollcall.imports.reading.dialect import DELIMITERS, Dialect, Head
from rollcall.imports.reading.encoding import HEAD_BYTES, asked_encoding
from rollcall.imports.reading.evidence import detect_encoding
from tests.support import oracle


def read_header(data: bytes, options: oracle.Options) -> tuple[Dialect, ColumnMap]:
    """Return how a file is to be read, as an upload finds it out.

    Raises:
        HeaderError: there is no header that can be used.
    """
    head = Head(
        data=data[:HEAD_BYTES],
        complete=len(data) <= HEAD_BYTES,
        encoding=asked_encoding(options.encoding, data) or detect_encoding(data, complete=True),
        delimiters=options.delimiter or DELIMITERS,
        header_row=options.header_row,
    )
    return match_header(head, _column_map(options))


@dataclass(frozen=True)
class OpenFile:
    """A file whose header can be used."""

    data: bytes
    dialect: Dialect
    plan: Plan

    @classmethod
    def of(cls, data: bytes, options: oracle.Options) -> OpenFile:
        """Read the header.

        Raises:
            HeaderError: there is none that can be used.
        """
        dialect, column_map = read_header(data, options)
        return cls(data, dialect, make_plan(column_map, dialect.header))

    def mapped(self, block_characters: int = blocks.BLOCK_CHARACTERS) -> Iterator[MappedChunk]:
        """Yield all chunks of the file, read in blocks of so many characters."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(blocks, "BLOCK_CHARACTERS", block_characters)
            file: io.BufferedReader = io.BufferedReader(io.BytesIO(self.data))
            for chunk in read_chunks(file, self.dialect, skip_to_row=0):
                yield map_chunk(chunk, self.plan)


def _column_map(options: oracle.Options) -> ColumnMap | None:
    if options.column_map is None:
        return None
    given = options.column_map
    return ColumnMap.model_validate(
        {
            "email": given.email,
            "first_name": given.first_name,
            "last_name": given.last_name,
            "full_name": given.full_name,
            "unsubscribed": given.unsubscribed
            and {"column": given.unsubscribed, "true_when": given.true_when},
            "properties": {
                key: {"column": mapped.column, "type": mapped.type, "decimal": mapped.decimal}
                for key, mapped in given.properties.items()
            },
        }
    )
