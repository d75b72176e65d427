"""Who may go on when only so many can at once: teams in turn, none ahead of one that has less."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class _Waiter:
    team_id: uuid.UUID
    called: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class FairSemaphore:
    """Lets `at_once` blocks run at a time, whichever teams they are of.

    When others wait too, no team gets a second one. For one event loop.
    """

    def __init__(self, at_once: int):
        self._at_once = at_once
        self._running: Counter[uuid.UUID] = Counter()
        self._waiting: list[_Waiter] = []

    @contextlib.asynccontextmanager
    async def take(self, team_id: uuid.UUID) -> AsyncIterator[None]:
        """Wait for a turn of the team, which lasts as long as the block of this context."""
        waiter = _Waiter(team_id)
        self._waiting.append(waiter)
        self._call()
        try:
            await waiter.called
            yield
        finally:
            self._leave(waiter)

    def _call(self) -> None:
        """Call whoever is next: of the team with the fewest at work, who has waited longest."""
        while self._running.total() < self._at_once:
            # One that was cancelled a moment ago may not have left yet.
            here = [waiter for waiter in self._waiting if not waiter.called.cancelled()]
            if not here:
                return
            chosen = min(here, key=lambda waiter: self._running[waiter.team_id])
            self._waiting.remove(chosen)
            self._running[chosen.team_id] += 1
            chosen.called.set_result(None)

    def _leave(self, waiter: _Waiter) -> None:
        if waiter in self._waiting:
            # It was cancelled before it was called.
            self._waiting.remove(waiter)
            return
        self._running[waiter.team_id] -= 1
        if not self._running[waiter.team_id]:
            del self._running[waiter.team_id]
        self._call()
