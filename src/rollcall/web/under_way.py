"""Requests that the process works on, and their end when it is to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rollcall.errors import ServiceUnavailable

RETRY_AFTER_SECONDS = 5
# The key of a request's state under which the server leaves what cuts its connection off.
CUT_OFF = "cut_off"
HEADERS = {"retry-after": str(RETRY_AFTER_SECONDS), "connection": "close"}


class CutOff(ServiceUnavailable):
    """The server is being stopped. Try again in a moment."""


class RequestsUnderWay:
    """The requests of one process."""

    def __init__(self) -> None:
        self._requests: set[asyncio.Timeout] = set()
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        """Work on a request within this context.

        Raises:
            CutOff: it took longer than the process has.
        """
        request = asyncio.timeout(None)
        try:
            async with request:
                self._requests.add(request)
                yield
        except Exception:
            # Whatever the work made of being cancelled.
            if request.expired():
                raise CutOff(headers=HEADERS) from None
            raise
        finally:
            self._requests.discard(request)

    def cut_after(self, seconds: float) -> None:
        """Give the requests so much time, then end them; asked again, stay with the first time."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._cut)

    def _cut(self) -> None:
        now = asyncio.get_running_loop().time()
        for request in self._requests:
            request.reschedule(now)
