"""The process that reads a zip or a workbook and writes CSV to its output.

What a stranger has packed can ask for any amount of time and memory, and no check beforehand
finds all the ways. So it is read where it can have only so much of both, and where nothing else
is. The API talks to it as `convert` says.
"""

from __future__ import annotations

import io
import json
import os
import resource
import struct
import sys
import zipfile
import zlib

from rollcall.imports.formats.child.archive import write_csv
from rollcall.imports.formats.child.heads import read_heads
from rollcall.imports.formats.child.limits import MAX_BYTES, check_memory, not_enough
from rollcall.imports.formats.child.workbook import Sheet, Workbook
from rollcall.imports.formats.protocol import (
    EXIT_CUT_OFF,
    EXIT_REFUSED,
    EXIT_TOO_LARGE,
    SHEETS,
    FileCutOff,
    FileRefused,
    FileTooLarge,
)

# The last resort, for what takes all of it before anybody looks. Python does not always find
# its way out of that, and goes on until its time is up.
ADDRESS_SPACE_BYTES = 2 * MAX_BYTES

# What `zipfile` raises when an archive is not what it should be.
DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, struct.error, UnicodeError, NotImplementedError,
)  # fmt: skip


def main() -> None:
    """Convert; the exit status and a line on the error output say how it ended."""
    descriptor, max_bytes, seconds = map(int, sys.argv[1:])
    _limit(seconds)
    output = sys.stdout.buffer
    try:
        with io.FileIO(descriptor) as packed:
            write_csv(packed, output.write, max_bytes, watch=check_memory, choose=_ask)
        output.flush()
    except FileCutOff as error:
        _end(EXIT_CUT_OFF, str(error))
    except FileRefused as error:
        _end(EXIT_REFUSED, str(error))
    except FileTooLarge as error:
        _end(EXIT_TOO_LARGE, str(error))
    except MemoryError:
        _end(EXIT_TOO_LARGE, str(not_enough()))
    except DAMAGED as error:
        _end(EXIT_REFUSED, f"is a zip archive or workbook that is damaged or cut off: {error}.")
    except BrokenPipeError:
        # The API has no more use for it.
        os._exit(1)


def _ask(workbook: Workbook) -> Sheet:
    """Say what is in a workbook, and hear which of its sheets is wanted."""
    heads = read_heads(workbook)
    sys.stdout.buffer.write(b"%s %d\n%s" % (SHEETS, len(heads), heads))
    sys.stdout.buffer.flush()
    answer = sys.stdin.readline()
    if not answer:
        # Nobody wants to know more.
        os._exit(0)
    return workbook.sheets[int(answer)]


def _limit(seconds: int) -> None:
    os.nice(10)
    limits = {resource.RLIMIT_CPU: seconds, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    if sys.platform == "linux":
        limits[resource.RLIMIT_AS] = ADDRESS_SPACE_BYTES
    for limit, most in limits.items():
        _, hard = resource.getrlimit(limit)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (allowed, allowed))


def _end(status: int, message: str) -> None:
    sys.stderr.write(json.dumps(message))
    sys.stderr.flush()
    # Nothing that is still in a buffer is of use to anybody.
    os._exit(status)


if __name__ == "__main__":
    main()
