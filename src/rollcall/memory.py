"""How the C library's allocator keeps what a process has freed."""

from __future__ import annotations

import ctypes

# Options of mallopt(3), by their numbers in glibc's <malloc.h>.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
MEBIBYTE = 1024 * 1024


def give_memory_back() -> None:
    """Have freed memory returned to the system; call it before there are threads.

    By default each new thread gets a heap of its own, and what batches leave there stays: a worker
    that had 270 MB with its first import had 370 MB with its fifth. Other C libraries than
    glibc have no such options and are left alone.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_TRIM_THRESHOLD, 64 * MEBIBYTE)
        mallopt(M_MMAP_THRESHOLD, MEBIBYTE)
