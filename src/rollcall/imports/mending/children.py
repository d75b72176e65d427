"""The processes that read and judge failed rows for an API process.

Pages are waited for, so their process stays when it has done what it was asked, for a minute.
What takes long is done by processes of its own, two at a time, the teams in turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import structlog

from rollcall.errors import RollcallError
from rollcall.imports.child_process import child_process, kill
from rollcall.imports.fair_semaphore import FairSemaphore
from rollcall.storage.stored_file import StorageError

log = structlog.get_logger(__name__)

# By its name, because what it imports is a quarter of the memory of an API process.
CHILD = "rollcall.imports.mending.child"
# The addresses and passwords of other services are no business of the child, those of a bucket are.
WITHHELD = "ROLLCALL_"
QUICK, SLOW = 2, 2
IDLE_SECONDS = 60.0
# A line is answered within it, however busy the machine is.
ANSWER_SECONDS = 120.0


class MendingBroken(Exception):
    """A process that reads failed rows has ended before it was done."""


class FileUnreadable(RollcallError):
    """The uploaded file of this import cannot be read any more."""

    status = 409
    name = "file_unreadable"


class Answer(NamedTuple):
    """What the child says of a line, as JSON and as bytes."""

    said: Any
    data: bytes = b""


class ChildJob:
    """A job that a child is at."""

    def __init__(self, process: Process):
        self._process = process
        self.has_ended = False

    async def begin(self, order: dict[str, Any]) -> None:
        """Say what is to be done."""
        await self._ask(order)

    async def feed(self, feed: dict[str, Any]) -> Answer:
        """Tell of some failed rows, and return what the child says of them."""
        return await self._ask(feed)

    async def end(self) -> Any:
        """Return what the child says of all rows."""
        said = (await self._ask(None)).said
        self.has_ended = True
        return said

    async def _ask(self, line: object) -> Answer:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                # One loop raises ConnectionError when the child is gone, another RuntimeError.
                if stdin.is_closing():
                    raise ConnectionResetError
                stdin.write(json.dumps(line).encode() + b"\n")
                await stdin.drain()
                sizes = (await stdout.readline()).split()
                if len(sizes) != 2:
                    raise ConnectionResetError
                text = await stdout.readexactly(int(sizes[0]))
                data = await stdout.readexactly(int(sizes[1]))
        except (ConnectionError, asyncio.IncompleteReadError):
            raise MendingBroken(await self._last_words()) from None
        except TimeoutError:
            raise MendingBroken(f"It has not answered for {ANSWER_SECONDS:g} seconds.") from None
        said = json.loads(text)
        if isinstance(said, dict) and "away" in said:
            raise StorageError(said["away"])
        if isinstance(said, dict) and "gone" in said:
            raise FileUnreadable(said["gone"])
        return Answer(said, data)

    async def _last_words(self) -> str:
        kill(self._process)
        assert self._process.stderr is not None
        said = (await self._process.stderr.read()).decode("utf-8", "replace")
        status = await self._process.wait()
        return f"Its process has ended with status {status}: {said[-4000:]}"


class _Child:
    """A process, and what ends it."""

    def __init__(self) -> None:
        self._opened = contextlib.AsyncExitStack()
        self.process: Process | None = None

    async def start(self, *arguments: str) -> Process:
        context = child_process(CHILD, arguments, stdin=PIPE, stdout=PIPE, sees=_is_passed_on)
        self.process = await self._opened.enter_async_context(context)
        return self.process

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def stop(self) -> None:
        await self._opened.aclose()


class MendChildren:
    """The children of one API process. For one event loop."""

    def __init__(self) -> None:
        self._quick = FairSemaphore(QUICK)
        self._slow = FairSemaphore(SLOW)
        self._idle: list[tuple[_Child, asyncio.TimerHandle]] = []
        self._ending: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def job(
        self, team_id: uuid.UUID, order: dict[str, Any], *, is_quick: bool
    ) -> AsyncIterator[ChildJob]:
        """Have a job done while the context is open.

        Args:
            team_id: whose turn it is.
            order: what the child is told first.
            is_quick: whether somebody waits, and not for long.

        Raises:
            MendingBroken: the child has ended before it was done.
            StorageError: the stored file cannot be read now.
        """
        async with (self._quick if is_quick else self._slow).take(team_id):
            child = await self._take() if is_quick else await _start("--nice")
            assert child.process is not None
            job = ChildJob(child.process)
            try:
                await job.begin(order)
                yield job
            finally:
                if is_quick and job.has_ended and child.is_alive:
                    self._keep(child)
                else:
                    await child.stop()

    async def aclose(self) -> None:
        """End all that wait for something to do."""
        while self._idle:
            child, timer = self._idle.pop()
            timer.cancel()
            await child.stop()
        if self._ending:
            await asyncio.wait(self._ending)

    async def _take(self) -> _Child:
        while self._idle:
            child, timer = self._idle.pop()
            timer.cancel()
            if child.is_alive:
                return child
            await child.stop()
        return await _start()

    def _keep(self, child: _Child) -> None:
        timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._let_go, child)
        self._idle.append((child, timer))

    def _let_go(self, child: _Child) -> None:
        self._idle = [each for each in self._idle if each[0] is not child]
        task = asyncio.create_task(child.stop())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def _start(*arguments: str) -> _Child:
    child = _Child()
    await child.start(*arguments)
    return child


def _is_passed_on(variable: str) -> bool:
    return not variable.startswith(WITHHELD)
