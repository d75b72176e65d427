"""Uploads over real HTTP: what is accepted, what is refused and why, and that nothing is left."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from tests.support.patience import wait_until
from tests.support.raw_http import connected, upload_head

Connection = psycopg.Connection[Any]
CSV = b"email,first_name\nada@example.com,Ada\n"
UPLOAD = "/contacts/imports"


def post(client: httpx.Client, data: bytes = CSV, **fields: str) -> httpx.Response:
    """Upload a file with form fields, as most clients do."""
    return client.post(UPLOAD, files={"file": ("contacts.csv", data, "text/csv")}, data=fields)


def body(*parts: bytes, boundary: bytes = b"xx") -> bytes:
    """Write a multipart body by hand."""
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + (
        b"--" + boundary + b"--\r\n"
    )


def part(name: str, content: bytes, extra: str = "", headers: str = "") -> bytes:
    """Write one part of a body by hand."""
    head = f'Content-Disposition: form-data; name="{name}"{extra}\r\n{headers}\r\n'
    return head.encode() + content


def send(client: httpx.Client, content: bytes, boundary: str = "xx") -> httpx.Response:
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(UPLOAD, content=content, headers={"Content-Type": kind})


def stored_files(settings: Settings) -> list[Path]:
    folder = Path(urlsplit(settings.storage_url).path)
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def nothing_left(settings: Settings, connection: Connection) -> Iterator[None]:
    """Check after the test that no file and no row is left of what it tried."""
    yield
    assert stored_files(settings) == []
    for table in ("contact_imports", "contact_properties"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_an_accepted_upload_is_durable(
    client: httpx.Client, connection: Connection, settings: Settings
) -> None:
    response = post(client)
    assert response.status_code == 201
    assert response.json().keys() == {"object", "id"}
    assert response.json()["object"] == "contact_import"
    row = connection.execute(
        "SELECT id, status, filename, size, on_conflict FROM contact_imports"
    ).fetchone()
    assert row == (uuid.UUID(response.json()["id"]), "queued", "contacts.csv", len(CSV), "upsert")
    assert [path.read_bytes() for path in stored_files(settings)] == [CSV]


FILE = part("file", CSV, '; filename="c.csv"', "Content-Type: text/csv\r\n")
MAP = part("column_map", b'{"email":"email"}')


@pytest.mark.parametrize(
    "content",
    [
        body(FILE),
        body(MAP, FILE),
        body(FILE, MAP),
        body(part("file", CSV)),
        body(part("file", CSV, '; filename=""')),
        body(part("file", CSV, '; filename="blob"', "Content-Type: application/octet-stream\r\n")),
        body(part("file", CSV, "; filename*=UTF-8''na%C3%AFve.csv")),
        body(FILE, part("something_else", b"x" * 3_000_000)),
    ],
    ids=[
        "file alone",
        "field before the file",
        "field after the file",
        "no filename",
        "empty filename",
        "as Node sends it",
        "extended filename",
        "unknown field",
    ],
)
def test_forms_that_clients_send(client: httpx.Client, content: bytes) -> None:
    response = send(client, content)
    assert (response.status_code, response.json()["object"]) == (201, "contact_import")


def properties_map(count: int, column: str) -> str:
    return json.dumps({"properties": {f"p{n}": {"column": column.format(n)} for n in range(count)}})


@pytest.mark.parametrize(
    "data",
    [
        b"email,a\0b\na@b.co,x\n",
        b"email,n\xff\na@b.co,x\n" + "\u00e4\u00f6".encode(),
        b"\xff\xfe"
        + "email,x".encode("utf-16-le")
        + b"\x00\xd8"
        + "\na@b.co,x\n".encode("utf-16-le"),
    ],
    ids=["NUL", "bad UTF-8", "half a surrogate pair"],
)
def test_header_names_that_cannot_be_stored(client: httpx.Client, data: bytes) -> None:
    assert post(client, data).status_code == 201


def test_a_filename_with_a_nul(client: httpx.Client, connection: Connection) -> None:
    assert send(client, body(part("file", CSV, '; filename="a\0b.csv"'))).status_code == 201
    assert connection.execute("SELECT filename FROM contact_imports").fetchone() == ("ab.csv",)


BAD_MAP = "Invalid `column_map"


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize(
    ("fields", "data", "message"),
    [
        ({"column_map": "{"}, CSV, "Invalid `column_map`: it is not valid JSON."),
        ({"column_map": "[]"}, CSV, BAD_MAP),
        ({"column_map": '{"email": 1}'}, CSV, "Invalid `column_map.email`"),
        ({"column_map": '{"emial": "email"}'}, CSV, "Invalid `column_map.emial`"),
        ({"column_map": '{"email":"Mail"}'}, CSV, 'CSV missing required "Mail" column. Found: em'),
        ({"column_map": '{"last_name":"Last"}'}, CSV, 'CSV missing mapped "Last" column. Found:'),
        (
            {"column_map": '{"properties":{"a b":{"column":"first_name"}}}'},
            CSV,
            "Invalid `column_map.properties`",
        ),
        (
            {"column_map": '{"properties":{"a":{"column":"first_name","type":"date"}}}'},
            CSV,
            "Invalid `column_map.properties.a.type`",
        ),
        (
            {"column_map": '{"properties":{"\\ud800":{"column":"first_name"}}}'},
            CSV,
            "Invalid `column_map",
        ),
        (
            {"column_map": '{"first_name":"first_name","firstName":"first_name"}'},
            CSV,
            "Invalid `column_map`: firstName and first_name are the same field.",
        ),
        (
            {"column_map": properties_map(201, "c{}")},
            CSV,
            "Invalid `column_map`: at most 200 properties can be mapped.",
        ),
        (
            {"column_map": properties_map(9, "first_name")},
            CSV,
            "Invalid `column_map`: column 'first_name' is mapped 9 times; 8 times is the most.",
        ),
        (
            {"segments": json.dumps([str(uuid.UUID(int=n)) for n in range(101)])},
            CSV,
            "Invalid `segments`: at most 100 can be given.",
        ),
        ({"on_conflict": "replace"}, CSV, "Invalid `on_conflict`: it must be upsert or skip."),
        ({"dry_run": "yes"}, CSV, "Invalid `dry_run`: it must be true or false."),
        ({"resubscribe": "no"}, CSV, "Invalid `resubscribe`: it must be true or false."),
        ({"resubscribe": ""}, CSV, "Invalid `resubscribe`: it must be true or false."),
        ({"segments": "x"}, CSV, "Invalid `segments`: it is not valid JSON."),
        ({"segments": '{"id": 1}'}, CSV, "Invalid `segments`"),
        ({"segments": '[{"id": "x"}]'}, CSV, "Invalid `segments[0].id`"),
        ({"segments": f'[{{"id": "{uuid.UUID(int=1)}"}}]'}, CSV, "Invalid `segments`: Segment 0"),
        ({"topics": '[{"id": "x"}]'}, CSV, "Invalid `topics[0]."),
        (
            {"topics": json.dumps([{"id": str(uuid.UUID(int=1)), "subscription": "opt_in"}])},
            CSV,
            "Invalid `topics`: Topic 0",
        ),
        ({}, b"", "The `file` is empty"),
        ({}, b"\n \n,,\n", "The `file` is empty"),
        ({}, b"name\nAda\n", 'CSV missing required "email" column. Found: name'),
        ({}, b"email,email\na@b.co,\n", 'CSV has the mapped "email" column twice. Found: email'),
        ({}, b"x" * 300_000, "The header row of the `file` is longer than 256 KiB."),
        ({}, b'email,"x\n', "The header row of the `file` ends inside an open quote."),
    ],
)
def test_what_is_wrong_is_named(
    client: httpx.Client, fields: dict[str, str], data: bytes, message: str
) -> None:
    response = post(client, data, **fields)
    assert response.status_code == 422
    answer = response.json()
    assert answer["statusCode"] == 422
    assert answer["name"] == "validation_error"
    assert answer["message"].startswith(message)


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (body(MAP), "missing_required_field", "Missing `file` field."),
        (body(FILE, FILE), "validation_error", "The `file` field is there twice"),
        (body(FILE, MAP, MAP), "validation_error", "The `column_map` field is there twice."),
        (body(FILE)[:-8], "validation_error", "The multipart body ends before its closing"),
        (body(FILE)[:60], "validation_error", "The multipart body ends before its closing"),
        (b"", "validation_error", "The multipart body ends before its closing"),
        (b"not multipart at all", "validation_error", "The multipart body"),
        (body(b"X: y\r\n\r\nz"), "validation_error", "A part of the multipart body has no field"),
        (
            body(FILE, part("segments", b"\xff")),
            "validation_error",
            "The `segments` field is not valid UTF-8.",
        ),
        (
            body(FILE, part("segments", b" " * 1_100_000)),
            "validation_error",
            "The `segments` field is larger than 1 MiB.",
        ),
    ],
    ids=[
        "no file",
        "two files",
        "field twice",
        "no closing boundary",
        "cut off in the file",
        "empty",
        "no boundary at all",
        "part without name",
        "field that is no text",
        "huge field",
    ],
)
def test_broken_forms(client: httpx.Client, content: bytes, name: str, message: str) -> None:
    response = send(client, content)
    assert response.status_code == 422
    assert response.json()["name"] == name
    assert response.json()["message"].startswith(message)


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("kind", ["text/csv", "application/json", "multipart/form-data", ""])
def test_wrong_content_type(client: httpx.Client, kind: str) -> None:
    response = client.post(UPLOAD, content=CSV, headers={"Content-Type": kind} if kind else {})
    assert response.status_code == 422
    assert response.json()["message"].startswith("The `Content-Type`")


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("declared", [True, False])
def test_file_over_the_limit(
    settings: Settings, serve: Callable[[Settings], str], team_key: str, declared: bool
) -> None:
    small = settings.model_copy(update={"max_upload_bytes": 1_000_000})
    content = body(part("file", b"email\n" + b"a@b.co\n" * 2_000_000))
    chunks = (content[start : start + 65536] for start in range(0, len(content), 65536))
    response = httpx.post(
        serve(small) + UPLOAD,
        content=content if declared else chunks,
        headers={
            "Authorization": f"Bearer {team_key}",
            "Content-Type": "multipart/form-data; boundary=xx",
        },
    )
    assert response.status_code == 413
    assert response.json()["name"] == "validation_error"
    assert "1000000 bytes" in response.json()["message"]


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("path", [UPLOAD, "/segments"])
def test_a_content_length_that_cannot_be(api: str, team_key: str, path: str) -> None:
    lengths = ["", " ", "+5", "-5", "5.0", "0x10", "1e3", "5, 5", "5 5", "\u00b2", "\u0665"]
    for length in [*lengths, "9" * 18, "9" * 25, "9" * 5000]:
        with connected(api) as raw:
            raw.send(
                f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {team_key}\r\n"
                "Content-Type: multipart/form-data; boundary=xx\r\n"
                f"Content-Length: {length}\r\n\r\n".encode()
            )
            answer = raw.answer()
            assert answer.status in (400, 413), length
            answer.check_error(answer.status)


def test_when_a_rejected_file_cannot_be_deleted(
    api: str,
    settings: Settings,
    team_key: str,
    connection: Connection,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What was wrong with the request is what the client hears; the file is the collector's."""
    content = body(FILE, part("on_conflict", b"replace"))
    sent = content.index(b"on_conflict")
    with connected(api) as raw:
        raw.send(upload_head(team_key, content_length=len(content)) + content[:sent])
        wait_until(lambda: [path.name.count("#") for path in stored_files(settings)] == [0])
        (stored,) = stored_files(settings)
        # A folder in its place, which is not empty, cannot be deleted as a file.
        stored.unlink()
        (stored / "in the way").mkdir(parents=True)
        raw.send(content[sent:])
        answer = raw.answer()
    answer.check_error(422)
    assert answer.body["message"] == "Invalid `on_conflict`: it must be upsert or skip."
    (logged,) = [text for text in caplog.messages if "could not be deleted" in text]
    assert f"{stored.parent.name}/{stored.name}" in logged
    assert connection.execute("SELECT count(*) FROM contact_imports").fetchone() == (0,)


def test_file_of_exactly_the_limit(
    settings: Settings, serve: Callable[[Settings], str], team_key: str
) -> None:
    exact = settings.model_copy(update={"max_upload_bytes": len(CSV)})
    headers = {"Authorization": f"Bearer {team_key}"}
    with httpx.Client(base_url=serve(exact), headers=headers) as client:
        assert post(client).status_code == 201
        assert post(client, CSV + b"\n").status_code == 413


@pytest.mark.usefixtures("nothing_left")
def test_a_client_that_disconnects_leaves_nothing(
    api: str, settings: Settings, team_key: str, connection: Connection
) -> None:
    host, port = urlsplit(api).netloc.split(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(
            f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {team_key}\r\n"
            "Content-Type: multipart/form-data; boundary=xx\r\n"
            "Content-Length: 9000000\r\n\r\n".encode()
            + b"--xx\r\n"
            + part("file", b"email\n" + b"a@b.co\n" * 900_000)
        )
        wait_until(lambda: bool(stored_files(settings)))
    wait_until(lambda: not stored_files(settings))


def test_the_key_is_checked_before_the_body_is_read(api: str) -> None:
    host, port = urlsplit(api).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(
            f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            "Content-Type: multipart/form-data; boundary=xx\r\n"
            "Content-Length: 9000000\r\n\r\n".encode()
        )
        assert raw.recv(100).startswith(b"HTTP/1.1 401 ")


def test_a_mapped_property_is_defined_once(client: httpx.Client, connection: Connection) -> None:
    mapped = '{"properties":{"first":{"column":"first_name","type":"%s"}}}'
    assert post(client, column_map=mapped % "string").status_code == 201
    assert post(client, column_map=mapped % "string").status_code == 201
    response = post(client, column_map=mapped % "number")
    assert response.status_code == 422
    assert '"first" is defined as string' in response.json()["message"]
    found = connection.execute("SELECT key, type FROM contact_properties").fetchall()
    assert found == [("first", "string")]


def test_an_upload_is_accepted_without_redis(
    settings: Settings, serve: Callable[[Settings], str], team_key: str, connection: Connection
) -> None:
    deaf = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    headers = {"Authorization": f"Bearer {team_key}"}
    with httpx.Client(base_url=serve(deaf), headers=headers) as client:
        assert post(client).status_code == 201
    assert connection.execute("SELECT status FROM contact_imports").fetchone() == ("queued",)
