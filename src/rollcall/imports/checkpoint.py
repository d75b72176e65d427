"""Where reading a file can go on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Checkpoint:
    """A byte of the file at which a record begins, and the number of the row before it."""

    row: int
    offset: int


START = Checkpoint(row=0, offset=0)
