"""Reading a stored file as a stream that ends where the file that was stored did, or with an error.

A folder's file can be cut, filled up or replaced while it is read, and so can a bucket's object.
Whoever reads a stream cannot tell that from its end, so here it is an error.
"""

from __future__ import annotations

import contextlib
import io
import os
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import obstore
from obstore.exceptions import BaseError, PreconditionError

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import ObjectStore

READ_SIZE = 1024 * 1024
# A request each: large enough that its way to the bucket costs little, small enough that one
# which is broken off costs little too.
REQUEST_SIZE = 4 * 1024 * 1024
CLOSED = (
    "The folder for uploads is closed to the user that Rollcall runs as, number {user}. It needs"
    " the right to read, write and search the folder of ROLLCALL_STORAGE_URL and all in it, and to"
    " search those above it."
)


class StorageError(Exception):
    """The storage is not available right now; `reason` is for the log, and not for a client."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class StorageNotSetUp(StorageError):
    """The storage for uploaded files is not set up right. Somebody who runs this has to look."""


class FileDamaged(Exception):
    """The stored file is not what was stored: its size or its content has changed."""


class WaitClock:
    """Tells, from any thread, how long one thread has been waiting for the storage."""

    def __init__(self) -> None:
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        """How long it has been waiting by now; 0 while it does something else."""
        since = self._since
        return 0.0 if since is None else time.monotonic() - since

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Count the time of this block as waiting."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._since = None


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a stored file should be: its bytes, and their CRC-32; None where that is not known."""

    size: int | None = None
    crc32: int | None = None


ANYTHING = Expected()


class Source(Protocol):
    """A stored file that can be read from any byte on."""

    def size(self) -> int: ...
    def read(self, offset: int, size: int) -> bytes: ...
    def close(self) -> None: ...


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Raise what a storage raises as one of four: not there, damaged, closed to us, all else.

    Raises:
        FileNotFoundError: there is no such object.
        FileDamaged: it was replaced since its size was asked for.
        StorageNotSetUp: it does not let us in.
        StorageError: anything else.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except PreconditionError as error:
        raise FileDamaged("The stored file was replaced while it was read.") from error
    except PermissionError as error:
        raise StorageNotSetUp(CLOSED.format(user=os.geteuid())) from error
    except (BaseError, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise StorageError(f"{type(error).__name__}: {reason}") from error


class FolderSource:
    """A file in a folder. Read by system calls, because a call more tells where it ends."""

    def __init__(self, path: Path):
        self._file = path.open("rb", buffering=0)

    def size(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    def read(self, offset: int, size: int) -> bytes:
        return os.pread(self._file.fileno(), min(size, READ_SIZE), offset)

    def close(self) -> None:
        self._file.close()


class BucketSource:
    """An object in a bucket, read by requests of a bounded size, and all of the same version."""

    def __init__(self, store: ObjectStore, key: str):
        self._store = store
        self._key = key
        self._meta = obstore.head(store, key)

    def size(self) -> int:
        return self._meta["size"]

    def read(self, offset: int, size: int) -> bytes:
        options: GetOptions = {"range": (offset, offset + min(size, REQUEST_SIZE))}
        if self._meta["e_tag"]:
            options["if_match"] = self._meta["e_tag"]
        return bytes(obstore.get(self._store, self._key, options=options).bytes())

    def close(self) -> None:
        """Nothing is kept open."""


class StoredFile(io.RawIOBase):
    """A stored file from a byte on: exactly as many bytes as are expected, or FileDamaged."""

    def __init__(self, source: Source, offset: int, expected: Expected, clock: WaitClock):
        self._source = source
        self._clock = clock
        self._at = offset
        # Only who reads all of it can tell whether all of it is the same.
        self._crc32 = expected.crc32 if offset == 0 else None
        self._sum = 0
        self._rest = memoryview(b"")
        with self._storage():
            found = source.size()
        self._size = found if expected.size is None else expected.size
        if found != self._size or offset > found:
            self.close()
            raise FileDamaged(f"The stored file has {found} bytes, and {self._size} were stored.")

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        """Let go of the file at once, whoever may still hold this object."""
        if not self.closed:
            self._rest = memoryview(b"")
            self._source.close()
        super().close()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._rest:
            self._rest = memoryview(self._next())
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def _next(self) -> bytes:
        """Return the next bytes; none at the end, which is where it was when it was stored."""
        if self._at == self._size:
            self._check_end()
            return b""
        with self._storage():
            data = self._source.read(self._at, self._size - self._at)
        if not data:
            raise FileDamaged(f"The stored file ends at byte {self._at} of {self._size}.")
        self._at += len(data)
        if self._crc32 is not None:
            self._sum = zlib.crc32(data, self._sum)
        return data

    def _check_end(self) -> None:
        with self._storage():
            found = self._source.size()
        if found != self._size:
            raise FileDamaged(f"The stored file has {found} bytes, and {self._size} were stored.")
        if self._crc32 is not None and self._sum != self._crc32:
            raise FileDamaged("The content of the stored file is not what was stored.")

    @contextlib.contextmanager
    def _storage(self) -> Iterator[None]:
        with self._clock.running(), storage_errors():
            yield
