"""Packed files as the child process converts them, without the process."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import tempfile
from typing import Any

from rollcall.imports.formats.child.archive import write_csv
from rollcall.imports.formats.child.heads import read_heads
from rollcall.imports.formats.child.workbook import Choose, Sheet, Workbook


def first_seen(book: Workbook) -> Sheet:
    """Choose the first sheet that is not hidden, or else the first."""
    return next((sheet for sheet in book.sheets if sheet.number is not None), book.sheets[0])


def convert(packed: bytes, max_bytes: int = 1_000_000, choose: Choose = first_seen) -> bytes:
    """Return what is written of a packed file."""
    written = io.BytesIO()
    with tempfile.TemporaryFile(buffering=0) as source:
        source.write(packed)
        write_csv(source, written.write, max_bytes, watch=lambda: None, choose=choose)
    return written.getvalue()


def records(packed: bytes, choose: Choose = first_seen) -> list[list[str]]:
    """Return the records of a sheet of a workbook."""
    text = convert(packed, choose=choose).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


class _Known(Exception):
    """Enough is known, and nothing needs to be converted."""


def heads(packed: bytes, max_bytes: int = 1_000_000) -> list[dict[str, Any]]:
    """Return what is said of the sheets of a workbook."""
    said: list[dict[str, Any]] = []

    def choose(book: Workbook) -> Sheet:
        said.extend(json.loads(read_heads(book)))
        raise _Known

    with contextlib.suppress(_Known):
        convert(packed, max_bytes, choose)
    return said
