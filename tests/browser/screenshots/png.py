"""Pictures of few colours, a third as large as the browser writes them."""

from __future__ import annotations

import itertools
import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB, INDEXED = 2, 3
COLOURS = 256


def with_few_colours(png: bytes) -> bytes:
    """Return a PNG without transparency with its 256 most frequent colours.

    A pixel of another colour, such as one at the edge of a letter, gets the most similar of them.
    """
    chunks = dict(_chunks(png))
    width, height, depth, kind = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, kind) == (8, RGB), "This is no picture as Chromium writes it."
    data = b"".join(content for name, content in _chunks(png) if name == b"IDAT")
    rows = [list(_pixels(row)) for row in _rows(zlib.decompress(data), width * 3)]
    counted = Counter(itertools.chain.from_iterable(rows))
    palette = [colour for colour, _ in counted.most_common(COLOURS)]
    index = {colour: _nearest(palette, colour) for colour in counted}
    lines = b"".join(b"\0" + bytes(map(index.__getitem__, row)) for row in rows)
    head = struct.pack(">IIBBBBB", width, height, 8, INDEXED, 0, 0, 0)
    made = {
        b"IHDR": head,
        b"PLTE": b"".join(palette),
        b"IDAT": zlib.compress(lines, 9),
        b"IEND": b"",
    }
    return SIGNATURE + b"".join(_chunk(name, content) for name, content in made.items())


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        size, name = struct.unpack_from(">I4s", png, at)
        yield name, png[at + 8 : at + 8 + size]
        at += 12 + size


def _chunk(name: bytes, content: bytes) -> bytes:
    checked = name + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


def _rows(filtered: bytes, width: int) -> Iterator[bytes]:
    """Undo the filters of rows of this many bytes, before which a byte says which filter it is."""
    above = bytearray(width)
    for at in range(0, len(filtered), width + 1):
        kind, row = filtered[at], bytearray(filtered[at + 1 : at + 1 + width])
        for x in range(width if kind else 0):
            left, corner = (row[x - 3], above[x - 3]) if x >= 3 else (0, 0)
            row[x] = (row[x] + _predicted(kind, left, above[x], corner)) & 255
        yield bytes(row)
        above = row


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    """Return what a filter of PNG takes a byte for, by its neighbours."""
    if kind == 1:
        return left
    if kind == 2:
        return above
    if kind == 3:
        return (left + above) // 2
    guess = left + above - corner
    return min((left, above, corner), key=lambda each: abs(guess - each))


def _pixels(row: bytes) -> Iterator[bytes]:
    return (row[at : at + 3] for at in range(0, len(row), 3))


def _nearest(palette: list[bytes], colour: bytes) -> int:
    def distance(index: int) -> int:
        return sum((a - b) ** 2 for a, b in zip(palette[index], colour, strict=True))

    return min(range(len(palette)), key=distance)
