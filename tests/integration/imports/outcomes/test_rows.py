"""The files of created and of updated rows."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import psycopg

from tests.support.resources import error
from tests.support.uploads import Importer

FIRST = b"Mail,Note,import_error\nann@b.co,=1,x\nbob@b.co,,\nno,,\nann@b.co,again,\n\ncy@b.co,a,\n"
MAP = {"email": "Mail"}


def rows(client: httpx.Client, path: str, which: str) -> list[list[str]]:
    answer = client.get(f"{path}/{which}.csv")
    assert answer.status_code == 200, answer.text
    name = f'attachment; filename="people-{which}.csv"'
    assert answer.headers["content-disposition"].startswith(name)
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_created_and_updated_rows_as_they_stood(importer: Importer) -> None:
    path = importer.run(FIRST, "people.csv", column_map=MAP)
    header = ["Mail", "Note", "import_row"]
    assert rows(importer.client, path, "created") == [
        header,
        ["ann@b.co", "\u00a0=1", "2"],
        ["bob@b.co", "", "3"],
        ["cy@b.co", "a", "7"],
    ]
    assert rows(importer.client, path, "updated") == [header, ["ann@b.co", "again", "5"]]


def test_rows_of_many_batches(importer: Importer) -> None:
    lines = [f"p{n}@b.co" for n in range(40_000)]
    lines[1::3] = ["nobody"] * len(lines[1::3])
    data = "\n".join(["email", *lines]).encode()
    path = importer.run(data, "people.csv")
    expected = [["email", "import_row"]]
    expected += [[line, str(row)] for row, line in enumerate(lines, start=2) if line != "nobody"]
    assert rows(importer.client, path, "created") == expected
    assert rows(importer.client, path, "updated") == expected[:1]
    again = importer.run(data, "people.csv")
    assert rows(importer.client, again, "updated") == expected


def test_skipped_rows_are_neither(importer: Importer) -> None:
    importer.run(b"email\na@b.co\n")
    path = importer.run(b"email\na@b.co\nb@b.co\n", "people.csv", on_conflict="skip")
    assert rows(importer.client, path, "created") == [["email", "import_row"], ["b@b.co", "3"]]
    assert rows(importer.client, path, "updated") == [["email", "import_row"]]


def test_a_dry_run_has_none(importer: Importer) -> None:
    path = importer.run(b"email\na@b.co\n", dry_run="true")
    answer = error(importer.client.get(f"{path}/created.csv"))
    assert answer[:2] == (404, "not_found")
    assert answer[2].startswith("A dry run creates and updates nothing")


def test_an_import_from_before_rows_were_noted(
    importer: Importer, connection: psycopg.Connection[Any]
) -> None:
    path = importer.run(b"email\na@b.co\n")
    connection.execute("DELETE FROM contact_import_batches")
    answer = error(importer.client.get(f"{path}/updated.csv"))
    assert (answer[0], answer[2]) == (
        404,
        "Which rows this import has created and updated was not noted when it ran.",
    )
