"""What the preview of an import tells, and that nothing is left of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from tests.support.documents import read_blocks
from tests.support.uploads import Importer
from tests.support.workbooks import book, text_rows

Connection = psycopg.Connection[Any]
PREVIEW = "/contacts/imports/preview"
CSV = (
    "Vorname;Nachname;E-Mail-Adresse;Newsletter;Kundennummer;Umsatz\n"
    "Jörg;Müller;joerg@example.com;ja;00017;1.200,50\n"
    "Zoë;Groß;zoe@example.org;nein;00018;80,00\n"
    "Ann;Lee;ann@example.net;ja;00019;7,25\n"
).encode()


def preview(client: httpx.Client, data: bytes, **fields: str) -> dict[str, Any]:
    answer = client.post(PREVIEW, files={"file": ("contacts.csv", data)}, data=fields)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert body["object"] == "contact_import_preview"
    return body


def targets(shown: dict[str, Any]) -> dict[str, str | None]:
    return {
        column["name"]: column["suggestion"] and column["suggestion"]["target"]
        for column in shown["columns"]
    }


@pytest.fixture(autouse=True)
def nothing_stored(settings: Settings, connection: Connection) -> Iterator[None]:
    yield
    folder = Path(urlsplit(settings.storage_url).path)
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    imports = connection.execute("SELECT object_key FROM contact_imports").fetchall()
    assert {name for name in names if "marker" not in name} == {
        key.rpartition("/")[2] for (key,) in imports
    }


def test_a_file_is_told_as_it_would_be_read(client: httpx.Client, connection: Connection) -> None:
    shown = preview(client, CSV)
    assert shown["dialect"] == {
        "format": "csv",
        "encoding": "UTF-8",
        "delimiter": ";",
        "header_row": 1,
        "sheet": None,
    }
    assert targets(shown) == {
        "Vorname": "first_name",
        "Nachname": "last_name",
        "E-Mail-Adresse": "email",
        "Newsletter": "unsubscribed",
        "Kundennummer": "property",
        "Umsatz": "property",
    }
    number, amount = shown["columns"][4], shown["columns"][5]
    assert number["index"] == 4
    assert number["samples"][0] == "00017"
    assert number["suggestion"]["type"] == "string"
    assert (amount["suggestion"]["type"], amount["suggestion"]["decimal"]) == ("number", ",")
    newsletter = shown["columns"][3]["suggestion"]
    assert newsletter["inverted"] is True
    assert "nein" in newsletter["true_when"]
    assert all(column["suggestion"]["reason"].endswith(".") for column in shown["columns"])
    assert shown["warnings"] == []
    assert connection.execute("SELECT count(*) FROM contact_properties").fetchone() == (0,)


def test_its_map_can_be_sent_as_it_stands(client: httpx.Client, importer: Importer) -> None:
    shown = preview(client, CSV)
    path = importer.run(CSV, column_map=shown["column_map"])
    assert client.get(path).json()["counts"]["created"] == 3
    zoe = client.get("/contacts/zoe@example.org").json()
    assert (zoe["first_name"], zoe["last_name"], zoe["unsubscribed"]) == ("Zoë", "Groß", True)
    amount = shown["columns"][5]["suggestion"]["key"]
    assert zoe["properties"][amount]["value"] == 80


def test_what_is_said_of_the_file_is_taken(client: httpx.Client) -> None:
    data = "bla bla\nName#Mail\nJiří#a@example.com\n".encode("cp1250")
    shown = preview(client, data, encoding="windows-1250", delimiter="#", header_row="2")
    assert shown["dialect"]["encoding"].lower() == "windows-1250"
    assert (shown["dialect"]["delimiter"], shown["dialect"]["header_row"]) == ("#", 2)
    assert shown["columns"][0]["samples"] == ["Jiří"]
    assert [warning["code"] for warning in shown["warnings"]] == ["legacy_encoding"]


def test_blanks_before_quotes_below_a_preamble(client: httpx.Client) -> None:
    data = b'Export of "Monday",\n\n"Name", "E-mail"\n"Lee, Ann", "a@example.com"\n'
    shown = preview(client, data)
    assert targets(shown) == {"Name": "full_name", "E-mail": "email"}
    assert shown["columns"][0]["samples"] == ["Lee, Ann"]


def test_a_delimiter_that_the_file_says_is_taken(client: httpx.Client) -> None:
    shown = preview(client, b"sep=^\r\nName^E-mail\r\nLee, Ann^a@example.com\r\n")
    assert (shown["dialect"]["delimiter"], shown["dialect"]["header_row"]) == ("^", 2)
    assert targets(shown) == {"Name": "full_name", "E-mail": "email"}


def test_a_preamble_is_passed_over(client: httpx.Client) -> None:
    shown = preview(client, b"Report of Monday\n\nName,E-mail\nAnn Lee,a@example.com\n")
    assert shown["dialect"]["header_row"] == 3
    assert targets(shown) == {"Name": "full_name", "E-mail": "email"}


@pytest.mark.parametrize("asked", [{}, {"sheet": "People"}, {"sheet": "2"}])
def test_the_sheet_with_addresses_is_shown(client: httpx.Client, asked: dict[str, str]) -> None:
    people = text_rows(["Name", "E-mail"], ["Ann", "a@example.com"])
    data = book({"Summary": text_rows(["Exported", "3"]), "People": people})
    shown = preview(client, data, **asked)
    assert shown["dialect"] == {
        "format": "xlsx",
        "encoding": None,
        "delimiter": None,
        "header_row": 1,
        "sheet": "People",
    }
    assert shown["column_map"]["email"] == "E-mail"


def test_columns_of_one_name_are_numbered(client: httpx.Client) -> None:
    shown = preview(client, b"E-mail,Phone,Phone\na@example.com,+1 555 0100,+1 555 0101\n")
    assert [column["name"] for column in shown["columns"]] == ["E-mail", "Phone (1)", "Phone (2)"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a@example.com\nb@example.com\n", "no_header"),
        (b"Ann;a@example.com;Lee\nBob;b@example.com;Fox\n", "no_header"),
        (b"City,Country\nOslo,Norway\nBern,Switzerland\n", "no_email_column"),
    ],
)
def test_what_is_missing_is_said(client: httpx.Client, data: bytes, code: str) -> None:
    shown = preview(client, data)
    assert [warning["code"] for warning in shown["warnings"]] == [code]
    assert shown["column_map"] is None


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_the_beginning_of_a_large_file_will_do(client: httpx.Client, pack: Any) -> None:
    rows = b"".join(b"Ann,a%d@example.com\n" % number for number in range(300_000))
    shown = preview(client, pack(b"Name,E-mail\n" + rows))
    assert shown["column_map"]["email"] == "E-mail"


def test_fields_behind_a_large_file_are_read(client: httpx.Client) -> None:
    rows = b"".join(b"x;Ann;a%d@example.com\n" % number for number in range(100_000))
    data = b"Bla\nName;E-mail\n" + rows
    # The client writes what has no name of a file in the order in which it is given.
    form = [("file", ("a.csv", data)), ("header_row", (None, b"2"))]
    answer = client.post(PREVIEW, files=form)
    assert answer.json()["dialect"]["header_row"] == 2


@pytest.mark.parametrize(
    ("data", "fields", "words"),
    [
        (b"", {}, "empty"),
        (b"\n\n\n", {}, "empty"),
        (bytes(range(256)) * 8, {}, "no table of text"),
        (CSV, {"encoding": "latin-99"}, "`encoding`"),
        (CSV, {"sheet": "People"}, "`sheet`"),
        (CSV, {"header_row": "9"}, "9"),
        (b"PK\x03\x04 cut off", {}, "`file`"),
    ],
)
def test_what_cannot_be_read_is_refused(
    client: httpx.Client, data: bytes, fields: dict[str, str], words: str
) -> None:
    answer = client.post(PREVIEW, files={"file": ("contacts.csv", data)}, data=fields)
    assert answer.status_code == 422
    assert words in answer.json()["message"]


def test_a_file_is_needed_and_a_key(client: httpx.Client) -> None:
    answer = client.post(PREVIEW, files={"other": ("a.csv", CSV)})
    assert (answer.status_code, answer.json()["name"]) == (422, "missing_required_field")
    unknown = {"Authorization": "Bearer re_unknown"}
    assert client.post(PREVIEW, files={"file": CSV}, headers=unknown).status_code == 403


def test_properties_of_the_team_are_known_and_no_others(
    client: httpx.Client, other_client: httpx.Client
) -> None:
    data = b"E-mail,Abo\na@example.com,12\n"
    created = {"key": "abo", "type": "number"}
    assert client.post("/contact-properties", json=created).status_code == 201
    mine = preview(client, data)["columns"][1]["suggestion"]
    theirs = preview(other_client, data)["columns"][1]["suggestion"]
    assert (mine["key"], mine["confidence"]) == ("abo", "certain")
    assert theirs["confidence"] != "certain"


def test_it_is_documented(client: httpx.Client) -> None:
    operation = client.get("/openapi.json").json()["paths"][PREVIEW]["post"]
    form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert set(form["properties"]) == {"file", "encoding", "delimiter", "header_row", "sheet"}
    json.dumps(operation)


def test_the_preview_in_docs_imports_is_one(client: httpx.Client) -> None:
    (block,) = (
        each for each in read_blocks("docs/imports.md") if "contact_import_preview" in each.text
    )
    assert preview(client, b"E-Mail\nann@example.com\n") == json.loads(block.text)


def test_a_file_with_lines_that_are_drawn_is_shown_as_it_would_be_imported(
    client: httpx.Client,
) -> None:
    lines = f"{'=' * 300}\nKundenliste M\u00fcller\n{'=' * 200}\nE-Mail;Vorname\n"
    data = f"{lines}a@example.com;J\u00fcrgen\nb@example.com;J\u00f6rg\n".encode("cp1252")
    shown = preview(client, data)
    assert (shown["dialect"]["header_row"], shown["column_map"]["email"]) == (4, "E-Mail")
