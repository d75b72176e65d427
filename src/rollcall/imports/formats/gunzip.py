"""gzip, unpacked as it streams in: any number of members, in pieces of bounded size."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator

from rollcall.errors import ValidationFailed
from rollcall.imports.formats.cut_off import PackedFileCutOff
from rollcall.imports.formats.detect import GZIP

PIECE_BYTES = 1024 * 1024
# zlib's number for a gzip header and trailer around a window of any size.
GZIP_WINDOW = 31


async def gunzip(packed: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the content of all members, one after the other.

    Zeros behind the last member are padding, as for `gzip` itself.

    Raises:
        ValidationFailed: it is cut off, damaged, or followed by something else.
    """
    member = zlib.decompressobj(wbits=GZIP_WINDOW)
    complete = False
    async for data in packed:
        rest = data
        while rest:
            if complete:
                rest = rest.lstrip(b"\0")
                if not rest:
                    break
                if not rest.startswith(GZIP[:1]):
                    raise ValidationFailed(
                        "The `file` is a gzip file with something else behind its end."
                    )
                member, complete = zlib.decompressobj(wbits=GZIP_WINDOW), False
            piece = await _unpack(member, rest)
            if piece:
                yield piece
            complete = member.eof
            rest = member.unused_data if complete else member.unconsumed_tail
    if not complete:
        raise PackedFileCutOff(
            "The `file` is a gzip file that is cut off: its end is missing. Upload it again."
        )


async def _unpack(member: zlib._Decompress, data: bytes) -> bytes:
    try:
        return await asyncio.to_thread(member.decompress, data, PIECE_BYTES)
    except zlib.error as error:
        raise ValidationFailed(f"The `file` is a gzip file that is damaged: {error}.") from None
