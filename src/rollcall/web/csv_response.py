"""A CSV file that is sent as it is made."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from fastapi.responses import StreamingResponse
from starlette.types import Send

from rollcall.web.under_way import CutOff

# However slowly a client takes its file: it does not take it for ever.
DOWNLOAD_SECONDS = 60 * 60.0


class CsvResponse(StreamingResponse):
    """A CSV file; what it is made from is let go of as soon as the client has gone.

    The head is sent when the first block is there, so that what fails before is still answered as
    it is elsewhere. What fails later ends the connection without an end of the body.
    """

    media_type = "text/csv"

    async def stream_response(self, send: Send) -> None:
        blocks = self.body_iterator
        assert isinstance(blocks, AsyncGenerator)

        # The framework drops what it was iterating over, and leaves the rest to the collector.
        async with contextlib.aclosing(blocks):
            block = await anext(blocks, b"")
            try:
                # From here on it is the client who takes its time.
                async with asyncio.timeout(DOWNLOAD_SECONDS):
                    await self._send(block, blocks, send)
            except TimeoutError:
                message = f"A file has to be taken within {DOWNLOAD_SECONDS:g} seconds."
                raise CutOff(message) from None

    async def _send(self, block: bytes, rest: AsyncGenerator[bytes], send: Send) -> None:
        head = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **head})
        while block:
            await send({"type": "http.response.body", "body": block, "more_body": True})
            block = await anext(rest, b"")
        await send({"type": "http.response.body", "body": b""})
