"""A client's connection: closed so that the last answer arrives, and not kept for who is asleep."""

from __future__ import annotations

import asyncio
from typing import Any

# A client that is still sending when it has its last answer is listened to for as long, and as
# much longer as it goes on at this pace. To close at once would destroy the answer on its way.
LINGER_SECONDS = 5.0
LINGER_BYTES = 64 * 1024
# More than anybody would send as one file.
MAX_UNREAD_BYTES = 256 * 1024 * 1024
# How often a client that takes its answer slowly is looked at, in the time that it may sleep.
LOOKS = 4


class GentleTransport(asyncio.Transport):
    """The server's transport, with another end.

    `sending` says whether the client is in the middle of a request, `is_closed_here` whether it was
    not the client that ended the connection. `cut_reason` is why it was cut off, if it was.
    """

    def __init__(self, transport: asyncio.Transport, answer_seconds: float):
        """Wrap a transport.

        Args:
            transport: of a connection that was just made.
            answer_seconds: how long a client may take nothing of what is sent to it.
        """
        super().__init__()
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._answer_seconds = answer_seconds
        self.is_closed_here = False
        self.sending = False
        self.linger_seconds = LINGER_SECONDS
        self.cut_reason: str | None = None
        self._written = 0
        self._stall_timer: asyncio.TimerHandle | None = None
        self._drain_timer: asyncio.TimerHandle | None = None
        self._unread = self._unread_before = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, or drop what comes after the last answer."""
        if not self.is_closing():
            self._written += len(data)
            self._transport.write(data)

    def close(self) -> None:
        """Close when the client has what was written, and had time to see it."""
        if self.is_closing():
            return
        self.is_closed_here = True
        if self.sending and self._transport.can_write_eof():
            self._transport.write_eof()
            self._transport.resume_reading()
            self.begin_drain(self.linger_seconds)
        else:
            self.end_drain()
            self._transport.close()
        self.watch_writing()

    def cut(self, reason: str) -> None:
        """Close at once, whatever is on its way."""
        self.cut_reason = reason
        self.abort()

    def lost(self) -> None:
        """Stop watching a connection that is gone."""
        self.end_drain()
        if self._stall_timer is not None:
            self._stall_timer.cancel()

    def begin_drain(self, seconds: float) -> None:
        """Read on without using it, as long as the client keeps its pace in each `seconds`."""
        self.end_drain()
        self._unread = self._unread_before = 0
        self._drain_timer = self._loop.call_later(seconds, self._check_drain, seconds)

    def drained(self, size: int) -> None:
        """Count what was read without use."""
        self._unread += size
        if self._unread > MAX_UNREAD_BYTES:
            self.abort()

    def end_drain(self) -> None:
        """The client has sent its request to the end."""
        if self._drain_timer is not None:
            self._drain_timer.cancel()
            self._drain_timer = None

    def _check_drain(self, seconds: float) -> None:
        if self._unread - self._unread_before < LINGER_BYTES:
            self.abort()
            return
        self._unread_before = self._unread
        self._drain_timer = self._loop.call_later(seconds, self._check_drain, seconds)

    def watch_writing(self) -> None:
        """Cut the connection off if its client takes nothing of what is waiting to be sent."""
        if self._stall_timer is None and self.get_write_buffer_size() > 0:
            self._look_again(self._taken(), 1)

    def _look_again(self, taken: int, look: int) -> None:
        self._stall_timer = self._loop.call_later(
            self._answer_seconds / LOOKS, self._check_writing, taken, look
        )

    def _check_writing(self, taken: int, look: int) -> None:
        self._stall_timer = None
        if self.get_write_buffer_size() == 0:
            return
        if self._taken() > taken:
            self.watch_writing()
        elif look == LOOKS:
            self.cut("it takes nothing of its answer")
        else:
            self._look_again(taken, look + 1)

    def _taken(self) -> int:
        return self._written - self.get_write_buffer_size()

    def is_closing(self) -> bool:
        return self.is_closed_here or self._transport.is_closing()

    def abort(self) -> None:
        """Close at once and leave no trace in the log."""
        self.is_closed_here = True
        self._transport.abort()

    def pause_reading(self) -> None:
        # The rest of a request that is answered is read whoever waits for what.
        if not self.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)
