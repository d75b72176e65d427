"""gzip as it streams in, cut into pieces of any size."""

from __future__ import annotations

import asyncio
import gzip
import random
from collections.abc import AsyncIterator

import pytest

from rollcall.errors import ValidationFailed
from rollcall.imports.formats.gunzip import PIECE_BYTES, gunzip

CSV = "".join(f"a{n}@example.com,{n * n}\n" for n in range(3000)).encode()
NOISE = random.Random(1).randbytes(100_000)


async def pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def unpack(data: bytes, size: int) -> list[bytes]:
    return [piece async for piece in gunzip(pieces(data, size))]


@pytest.mark.parametrize("size", [1, 7, 4096, 10_000_000])
@pytest.mark.parametrize(
    ("packed", "content"),
    [
        (gzip.compress(CSV), CSV),
        (gzip.compress(b""), b""),
        (gzip.compress(CSV[:1000]) + gzip.compress(b"") + gzip.compress(CSV[1000:]), CSV),
        (gzip.compress(CSV) + bytes(300), CSV),
        (gzip.compress(b"x" * 5_000_000) + gzip.compress(CSV), b"x" * 5_000_000 + CSV),
        (gzip.compress(NOISE), NOISE),
    ],
    ids=["one member", "nothing", "three members", "padding", "large", "noise"],
)
def test_what_went_in_comes_out(packed: bytes, content: bytes, size: int) -> None:
    unpacked = asyncio.run(unpack(packed, max(size, len(packed) // 20_000)))
    assert b"".join(unpacked) == content
    assert max(map(len, unpacked), default=0) <= PIECE_BYTES


@pytest.mark.parametrize("size", [1, 4096])
@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (gzip.compress(CSV)[:5], "cut off"),
        (gzip.compress(CSV)[:-1], "cut off"),
        (gzip.compress(CSV)[: len(CSV) // 20], "cut off"),
        (gzip.compress(CSV) + gzip.compress(CSV)[:20], "cut off"),
        (gzip.compress(CSV) + b"email\n", "something else behind its end"),
        (gzip.compress(CSV) + b"\x1femail\n", "damaged"),
        (gzip.compress(CSV)[:-8] + bytes(8), "damaged"),
        (gzip.compress(CSV)[:100] + b"\xff" * 100, "damaged"),
    ],
)
def test_what_is_broken(packed: bytes, message: str, size: int) -> None:
    with pytest.raises(ValidationFailed, match=f"The `file` is a gzip file .*{message}"):
        asyncio.run(unpack(packed, size))
