"""Turns of teams, and the conversions that take them."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator

import pytest

from rollcall.imports.fair_semaphore import FairSemaphore
from rollcall.imports.formats.convert import CONCURRENCY, Converter
from tests.support.workbooks import text_rows, workbook

Begun = asyncio.Queue[tuple[uuid.UUID, asyncio.Event]]
A, B, C = (uuid.uuid4() for _ in range(3))


class Queue:
    """Blocks that take turns; they are named after their team and number."""

    def __init__(self, at_once: int):
        self.semaphore = FairSemaphore(at_once)
        self.running: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def add(self, name: str, team_id: uuid.UUID) -> None:
        self._ends[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._run(name, team_id))
        await settle()

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await self._tasks[name]
        await settle()

    async def cancel(self, *names: str) -> None:
        for name in names:
            self._tasks[name].cancel()
        for name in names:
            with contextlib.suppress(asyncio.CancelledError):
                await self._tasks[name]
        await settle()

    async def _run(self, name: str, team_id: uuid.UUID) -> None:
        async with self.semaphore.take(team_id):
            self.running.append(name)
            try:
                await self._ends[name].wait()
            finally:
                self.running.remove(name)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_team_alone_has_all_turns_and_others_come_before_its_next() -> None:
    async def run() -> None:
        queue = Queue(2)
        for name, team_id in (("a1", A), ("a2", A), ("a3", A), ("a4", A), ("b1", B), ("c1", C)):
            await queue.add(name, team_id)
        assert queue.running == ["a1", "a2"]
        await queue.end("a1")
        assert queue.running == ["a2", "b1"]
        await queue.end("a2")
        assert queue.running == ["b1", "a3"]
        await queue.end("b1")
        assert queue.running == ["a3", "c1"]
        await queue.end("c1")
        assert queue.running == ["a3", "a4"]
        await queue.end("a4")
        await queue.end("a3")
        await queue.add("b2", B)
        assert queue.running == ["b2"]
        await queue.end("b2")

    asyncio.run(run())


def test_who_goes_away_leaves_its_turn_to_others() -> None:
    async def run() -> None:
        queue = Queue(1)
        for name in ("first", "waiting", "next", "last"):
            await queue.add(name, A)
        await queue.cancel("waiting")
        await queue.end("first")
        assert queue.running == ["next"]
        await queue.cancel("next")
        assert queue.running == ["last"]
        await queue.end("last")

    asyncio.run(run())


@pytest.mark.parametrize("cancelled_first", [True, False])
def test_who_goes_away_just_when_it_is_called_leaves_its_turn_too(cancelled_first: bool) -> None:
    async def run() -> None:
        turns = FairSemaphore(1)
        holder = turns.take(A)
        await holder.__aenter__()
        waiter = asyncio.create_task(turns.take(B).__aenter__())
        await settle()
        if cancelled_first:
            waiter.cancel()
        await holder.__aexit__(None, None, None)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        async with asyncio.timeout(60), turns.take(A):
            pass

    asyncio.run(run())


class ToldTurns(FairSemaphore):
    """Turns that tell who asks for one."""

    def __init__(self) -> None:
        super().__init__(CONCURRENCY)
        self.asked: asyncio.Queue[uuid.UUID] = asyncio.Queue()

    @contextlib.asynccontextmanager
    async def take(self, team_id: uuid.UUID) -> AsyncIterator[None]:
        self.asked.put_nowait(team_id)
        async with super().take(team_id):
            yield


async def convert(converter: Converter, team_id: uuid.UUID, begun: Begun) -> None:
    """Convert a file, but wait in between until somebody says to go on."""

    async def packed() -> AsyncIterator[bytes]:
        yield workbook(text_rows(["email"], ["ada@example.com"]))

    spooled = converter.of(team_id).spool(packed())
    async with spooled as file, file.open() as conversion:
        go_on = asyncio.Event()
        await begun.put((team_id, go_on))
        await go_on.wait()
        assert conversion.sheets is not None
        content = b"".join([data async for data in conversion.csv(conversion.sheets[0])])
    assert b"ada@example.com" in content


def test_a_team_with_many_files_does_not_hold_up_another() -> None:
    async def run() -> None:
        converter, begun = Converter(1_000_000), Begun()
        converter.semaphore = turns = ToldTurns()
        teams = [*[A] * (CONCURRENCY + 2), B]
        async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
            for team_id in teams:
                tasks.create_task(convert(converter, team_id, begun))
                assert await turns.asked.get() == team_id
            first = [await begun.get() for _ in range(CONCURRENCY)]
            assert [team_id for team_id, _ in first] == [A] * CONCURRENCY
            first[0][1].set()
            team_id, go_on = await begun.get()
            assert team_id == B
            for event in (go_on, *(event for _, event in first)):
                event.set()
            for _ in range(2):
                (await begun.get())[1].set()

    asyncio.run(run())
