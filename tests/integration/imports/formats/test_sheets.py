"""Workbooks of several sheets over real HTTP, and packed files of which the form tells later."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from rollcall.imports.running.run import RunOutcome
from tests.support.engine import run_next
from tests.support.workbooks import book, text_rows

Connection = psycopg.Connection[Any]
UPLOAD = "/contacts/imports"
SUMMARY = text_rows(["Export Summary"], ["Date", "2024-05-01"], ["Rows", "1"])
PEOPLE = text_rows(["Members 2024"], [], ["Name", "E-Mail"], ["Ada", "ada@example.com"])
MAP = json.dumps({"email": "E-Mail", "first_name": "Name"})


@pytest.fixture
def work(settings: Settings) -> Callable[[httpx.Response], None]:
    """Run an import that was uploaded to its end."""

    def run(response: httpx.Response) -> None:
        assert response.status_code == 201, response.text
        import_id = uuid.UUID(response.json()["id"])
        assert run_next(settings) == (import_id, RunOutcome.COMPLETED)

    return run


def post(client: httpx.Client, data: bytes, **fields: str) -> httpx.Response:
    """Upload a file, its fields behind it."""
    boundary = "----b"
    body = f'--{boundary}\r\nContent-Disposition: form-data; name="file"\r\n\r\n'.encode() + data
    for name, value in fields.items():
        body += (
            f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}'
        ).encode()
    body += f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return client.post(UPLOAD, content=body, headers=kind)


@pytest.mark.parametrize(
    "sheets",
    [
        {"Summary": SUMMARY, "People": PEOPLE},
        {"Sheet1": "", "People": PEOPLE},
        {"Old": (PEOPLE.replace("ada@", "old@"), "hidden"), "A": SUMMARY, "People": PEOPLE},
        {"People": PEOPLE, "Summary": SUMMARY},
    ],
)
def test_the_sheet_with_the_header_is_read(
    client: httpx.Client,
    connection: Connection,
    work: Callable[[httpx.Response], None],
    sheets: dict[str, Any],
) -> None:
    work(post(client, book(sheets), column_map=MAP))
    assert connection.execute("SELECT email, first_name FROM contacts").fetchall() == [
        ("ada@example.com", "Ada")
    ]
    row = connection.execute("SELECT dialect, total FROM contact_imports").fetchone()
    assert row is not None
    assert (row[0]["sheet"], row[0]["header_row"], row[1]) == ("People", 3, 1)


@pytest.mark.parametrize("asked", ["Old", "2", "OLD"])
def test_the_sheet_that_is_asked_for_is_read(
    client: httpx.Client,
    connection: Connection,
    work: Callable[[httpx.Response], None],
    asked: str,
) -> None:
    old = PEOPLE.replace("ada@", "old@")
    data = book({"Old": (old, "hidden"), "People": PEOPLE, "More": old})
    work(post(client, data, column_map=MAP, sheet=asked))
    assert connection.execute("SELECT email FROM contacts").fetchall() == [("old@example.com",)]


@pytest.mark.usefixtures("nothing_left")
def test_a_sheet_that_is_not_there(client: httpx.Client) -> None:
    answer = post(client, book({"People": PEOPLE}), sheet="2")
    assert answer.status_code == 422
    assert answer.json()["message"].startswith("Invalid `sheet`: the workbook has no sheet with")


@pytest.mark.usefixtures("nothing_left")
def test_none_of_the_sheets_has_the_header(client: httpx.Client) -> None:
    answer = post(client, book({"Summary": SUMMARY, "People": PEOPLE}))
    assert answer.status_code == 422
    assert answer.json()["message"].startswith(
        'CSV missing required "email" column: no sheet of the workbook has a header with it.'
        " Closest comes row "
    )


@pytest.mark.usefixtures("nothing_left")
def test_a_form_that_is_wrong_behind_a_workbook(client: httpx.Client) -> None:
    answer = post(client, book({"People": PEOPLE}), column_map="{")
    assert answer.status_code == 422
    assert answer.json()["message"].startswith("Invalid `column_map`")


@pytest.mark.usefixtures("nothing_left")
def test_two_files(client: httpx.Client) -> None:
    data = book({"People": PEOPLE})
    for other in (data, b"email\nada@example.com\n"):
        for files in ([data, other], [other, data]):
            answer = client.post(UPLOAD, files=[("file", file) for file in files])
            assert answer.status_code == 422
            assert answer.json()["message"].startswith("The `file` field is there twice")


@pytest.mark.usefixtures("nothing_left")
def test_a_body_that_ends_behind_the_workbook(client: httpx.Client) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    body = head + book({"People": PEOPLE}) + b"\r\n--b\r\n"
    answer = client.post(UPLOAD, content=body, headers=kind)
    assert answer.status_code == 422
    assert answer.json()["message"].startswith("The multipart body ends before its closing")


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n", b" \n"])
def test_what_stands_before_a_workbook(
    client: httpx.Client,
    connection: Connection,
    work: Callable[[httpx.Response], None],
    before: bytes,
) -> None:
    work(post(client, before + book({"People": PEOPLE}), column_map=MAP))
    assert connection.execute("SELECT email FROM contacts").fetchall() == [("ada@example.com",)]
