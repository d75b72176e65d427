"""How much memory a conversion may have, looked at now and then while it still has some."""

from __future__ import annotations

import resource
from pathlib import Path

from rollcall.imports.formats.protocol import FileTooLarge

# Linux has it, and macOS has not.
STATUS = Path("/proc/self/statm")
MAX_BYTES = 512 * 1024 * 1024


def check_memory() -> None:
    """Check that this process has not grown too large.

    Raises:
        TooLarge: it has.
    """
    if _resident_bytes() > MAX_BYTES:
        raise not_enough()


def not_enough() -> FileTooLarge:
    return FileTooLarge("needs more memory than this server gives to read one file.")


def _resident_bytes() -> int:
    if STATUS.exists():
        # What `getrusage` says includes what the parent had.
        return int(STATUS.read_bytes().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
