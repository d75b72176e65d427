"""The process that writes failures files: it reads the stored file once more, beside the failures.

To read records takes much memory and holds the interpreter for long, which would be felt by every
other request of an API process. Its input is a line of JSON that says what to read, then lines
with some failures each, in the order of their rows; its output is a segment of the file, not much
larger than it was asked for. The last line of its error output is an object of JSON: `reached` is
where the next one begins, or null where all is written; `away` is why the file cannot be read now.
`failures_file` talks to it.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rollcall.formulas import neutralise
from rollcall.imports.checkpoint import START, Checkpoint
from rollcall.imports.column_map import BOM
from rollcall.imports.column_names import FAILED_ROW, FAILED_WHY
from rollcall.imports.issues import Failure, FailureCode
from rollcall.imports.reading.chunks import Chunk, read_chunks
from rollcall.imports.reading.dialect import Dialect
from rollcall.imports.reading.encoding import is_exact
from rollcall.imports.reading.records import ParsedRecords
from rollcall.imports.sentences import explain_failure
from rollcall.storage.objects import Storage
from rollcall.storage.stored_file import Expected, FileDamaged, StorageError

BLOCK_CHARACTERS = 256 * 1024
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class SegmentStart:
    """Up to which row the failures are written, and a place in the file before the next ones."""

    row: int
    start: Checkpoint


FIRST = SegmentStart(row=0, start=START)


def main() -> None:
    """Write a segment of the file of the failures that come in."""
    try:
        end: dict[str, Any] = {"reached": _run()}
    except StorageError as error:
        end = {"away": error.reason}
    except (FileNotFoundError, FileDamaged) as error:
        # It was there and whole a moment ago. Who asks again is told what has become of it.
        end = {"away": f"{type(error).__name__}: {error}"}
    sys.stderr.write(f"\n{json.dumps(end)}")


def _run() -> dict[str, Any] | None:
    """Write the segment; return the checkpoint at its end, or None where all is written."""
    # Those who import and those who ask come first.
    os.nice(10)
    orders = sys.stdin.buffer
    order = json.loads(orders.readline())
    checkpoint = read_segment_start(order["checkpoint"])
    file = Storage(order["storage_url"]).open(
        order["key"], checkpoint.start.offset, Expected(size=order["size"])
    )
    dialect = Dialect.from_json(order["dialect"])
    writer = FailuresFileWriter(
        file, dialect, order["columns"], checkpoint, with_reasons=order["with_reasons"]
    )
    is_complete = _write_segment(writer, orders, order["max_bytes"])
    return None if is_complete else dataclasses.asdict(writer.checkpoint)


def read_segment_start(values: dict[str, Any]) -> SegmentStart:
    """Return a checkpoint that was turned into JSON."""
    return SegmentStart(row=values["row"], start=Checkpoint(**values["start"]))


def _write_segment(writer: FailuresFileWriter, lines: Iterable[bytes], max_bytes: int) -> bool:
    """Write failures until there are no more, or enough; say whether there are no more."""
    output = sys.stdout.buffer
    size = 0 if writer.checkpoint.row else output.write(writer.header())
    for line in lines:
        for block in writer.write([Failure(*fields) for fields in json.loads(line)]):
            size += output.write(block)
            if size >= max_bytes:
                return False
    return True


class FailuresFileWriter:
    """Writes failures beside the records they are about, which have to come in ascending order."""

    def __init__(
        self,
        file: io.BufferedReader,
        dialect: Dialect,
        columns: Collection[str],
        checkpoint: SegmentStart = FIRST,
        *,
        with_reasons: bool = True,
    ):
        """Write what comes after a checkpoint, at whose start the file was opened."""
        self._width = len(dialect.header)
        # A column that the map reads is the client's own, whatever it is called.
        ours = [name for name in (FAILED_ROW, FAILED_WHY) if name not in columns]
        self._added = ours if with_reasons else [name for name in ours if name != FAILED_WHY]
        # The file may be a failures file itself: its rows and reasons give way to the new ones.
        self._header = [name for name in dialect.header if name not in ours]
        self._kept = [at for at, name in enumerate(dialect.header) if name not in ours]
        self._row = checkpoint.row
        self._is_exact = is_exact(dialect.encoding)
        self._chunks = read_chunks(
            file,
            dialect,
            skip_to_row=max(dialect.header_row, checkpoint.row),
            start=checkpoint.start,
        )
        self._chunk = Chunk(
            first_row=0, last_row=0, start=START, resume=START, records=ParsedRecords()
        )
        self._cells_of_failed: dict[int, list[str]] = {}
        self._text = io.StringIO()
        self._csv = csv.writer(self._text)

    def header(self) -> bytes:
        """Return the file's beginning."""
        self._text.write(BOM)
        self._write(self._header + self._added)
        return self._take()

    @property
    def checkpoint(self) -> SegmentStart:
        """Where to go on behind what was written."""
        return SegmentStart(self._row, self._chunk.start if self._is_exact else START)

    def write(self, failures: Sequence[Failure]) -> Iterator[bytes]:
        """Yield the lines of these failures, in blocks."""
        for failure in failures:
            while failure.row > self._chunk.last_row:
                self._chunk = next(self._chunks)
                self._cells_of_failed = {each.row: each.cells for each in self._chunk.failures}
            self._write_failure(failure)
            self._row = failure.row
            if self._text.tell() > BLOCK_CHARACTERS:
                yield self._take()
        yield self._take()

    def _write_failure(self, failure: Failure) -> None:
        record = self._record(failure.row)
        cells = [record[at] if at < len(record) else "" for at in self._kept]
        about = {FAILED_ROW: str(failure.row)}
        if FAILED_WHY in self._added:
            about[FAILED_WHY] = explain_failure(failure.code, failure.column, failure.value)
        # What stands beyond the header's last column stays beyond it.
        surplus = record[self._width :] if failure.code == FailureCode.TOO_MANY_CELLS else []
        self._write(cells + [about[name] for name in self._added] + surplus)

    def _record(self, row: int) -> list[str]:
        """Return a record's cells; one that was too long to be kept has none."""
        cells = self._cells_of_failed.get(row)
        return self._chunk.records[row - self._chunk.first_row] if cells is None else cells

    def _write(self, cells: list[str]) -> None:
        self._csv.writerow([neutralise(cell) for cell in cells])

    def _take(self) -> bytes:
        text = self._text.getvalue()
        self._text.seek(0)
        self._text.truncate()
        try:
            return text.encode()
        except UnicodeEncodeError:
            return LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text).encode()


if __name__ == "__main__":
    main()
