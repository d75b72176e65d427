"""Any file that is taken in, as a stream of CSV."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from rollcall.errors import ValidationFailed
from rollcall.imports.formats.convert import TeamConverter
from rollcall.imports.formats.detect import DETECTION_BYTES, Kind, check_text, detect
from rollcall.imports.formats.gunzip import gunzip
from rollcall.imports.formats.refusals import Refused

# What the cells of a sheet are separated by when they have become CSV.
SHEET_DELIMITER = ","


@dataclass(frozen=True)
class CsvStream:
    """The content of a file, unpacked; `delimiter` is None where the header has to tell."""

    chunks: AsyncIterator[bytes]
    delimiter: str | None = None


@contextlib.asynccontextmanager
async def open_csv(
    content: AsyncIterator[bytes], converter: TeamConverter
) -> AsyncIterator[CsvStream]:
    """Find out what a file is and give it out as CSV.

    Raises:
        ValidationFailed: here or while reading: it is something else, or broken.
        PayloadTooLarge: here or while reading: it is too large when it is unpacked.
    """
    try:
        head, content = await _peek(content)
        kind = detect(head)
        if kind is Kind.ZIP:
            async with converter.convert(content) as converted:
                delimiter = SHEET_DELIMITER if converted.from_sheet else None
                yield CsvStream(converted.chunks, delimiter)
        elif kind is Kind.GZIP:
            head, content = await _peek(gunzip(content))
            check_text(head, "a gzip file")
            yield CsvStream(content)
        else:
            yield CsvStream(content)
    except Refused as refused:
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
