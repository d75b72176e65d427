"""A file that tells how much of it was read, for an upload that streams from the disk."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import BinaryIO

from rollcall.client.errors import ClientError


class MeasuredFile:
    """A file of the size that it had when it was opened.

    The size of an upload is announced before it begins, so a file that grows is read up to there.
    With a `limit` it ends after so many bytes.
    """

    def __init__(self, file: BinaryIO, on_read: Callable[[int], None], limit: int | None = None):
        self._file = file
        self._on_read = on_read
        size = os.fstat(file.fileno()).st_size
        self._size = size if limit is None else min(size, limit)
        self._position = 0

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = self._file.seek(start + offset)
        return self._position

    def read(self, size: int) -> bytes:
        """Return the next bytes, nothing at the end.

        Raises:
            ClientError: the file is shorter than it was.
        """
        data = self._file.read(min(size, self._size - self._position))
        if not data and self._position < self._size:
            raise ClientError("The file has become shorter while it was uploaded.")
        self._position += len(data)
        self._on_read(self._position)
        return data
