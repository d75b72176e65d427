"""Rows in PostgreSQL's binary COPY format, made from whole columns at a time.

The server takes a binary row in about two thirds of the time that it needs for a row of text, and
no cell needs escapes. The format is described in PostgreSQL's manual under COPY, "Binary Format".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
TRAILER = struct.pack("!h", -1)
# Few enough rows for the work on a piece to stay in the processor's cache.
PIECE_ROWS = 16_384
JSONB_VERSION = "\x01"

Bytes = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Uuids:
    """A column of UUIDs: an array of 16 bytes for each row."""

    values: Bytes


@dataclass(frozen=True)
class Same:
    """A column with the same value in every row, given as it goes over the wire."""

    value: bytes


@dataclass(frozen=True)
class Texts:
    """A column of text, or of jsonb when every value begins with JSONB_VERSION."""

    values: pl.Series


@dataclass(frozen=True)
class Booleans:
    """A column of booleans."""

    values: pl.Series


Column = Uuids | Same | Texts | Booleans


def encode_rows(columns: Sequence[Column], height: int) -> Iterator[bytes]:
    """Yield the pieces of a COPY of `height` rows; nulls of a column become NULL."""
    yield HEADER
    for start in range(0, height, PIECE_ROWS):
        size = min(PIECE_ROWS, height - start)
        yield _encode_piece([_slice(column, start, size) for column in columns], size)
    yield TRAILER


@dataclass(frozen=True)
class _Fixed:
    """One column of a piece whose values have one size: a row of the array is a field."""

    block: Bytes


@dataclass(frozen=True)
class _Varying:
    """One column of a piece: the words that hold the lengths, the sizes, all values on end."""

    words: Bytes
    sizes: Counts
    values: Bytes


def _slice(column: Column, start: int, size: int) -> _Fixed | _Varying:
    match column:
        case Uuids(values):
            return _fixed(values[start : start + size])
        case Same(value):
            return _fixed(np.broadcast_to(np.frombuffer(value, np.uint8), (size, len(value))))
        case Texts(values):
            return _texts(values.slice(start, size))
        case Booleans(values):
            return _booleans(values.slice(start, size))


def _fixed(values: Bytes) -> _Fixed:
    height, width = values.shape
    return _Fixed(np.hstack([_words(np.full(height, width)), values]))


def _texts(values: pl.Series) -> _Varying:
    lengths = values.str.len_bytes().cast(pl.Int64)
    joined: str = values.str.join("").item()
    return _Varying(
        words=_words(lengths.fill_null(-1).to_numpy()),
        sizes=lengths.fill_null(0).to_numpy(),
        values=np.frombuffer(joined.encode(), np.uint8),
    )


def _booleans(values: pl.Series) -> _Varying:
    known = values.is_not_null().to_numpy()
    return _Varying(
        words=_words(np.where(known, 1, -1)),
        sizes=known.astype(np.int64),
        values=values.drop_nulls().to_numpy().astype(np.uint8),
    )


def _words(lengths: Counts) -> Bytes:
    return lengths.astype(">i4").view(np.uint8).reshape(-1, 4)


def _encode_piece(fields: list[_Fixed | _Varying], height: int) -> bytes:
    """Write the rows of a piece: all rows' first block, all rows' first text, and so on."""
    row_sizes = np.full(height, 2)
    for field in fields:
        row_sizes += field.block.shape[1] if isinstance(field, _Fixed) else 4 + field.sizes
    ends = np.cumsum(row_sizes)
    out = np.empty(int(ends[-1]), np.uint8)
    position = ends - row_sizes
    count = np.frombuffer(struct.pack("!h", len(fields)), np.uint8)
    blocks: list[Bytes] = [np.broadcast_to(count, (height, 2))]
    for field in fields:
        if isinstance(field, _Fixed):
            blocks.append(field.block)
            continue
        block = np.hstack([*blocks, field.words])
        _put_block(out, position, block)
        position += block.shape[1]
        _put_values(out, position, field)
        position += field.sizes
        blocks = []
    if blocks:
        _put_block(out, position, np.hstack(blocks))
    return out.tobytes()


def _put_block(out: Bytes, position: Counts, block: Bytes) -> None:
    out[position[:, None] + np.arange(block.shape[1])] = block


def _put_values(out: Bytes, position: Counts, field: _Varying) -> None:
    shifts = position - (np.cumsum(field.sizes) - field.sizes)
    out[np.repeat(shifts, field.sizes) + np.arange(len(field.values))] = field.values
