"""A zip or a workbook becomes CSV in a process of its own, which has limits.

Both have their table of contents at their end, so they are spooled to a temporary file without a
name first. The child reads that file and writes CSV to a pipe; how it ended, its exit status and
its error output say.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import signal
import sys
import tempfile
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO

import structlog

from rollcall.errors import PayloadTooLarge, RollcallError, ServiceUnavailable, ValidationFailed
from rollcall.imports.formats.refusals import FROM_SHEET, REFUSED, TOO_LARGE
from rollcall.imports.formats.turns import Turns

log = structlog.get_logger(__name__)

# By its name, because what it imports is of no use here.
CHILD = "rollcall.imports.formats.child"
# Conversions at once in one API process; more of them wait, the teams in turn.
CONCURRENCY = 2
# The child may have only so much processor time, which a busy machine makes longer.
PROCESSOR_SECONDS = 120
MAX_SECONDS = 300.0
READ_BYTES = 256 * 1024
# The environment has passwords, and the child needs to know where Python is and no more.
PASSED_ON = ("PYTHON", "LD_", "DYLD_", "PATH")
KILLED = (-signal.SIGKILL, -signal.SIGXCPU)


@dataclass(frozen=True)
class Converted:
    """CSV on its way out of a child; `from_sheet` when it was a workbook and no file of a zip."""

    chunks: AsyncIterator[bytes]
    from_sheet: bool


class Converter:
    """The conversions of one API process."""

    def __init__(self, max_bytes: int):
        self.max_bytes = max_bytes
        self.turns = Turns(CONCURRENCY)

    def of(self, team_id: uuid.UUID) -> TeamConverter:
        """Return what converts for a team."""
        return TeamConverter(self, team_id)


@dataclass(frozen=True)
class TeamConverter:
    """A team's share in the conversions of an API process."""

    converter: Converter
    team_id: uuid.UUID

    @contextlib.asynccontextmanager
    async def convert(self, packed: AsyncIterator[bytes]) -> AsyncIterator[Converted]:
        """Read a packed file to its end and begin to convert it.

        Nothing is left of file and process when the block of this context ends, however it does.

        Raises:
            ValidationFailed: here or while reading: the file cannot be read.
            PayloadTooLarge: here or while reading: it is too large when it is unpacked.
            ServiceUnavailable: there is no room on the disk to spool it.
        """
        with tempfile.TemporaryFile(prefix="rollcall-") as spool:
            await _spool(packed, spool)
            turn = self.converter.turns.take(self.team_id)
            async with turn, _started(spool, self.converter.max_bytes) as process:
                output = _Output(process)
                first_line = await output.read_line()
                yield Converted(output.chunks(), from_sheet=first_line == FROM_SHEET)


async def _spool(packed: AsyncIterator[bytes], spool: IO[bytes]) -> None:
    try:
        async for data in packed:
            await asyncio.to_thread(spool.write, data)
        await asyncio.to_thread(spool.flush)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        log.exception("no room to unpack an upload", folder=tempfile.gettempdir())
        raise ServiceUnavailable("There is no room to unpack the `file` right now.") from None
    spool.seek(0)


@contextlib.asynccontextmanager
async def _started(spool: IO[bytes], max_bytes: int) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", CHILD, str(max_bytes), str(PROCESSOR_SECONDS),
        stdin=spool, stdout=PIPE, stderr=PIPE, limit=READ_BYTES,
        env={name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)},
    )  # fmt: skip
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        # Also reads what is left in the pipes, so that they close.
        await process.communicate()


class _Output:
    """What a child writes, until its time is up."""

    def __init__(self, process: Process):
        assert process.stdout is not None
        self._process = process
        self._stdout = process.stdout
        self._deadline = asyncio.get_running_loop().time() + MAX_SECONDS

    async def read_line(self) -> bytes:
        """Return the first line."""
        async with self._in_time():
            line = await self._stdout.readline()
        if not line:
            await self._check_end()
        return line

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the rest. Raises at its end when the child has not reached that of the file."""
        while True:
            async with self._in_time():
                data = await self._stdout.read(READ_BYTES)
            if not data:
                break
            yield data
        await self._check_end()

    @contextlib.asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout_at(self._deadline):
                yield
        except TimeoutError:
            raise _exhausted() from None

    async def _check_end(self) -> None:
        assert self._process.stderr is not None
        async with self._in_time():
            said = await self._process.stderr.read()
            status = await self._process.wait()
        if status != 0:
            raise _problem(status, said.decode("utf-8", "replace"))


def _problem(status: int, said: str) -> RollcallError:
    if status == REFUSED:
        return ValidationFailed(f"The `file` {json.loads(said)}")
    if status == TOO_LARGE:
        return PayloadTooLarge(f"The `file` {json.loads(said)}")
    if status in KILLED:
        return _exhausted()
    log.error("a file could not be converted", status=status, said=said[-4000:])
    return ValidationFailed(
        "The `file` is a zip archive or workbook that cannot be read. Save it as CSV."
    )


def _exhausted() -> PayloadTooLarge:
    return PayloadTooLarge(
        "The `file` takes more time to unpack and read than this server gives one file."
        " Save it as CSV."
    )
