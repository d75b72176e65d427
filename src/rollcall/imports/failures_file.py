"""The failures file: the rows that failed as they stood in the upload, to correct and upload again.

A process of its own writes it, see `failure_rows`. The failures go there page by page and the file
comes back block by block; neither is ever in memory as a whole, and no database connection is held
while a client takes its time.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from pathlib import PurePosixPath
from urllib.parse import quote

import structlog
from anyio import CancelScope
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from rollcall.imports.column_map import ColumnMap
from rollcall.imports.failures import next_failures
from rollcall.imports.models import ContactImport
from rollcall.imports.reasons import Failure

log = structlog.get_logger(__name__)

# By its name, because what it imports is a quarter of the memory of an API process.
CHILD = "rollcall.imports.failure_rows"
# Files at once in one API process; more of them wait.
CONCURRENCY = 2
# What is made ready at once keeps other requests waiting for as long.
PAGE_ROWS = 500
READ_BYTES = 256 * 1024
# The addresses and passwords of other services are no business of the child, those of a bucket are.
WITHHELD = "ROLLCALL_"
SUFFIXES = re.compile(r"(\.(csv|tsv|txt|xlsx|gz|zip))+$", re.IGNORECASE)
MAX_NAME_CHARACTERS = 100


class FailuresFileBroken(Exception):
    """A failures file could not be written to its end."""


class FailuresFiles:
    """The failures files that one API process sends."""

    def __init__(self, sessionmaker: async_sessionmaker[AsyncSession], storage_url: str):
        self._sessionmaker = sessionmaker
        self._storage_url = storage_url
        self._turn = asyncio.Semaphore(CONCURRENCY)

    async def stream(self, found: ContactImport) -> AsyncGenerator[bytes]:
        """Yield the failures file of an import; of one that is running, the failures so far.

        Nothing is left of the process when this generator is closed.

        Raises:
            FailuresFileBroken: not all of it could be written.
        """
        async with self._turn, _started() as process:
            assert process.stdout is not None
            feeding = asyncio.create_task(self._feed(process, found))
            try:
                while data := await process.stdout.read(READ_BYTES):
                    yield data
                await feeding
                await _check_end(process)
            finally:
                _kill(process)
                with CancelScope(shield=True):
                    # It is over as soon as its query is: nobody reads any more what it writes.
                    await asyncio.wait([feeding])
                if not feeding.cancelled():
                    # It has been raised above, or the client has gone and nobody wants to know.
                    feeding.exception()

    async def _feed(self, process: Process, found: ContactImport) -> None:
        """Tell a child what to read and which rows have failed."""
        assert process.stdin is not None
        order = {
            "storage_url": self._storage_url,
            "key": found.object_key,
            "dialect": found.dialect,
            "columns": list(ColumnMap.model_validate(found.column_map).columns()),
        }
        try:
            await _send(process, order)
            row = 0
            while failures := await self._fetch(found, row):
                await _send(process, failures)
                row = failures[-1].row
            process.stdin.close()
        except ConnectionError:
            # How it has ended, its exit status says.
            return
        except BaseException:
            # To the child, the end of its input would be that of the failures.
            _kill(process)
            raise

    async def _fetch(self, found: ContactImport, row: int) -> Sequence[Failure]:
        async with self._sessionmaker() as session:
            return await next_failures(session, found, row, PAGE_ROWS)


def content_disposition(filename: str | None) -> str:
    """Return the header that names the failures file after the uploaded one."""
    name = PurePosixPath((filename or "").replace("\\", "/")).name
    stem = SUFFIXES.sub("", "".join(filter(str.isprintable, name))).removesuffix("-failures")
    name = f"{stem.strip(' .')[:MAX_NAME_CHARACTERS] or 'import'}-failures.csv"
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


@contextlib.asynccontextmanager
async def _started() -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", CHILD,
        stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=READ_BYTES,
        env={name: value for name, value in os.environ.items() if not name.startswith(WITHHELD)},
    )  # fmt: skip
    try:
        yield process
    finally:
        _kill(process)
        with CancelScope(shield=True):
            # Also reads what is left in the pipes, so that they close.
            await process.communicate()


def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()


async def _send(process: Process, line: object) -> None:
    assert process.stdin is not None
    # One loop raises ConnectionError when the child is gone, another RuntimeError.
    if process.stdin.is_closing():
        raise ConnectionResetError
    process.stdin.write(json.dumps(line).encode() + b"\n")
    await process.stdin.drain()


async def _check_end(process: Process) -> None:
    assert process.stderr is not None
    said = await process.stderr.read()
    if await process.wait() != 0:
        text = said.decode("utf-8", "replace")[-4000:]
        log.error("a failures file could not be written", status=process.returncode, said=text)
        raise FailuresFileBroken(FailuresFileBroken.__doc__)
