"""Rows of an import as they stood in the upload: those that failed, to correct and upload again, or
those that were created or updated.

Processes of their own write it, a segment each, into a temporary file without a name; see
`failure_rows`. The failures go there page by page and the segment goes to the client block by
block; neither is ever in memory as a whole. While a client takes its time, neither a process nor a
database connection is held for it, only a segment on the disk.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any
from urllib.parse import quote

from anyio import CancelScope
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from rollcall.config import MIB
from rollcall.imports.child_process import READ_BYTES, child_process, kill
from rollcall.imports.column_map import ColumnMap
from rollcall.imports.failures.lists import next_failures
from rollcall.imports.fair_semaphore import FairSemaphore
from rollcall.imports.issues import Failure
from rollcall.imports.models import ContactImport
from rollcall.storage.stored_file import StorageError

# By its name, because what it imports is a quarter of the memory of an API process.
CHILD = "rollcall.imports.failures.file_child"
# Segments that are written at once in one API process; more of them wait, the teams in turn.
CONCURRENCY = 2
# What all segments together take up on the disk. The more clients there are, the smaller segments
# get, down to what it is still worth to start a process for.
DISK_BYTES = 256 * MIB
SEGMENT_BYTES = (MIB, 16 * MIB)
SEGMENT_SECONDS = 300.0
# What is made ready at once keeps other requests waiting for as long.
PAGE_ROWS = 500
# As the child says it: up to which row, and from which place the next one goes on; None at the end.
Reached = dict[str, Any] | None
BEGIN: dict[str, Any] = {"row": 0, "start": {"row": 0, "offset": 0}}
# The addresses and passwords of other services are no business of the child, those of a bucket are.
WITHHELD = "ROLLCALL_"
SUFFIXES = re.compile(r"(\.(csv|tsv|txt|xlsx|gz|zip))+$", re.IGNORECASE)
MAX_NAME_CHARACTERS = 100


@dataclass(frozen=True, kw_only=True)
class RowsWanted:
    """Which rows a file has, and how it is called.

    `fetch` returns some of an import's rows after one, in their order, and none when there are no
    more. Without reasons, nothing but their row has to be said of them.
    """

    name: str
    with_reasons: bool
    fetch: Callable[[AsyncSession, ContactImport, int], Awaitable[Sequence[Failure]]]


async def _fetch_failures(session: AsyncSession, found: ContactImport, row: int) -> list[Failure]:
    return await next_failures(session, found, row, PAGE_ROWS)


FAILED = RowsWanted(name="failures", with_reasons=True, fetch=_fetch_failures)


class FailuresFileBroken(Exception):
    """A failures file could not be written to its end."""


class FailuresFiles:
    """The failures files that one API process sends."""

    def __init__(self, sessionmaker: async_sessionmaker[AsyncSession], storage_url: str):
        self._sessionmaker = sessionmaker
        self._storage_url = storage_url
        self._semaphore = FairSemaphore(CONCURRENCY)
        self._sent = 0

    async def stream(
        self, found: ContactImport, wanted: RowsWanted = FAILED
    ) -> AsyncGenerator[bytes]:
        """Yield the rows of an import that are wanted; of one that is running, those so far.

        A turn lasts as long as a segment is written, and not as long as a client takes it.
        Nothing is left of process and segment when this generator is closed.

        Raises:
            StorageError: the stored file cannot be read now.
            FailuresFileBroken: not all of it could be written.
        """
        reached: Reached = BEGIN
        self._sent += 1
        try:
            while reached is not None:
                with tempfile.TemporaryFile(prefix="rollcall-", buffering=0) as segment:
                    async with self._semaphore.take(found.team_id):
                        reached = await self._write(found, wanted, reached, segment)
                    segment.seek(0)
                    while block := await asyncio.to_thread(segment.read, READ_BYTES):
                        yield block
        finally:
            self._sent -= 1

    async def _write(
        self, found: ContactImport, wanted: RowsWanted, reached: Reached, segment: IO[bytes]
    ) -> Reached:
        """Write the segment that begins where the last one ended; return where it ends."""
        max_bytes = max(SEGMENT_BYTES[0], min(SEGMENT_BYTES[1], DISK_BYTES // self._sent))
        order = {
            "storage_url": self._storage_url,
            "key": found.object_key,
            "size": found.size,
            "dialect": found.dialect,
            "columns": list(ColumnMap.model_validate(found.column_map).columns()),
            "checkpoint": reached,
            "with_reasons": wanted.with_reasons,
            "max_bytes": max_bytes,
        }
        async with child_process(CHILD, stdin=PIPE, stdout=segment, sees=_is_passed_on) as process:
            feeding = asyncio.create_task(self._feed(process, found, wanted, order))
            try:
                async with asyncio.timeout(SEGMENT_SECONDS):
                    end = await _read_end(process)
                await feeding
                return end
            except FailuresFileBroken:
                if feeding.done():
                    # A child that was ended because there is no telling it more is not to blame.
                    await feeding
                raise
            except TimeoutError:
                raise FailuresFileBroken(f"It took over {SEGMENT_SECONDS:g} seconds.") from None
            finally:
                kill(process)
                with CancelScope(shield=True):
                    # It is over as soon as its query is: nobody reads any more what it writes.
                    await asyncio.wait([feeding])
                if not feeding.cancelled():
                    # It has been raised above, or the client has gone and nobody wants to know.
                    feeding.exception()

    async def _feed(
        self, process: Process, found: ContactImport, wanted: RowsWanted, order: dict[str, Any]
    ) -> None:
        """Tell a child what to read and which rows are wanted."""
        assert process.stdin is not None
        row: int = order["checkpoint"]["row"]
        try:
            await _send(process, order)
            while rows := await self._fetch(found, wanted, row):
                await _send(process, rows)
                row = rows[-1].row
            process.stdin.close()
        except ConnectionError:
            # It has enough, or failed: how it has ended, its exit status says.
            return
        except BaseException:
            # To the child, the end of its input would be that of the failures.
            kill(process)
            raise

    async def _fetch(self, found: ContactImport, wanted: RowsWanted, row: int) -> Sequence[Failure]:
        async with self._sessionmaker() as session:
            return await wanted.fetch(session, found, row)


def content_disposition(filename: str | None, rows: str = FAILED.name) -> str:
    """Return the header that names a file of rows after the uploaded one."""
    name = PurePosixPath((filename or "").replace("\\", "/")).name
    stem = SUFFIXES.sub("", "".join(filter(str.isprintable, name))).removesuffix("-failures")
    name = f"{stem.strip(' .')[:MAX_NAME_CHARACTERS] or 'import'}-{rows}.csv"
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_passed_on(variable: str) -> bool:
    return not variable.startswith(WITHHELD)


async def _send(process: Process, line: object) -> None:
    assert process.stdin is not None
    # One loop raises ConnectionError when the child is gone, another RuntimeError.
    if process.stdin.is_closing():
        raise ConnectionResetError
    process.stdin.write(json.dumps(line).encode() + b"\n")
    await process.stdin.drain()


async def _read_end(process: Process) -> Reached:
    """Wait until a child has ended, and return where."""
    assert process.stderr is not None
    said = (await process.stderr.read()).decode("utf-8", "replace")
    if status := await process.wait():
        raise FailuresFileBroken(f"Its process has ended with status {status}: {said[-4000:]}")
    end = json.loads(said.rpartition("\n")[2])
    if "away" in end:
        raise StorageError(end["away"])
    reached: Reached = end["reached"]
    return reached
