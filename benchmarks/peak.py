"""The most memory that a process has had."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Self

import psutil

SAMPLE_SECONDS = 0.03
HIGH_WATER = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


class PeakMemory:
    """Samples the resident memory of a process some thirty times a second, from a thread.

    On Linux the kernel itself keeps the high-water mark since the process began, which misses
    nothing between two samples and is the larger number if there are two.
    """

    def __init__(self, pid: int):
        self._process = psutil.Process(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="peak-memory", daemon=True)
        self._bytes = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        status = Path(f"/proc/{self._process.pid}/status")
        if status.exists() and (found := HIGH_WATER.search(status.read_text())):
            self._bytes = max(self._bytes, int(found[1]) * 1024)

    @property
    def megabytes(self) -> float:
        """The peak in MB of 1,000,000 bytes, once the block has ended."""
        return self._bytes / 1e6

    def _sample(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self._bytes = max(self._bytes, self._process.memory_info().rss)
