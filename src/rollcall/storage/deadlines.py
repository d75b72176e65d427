"""How long a request waits for the storage, which may have fallen silent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from rollcall.config import MIB
from rollcall.storage.stored_file import StorageError

# A request that needs the storage is answered within ten seconds: an upload may be given up in the
# middle, and what there is of it be deleted.
STALLED_SECONDS = 5.0
# At its end, all of it has to be on the disk, and a slow disk is not a silent one.
COMPLETED_BYTES_PER_SECOND = 10 * MIB
ANSWER_SECONDS = 3.0


class WatchedStream:
    """A stream that remembers what it ended by: the storage raises an error of its own for it.

    Its `limit` is a time limit of the storage: it runs only while the storage has something to do.
    """

    limit: asyncio.Timeout

    def __init__(self, chunks: AsyncIterator[bytes]):
        self._chunks = chunks
        self.error: BaseException | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield what the storage is to take."""
        size = 0
        try:
            self._limit(None)
            async for data in self._chunks:
                self._limit(STALLED_SECONDS)
                size += len(data)
                yield data
                self._limit(None)
            self._limit(STALLED_SECONDS + size / COMPLETED_BYTES_PER_SECOND)
        except BaseException as error:
            self.error = error
            raise

    def _limit(self, seconds: float | None) -> None:
        if not self.limit.expired():
            now = asyncio.get_running_loop().time()
            self.limit.reschedule(None if seconds is None else now + seconds)


@contextlib.asynccontextmanager
async def in_time(seconds: float) -> AsyncIterator[asyncio.Timeout]:
    """Wait for the storage so long within this block; yields the time limit.

    Raises:
        StorageError: the time is over.
    """
    try:
        async with asyncio.timeout(seconds) as limit:
            yield limit
    except TimeoutError:
        raise StorageError(f"The storage has not answered for {seconds:g} s.") from None
