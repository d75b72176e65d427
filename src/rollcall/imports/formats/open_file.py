"""Any file that is taken in, by what it is: a stream of CSV, or packed."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from rollcall.errors import ValidationFailed
from rollcall.imports.formats.convert import PackedFile, TeamConverter
from rollcall.imports.formats.detect import DETECTION_BYTES, LEADING, Kind, check_text, detect
from rollcall.imports.formats.gunzip import gunzip
from rollcall.imports.formats.protocol import FileRefused


@dataclass(frozen=True)
class CsvStream:
    """The content of a file that is CSV, unpacked as it arrives where it was a gzip file."""

    chunks: AsyncIterator[bytes]


@contextlib.asynccontextmanager
async def open_file(
    content: AsyncIterator[bytes], converter: TeamConverter
) -> AsyncIterator[CsvStream | PackedFile]:
    """Find out what a file is. What is packed as a whole is read to its end.

    Raises:
        ValidationFailed: here or while reading: it is something else, or broken.
        ServiceUnavailable: there is no room on the disk to spool it.
    """
    try:
        head, content = await _peek(content)
        kind = detect(head)
        if kind is Kind.ZIP:
            async with converter.spool(content) as packed:
                yield packed
        elif kind is Kind.GZIP:
            head, content = await _peek(gunzip(_without_leading(content)))
            check_text(head, "a gzip file")
            yield CsvStream(content)
        else:
            yield CsvStream(content)
    except FileRefused as refused:
        raise ValidationFailed(f"The `file` {refused}") from None


async def _peek(content: AsyncIterator[bytes]) -> tuple[bytes, AsyncIterator[bytes]]:
    """Return the first bytes of a stream, and the stream with them."""
    held = bytearray()
    async for data in content:
        held += data
        if len(held) >= DETECTION_BYTES:
            break
    return bytes(held[:DETECTION_BYTES]), _chain(bytes(held), content)


async def _chain(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for data in rest:
        yield data


async def _without_leading(content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Leave out what stands before a packed file; a zip is found from its end, whatever does."""
    first = True
    async for data in content:
        yield data.lstrip(LEADING) if first else data
        first = False
