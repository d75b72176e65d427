"""How much of a file tells what its columns are."""

from __future__ import annotations

import os
from typing import BinaryIO

MEBIBYTE = 1024 * 1024
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
# Programs write a byte order mark, or worse, before a workbook.
BEFORE_ZIP = 1024


def beginning_size(file: BinaryIO) -> int:
    """Return how many bytes of a file, from its first on, have to be sent for a preview.

    The server looks at one MiB of CSV. Packed, that is at most a little more; the directory of a
    ZIP, which workbooks are as well, stands at its end.
    """
    size = os.fstat(file.fileno()).st_size
    first = file.read(BEFORE_ZIP + len(ZIP))
    file.seek(0)
    if ZIP in first:
        return size
    return min(size, 2 * MEBIBYTE if first.startswith(GZIP) else MEBIBYTE)
