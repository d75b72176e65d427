"""A circuit breaker: not everybody waits for what is away."""

from __future__ import annotations

import time


class Circuit:
    """Lets all through while what is behind it works, else one at a time to see whether it does.

    Args:
        pause: seconds between one attempt and the next while it does not work.
    """

    def __init__(self, pause: float):
        self._pause = pause
        self._is_open = False
        self._next_attempt = 0.0
        self._silent_until = 0.0

    def lets_through(self) -> bool:
        """Tell whether an attempt may be made now; whoever is told so has to make it."""
        now = time.monotonic()
        if not self._is_open:
            return True
        if now < self._next_attempt:
            return False
        self._next_attempt = now + self._pause
        return True

    def succeeded(self) -> None:
        """Note that an attempt went well."""
        self._is_open = False

    def failed(self) -> bool:
        """Note that an attempt failed; tell whether to log it, which is once in a pause."""
        now = time.monotonic()
        self._is_open = True
        self._next_attempt = now + self._pause
        if now < self._silent_until:
            return False
        self._silent_until = now + self._pause
        return True
