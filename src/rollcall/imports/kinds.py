"""The words that an import's row is described with; they need no table."""

from __future__ import annotations

import enum

# What a worker has to understand of an import's row: its options and its dialect. It is raised with
# every change that a worker from before would not carry out, and none takes rows of a later format.
ROW_FORMAT = 1

# A file of this size is imported in a fraction of a second.
SMALL_BYTES = 1024 * 1024


class ImportStatus(enum.StrEnum):
    """Where an import is in its life."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


class ErrorCode(enum.StrEnum):
    """Why an import as a whole has failed, or has to be tried again."""

    FILE_MISSING = "file_missing"
    FILE_DAMAGED = "file_damaged"
    UNREADABLE_FILE = "unreadable_file"
    WORKER_CRASHED = "worker_crashed"
    DATABASE_ERROR = "database_error"
    STORAGE_ERROR = "storage_error"
    INTERNAL_ERROR = "internal_error"
    CANCELLED = "cancelled"


class OnConflict(enum.StrEnum):
    """What happens to a contact that is stored already."""

    UPSERT = "upsert"
    SKIP = "skip"


class AutomaticMap(enum.StrEnum):
    """What stands in the place of a column map that is to be found out."""

    AUTO = "auto"


class Lane(enum.StrEnum):
    """Small files wait for small files only, and for a large dry run only large dry runs do.

    A dry run cannot give way to others: its copies of the tables would be lost with its connection.
    """

    SMALL = "small"
    LARGE = "large"
    DRY_RUN = "dry_run"

    @classmethod
    def of(cls, size: int, *, dry_run: bool) -> Lane:
        """Return the lane of a file of `size` bytes."""
        if size <= SMALL_BYTES:
            return cls.SMALL
        return cls.DRY_RUN if dry_run else cls.LARGE
