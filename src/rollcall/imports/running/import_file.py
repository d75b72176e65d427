"""The stored file of an import, as its run reads it: looked for patiently, and watched."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from rollcall.imports.running.claims import Claim
from rollcall.storage.objects import Storage
from rollcall.storage.stored_file import Expected, StorageError, WaitClock

# That a file is gone is believed when it was looked for so often, so many seconds apart.
LOOKS = 3
LOOK_SECONDS = 0.5
# A thread that has waited so many seconds for the storage is not waited for when a run ends. A
# read takes milliseconds, and from a bucket some tenths of a second.
STUCK_SECONDS = 2.0


class FileMissing(Exception):
    """The storage is the right one, and has no such file, time after time."""


@dataclass(kw_only=True)
class ImportFile:
    """Opens and watches the file of a claimed import.

    Args:
        storage: where it is.
        claim: of the import.
        find_problem: tells what is wrong with the storage as a whole, if anything.
        patience: how many seconds one read may take.
        stop: when it is set, nothing is looked for again.
    """

    storage: Storage
    claim: Claim
    find_problem: Callable[[], str | None]
    patience: float
    stop: threading.Event
    _clock: WaitClock = field(default_factory=WaitClock)

    def open(self, offset: int = 0) -> io.BufferedReader:
        """Open it from a byte on, from the thread that is watched.

        Raises:
            FileMissing: it is not there.
            FileDamaged: it is not what was stored.
            StorageError: it cannot be read now.
        """
        expected = Expected(size=self.claim.size, crc32=self.claim.crc32)
        for _ in range(LOOKS):
            try:
                return self.storage.open(self.claim.object_key, offset, expected, self._clock)
            except FileNotFoundError:
                # An empty folder where a volume should be has none of the files either.
                if problem := self.find_problem():
                    raise StorageError(problem) from None
                self.stop.wait(LOOK_SECONDS)
        raise FileMissing(FileMissing.__doc__)

    @property
    def is_stuck(self) -> bool:
        """Whether the storage is waited for right now, for longer than is usual."""
        return self._clock.seconds > STUCK_SECONDS

    def check(self) -> None:
        """Look from another thread whether the storage still answers.

        Raises:
            StorageError: it was waited for in vain.
        """
        if self._clock.seconds > self.patience:
            raise StorageError(f"The storage has not answered for {self.patience:g} s.")
