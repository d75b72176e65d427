"""The time limit of a stream runs only while the storage has something to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from rollcall.storage.deadlines import (
    COMPLETED_BYTES_PER_SECOND,
    STALLED_SECONDS,
    WatchedStream,
    in_time,
)
from rollcall.storage.stored_file import StorageError


def test_a_storage_that_does_not_answer_in_time_is_an_error() -> None:
    async def wait() -> None:
        async with in_time(0.01):
            await asyncio.Event().wait()

    with pytest.raises(StorageError, match=r"^The storage has not answered for 0\.01 s\.$"):
        asyncio.run(wait())


def test_an_error_of_the_block_stays_what_it_is() -> None:
    async def fail() -> None:
        async with in_time(60.0):
            raise KeyError("x")

    with pytest.raises(KeyError):
        asyncio.run(fail())


def test_the_limit_runs_while_the_storage_has_a_chunk_and_not_while_the_client_sends() -> None:
    size = COMPLETED_BYTES_PER_SECOND

    async def send() -> None:
        loop = asyncio.get_running_loop()
        async with in_time(60.0) as limit:

            async def sent() -> AsyncIterator[bytes]:
                for _ in range(3):
                    assert limit.when() is None
                    yield bytes(size)
                assert limit.when() is None

            stream = WatchedStream(sent())
            stream.limit = limit
            with_a_chunk = [limit.when() async for _ in stream.chunks()]
            deadlines = [when for when in [*with_a_chunk, limit.when()] if when is not None]
            assert len(deadlines) == 4
            assert deadlines[2] <= loop.time() + STALLED_SECONDS
            # In the end all of it has to reach the disk, which takes longer the more it is.
            assert deadlines[3] - deadlines[2] > 2.9
        assert stream.error is None

    asyncio.run(send())


def test_a_stream_remembers_what_it_ended_by() -> None:
    """The storage raises an error of its own for it, which says nothing of the client's."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise ConnectionResetError

    async def send() -> WatchedStream:
        async with in_time(60.0) as limit:
            stream = WatchedStream(broken())
            stream.limit = limit
            with pytest.raises(ConnectionResetError):
                _ = [chunk async for chunk in stream.chunks()]
        return stream

    assert isinstance(asyncio.run(send()).error, ConnectionResetError)


def test_a_limit_that_is_over_stays_over() -> None:
    async def send() -> None:
        async def sent() -> AsyncIterator[bytes]:
            yield b"x"

        stream = WatchedStream(sent())
        async with in_time(0.0) as limit:
            stream.limit = limit
            try:
                await asyncio.Event().wait()
            finally:
                assert [chunk async for chunk in stream.chunks()] == [b"x"]

    with pytest.raises(StorageError):
        asyncio.run(send())
