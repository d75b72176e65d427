"""The failures file of generated files: unchanged, it fails again as before, cell by cell."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import uuid
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings

from rollcall.config import Settings
from rollcall.db import create_engine, create_sessionmaker
from rollcall.errors import ValidationFailed
from rollcall.imports.column_map import ColumnMap
from rollcall.imports.dialect import Dialect
from rollcall.imports.encoding import detect_legacy
from rollcall.imports.failure_rows import FailureRows
from rollcall.imports.failures import next_failures
from rollcall.imports.models import ContactImport
from tests import oracle
from tests.integration.imports.engine import Engine
from tests.strategies import ImportFile, import_files

# More rows than a generated file has.
MANY = 100_000
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
# Records whose cells could not be told apart: what goes back in has no cells, so no e-mail.
WITHOUT_CELLS = {("unterminated_quote", None), ("value_too_long", None)}


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(file=import_files())
def test_what_goes_back_in_unchanged_fails_as_before(
    connection: psycopg.Connection[Any], settings: Settings, file: ImportFile
) -> None:
    engine = Engine(connection, settings)
    try:
        first = engine.create(file.data, file.options)
    except ValidationFailed:
        return
    engine.work(first)
    content = asyncio.run(failures_file(engine, settings, first))
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert [cell for row in rows for cell in row if cell.startswith(FORMULAS)] == []
    again = engine.create(content, file.options)
    engine.work(again)
    before, after = engine.result(first).failures, engine.result(again)
    assert after.counts == (0, 0, 0, len(before))
    for number, (one, other) in enumerate(zip(before, after.failures, strict=True), start=2):
        if (one.code, one.column) in WITHOUT_CELLS:
            assert other.code == "missing_email"
        else:
            assert other == oracle.Failure(number, one.column, one.code, one.value)
    assert cells_seen(content, file) == cells_seen(file.data, file)


def cells_seen(data: bytes, file: ImportFile) -> list[list[str]]:
    """Return the mapped cells of the records that fail, as the definition sees them."""
    text = oracle.decode(data, detect_legacy)
    found = list(oracle.read_records(text, oracle.find_delimiter(text, file.options)))
    header, *records = (record for record in found if not record.is_blank)
    columns = oracle.locate_columns(header, file.options)
    failed = oracle.run_import(data, file.options, {}, detect_legacy=detect_legacy).failures
    rows = {failure.row for failure in failed if failure.code != "unterminated_quote"}
    seen = [
        [shown(oracle.cell_of(record, column)) for column in columns]
        for record in records
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
        rows = FailureRows(stored, Dialect.from_json(found.dialect), list(columns))
        return rows.header() + b"".join(rows.write(failures))
