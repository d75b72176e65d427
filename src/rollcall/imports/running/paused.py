"""The addresses of the earlier rows of imports that wait for their next turn."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict

from rollcall.imports.batching.seen import SeenEmails

MAX_PAUSED = 4


class PausedEmails:
    """The sets of a few imports that wait for their next turn, so that no file is read again.

    An import that is not among them has its file read again up to where it goes on.
    """

    def __init__(self) -> None:
        self._sets: OrderedDict[uuid.UUID, SeenEmails] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, import_id: uuid.UUID, seen: SeenEmails) -> None:
        """Keep a set until the import's next turn; the oldest one gives way."""
        with self._lock:
            self._sets[import_id] = seen
            while len(self._sets) > MAX_PAUSED:
                self._sets.popitem(last=False)

    def take(self, import_id: uuid.UUID, position: int, in_flight: int) -> SeenEmails:
        """Return the set of an import that goes on behind a row; an empty one if it is not here.

        Args:
            import_id: of the import.
            position: the last row that is done.
            in_flight: how many batches of it may be added before the first of them is committed.
        """
        with self._lock:
            seen = self._sets.pop(import_id, None)
        return seen if seen and seen.rewind(position) else SeenEmails(in_flight)
