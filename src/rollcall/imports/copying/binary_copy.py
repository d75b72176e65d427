"""Rows in PostgreSQL's binary COPY format, made from whole columns at a time.

The server takes a binary row in about two thirds of the time that it needs for a row of text, and
no cell needs escapes. The format is described in PostgreSQL's manual under COPY, "Binary Format".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import numpy.typing as npt
import polars as pl

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
TRAILER = struct.pack("!h", -1)
# A chunk of that many rows takes few megabytes, and what it costs beside them hardly counts.
CHUNK_ROWS = 8192
# What the server wants before the text of a jsonb.
JSONB_VERSION = "\x01"
LENGTHS = pl.all().str.len_bytes().cast(pl.Int32).fill_null(-1)

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]


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
    """A column of text."""

    values: pl.Series


@dataclass(frozen=True)
class Jsonbs:
    """A column of jsonb, each value a JSON text."""

    values: pl.Series


@dataclass(frozen=True)
class Booleans:
    """A column of booleans."""

    values: pl.Series


Column = Uuids | Same | Texts | Jsonbs | Booleans


def encode_rows(columns: Sequence[Column], height: int) -> Iterator[bytes]:
    """Yield the chunks of a COPY of `height` rows; nulls of a column become NULL."""
    yield HEADER
    for start in range(0, height, CHUNK_ROWS):
        size = min(CHUNK_ROWS, height - start)
        fields = [_field(column, start, size) for column in columns]
        yield _encode_chunk(fields, size, struct.pack("!h", len(fields)))
    yield TRAILER


def encode_array(column: Column, element_oid: int, height: int) -> bytes:
    """Return a column as one value, an array of `height` elements in PostgreSQL's binary format.

    It goes as the parameter of a statement, which makes rows of it with `unnest`.
    """
    head = struct.pack("!iiIii", 1, 1, element_oid, height, 1)
    return head + _encode_chunk([_field(column, 0, height)], height, lead=b"")


def _field(column: Column, start: int, size: int) -> Bytes | pl.Series:
    """Return a slice of a column: texts as they are, all others as a row of bytes each."""
    match column:
        case Uuids(values):
            return values[start : start + size]
        case Same(value):
            return _repeat(value, size)
        case Texts(texts):
            return texts.slice(start, size)
        case Jsonbs(texts):
            return pl.select(pl.lit(JSONB_VERSION) + texts.slice(start, size)).to_series()
        case Booleans(flags) if flags.null_count():
            # Whatever is NULL in some rows has not the same size in all of them.
            digits = pl.when(flags).then(pl.lit("\x01")).when(~flags).then(pl.lit("\0"))
            return pl.select(digits).to_series().slice(start, size)
        case Booleans(flags):
            return flags.slice(start, size).to_numpy().astype(np.uint8).reshape(-1, 1)


def _encode_chunk(fields: list[Bytes | pl.Series], height: int, lead: bytes) -> bytes:
    """Write the rows of a chunk: polars puts the texts in their places, numpy the rest.

    Between the texts of a row stand blocks of bytes, among them the words with the lengths of
    the texts. Each block has one width in all rows, and polars leaves room for it.
    """
    texts = [field for field in fields if isinstance(field, pl.Series)]
    if not texts:
        return _blocks(fields, [], height, lead)[0].tobytes()
    frame = pl.DataFrame({str(number): text for number, text in enumerate(texts)})
    lengths = [length.to_numpy() for length in frame.select(LENGTHS).iter_columns()]
    blocks = _blocks(fields, lengths, height, lead)
    out = _place_texts(frame, [block.shape[1] for block in blocks])
    shifts = [np.maximum(length, 0) for length in lengths]
    row_sizes = sum(shifts, start=np.full(height, sum(block.shape[1] for block in blocks)))
    offsets = np.cumsum(row_sizes) - row_sizes
    for number, block in enumerate(blocks):
        _put(out, offsets, block)
        if number < len(shifts):
            offsets += block.shape[1] + shifts[number]
    return bytes(out)


def _blocks(
    fields: list[Bytes | pl.Series],
    lengths: list[npt.NDArray[np.int32]],
    height: int,
    lead: bytes,
) -> list[Bytes]:
    """Return what stands before each text, and behind the last one: a row of bytes for each."""
    parts = [_repeat(lead, height)]
    blocks = []
    rest = iter(lengths)
    for field in fields:
        if isinstance(field, pl.Series):
            words = next(rest).astype(">i4").view(np.uint8).reshape(-1, 4)
            blocks.append(np.hstack([*parts, words]))
            parts = []
        else:
            parts += [_repeat(struct.pack("!i", field.shape[1]), height), field]
    return [*blocks, np.hstack(parts)] if parts else blocks


def _place_texts(texts: pl.DataFrame, widths: list[int]) -> bytearray:
    """Return the rows on end, with room for a block of these widths before each text."""
    rooms = [pl.lit("\0" * width) for width in widths]
    parts = [
        part for pair in zip_longest(rooms, texts.columns) for part in pair if part is not None
    ]
    rows = texts.select(pl.concat_str(parts, ignore_nulls=True)).to_series()
    return bytearray(rows.str.join("").cast(pl.Binary).item())


def _repeat(value: bytes, height: int) -> Bytes:
    return np.broadcast_to(np.frombuffer(value, np.uint8), (height, len(value)))


def _put(out: bytearray, offsets: Offsets, block: Bytes) -> None:
    """Write a row of the block at each of these offsets."""
    width = block.shape[1]
    # Elements of one type that begin at every byte, so that a row is copied as a whole.
    anywhere = np.ndarray((len(out) - width + 1,), f"V{width}", out, strides=(1,))
    anywhere[offsets] = np.ascontiguousarray(block).view(anywhere.dtype)[:, 0]
