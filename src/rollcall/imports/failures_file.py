"""The failures file: the rows that failed as they stood in the upload, to correct and upload again.

The stored file is read once more, beside the failures from the database, page by page; neither
is ever in memory as a whole, and no database connection is held while a client takes its time.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import PurePosixPath
from urllib.parse import quote

from anyio import CancelScope
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from rollcall.imports.column_map import BOM, ColumnMap
from rollcall.imports.dialect import Dialect
from rollcall.imports.failures import next_failures
from rollcall.imports.mapping import FAILED_ROW, FAILED_WHY
from rollcall.imports.models import ContactImport
from rollcall.imports.parse import START, Chunk, read_chunks
from rollcall.imports.reasons import Failure, explain_failure
from rollcall.imports.records import ParsedRecords

PAGE_ROWS = 2000
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
SUFFIXES = re.compile(r"(\.(csv|tsv|txt|xlsx|gz|zip))+$", re.IGNORECASE)
MAX_NAME_CHARACTERS = 100


async def stream_failures(
    sessionmaker: async_sessionmaker[AsyncSession], file: io.BufferedReader, found: ContactImport
) -> AsyncIterator[bytes]:
    """Yield the failures file of an import, and close the stored file whatever happens.

    Args:
        sessionmaker: for sessions that last as long as the query for one page.
        file: the stored file from its beginning.
        found: the import; of one that is running, these are the failures so far.
    """
    dialect = Dialect.from_json(found.dialect)
    writer = _Writer(file, dialect, ColumnMap.model_validate(found.column_map))
    try:
        yield writer.header()
        row = 0
        while failures := await _fetch(sessionmaker, found, row):
            async for block in iterate_in_threadpool(writer.write(failures)):
                if block:
                    yield block
            row = failures[-1].row
    finally:
        with CancelScope(shield=True):
            await run_in_threadpool(file.close)


def content_disposition(filename: str | None) -> str:
    """Return the header that names the failures file after the uploaded one."""
    name = PurePosixPath((filename or "").replace("\\", "/")).name
    stem = SUFFIXES.sub("", "".join(filter(str.isprintable, name))).removesuffix("-failures")
    name = f"{stem.strip(' .')[:MAX_NAME_CHARACTERS] or 'import'}-failures.csv"
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _fetch(
    sessionmaker: async_sessionmaker[AsyncSession], found: ContactImport, row: int
) -> Sequence[Failure]:
    # It is over in a moment, and a query that is broken off would cost the pool its connection.
    with CancelScope(shield=True):
        async with sessionmaker() as session:
            failures = await next_failures(session, found, row, PAGE_ROWS)
    return failures


class _Writer:
    """Writes failures beside the records they are about, which have to come in ascending order."""

    def __init__(self, file: io.BufferedReader, dialect: Dialect, column_map: ColumnMap):
        self._width = len(dialect.header)
        # A column that the map reads is the client's own, whatever it is called.
        self._added = [
            name for name in (FAILED_ROW, FAILED_WHY) if name not in column_map.columns()
        ]
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
        """Yield the lines of these failures.

        What is yielded may be empty: that is a chance to stop where a long way has to be read to
        the next failure.
        """
        for failure in failures:
            while failure.row > self._chunk.last_row:
                self._chunk = next(self._chunks)
                yield b""
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
