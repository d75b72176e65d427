"""An import's life as server-sent events: progress, then how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable

from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.types import Send

from rollcall.imports.live.watcher import ImportState, Watcher
from rollcall.imports.models import ContactImport

# Between two events of one stream.
EVENT_SECONDS = 0.5
# A silence of a minute is what proxies usually end a connection for.
HEARTBEAT_SECONDS = 15.0
# Whoever watches on has to show a key again, which may have been revoked.
STREAM_SECONDS = 15 * 60.0
HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}


class ImportEvents(EventSourceResponse):
    """A stream of events; the import is let go of as soon as the client has gone."""

    def __init__(self, events: AsyncGenerator[bytes]):
        super().__init__(events, headers=HEADERS)
        self._events = events

    async def stream_response(self, send: Send) -> None:
        # The framework drops what it was iterating over, and leaves the rest to the collector.
        async with contextlib.aclosing(self._events):
            await super().stream_response(send)


def as_json(state: ImportState) -> str:
    """Return an import as the API shows it."""
    return state.shown.model_dump_json(by_alias=True)


async def stream_events(
    watcher: Watcher,
    row: ContactImport,
    last_event_id: int | None,
    write: Callable[[ImportState], str] = as_json,
) -> AsyncGenerator[bytes]:
    """Yield events, and comments while there are none, until the import ends or time is up.

    The id of an event is the import's revision, so that whoever names the last one is told only
    what is new. A client that is slow is told the newest state when it is ready for one; what
    was in between is not kept for it.

    Args:
        watcher: of this process.
        row: the import as it is now.
        last_event_id: the event that the client has seen, if any.
        write: makes the data of an event.
    """
    deadline = time.monotonic() + STREAM_SECONDS
    with watcher.watch(row) as watched:
        state = watched.state
        if state.revision != last_event_id:
            yield _render(state, write)
        while not (state.is_final or watched.is_closed) and time.monotonic() < deadline:
            await asyncio.sleep(EVENT_SECONDS)
            await watched.wait_for_change(state, HEARTBEAT_SECONDS)
            if watched.state == state:
                yield KEEPALIVE_COMMENT
            else:
                state = watched.state
                yield _render(state, write)


def _render(state: ImportState, write: Callable[[ImportState], str] = as_json) -> bytes:
    event = state.shown.status if state.is_final else "progress"
    return format_sse_event(event=event, id=str(state.revision), data_str=write(state))
