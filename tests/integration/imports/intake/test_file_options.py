"""What is said of a file when it is uploaded, where no detection can know it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from rollcall.config import Settings
from tests.integration.imports.intake.test_upload import post, stored_files
from tests.support.resources import error, show
from tests.support.uploads import Importer
from tests.support.workbooks import text_rows, workbook

EMAIL = "ada@example.com"


@pytest.mark.parametrize(
    ("data", "fields", "name"),
    [
        (
            "email,first_name\nada@example.com,Łukasz\n".encode("cp1250"),
            {"encoding": "cp1250"},
            "Łukasz",
        ),
        (
            "email,first_name\nada@example.com,Zoë\n".encode("utf-8-sig"),
            {"encoding": "cp1250"},
            "Zoë",
        ),
        (
            "email,first_name\nada@example.com,Zoë\n".encode("utf-16-le"),
            {"encoding": "UTF-16"},
            "Zoë",
        ),
        (b"email#first_name\nada@example.com#Ada\n", {"delimiter": "#"}, "Ada"),
        (b"email\tfirst_name\nada@example.com\tAda\n", {"delimiter": "\\t"}, "Ada"),
        ("email§first_name\nada@example.com§Ada\n".encode(), {"delimiter": "§"}, "Ada"),
        (b"email,first_name\nemail,first_name\nada@example.com,Ada\n", {"header_row": "2"}, "Ada"),
        (b"email,first_name\nada@example.com,Ada\n", {"encoding": "", "header_row": ""}, "Ada"),
    ],
)
def test_files_are_read_as_is_said(
    importer: Importer, data: bytes, fields: dict[str, str], name: str
) -> None:
    shown = show(importer.client, importer.run(data, **fields))
    assert shown["counts"] == {"total": 1, "created": 1, "updated": 0, "skipped": 0, "failed": 0}
    assert importer.client.get(f"/contacts/{EMAIL}").json()["first_name"] == name


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"encoding": "klingon"}, 'Invalid `encoding`: "klingon" is no encoding that is known.'),
        ({"delimiter": "ab"}, 'Invalid `delimiter`: "ab" cannot separate cells.'),
        ({"header_row": "0"}, 'Invalid `header_row`: "0" is no number of a row.'),
        ({"header_row": "9"}, "Row 9, which `header_row` says, is not there."),
        ({"sheet": "1"}, "Invalid `sheet`: only a workbook has sheets"),
        ({"delimiter": ";"}, 'CSV missing required "email" column. Found: email,first_name'),
    ],
)
def test_what_cannot_be_is_refused(
    client: httpx.Client, settings: Settings, fields: dict[str, Any], message: str
) -> None:
    status, _, said = error(post(client, **fields))
    assert (status, said[: len(message)]) == (422, message)
    assert stored_files(settings) == []


def test_a_workbook_is_read_as_it_is(importer: Importer) -> None:
    data = workbook(text_rows(["email", "first_name"], [EMAIL, "Zoë; and, Ann"]))
    shown = show(importer.client, importer.run(data, encoding="cp1250", delimiter=";"))
    assert shown["counts"]["created"] == 1
    assert importer.client.get(f"/contacts/{EMAIL}").json()["first_name"] == "Zoë; and, Ann"


def test_what_is_said_is_part_of_a_request(client: httpx.Client) -> None:
    def send(**fields: str) -> httpx.Response:
        file = {"file": b"email\na@example.com\n"}
        headers = {"Idempotency-Key": "k"}
        return client.post("/contacts/imports", files=file, data=fields, headers=headers)

    first = send(delimiter=",")
    assert send(delimiter="comma").json()["id"] == first.json()["id"]
    assert send(delimiter=",", header_row="1").status_code == 409
