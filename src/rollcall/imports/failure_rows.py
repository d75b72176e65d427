"""The process that writes failures files: it reads the stored file once more, beside the failures.

To read records takes much memory and holds the interpreter for long, which would be felt by every
other request of an API process. Its input is a line of JSON that says what to read, then lines
with some failures each, in the order of their rows; its output is the file. `failures_file` talks
to it.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from collections.abc import Collection, Iterator, Sequence

from rollcall.imports.column_map import BOM
from rollcall.imports.dialect import Dialect
from rollcall.imports.mapping import FAILED_ROW, FAILED_WHY
from rollcall.imports.parse import START, Chunk, read_chunks
from rollcall.imports.reasons import Failure, explain_failure
from rollcall.imports.records import ParsedRecords
from rollcall.storage import Storage

BLOCK_CHARACTERS = 256 * 1024
# Put before what a spreadsheet would take for a formula. An import strips it as it strips all
# blanks around a cell, in every file and under every name: nothing has to be recognised and
# undone, so nothing can be undone that should not be. No spreadsheet strips it.
NEUTRAL = "\N{NO-BREAK SPACE}"
# What programs skip at the beginning of a cell, but not what makes it harmless; then a formula.
RISKY = re.compile(
    "[\t\r\n]|(?:[\x00\ufeff\u200b-\u200f]|[^\\S\u00a0])*[=+\\-@\uff1d\uff0b\uff0d\uff20]"
)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def main() -> None:
    """Write the file of the failures that come in, each line of them as soon as it is there."""
    # Those who import and those who ask come first.
    os.nice(10)
    orders = sys.stdin.buffer
    order = json.loads(orders.readline())
    file = Storage(order["storage_url"]).open(order["key"])
    writer = FailureRows(file, Dialect.from_json(order["dialect"]), order["columns"])
    try:
        _write(writer.header())
        for line in orders:
            for block in writer.write([Failure(*fields) for fields in json.loads(line)]):
                _write(block)
    except BrokenPipeError:
        # The API has no more use for it, and neither has anybody for what is still in a buffer.
        os._exit(1)


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


class FailureRows:
    """Writes failures beside the records they are about, which have to come in ascending order."""

    def __init__(self, file: io.BufferedReader, dialect: Dialect, columns: Collection[str]):
        self._width = len(dialect.header)
        # A column that the map reads is the client's own, whatever it is called.
        self._added = [name for name in (FAILED_ROW, FAILED_WHY) if name not in columns]
        # The file may be a failures file itself: its rows and reasons give way to the new ones.
        self._header = [name for name in dialect.header if name not in self._added]
        self._kept = [at for at, name in enumerate(dialect.header) if name not in self._added]
        self._chunks = read_chunks(file, dialect, skip_to_row=dialect.header_row)
        self._chunk = Chunk(
            first_row=0, last_row=0, start=START, resume=START, records=ParsedRecords()
        )
        self._text = io.StringIO()
        self._csv = csv.writer(self._text)

    def header(self) -> bytes:
        """Return the file's beginning."""
        self._text.write(BOM)
        self._write(self._header + self._added)
        return self._take()

    def write(self, failures: Sequence[Failure]) -> Iterator[bytes]:
        """Yield the lines of these failures, in blocks."""
        for failure in failures:
            while failure.row > self._chunk.last_row:
                self._chunk = next(self._chunks)
            self._write_failure(failure)
            if self._text.tell() > BLOCK_CHARACTERS:
                yield self._take()
        yield self._take()

    def _write_failure(self, failure: Failure) -> None:
        record = self._record(failure.row)
        cells = [record[at] if at < len(record) else "" for at in self._kept]
        about = {
            FAILED_ROW: str(failure.row),
            FAILED_WHY: explain_failure(failure.code, failure.column, failure.value),
        }
        # What stands beyond the header's last column stays beyond it.
        surplus = record[self._width :] if failure.code == "too_many_cells" else []
        self._write(cells + [about[name] for name in self._added] + surplus)

    def _record(self, row: int) -> list[str]:
        """Return a record's cells; one whose cells could not be told apart has none."""
        at = row - self._chunk.first_row
        return self._chunk.records[at] if at < len(self._chunk.records) else []

    def _write(self, cells: list[str]) -> None:
        self._csv.writerow([_neutralise(cell) for cell in cells])

    def _take(self) -> bytes:
        text = self._text.getvalue()
        self._text.seek(0)
        self._text.truncate()
        try:
            return text.encode()
        except UnicodeEncodeError:
            return LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text).encode()


def _neutralise(cell: str) -> str:
    # Nearly all cells begin with a letter or a digit, and are not worth a regular expression.
    if cell[:1].isalnum() or not RISKY.match(cell):
        return cell
    return NEUTRAL + cell


if __name__ == "__main__":
    main()
