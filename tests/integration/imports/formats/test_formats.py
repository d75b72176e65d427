"""Packed files and workbooks over real HTTP: read like the CSV that is in them, or refused."""

from __future__ import annotations

import csv
import gzip
import io
import random
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import openpyxl
import psycopg
import pytest

from rollcall.config import Settings
from rollcall.imports.running.run import RunOutcome
from rollcall.storage.objects import Storage
from tests.integration.imports.formats.conftest import stored_files
from tests.support.buckets import bucket
from tests.support.engine import run_next
from tests.support.workbooks import pack, text_rows, workbook

Connection = psycopg.Connection[Any]
UPLOAD = "/contacts/imports"
CSV = b"email,first_name\nada@example.com,Ada\n"
MIB = 1024 * 1024


def post(client: httpx.Client, data: bytes, **headers: str) -> httpx.Response:
    """Upload a file under a name that says nothing true about it."""
    files = {"file": ("contacts.pdf", data, "application/pdf")}
    return client.post(UPLOAD, files=files, headers=headers)


Rows = list[list[str]]


def as_csv(rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def as_workbook(rows: Rows, *, summary: bool = False) -> bytes:
    book = openpyxl.Workbook()
    if summary:
        book.active.append(["Contacts", len(rows)])
        book.active = book.create_sheet("Contacts")
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            if value:
                book.active.cell(number, column, value).data_type = "s"
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def as_many_gzips(rows: Rows) -> bytes:
    whole = as_csv(rows)
    return b"".join(gzip.compress(whole[n : n + 1000]) for n in range(0, len(whole), 1000))


FORMATS: dict[str, Callable[[Rows], bytes]] = {
    "csv": as_csv,
    "csv.gz": lambda rows: gzip.compress(as_csv(rows)),
    "csv.gz of many members": as_many_gzips,
    "zip": lambda rows: pack({"Kontakte.csv": as_csv(rows), ".DS_Store": b"\0"}),
    "xlsx": as_workbook,
    "xlsx behind a summary": lambda rows: as_workbook(rows, summary=True),
}


def generated_rows() -> Rows:
    """Return rows with all that a cell may have: some good, some bad, some blank."""
    chance = random.Random(8)
    rows: Rows = [[], ["email", "first_name", "last_name", "unsubscribed"]]
    names = ["Ada", "", " J\u00f6rg ", 'a,"b"', "line\nbreak", "\u540d\u524d", "x" * 10_001, "=1+1"]
    for number in range(600):
        emails = [f"p{number % 400}@example.com", f" P{number}@EXAMPLE.com", "", "no address"]
        row = [
            chance.choices(emails, [10, 5, 1, 1])[0],
            chance.choices(names, [9, 3, 3, 3, 3, 3, 1, 3])[0],
            chance.choice(names[:6]),
            chance.choice(["", "", "yes", "0", "perhaps"]),
        ]
        rows.append(chance.choices([row, [], [*row, "", "more"]], [20, 2, 1])[0])
    return rows


@pytest.fixture
def work(settings: Settings) -> Callable[[str], None]:
    """Run an uploaded import to its end."""

    def run(import_id: str) -> None:
        assert run_next(settings, batch_rows=100) == (uuid.UUID(import_id), RunOutcome.COMPLETED)

    return run


def test_one_table_in_all_formats(
    client: httpx.Client, connection: Connection, work: Callable[[str], None]
) -> None:
    rows = generated_rows()
    results = {}
    for name, make in FORMATS.items():
        response = post(client, make(rows))
        assert response.status_code == 201, (name, response.text)
        made = response.json()["id"]
        work(made)
        counts = client.get(f"{UPLOAD}/{made}").json()["counts"]
        failures = connection.execute(
            'SELECT "row", "column", code FROM contact_import_failures WHERE import_id = %s'
            ' ORDER BY "row"',
            (made,),
        ).fetchall()
        contacts = connection.execute(
            "SELECT email, first_name, last_name, unsubscribed FROM contacts ORDER BY email"
        ).fetchall()
        connection.execute("DELETE FROM contacts")
        results[name] = (counts, failures, contacts)
    plain = results["csv"]
    assert all(plain[0][kind] > 10 for kind in ("created", "updated", "failed"))
    # As the spreadsheet shows them: the header is in row 2, and blank rows count.
    failed_rows = {row for row, _, _ in plain[1]}
    assert failed_rows <= {n for n, row in enumerate(rows, start=1) if n > 2 and any(row)}
    for name, result in results.items():
        assert result == plain, name


def test_numbers_dates_and_booleans_of_a_workbook(
    client: httpx.Client, connection: Connection, work: Callable[[str], None]
) -> None:
    rows = (
        "<row r='3'>"
        + "".join(
            f"<c r='{column}3' t='inlineStr'><is><t>{name}</t></is></c>"
            for column, name in zip(
                "ABCDE", ["email", "first_name", "last_name", "unsubscribed", "score"], strict=True
            )
        )
        + "</row><row r='5'><c r='A5' t='inlineStr'><is><t>ada@example.com</t></is></c>"
        "<c r='B5'><v>12345.0</v></c><c r='C5' s='1'><v>45413</v></c><c r='D5' t='b'><v>1</v></c>"
        "<c r='E5'><v>1.1000000000000001</v></c></row>"
        "<row r='9'><c r='A9' t='e'><v>#N/A</v></c><c r='B9'><v>1</v></c></row>"
    )
    response = client.post(
        UPLOAD,
        files={"file": workbook(rows)},
        data={
            "column_map": '{"email":"email","first_name":"first_name","last_name":"last_name",'
            '"unsubscribed":"unsubscribed","properties":{"score":{"column":"score",'
            '"type":"number"}}}'
        },
    )
    assert response.status_code == 201, response.text
    work(response.json()["id"])
    assert connection.execute(
        "SELECT email, first_name, last_name, unsubscribed, properties FROM contacts"
    ).fetchall() == [("ada@example.com", "12345", "2024-05-01", True, {"score": 1.1})]
    assert connection.execute('SELECT "row", code FROM contact_import_failures').fetchall() == [
        (9, "missing_email")
    ]


def test_cells_with_delimiters_in_the_header(client: httpx.Client) -> None:
    tags = ["email;a|b", "email", "x;y;z;u;v;w"]
    assert post(client, workbook(text_rows(tags))).status_code == 201
    answer = post(client, workbook(text_rows(["email;first_name"])))
    assert answer.status_code == 422
    assert answer.json()["message"].endswith("Found: email;first_name")


def test_what_is_remembered_of_a_file(
    client: httpx.Client, connection: Connection, settings: Settings
) -> None:
    assert post(client, gzip.compress(CSV)).status_code == 201
    row = connection.execute("SELECT filename, size, dialect FROM contact_imports").fetchone()
    assert row is not None
    assert row[:2] == ("contacts.pdf", len(CSV))
    assert row[2]["delimiter"] == ","
    assert [path.read_bytes() for path in stored_files(settings)] == [CSV]


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_key_and_file_make_one_import(client: httpx.Client, name: str) -> None:
    rows = [["email"], ["ada@example.com"]]
    data, other = FORMATS[name](rows), FORMATS[name]([*rows, ["bob@example.com"]])
    key = {"Idempotency-Key": "once"}
    first = post(client, data, **key)
    again = post(client, data, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert post(client, other, **key).status_code == 409
    assert len(client.get(UPLOAD).json()["data"]) == 1


@pytest.mark.parametrize("name", FORMATS)
def test_into_a_bucket(
    settings: Settings,
    serve: Callable[[Settings], str],
    team_key: str,
    connection: Connection,
    name: str,
) -> None:
    rows = [["email"], *([f"p{n}@example.com"] for n in range(2000))]
    with bucket() as url:
        base = serve(settings.model_copy(update={"storage_url": url}))
        headers = {"Authorization": f"Bearer {team_key}"}
        with httpx.Client(base_url=base, headers=headers) as client:
            data = FORMATS[name](rows)
            assert post(client, data).status_code == 201
            found = connection.execute("SELECT object_key FROM contact_imports").fetchone()
            assert found is not None
            with Storage(url).open(found[0]) as file:
                assert list(csv.reader(io.TextIOWrapper(file, newline=""))) == rows
            if name != "csv":
                assert post(client, data[:-30]).status_code == 422


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "The `file` is an old Excel file (.xls)",
        ),
        (b"Rar!\x1a\x07\x01\x00", "The `file` is a RAR archive, not a CSV file. Unpack it and"),
        (b"%PDF-1.7\n", "The `file` is a PDF document, not a CSV file. Export the table as CSV"),
        (gzip.compress(CSV)[:-3], "The `file` is a gzip file that is cut off"),
        (gzip.compress(CSV) + b"email\n", "The `file` is a gzip file with something else behind"),
        (gzip.compress(gzip.compress(CSV)), "The `file` is a gzip file with another packed file"),
        (gzip.compress(workbook()), "The `file` is a gzip file with another packed file or a work"),
        (gzip.compress(b"%PDF-1.7\n"), "The `file` is a PDF document"),
        (gzip.compress(b"name\nAda\n"), 'CSV missing required "email" column. Found: name'),
        (gzip.compress(b""), "The `file` is empty: it has no header row."),
        (pack({"a.csv": CSV, "b.csv": CSV}), "The `file` is a zip archive with 2 files in it"),
        (pack({"a.csv": CSV})[:-3], "The `file` is a zip archive or workbook that is damaged or"),
        (pack({"a.csv": b"name\nAda\n"}), 'CSV missing required "email" column. Found: name'),
        (workbook(text_rows(["name"])), 'CSV missing required "email" column. Found: name'),
        (workbook(text_rows(["email"] * 2)), 'CSV has the mapped "email" column twice.'),
        (workbook(), "The `file` is empty: it has no header row."),
        (workbook("<row>"), "The `file` is a workbook that is damaged: mismatched tag"),
        (b"PK\x03\x04" + bytes(1000), "The `file` is a zip archive or workbook that is damaged"),
    ],
)
def test_what_is_wrong_is_named(client: httpx.Client, data: bytes, message: str) -> None:
    response = post(client, data)
    assert response.status_code == 422, response.text
    assert response.json()["name"] == "validation_error"
    assert response.json()["message"].startswith(message)
