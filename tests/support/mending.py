"""The child's jobs on a file, without its process and without a database."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from rollcall.imports.checkpoint import START
from rollcall.imports.column_map import ColumnMap
from rollcall.imports.issues import Failure, FailureCode
from rollcall.imports.mapping.mapper import map_chunk
from rollcall.imports.mapping.plan import make_plan
from rollcall.imports.matching.header import match_header
from rollcall.imports.mending.jobs import Job
from rollcall.imports.mending.reader import FailedRows
from rollcall.imports.mending.rows_gone import as_text, pack_rows
from rollcall.imports.mending.rules import Rule
from rollcall.imports.reading.chunks import read_chunks
from rollcall.imports.reading.dialect import Dialect, Head
from rollcall.imports.reading.encoding import HEAD_BYTES
from rollcall.imports.reading.evidence import detect_encoding

OF_RECORD = (FailureCode.UNTERMINATED_QUOTE, FailureCode.VALUE_TOO_LONG)


class FailedFile:
    """A file that was imported, and the rows of it that failed."""

    def __init__(self, data: bytes, column_map: dict[str, Any] | None = None):
        self.data = data
        head = Head(
            data=data[:HEAD_BYTES],
            complete=len(data) <= HEAD_BYTES,
            encoding=detect_encoding(data, complete=True),
        )
        asked = None if column_map is None else ColumnMap.model_validate(column_map)
        self.dialect, self.column_map = match_header(head, asked)
        self.failures = failures_of(data, self.dialect, self.column_map)

    def job(
        self,
        kind: type[Any],
        *,
        rules: Iterable[Rule] = (),
        gone: Iterable[int] = (),
        **order: Any,
    ) -> Job:
        """Return a job that is not fed yet."""
        order |= {
            "dialect": self.dialect.as_json(),
            "column_map": self.column_map.model_dump(mode="json"),
            "rules": [rule.as_json() for rule in rules],
            "gone": [as_text(pack_rows(gone))],
        }
        file: io.BufferedReader = io.BufferedReader(io.BytesIO(self.data))
        job: Job = kind(FailedRows(file, order, START), order)
        return job

    def ask(
        self, kind: type[Any], edits: Sequence[tuple[int, int, int, str]] = (), **order: Any
    ) -> tuple[list[Any], bytes, Any]:
        """Return what a job says of all failed rows, told one by one, and of all in the end."""
        job = self.job(kind, **order)
        said, data = [], b""
        for failure in self.failures:
            of_record = failure.column is None and failure.code in OF_RECORD
            code = failure.code if of_record else None
            of_row = [edit for edit in edits if edit[0] == failure.row]
            answer = job.take({"rows": [[failure.row, code]], "edits": of_row})
            said.append(answer[0])
            data += answer[1]
        return said, data, job.end()


def failures_of(data: bytes, dialect: Dialect, column_map: ColumnMap) -> list[Failure]:
    """Return what the engine says of a file."""
    plan = make_plan(column_map, dialect.header)
    file: io.BufferedReader = io.BufferedReader(io.BytesIO(data))
    chunks = read_chunks(file, dialect, skip_to_row=0)
    return [failure for chunk in chunks for failure in map_chunk(chunk, plan).failures]
