"""A zip or a workbook becomes CSV in a process of its own, which has limits.

Both have their table of contents at their end, so they are spooled to a temporary file without a
name first; and which sheet of a workbook is meant, the rest of a form may say.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import tempfile
import uuid
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO

import structlog

from rollcall.errors import ServiceUnavailable
from rollcall.imports.child_process import child_process
from rollcall.imports.fair_semaphore import FairSemaphore
from rollcall.imports.formats.conversion import Conversion

log = structlog.get_logger(__name__)

# By its name, because what it imports is of no use here.
CHILD = "rollcall.imports.formats.child"
# Conversions at once in one API process; more of them wait, the teams in turn.
CONCURRENCY = 2
PROCESSOR_SECONDS = 120
PIECE_BYTES = 1024 * 1024
# The environment has passwords, and the child needs to know where Python is and no more.
PASSED_ON = ("PYTHON", "LD_", "DYLD_", "PATH")


class Converter:
    """The conversions of one API process."""

    def __init__(self, max_bytes: int):
        self.max_bytes = max_bytes
        self.semaphore = FairSemaphore(CONCURRENCY)

    def of(self, team_id: uuid.UUID) -> TeamConverter:
        """Return what converts for a team."""
        return TeamConverter(self, team_id)


@dataclass(frozen=True)
class TeamConverter:
    """A team's share in the conversions of an API process."""

    converter: Converter
    team_id: uuid.UUID

    @contextlib.asynccontextmanager
    async def spool(self, content: AsyncIterator[bytes]) -> AsyncIterator[PackedFile]:
        """Read a packed file to its end, and keep it as long as the block of this context lasts.

        Raises:
            ServiceUnavailable: there is no room on the disk for it.
        """
        with tempfile.TemporaryFile(prefix="rollcall-") as spool:
            await _spool(content, spool)
            yield PackedFile(self, spool)


@dataclass(frozen=True)
class PackedFile:
    """A spooled zip or workbook. It takes no process until it is opened."""

    _team: TeamConverter
    _spool: IO[bytes]

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the file as it was sent."""
        offset = 0
        # Not by reading on, for a child that reads it has the same place in it.
        while data := await asyncio.to_thread(os.pread, self._spool.fileno(), PIECE_BYTES, offset):
            yield data
            offset += len(data)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Conversion]:
        """Begin to read it: its sheets are known then, and one of them can be had as CSV.

            async with packed.open() as conversion:
                for sheet in conversion.sheets or ():
                    ...
                async for chunk in conversion.csv(sheet):
                    ...

        No process is left when the block of this context ends, however it does.

        Raises:
            PackedFileCutOff: its end is missing.
            ValidationFailed: here or while reading: it cannot be read.
            PayloadTooLarge: here or while reading: it is too large when it is unpacked.
        """
        converter = self._team.converter
        arguments = (str(self._spool.fileno()), str(converter.max_bytes), str(PROCESSOR_SECONDS))
        child = child_process(
            CHILD, arguments, files=[self._spool], stdin=PIPE, stdout=PIPE, sees=_is_passed_on
        )
        async with converter.semaphore.take(self._team.team_id), child as process:
            conversion = Conversion(process)
            await conversion.begin()
            yield conversion


async def _spool(content: AsyncIterator[bytes], spool: IO[bytes]) -> None:
    try:
        async for data in content:
            await asyncio.to_thread(spool.write, data)
        await asyncio.to_thread(spool.flush)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        log.exception("no room to unpack an upload", folder=tempfile.gettempdir())
        raise ServiceUnavailable("There is no room to unpack the `file` right now.") from None
    spool.seek(0)


def _is_passed_on(variable: str) -> bool:
    return variable.startswith(PASSED_ON)
