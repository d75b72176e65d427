"""Warnings: produced, counted and listed without failing a row."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.imports.merging.merge import BatchCounts, Merger
from tests.support.resources import pages, show
from tests.support.uploads import Importer

FIELDS = ("row", "column", "code", "value")


def warnings(importer: Importer, path: str, **query: Any) -> list[dict[str, Any]]:
    response = importer.client.get(f"{path}/warnings", params=query)
    assert response.status_code == 200, response.text
    data: list[dict[str, Any]] = response.json()["data"]
    return data


def said(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(warning[name] for name in FIELDS) for warning in found]


def in_batches(importer: Importer, rows: int) -> Importer:
    return Importer(
        client=importer.client,
        settings=importer.settings,
        team_id=importer.team_id,
        batch_rows=rows,
    )


@pytest.mark.parametrize("batch_rows", [1, 2, 100])
def test_misspelled_domains(importer: Importer, batch_rows: int) -> None:
    data = (
        b"name,E-Mail\nAnn,Ann@GMIAL.com \nBob,bob@gmail.com\n,bad@gmial\nLee,lee@yaho.de\n"
        b"Max,max@mail.com\n"
    )
    path = in_batches(importer, batch_rows).run(data, column_map={"email": "E-Mail"})
    (first, second) = warnings(importer, path)
    assert uuid.UUID(first.pop("id")).version == 8
    assert first == {
        "object": "contact_import_warning",
        "row": 2,
        "column": "E-Mail",
        "code": "misspelled_domain",
        "message": 'The domain of "Ann@GMIAL.com" may be misspelled: was gmail.com meant?',
        "value": "Ann@GMIAL.com",
    }
    assert (second["row"], second["value"]) == (5, "lee@yaho.de")
    shown = show(importer.client, path)
    assert shown["warnings"] == {"misspelled_domain": 2}
    assert shown["counts"] == {"total": 5, "created": 4, "updated": 0, "skipped": 0, "failed": 1}


@pytest.mark.parametrize(
    ("encoding", "text", "name"),
    [
        ("cp1252", "Zoë Müller naïve Señor", "Windows-1252"),
        ("cp1251", "Съешь ещё этих мягких французских булок, да выпей чаю", "Windows-1251"),
        ("shift_jis", "これは日本語の文章です。名前は山田太郎といいます。", "Shift_JIS"),
    ],
)
@pytest.mark.parametrize("batch_rows", [1, 100])
def test_a_legacy_encoding_is_said_once(
    importer: Importer, encoding: str, text: str, name: str, batch_rows: int
) -> None:
    lines = "".join(f"p{n}@b.co,{text}\n" for n in range(5))
    path = in_batches(importer, batch_rows).run(f"\nemail,first_name\n{lines}".encode(encoding))
    (warning,) = warnings(importer, path)
    assert said([warning]) == [(2, None, "legacy_encoding", name)]
    assert f"read as {name}" in warning["message"]
    assert show(importer.client, path)["warnings"] == {"legacy_encoding": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_no_legacy_encoding(importer: Importer, encoding: str) -> None:
    path = importer.run("email,first_name\na@b.co,Zoë\n".encode(encoding))
    assert show(importer.client, path)["warnings"] == {}


def test_an_import_that_is_interrupted_says_it_once(importer: Importer) -> None:
    slow = in_batches(importer, 2)
    path = slow.upload(b"email,first_name\n" + b"a@gmial.com,Zo\xeb\n" * 7)
    slow.work_on_one_batch(path)
    assert show(importer.client, path)["warnings"] == {
        "legacy_encoding": 1,
        "misspelled_domain": 2,
        "repeated_email": 1,
    }
    slow.work(path)
    assert show(importer.client, path)["warnings"] == {
        "legacy_encoding": 1,
        "misspelled_domain": 7,
        "repeated_email": 6,
    }
    assert len(warnings(importer, path)) == 14


@pytest.mark.parametrize("on_conflict", ["upsert", "skip"])
@pytest.mark.parametrize("batch_rows", [1, 2, 3, 100])
def test_repeated_addresses(importer: Importer, on_conflict: str, batch_rows: int) -> None:
    importer.run(b"email\nold@b.co\n")
    data = (
        b"Mail,name\nold@b.co,x\nA@b.co,x\na@b,x\na@b.co,\n\na@b.co,x\n"
        b"late@b.co,\0\nlate@b.co,\nold@B.CO\n"
    )
    column_map = {"email": "Mail", "first_name": "name"}
    path = in_batches(importer, batch_rows).run(
        data, column_map=column_map, on_conflict=on_conflict
    )
    assert said(warnings(importer, path)) == [
        (5, "Mail", "repeated_email", "a@b.co"),
        (7, "Mail", "repeated_email", "a@b.co"),
        (10, "Mail", "repeated_email", "old@b.co"),
    ]


def test_a_batch_that_is_repeated_counts_once(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    merge = Merger.merge

    def first_lost(merger: Merger, *arguments: Any) -> BatchCounts:
        counts = merge(merger, *arguments)
        tried.append(counts)
        if len(tried) == 1:
            raise psycopg.errors.DeadlockDetected
        return counts

    monkeypatch.setattr(Merger, "merge", first_lost)
    path = importer.run(b"email\na@gmial.com\nx\n")
    assert len(tried) == 2
    shown = show(importer.client, path)
    assert (shown["failures"], shown["warnings"]) == (
        {"invalid_email": 1},
        {"misspelled_domain": 1},
    )
    assert len(warnings(importer, path)) == 1


@pytest.fixture
def path(importer: Importer, connection: psycopg.Connection[Any], client: httpx.Client) -> str:
    """An import with two warnings on every row from 2 to 11."""
    path = importer.run(b"email\n")
    connection.execute(
        'INSERT INTO contact_import_warnings (team_id, import_id, "row", code, value)'
        " SELECT %s, %s, n, code, 'a@gmial.com' FROM generate_series(2, 11) AS n,"
        " unnest(ARRAY['repeated_email', 'misspelled_domain']) AS code",
        (importer.team_id, path.rpartition("/")[2]),
    )
    return path


def test_pages(importer: Importer, path: str) -> None:
    everything = warnings(importer, path, limit=100)
    order = [(warning["row"], warning["code"]) for warning in everything]
    assert order == [
        (row, code) for row in range(2, 12) for code in ("misspelled_domain", "repeated_email")
    ]
    ids = [warning["id"] for warning in everything]
    for limit in (1, 3, 7):
        walked = pages(importer.client, f"{path}/warnings", limit=limit)
        assert [id_ for page in walked for id_ in page] == ids
    assert [w["id"] for w in warnings(importer, path, before=ids[9], limit=3)] == ids[6:9]


def test_pages_by_code_from_an_item_of_another_code(importer: Importer, path: str) -> None:
    everything = warnings(importer, path, limit=100)
    ids = {(warning["row"], warning["code"]): warning["id"] for warning in everything}

    def rows(code: str, **cursor: str) -> list[int]:
        return [w["row"] for w in warnings(importer, path, code=code, limit=2, **cursor)]

    assert rows("repeated_email") == [2, 3]
    assert rows("repeated_email", after=ids[4, "repeated_email"]) == [5, 6]
    assert rows("repeated_email", after=ids[4, "misspelled_domain"]) == [4, 5]
    assert rows("misspelled_domain", after=ids[4, "repeated_email"]) == [5, 6]
    assert rows("repeated_email", before=ids[6, "misspelled_domain"]) == [4, 5]
    assert rows("misspelled_domain", before=ids[6, "repeated_email"]) == [5, 6]
    assert rows("misspelled_domain", before=ids[6, "misspelled_domain"]) == [4, 5]
