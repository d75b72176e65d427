"""The file of an upload goes to the storage as it arrives.

What is rejected, broken off or too large leaves nothing behind.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import structlog
from fastapi import Request

from rollcall.imports.formats.convert import TeamConverter
from rollcall.imports.intake.receive import ReceivedFile, ReceivedForm, receive_form, too_large
from rollcall.metrics.catalogue import UPLOAD_BYTES
from rollcall.storage.objects import Storage

log = structlog.get_logger(__name__)


@contextlib.asynccontextmanager
async def receive_upload(
    request: Request,
    storage: Storage,
    converter: TeamConverter,
    key: str,
    max_file_bytes: int,
) -> AsyncIterator[ReceivedForm]:
    """Store the file of a multipart request; the fields may come before or after it.

    The file is deleted again when the block of this context raises.

    Raises:
        ValidationFailed, MissingField: the form is not as it should be.
        PayloadTooLarge: the file is larger than `max_file_bytes`, as it was sent or unpacked.
    """
    shelf = Shelf(storage, key, max_file_bytes)
    try:
        yield await receive_form(request, converter, max_file_bytes, shelf.store)
    except BaseException:
        await shelf.discard()
        raise


@dataclass
class Shelf:
    """The place in the storage for one file; what is larger than `max_bytes` is not stored."""

    storage: Storage
    key: str
    max_bytes: int
    _is_used: bool = False

    async def store(self, file: ReceivedFile, csv: AsyncIterator[bytes]) -> None:
        """Store a CSV, and note in `file` what it is."""
        self._is_used = True
        stream = _MeasuredStream(file, csv, self.max_bytes)
        try:
            await self.storage.put(self.key, stream.chunks())
        except BaseException as error:  # noqa: BLE001  (raised again, or what caused it is)
            # The storage wraps what its input raises; what matters is why the input ended.
            raise stream.error or error from None
        finally:
            UPLOAD_BYTES.add(file.size)

    async def keep(self, content: AsyncIterator[bytes]) -> None:
        """Store what was measured before."""
        self._is_used = True
        await self.storage.put(self.key, content)

    async def discard(self) -> None:
        """Delete a file that is not wanted; what cannot be deleted is left to the collector.

        The client is to hear what was wrong with its request, and not that of this.
        """
        if not self._is_used:
            return
        try:
            await self.storage.delete(self.key)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is another matter)
            log.error("a rejected file could not be deleted", key=self.key, error=repr(error))


class _MeasuredStream:
    """CSV on its way to the storage, measured as it passes."""

    def __init__(self, file: ReceivedFile, csv: AsyncIterator[bytes], max_bytes: int):
        self._file = file
        self._csv = csv
        self._max_bytes = max_bytes
        self.error: BaseException | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for data in self._csv:
                self._file.measure(data)
                if self._file.size > self._max_bytes:
                    raise too_large(self._max_bytes, " when it is unpacked")
                yield data
        except BaseException as error:
            self.error = error
            raise
