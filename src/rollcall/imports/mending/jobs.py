"""What the child is asked for. Each job is fed with failed rows and answers for them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Any, Protocol

from rollcall.formulas import neutralise
from rollcall.imports.column_map import BOM
from rollcall.imports.column_names import FAILED_WHY
from rollcall.imports.failures.file_child import LONE_SURROGATE
from rollcall.imports.issues import Failure, shorten
from rollcall.imports.mending.checks import fits, problems, read_cell
from rollcall.imports.mending.reader import FailedRows, ReadRow
from rollcall.imports.mending.rows_gone import RowSet, as_text, from_text, pack_rows
from rollcall.imports.mending.rules import FailedRow, Rule, compile_rule
from rollcall.imports.reading.encoding import storable
from rollcall.imports.sentences import explain_failure
from rollcall.text import strip_cell

# How much of a cell goes to a page. What is longer is seen in part, and edited in the file.
SHOWN_CHARACTERS = 2000
# So many different values of a column are counted; the rows of further ones are counted together.
MAX_VALUES = 10_000
MAX_VALUE_CHARACTERS = 300
LISTED_VALUES = 200
EXAMPLES = 3
MAX_DIGITS = 16


class Job(Protocol):
    """Takes failed rows in ascending order, and says something of them."""

    def take(self, feed: dict[str, Any]) -> tuple[Any, bytes]:
        """Return what there is to say of these rows, as JSON and as bytes."""

    def end(self) -> Any:
        """Return what there is to say of all."""


class RowsJob:
    """Answers with the rows that are looked for, and their cells.

    In the order: `state` is `open`, `mended` or `all`; `code` and `column`, an index, may be of the
    failure that is looked for; `shown` are the columns whose cells are wanted.
    """

    def __init__(self, rows: FailedRows, order: dict[str, Any]):
        self._rows = rows
        self._state = order["state"]
        self._code, self._column = order.get("code"), order.get("column")
        self._shown: list[int] = order["shown"]

    def take(self, feed: dict[str, Any]) -> tuple[Any, bytes]:
        found = []
        for _, rows in self._rows.read(feed):
            said = self._rows.judge([each.now for each in rows])
            pairs = zip(rows, said, strict=True)
            found += [
                self._show(row, failure) for row, failure in pairs if self._is_sought(failure)
            ]
        return found, b""

    def end(self) -> Any:
        return None

    def _is_sought(self, failure: Failure | None) -> bool:
        if self._state != "all" and (failure is None) != (self._state == "mended"):
            return False
        if self._code is None:
            return True
        index = failure and self._rows.layout.index_of(failure.column)
        return failure is not None and (failure.code, index) == (self._code, self._column)

    def _show(self, row: ReadRow, failure: Failure | None) -> dict[str, Any]:
        cells, layout = row.now.cells, self._rows.layout
        surplus = range(layout.width, len(cells))
        record = layout.record(row.now.row, cells)
        return {
            "row": row.now.row,
            "cells": {at: _show_cell(cells[at]) for at in [*self._shown, *surplus]},
            "failure": failure and show_failure(failure, layout.index_of(failure.column)),
            "problems": {
                _index_before(problem.column, layout.width, layout.plan.width): problem.code
                for problem in reversed(list(problems(self._rows.plan, record)))
            },
            "edited": sorted(set(row.edited)),
            "changed": [at for at, cell in enumerate(row.before) if cells[at : at + 1] != [cell]],
            "is_lost": failure is not None and not any(row.before),
        }


def _index_before(index: int | None, width: int, mended_width: int) -> int | None:
    """Return the index that a cell of a mended row has in the first file."""
    return index if index is None or index < width else index - (mended_width - width)


def _show_cell(cell: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"text": storable(cell[:SHOWN_CHARACTERS])}
    if len(cell) > SHOWN_CHARACTERS:
        shown["length"] = len(cell)
    return shown


def show_failure(failure: Failure, index: int | None) -> dict[str, Any]:
    """Return a failure as a page needs it."""
    return {
        "code": failure.code,
        "column": index,
        "message": explain_failure(failure.code, failure.column, failure.value),
    }


class ValuesJob:
    """Counts the values of a column that do not fit it; `column` in the order is its index."""

    def __init__(self, rows: FailedRows, order: dict[str, Any]):
        self._rows = rows
        self._column: int = order["column"]
        self._targets = rows.around.targets(self._column)
        self._times: Counter[str] = Counter()
        self._others = 0

    def take(self, feed: dict[str, Any]) -> tuple[Any, bytes]:
        for _, rows in self._rows.read(feed):
            for each in rows:
                # In a row with too many cells, what stands here belongs elsewhere.
                if not any(map(strip_cell, each.now.cells[self._rows.layout.width :])):
                    self._count(read_cell(each.now.cells[self._column]))
        return None, b""

    def _count(self, value: str) -> None:
        if all(fits(target, value) for target in self._targets):
            return
        is_new = value not in self._times
        if len(value) > MAX_VALUE_CHARACTERS or (is_new and len(self._times) >= MAX_VALUES):
            self._others += 1
        else:
            self._times[value] += 1

    def end(self) -> Any:
        # In one order, so that a page that is loaded again is the same.
        listed = sorted(self._times.items(), key=lambda each: (-each[1], each[0]))
        shown = [(value, times) for value, times in listed if value == storable(value)]
        return {
            "values": shown[:LISTED_VALUES],
            "distinct": len(self._times),
            "rows": self._times.total() + self._others,
            "others": self._times.total() + self._others
            - sum(times for _, times in shown[:LISTED_VALUES]),
        }  # fmt: skip


class TryJob:
    """Tells what a `rule` would do: how many cells it changes, and how many rows it mends."""

    def __init__(self, rows: FailedRows, order: dict[str, Any]):
        self._rows = rows
        self._rule = Rule.from_json(order["rule"])
        self._apply = compile_rule(self._rule, rows.around)
        self._changed = self._mended = self._broken = 0
        self._examples: list[tuple[str, str]] = []

    def take(self, feed: dict[str, Any]) -> tuple[Any, bytes]:
        for _, rows in self._rows.read(feed):
            tried = [(each.now, self._try(each.now)) for each in rows]
            changed = [(was, now) for was, now in tried if now is not None]
            before = self._rows.judge([was for was, _ in changed])
            after = self._rows.judge([now for _, now in changed])
            self._changed += len(changed)
            for failed, fails in zip(before, after, strict=True):
                self._mended += failed is not None and fails is None
                self._broken += failed is None and fails is not None
        return None, b""

    def _try(self, row: FailedRow) -> FailedRow | None:
        tried = FailedRow(row.row, list(row.cells), row.code, row.is_released)
        self._apply(tried)
        if tried.cells == row.cells and tried.is_released == row.is_released:
            return None
        if len(self._examples) < EXAMPLES and self._rule.column is not None:
            pair = [storable(shorten(each.cells[self._rule.column], 60)) for each in (row, tried)]
            self._examples.append((pair[0], pair[1]))
        return tried

    def end(self) -> Any:
        return {
            "changed": self._changed,
            "mended": self._mended,
            "broken": self._broken,
            "examples": self._examples,
        }


class WriteJob:
    """Writes CSV: the mended rows, to be imported again, or those that still fail, with reasons.

    In the order, `state` is `mended` or `open`. The end has the rows that are written.
    """

    def __init__(self, rows: FailedRows, order: dict[str, Any]):
        self._rows = rows
        self._is_open = order["state"] == "open"
        self._text = io.StringIO()
        self._csv = csv.writer(self._text)
        self._written: list[int] = []
        layout = rows.layout
        header = list(layout.header)
        if self._is_open:
            self._text.write(BOM)
            self._with_reason = FAILED_WHY not in {each.column for each in rows.plan.targets}
            self._why_column = header.index(FAILED_WHY) if FAILED_WHY in header else len(header)
            header = self._with_why(header, FAILED_WHY)
            header = [neutralise(name) for name in header]
        self._csv.writerow(header)

    def _with_why(self, record: list[str], why: str) -> list[str]:
        if not self._with_reason:
            return record
        width = self._rows.plan.width
        is_there = self._why_column < width
        record[self._why_column : self._why_column + is_there] = [why]
        return record

    def take(self, feed: dict[str, Any]) -> tuple[Any, bytes]:
        for _, rows in self._rows.read(feed):
            said = self._rows.judge([each.now for each in rows])
            for each, failure in zip(rows, said, strict=True):
                if (failure is not None) == self._is_open:
                    self._write(each.now, failure)
        return None, self._take()

    def _write(self, row: FailedRow, failure: Failure | None) -> None:
        record = self._rows.layout.record(row.row, row.cells)
        if failure is None:
            self._csv.writerow(record)
        else:
            why = explain_failure(failure.code, failure.column, failure.value)
            self._csv.writerow([neutralise(cell) for cell in self._with_why(record, why)])
        self._written.append(row.row)

    def _take(self) -> bytes:
        text = self._text.getvalue()
        self._text.seek(0)
        self._text.truncate()
        return _encode(text)

    def end(self) -> Any:
        return {"count": len(self._written), "rows": as_text(pack_rows(self._written))}


class NumbersJob:
    """Tells which failed rows have come back in a file, by the numbers in it.

    In the order, `row_column` is the index of the column that has them.
    """

    def __init__(self, rows: FailedRows, order: dict[str, Any]):
        column: int = order["row_column"]
        cells = (
            read_cell(record[column])
            for chunk in rows.chunks()
            for record in chunk.records
            if column < len(record)
        )
        self._there = {int(cell) for cell in cells if cell.isdecimal() and len(cell) < MAX_DIGITS}
        self._gone = order["was_gone"] and RowSet(map(from_text, order["was_gone"]))
        self._found: list[int] = []

    def take(self, feed: dict[str, Any]) -> tuple[Any, bytes]:
        for row, _ in feed["rows"]:
            if row in self._there and not (self._gone and self._gone.has(row)):
                self._found.append(row)
        return None, b""

    def end(self) -> Any:
        return {"count": len(self._found), "rows": as_text(pack_rows(self._found))}


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Nobody looks at the cells that they stand in, or their row fails.
        return LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text).encode()
