"""The failures file of generated files: unchanged, it fails again as before, cell by cell."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import uuid
from collections.abc import Collection
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings

from rollcall.config import Settings
from rollcall.database.engine import create_engine, create_sessionmaker
from rollcall.imports.column_map import ColumnMap
from rollcall.imports.failures.file_child import FailuresFileWriter
from rollcall.imports.failures.lists import next_failures
from rollcall.imports.models import ContactImport
from rollcall.imports.reading.dialect import Dialect, HeaderError
from tests.support import oracle
from tests.support.engine import Engine
from tests.support.legacy import detect_legacy
from tests.support.oracle_records import cell_of
from tests.support.strategies import ImportFile, import_files

# More rows than a generated file has.
MANY = 100_000
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
# Records whose cells could not be told apart: what goes back in has no cells, so no e-mail.
WITHOUT_CELLS = {("value_too_long", None)}


@settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(file=import_files())
def test_what_goes_back_in_unchanged_fails_as_before(
    connection: psycopg.Connection[Any], settings: Settings, file: ImportFile
) -> None:
    engine = Engine(connection, settings)
    try:
        first = engine.create(file.data, file.options)
    except HeaderError:
        return
    engine.work(first)
    content = asyncio.run(failures_file(engine, settings, first))
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert [cell for row in rows for cell in row if cell.startswith(FORMULAS)] == []
    again = engine.create(content, file.options)
    engine.work(again)
    before, after = engine.result(first).failures, engine.result(again)
    assert sum(after.counts) == len(before)
    others = {other.row: other for other in after.failures}
    # A quote that was none is text in the file that is written.
    mended = {row for row, one in enumerate(before, start=2) if one.code == "unterminated_quote"}
    for number, one in enumerate(before, start=2):
        if number in mended:
            continue
        if (one.code, one.column) in WITHOUT_CELLS:
            assert others[number].code == "missing_email"
        else:
            assert others[number] == oracle.Failure(number, one.column, one.code, one.value)
    assert cells_seen(content, file, mended) == cells_seen(file.data, file)


def cells_seen(data: bytes, file: ImportFile, without: Collection[int] = ()) -> list[list[str]]:
    """Return the mapped cells of the records that fail, as the definition sees them."""
    table = oracle.open_table(data, file.options, detect_legacy)
    assert table.header is not None
    columns = oracle.locate_columns(table.header, file.options)
    failed = oracle.run_import(data, file.options, {}, detect_legacy=detect_legacy).failures
    rows = {failure.row for failure in failed if failure.code != "unterminated_quote"}
    rows -= set(without)
    seen = [
        [shown(cell_of(record, column)) for column in columns]
        for record in table.records
        if record.row in rows
    ]
    return [cells for cells in seen if any(cells)]


def shown(cell: str) -> str:
    return re.sub("[\ud800-\udfff]", "\ufffd", cell)


async def failures_file(engine: Engine, settings: Settings, import_id: uuid.UUID) -> bytes:
    """Return what the process that writes failures files writes; to start it takes a second."""
    database = create_engine(settings)
    async with create_sessionmaker(database)() as session:
        found = await session.get_one(ContactImport, (engine.team_id, import_id))
        failures = await next_failures(session, found, 0, MANY)
    await database.dispose()
    assert len(failures) == found.failed
    columns = ColumnMap.model_validate(found.column_map).columns()
    with await asyncio.to_thread(engine.storage.open, found.object_key) as stored:
        rows = FailuresFileWriter(stored, Dialect.from_json(found.dialect), list(columns))
        return rows.header() + b"".join(rows.write(failures))
