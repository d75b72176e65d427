"""Reads PostgreSQL's binary COPY format as its manual describes it, under COPY, "Binary Format"."""

from __future__ import annotations

import io
import struct

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
Row = list[bytes | None]


def decode_rows(data: bytes) -> list[Row]:
    """Return the fields of every row, None for NULL; anything that is not in the format fails."""
    stream = io.BytesIO(data)
    assert _take(stream, len(SIGNATURE)) == SIGNATURE
    flags, extension_length = struct.unpack("!ii", _take(stream, 8))
    # No OIDs, and nothing that a reader would have to know of.
    assert flags == 0
    _take(stream, extension_length)
    rows = []
    while (count := _integer(stream, "!h")) != -1:
        assert count >= 0
        rows.append([_field(stream) for _ in range(count)])
    assert stream.read() == b""
    return rows


def decode_array(data: bytes) -> tuple[int, Row]:
    """Return the type of an array's elements, and these, as `array_send` gives them."""
    stream = io.BytesIO(data)
    dimensions, _, oid = (_integer(stream, "!i") for _ in range(3))
    assert dimensions == 1
    count, lower_bound = _integer(stream, "!i"), _integer(stream, "!i")
    assert lower_bound == 1
    elements = [_field(stream) for _ in range(count)]
    assert stream.read() == b""
    return oid, elements


def _field(stream: io.BytesIO) -> bytes | None:
    length = _integer(stream, "!i")
    assert length >= -1
    return None if length == -1 else _take(stream, length)


def _integer(stream: io.BytesIO, form: str) -> int:
    (number,) = struct.unpack(form, _take(stream, struct.calcsize(form)))
    assert isinstance(number, int)
    return number


def _take(stream: io.BytesIO, size: int) -> bytes:
    taken = stream.read(size)
    assert len(taken) == size, "it ends too early"
    return taken
