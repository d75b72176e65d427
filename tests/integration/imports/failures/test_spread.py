"""Where in its file an import has failed."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from rollcall.database.engine import create_engine, create_sessionmaker
from rollcall.imports.failures import spread
from rollcall.imports.failures.spread import FilePart, find_spread
from rollcall.imports.queries import find_import
from tests.support.uploads import Importer


def parts_of(importer: Importer, path: str) -> list[FilePart]:
    async def find() -> list[FilePart]:
        engine = create_engine(importer.settings)
        try:
            async with create_sessionmaker(engine)() as session:
                id_ = uuid.UUID(path.rpartition("/")[2])
                found = await find_import(session, importer.team_id, id_)
                return await find_spread(session, found, 1)
        finally:
            await engine.dispose()

    return asyncio.run(find())


def run(importer: Importer, *good: bool) -> str:
    rows = "".join(f"p{n}@b.co\n" if is_good else "nobody\n" for n, is_good in enumerate(good))
    return importer.run(f"email\n{rows}".encode())


def test_the_share_that_failed_of_each_part(importer: Importer) -> None:
    path = run(importer, *[True] * 400, *[False, True] * 200)
    parts = parts_of(importer, path)
    assert [(part.first_row, part.last_row) for part in parts[:2]] == [(2, 11), (12, 21)]
    assert [part.failed for part in parts] == [0] * 40 + [0.5] * 40


def test_a_file_in_which_nothing_failed_has_none(importer: Importer) -> None:
    assert parts_of(importer, run(importer, True, True)) == []


def test_of_another_import_nothing_counts(importer: Importer) -> None:
    run(importer, False, False, False)
    assert [part.failed for part in parts_of(importer, run(importer, True, False))] == [0, 1]


def test_rows_without_content_before_the_last_failure_are_in_a_part(importer: Importer) -> None:
    path = importer.run(b"email\na@b.co\n\n\n\nnobody\n")
    assert parts_of(importer, path)[-1] == FilePart(first_row=6, last_row=6, failed=1)


def test_what_is_not_counted_is_as_dense_as_what_is(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread, "MOST_COUNTED", 5)
    path = run(importer, *[False, True] * 1_600)
    assert {round(part.failed, 2) for part in parts_of(importer, path)} == {round(5 / 9, 2)}
