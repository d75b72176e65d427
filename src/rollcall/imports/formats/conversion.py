"""A child process that reads a packed file, and what it says and writes until its time is up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator

import structlog

from rollcall.errors import PayloadTooLarge, RollcallError, ValidationFailed
from rollcall.imports.child_process import READ_BYTES
from rollcall.imports.formats.cut_off import PackedFileCutOff
from rollcall.imports.formats.heads import SheetHead, read_heads
from rollcall.imports.formats.protocol import (
    EXIT_CUT_OFF,
    EXIT_REFUSED,
    EXIT_TOO_LARGE,
    SHEETS,
)

log = structlog.get_logger(__name__)

# The child may have only so much processor time, which a busy machine makes longer.
MAX_SECONDS = 300.0
KILLED = (-signal.SIGKILL, -signal.SIGXCPU)


class Conversion:
    """A packed file that is opened; `sheets` is None where it is a zip with one CSV file in it."""

    def __init__(self, process: Process):
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self._deadline = asyncio.get_running_loop().time() + MAX_SECONDS
        self.sheets: tuple[SheetHead, ...] | None = None

    async def begin(self) -> None:
        """Wait until it is known what the file is, and read the heads of its sheets."""
        async with self._in_time():
            line = await self._stdout.readline()
            kind, _, size = line.partition(b" ")
            if kind == SHEETS:
                with contextlib.suppress(asyncio.IncompleteReadError):
                    self.sheets = read_heads(await self._stdout.readexactly(int(size)))
                    return
        if not line:
            await self._check_end()

    async def csv(self, sheet: SheetHead | None = None) -> AsyncIterator[bytes]:
        """Yield the CSV, in UTF-8 and with commas where it is of a sheet.

        Args:
            sheet: one of `sheets`; None where there are none.

        Raises:
            ValidationFailed: the file is damaged.
            PayloadTooLarge: it is too large when it is unpacked.
        """
        assert (sheet is None) == (self.sheets is None)
        if sheet is not None:
            # A child that has ended in the meantime says why below.
            with contextlib.suppress(ConnectionError):
                self._stdin.write(b"%d\n" % sheet.index)
                await self._stdin.drain()
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
            message = await self._process.stderr.read()
            status = await self._process.wait()
        if status != 0:
            raise _problem(status, message.decode("utf-8", "replace"))


def _problem(status: int, message: str) -> RollcallError:
    if status == EXIT_REFUSED:
        return ValidationFailed(f"The `file` {json.loads(message)}")
    if status == EXIT_CUT_OFF:
        return PackedFileCutOff(f"The `file` {json.loads(message)}")
    if status == EXIT_TOO_LARGE:
        return PayloadTooLarge(f"The `file` {json.loads(message)}")
    if status in KILLED:
        return _exhausted()
    log.error("a file could not be converted", status=status, error_output=message[-4000:])
    return ValidationFailed(
        "The `file` is a zip archive or workbook that cannot be read. Save it as CSV."
    )


def _exhausted() -> PayloadTooLarge:
    return PayloadTooLarge(
        "The `file` takes more time to unpack and read than this server gives one file."
        " Save it as CSV."
    )
