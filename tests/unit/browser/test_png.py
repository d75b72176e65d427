"""A picture with fewer colours shows the same."""

from __future__ import annotations

import struct
import zlib

from tests.browser.screenshots.png import SIGNATURE, with_few_colours

RED, GREEN, BLUE = b"\xff\x00\x00", b"\x00\xff\x00", b"\x00\x00\xff"


def chunk(name: bytes, content: bytes) -> bytes:
    end = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + end


def picture(width: int, rows: list[bytes]) -> bytes:
    """Return a PNG of rows that begin with the number of their filter, in two chunks of data."""
    head = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    data = zlib.compress(b"".join(rows))
    parts = [(b"IHDR", head), (b"IDAT", data[:5]), (b"IDAT", data[5:]), (b"IEND", b"")]
    return SIGNATURE + b"".join(chunk(*part) for part in parts)


def shown(png: bytes) -> list[bytes]:
    """Return the colours of a picture with a palette, pixel by pixel."""
    found = {}
    at = len(SIGNATURE)
    while at < len(png):
        (size,) = struct.unpack_from(">I", png, at)
        name, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        assert png[at : at + 12 + size] == chunk(name, content)
        found[name] = content
        at += 12 + size
    width, height, depth, kind = struct.unpack(">IIBB", found[b"IHDR"][:10])
    assert (depth, kind) == (8, 3)
    lines = zlib.decompress(found[b"IDAT"])
    assert len(lines) == (width + 1) * height
    pixels = b"".join(lines[y * (width + 1) + 1 : (y + 1) * (width + 1)] for y in range(height))
    return [found[b"PLTE"][index * 3 : index * 3 + 3] for index in pixels]


def test_every_filter_is_undone() -> None:
    zero = b"\0\0\0"
    mean = bytes((byte - other // 2) & 255 for byte, other in zip(GREEN, BLUE, strict=True))
    rows = [
        b"\0" + RED + GREEN,
        b"\1" + GREEN + zero,
        b"\2" + bytes((b - g) & 255 for b, g in zip(BLUE, GREEN, strict=True)) + zero,
        b"\3" + mean + bytes((0 - (g + n) // 2) & 255 for g, n in zip(GREEN, GREEN, strict=True)),
        b"\4" + zero + zero,
    ]
    colours = shown(with_few_colours(picture(2, rows)))
    assert colours[:6] == [RED, GREEN, GREEN, GREEN, BLUE, GREEN]
    assert colours[6:8] == [GREEN, zero]
    assert colours[8:] == [GREEN, zero]


def test_what_is_too_much_gets_the_most_similar_colour() -> None:
    colours = [bytes((red, green, 9)) for red in range(0, 255, 16) for green in range(0, 255, 16)]
    row = b"\0" + b"".join(colours * 2) + bytes((17, 33, 9))
    assert shown(with_few_colours(picture(513, [row]))) == [*colours * 2, bytes((16, 32, 9))]
