"""The failed rows with their cells, read from the stored file once more; and what the engine says.

For the child: it loads what reads records.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rollcall.imports.checkpoint import START, Checkpoint
from rollcall.imports.issues import Failure, FailureCode
from rollcall.imports.mapping.mapper import map_chunk
from rollcall.imports.mending.layout import Layout, checking
from rollcall.imports.mending.rows_gone import RowSet, from_text
from rollcall.imports.mending.rules import FailedRow, Rule, Surroundings, compile_rule
from rollcall.imports.reading.chunks import Chunk, read_chunks
from rollcall.imports.reading.dialect import Dialect
from rollcall.imports.reading.encoding import is_exact
from rollcall.imports.reading.records import ParsedRecords
from rollcall.text import strip_cell

# Records may have twice as many, and quotes are doubled when they are written again.
MAX_RECORD_CHARACTERS = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What somebody has typed into a cell, and the number of that change."""

    column: int
    change: int
    value: str


@dataclass(frozen=True, kw_only=True)
class ReadRow:
    """A failed row as it stood, as it stands now, and the columns that somebody has typed into."""

    before: list[str]
    now: FailedRow
    edited: list[int] = field(default_factory=list)


class FailedRows:
    """Reads failed rows from a file, in ascending order.

    Args:
        file: the stored file, from the place `start` on.
        order: the `dialect`, `column_map`, `rules` and the rows that are `gone`, as JSON has them.
        start: where the file was opened.
    """

    def __init__(self, file: io.BufferedReader, order: dict[str, Any], start: Checkpoint):
        self._dialect = Dialect.from_json(order["dialect"])
        self.layout = Layout.of(order["dialect"], order["column_map"])
        self.plan = checking(self.layout.plan)
        self.around = Surroundings(
            plan=self.plan,
            width=self.layout.width,
            delimiter=self._dialect.delimiter,
            encoding=self._dialect.encoding,
        )
        rules = [Rule.from_json(each) for each in order["rules"]]
        self._rules = [(rule.id, compile_rule(rule, self.around)) for rule in rules]
        self._gone = RowSet(map(from_text, order["gone"]))
        self._is_exact = is_exact(self._dialect.encoding)
        skip = max(self._dialect.header_row, start.row)
        self._chunks = read_chunks(file, self._dialect, skip_to_row=skip, start=start)
        self._chunk = Chunk(first_row=0, last_row=0, start=START, resume=START, records=_none())
        self._cells_of_failed: dict[int, list[str]] = {}

    def read(self, feed: dict[str, Any]) -> Iterator[tuple[Checkpoint, list[ReadRow]]]:
        """Yield failed rows that are not gone: those of one chunk at a time, and where it begins.

        Args:
            feed: `rows`, pairs of the number and, where the record as such has failed and not one
                of its cells, the code; and the `edits` of their cells.
        """
        edits: dict[int, list[Edit]] = {}
        for row, column, change, value in feed["edits"]:
            edits.setdefault(row, []).append(Edit(column=column, change=change, value=value))
        found: list[ReadRow] = []
        for row, code in feed["rows"]:
            if self._gone.has(row):
                continue
            if row > self._chunk.last_row:
                if found:
                    yield self._place(), found
                    found = []
                self._advance(row)
            found.append(self._mended(row, code, edits.get(row, [])))
        if found:
            yield self._place(), found

    def chunks(self) -> Iterator[Chunk]:
        """Yield all that comes, whether it has failed or not."""
        return self._chunks

    def judge(self, rows: Sequence[FailedRow]) -> list[Failure | None]:
        """Return what the engine says of each row now: why it fails, or None."""
        records = ParsedRecords(self.layout.record(each.row, each.cells) for each in rows)
        chunk = Chunk(
            first_row=0, last_row=len(rows) - 1, start=START, resume=START, records=records
        )
        said: list[Failure | None] = [None] * len(rows)
        for failure in map_chunk(chunk, self.plan).failures if records else ():
            said[failure.row] = failure
        for at, each in enumerate(rows):
            said[at] = self._of_record(each) or said[at]
        return said

    def _of_record(self, row: FailedRow) -> Failure | None:
        if row.code is not None and not row.is_released:
            return Failure(row.row, None, row.code)
        if sum(map(len, row.cells)) > MAX_RECORD_CHARACTERS:
            return Failure(row.row, None, FailureCode.VALUE_TOO_LONG)
        if not any(map(strip_cell, row.cells)):
            return Failure(row.row, self.plan.targets[0].column, FailureCode.MISSING_EMAIL)
        return None

    def _advance(self, row: int) -> None:
        while row > self._chunk.last_row:
            self._chunk = next(self._chunks)
        self._cells_of_failed = {each.row: each.cells for each in self._chunk.failures}

    def _place(self) -> Checkpoint:
        return self._chunk.start if self._is_exact else START

    def _mended(self, row: int, code: str | None, edits: list[Edit]) -> ReadRow:
        cells = self._cells_of_failed.get(row)
        if cells is None:
            cells = self._chunk.records[row - self._chunk.first_row]
        before = [*cells, *[""] * (self.layout.width - len(cells))]
        now = FailedRow(row, list(before), code)
        self._apply(now, edits)
        return ReadRow(before=before, now=now, edited=[each.column for each in edits])

    def _apply(self, now: FailedRow, edits: list[Edit]) -> None:
        """Apply all changes in the order in which they were made."""
        waiting = sorted(edits, key=lambda each: each.change)
        for change, apply in self._rules:
            while waiting and waiting[0].change < change:
                _type(now, waiting.pop(0))
            apply(now)
        for edit in waiting:
            _type(now, edit)


def _type(now: FailedRow, edit: Edit) -> None:
    while edit.column >= len(now.cells):
        now.cells.append("")
    now.cells[edit.column] = edit.value
    now.is_released = True


def _none() -> ParsedRecords:
    return ParsedRecords()
