"""What of an API process drafts are made with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

import structlog

from rollcall.imports.formats.convert import Converter
from rollcall.imports.suggesting.language_model import LanguageModel
from rollcall.storage.guard import StorageGuard
from rollcall.storage.objects import Storage
from rollcall.storage.stored_file import READ_SIZE, StorageError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class DraftMeans:
    """The storage and its guard, what unpacks files of at most `max_bytes`, and who knows words."""

    storage: Storage
    guard: StorageGuard
    converter: Converter
    model: LanguageModel | None
    max_bytes: int

    async def read(self, key: str, size: int = -1) -> bytes:
        """Return the first bytes of a stored file.

        Raises:
            FileNotFoundError, FileDamaged, StorageError: it cannot be read.
        """
        return await asyncio.to_thread(self._read, key, size)

    def _read(self, key: str, size: int) -> bytes:
        with self.storage.open(key) as file:
            return file.read(size)

    async def chunks(self, key: str) -> AsyncIterator[bytes]:
        """Yield a stored file.

        Raises:
            FileNotFoundError, FileDamaged, StorageError: it cannot be read.
        """
        file = await asyncio.to_thread(self.storage.open, key)
        try:
            while data := await asyncio.to_thread(file.read, READ_SIZE):
                yield data
        finally:
            file.close()

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete files that nobody has any more; what cannot be is left to the collector."""
        for key in keys:
            try:
                await self.storage.delete(key)
            except StorageError as error:
                log.warning("file of a draft not deleted", key=key, reason=error.reason)
