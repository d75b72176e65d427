"""The process that reads a zip or a workbook from its input and writes CSV to its output.

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

from rollcall.imports.formats.archive import write_csv
from rollcall.imports.formats.memory import MAX_BYTES, check_memory, not_enough
from rollcall.imports.formats.refusals import REFUSED, TOO_LARGE, Refused, TooLarge

# The last resort, for what takes all of it before anybody looks. Python does not always find
# its way out of that, and goes on until its time is up.
ADDRESS_SPACE_BYTES = 2 * MAX_BYTES

# What `zipfile` raises when an archive is not what it should be.
DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, struct.error, UnicodeError, NotImplementedError,
)  # fmt: skip


def main() -> None:
    """Convert; the exit status and a line on the error output say how it ended."""
    max_bytes, seconds = map(int, sys.argv[1:])
    _limit(seconds)
    try:
        with io.FileIO(sys.stdin.fileno(), closefd=False) as packed:
            write_csv(packed, sys.stdout.buffer.write, max_bytes, check_memory)
        sys.stdout.buffer.flush()
    except Refused as error:
        _end(REFUSED, str(error))
    except TooLarge as error:
        _end(TOO_LARGE, str(error))
    except MemoryError:
        _end(TOO_LARGE, str(not_enough()))
    except DAMAGED as error:
        _end(REFUSED, f"is a zip archive or workbook that is damaged or cut off: {error}.")
    except BrokenPipeError:
        # The API has no more use for it.
        os._exit(1)


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
