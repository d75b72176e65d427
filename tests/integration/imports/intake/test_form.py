"""Forms as clients and gateways write them: read as they are meant, or refused in plain words."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from tests.integration.imports.intake.test_upload import (
    CSV,
    UPLOAD,
    body,
    part,
    post,
    send,
    stored_files,
)
from tests.support.resources import error

Connection = psycopg.Connection[Any]
FILE = part("file", CSV, '; filename="c.csv"')


@pytest.fixture
def nothing_left(settings: Settings, connection: Connection) -> Iterator[None]:
    """Check after the test that no file and no row is left of what it tried."""
    yield
    assert stored_files(settings) == []
    assert connection.execute("SELECT count(*) FROM contact_imports").fetchone() == (0,)


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("column_map[email]", "column_map"),
        ("column_map[properties][plan][column]", "column_map"),
        ("column_map{}", "column_map"),
        ("column_map[]", "column_map"),
        ("column_map.email", "column_map"),
        ("columnMap", "column_map"),
        ("columnMap[firstName]", "column_map"),
        ("column-map", "column_map"),
        ("Column_Map", "column_map"),
        ("COLUMNMAP", "column_map"),
        (" column_map ", "column_map"),
        ("column map", "column_map"),
        ("data[column_map]", "column_map"),
        ("segments[0][id]", "segments"),
        ("segments[]", "segments"),
        ("segments[0].id", "segments"),
        ("segments.0.id", "segments"),
        ("segments{}", "segments"),
        ("segment", "segments"),
        ("Segments", "segments"),
        ("topics[0][subscription]", "topics"),
        ("topics[][id]", "topics"),
        ("topic", "topics"),
        ("onConflict", "on_conflict"),
        ("on-conflict", "on_conflict"),
        ("on_conflict[]", "on_conflict"),
        ("dryRun", "dry_run"),
        ("dry_run[]", "dry_run"),
        ("Resubscribe", "resubscribe"),
        ("file[]", "file"),
        ("File", "file"),
        ("files", "file"),
        ("files[0]", "file"),
    ],
)
def test_names_that_are_nearly_known(client: httpx.Client, name: str, meant: str) -> None:
    for order in ((FILE, part(name, b"x")), (part(name, b"x"), FILE)):
        status, kind, message = error(send(client, body(*order)))
        assert (status, kind) == (422, "validation_error")
        assert message.startswith(f"The form field `{name}` is not read. Send ")
        assert f"`{meant}`" in message
        if meant in ("column_map", "segments", "topics"):
            assert "as JSON: " in message


@pytest.mark.parametrize(
    "name",
    [
        "name",
        "source",
        "properties[plan]",
        "file_name",
        "mapping",
        "utf8",
        "_method",
        "",
        "[]",
        "utm[topic]",
        "meta.Topic",
    ],
)
def test_other_names_are_ignored(client: httpx.Client, name: str) -> None:
    response = send(client, body(part(name, b"x"), FILE))
    assert response.status_code == 201, response.text


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("field", ["segments", "topics", "column_map"])
def test_a_field_that_is_repeated_shows_how_it_is_written(client: httpx.Client, field: str) -> None:
    value = part(field, b"{}" if field == "column_map" else b"[]")
    message = error(send(client, body(FILE, value, value)))[2]
    assert message.startswith(f"The `{field}` field is there twice. Send `{field}` once, as JSON: ")


PREAMBLES = [
    b"This is a multipart message in MIME format.\r\n",
    b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n",
    b"\r\n",
    b"\r\n\r\n",
    b"--\r\n--x\r\n--xxx\r\n --xx\r\n",
    b"a\n",
    b"x" * 200_000 + b"\r\n",
    b"-" * 5000 + b"\r\n",
    b"\r\n--x" * 3000 + b"\r\n",
]


@pytest.mark.parametrize("preamble", PREAMBLES, ids=range(len(PREAMBLES)))
@pytest.mark.parametrize("piece", [1_000_000, 7, 1])
def test_preamble_and_epilogue(client: httpx.Client, preamble: bytes, piece: int) -> None:
    content = preamble[: 300 if piece < 10 and len(preamble) > 300 else None]
    content = content if content.endswith(b"\n") else content + b"\r\n"
    content += body(FILE) + b"--xx\r\nThe end, and nobody reads it.\r\n--xx--"
    chunks = (content[start : start + piece] for start in range(0, len(content), piece))
    kind = "multipart/form-data; boundary=xx"
    response = client.post(UPLOAD, content=chunks, headers={"Content-Type": kind})
    assert response.status_code == 201, response.text


@pytest.mark.parametrize(
    "content",
    [
        body(FILE)[:-2],
        body(FILE).replace(b"--xx\r\n", b"--xx  \t\r\n"),
        body(FILE).replace(b"--xx--\r\n", b"--xx-- \r\n"),
        body(part("file", CSV, "", "Content-Transfer-Encoding: binary\r\n")),
        body(part("file", CSV, "", "content-transfer-encoding:8BIT \r\n")),
    ],
    ids=["no last line end", "blanks", "blanks at the end", "binary", "8bit"],
)
@pytest.mark.parametrize("piece", [100_000, 1])
def test_other_legal_bodies(client: httpx.Client, content: bytes, piece: int) -> None:
    chunks = (content[start : start + piece] for start in range(0, len(content), piece))
    kind = "multipart/form-data; boundary=xx"
    response = client.post(UPLOAD, content=chunks, headers={"Content-Type": kind})
    assert response.status_code == 201, response.text


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (body(FILE).replace(b"\r\n", b"\n"), "The lines of the multipart body end with LF alone"),
        (
            b"preamble\n" + body(FILE).replace(b"\r\n", b"\n"),
            "The lines of the multipart body end with LF alone",
        ),
        (body(FILE).replace(b"\r\n", b"\r"), "The multipart body ends before its closing boundary"),
        (
            body(FILE).replace(b"\r\n", b"\n").replace(b"--xx\n", b"--xx\r\n"),
            "The multipart body ends before its closing boundary",
        ),
        (b"--xx\r\nno header\r\n\r\nx\r\n--xx--", "The multipart body is broken at its part 1: "),
        (b"--xx\r\n: x\r\n\r\nx\r\n--xx--", "The multipart body is broken at its part 1: "),
        (
            body(FILE, b"X: y\r\n" * 20 + b"\r\nx"),
            "The multipart body is broken at its part 2: ",
        ),
        (
            body(FILE, b"X: " + b"y" * 9000 + b"\r\n\r\nx"),
            "The multipart body is broken at its part 2: ",
        ),
        (body(FILE).replace(b"--xx", b"--yy"), "The multipart body ends before its closing"),
        (b"\x00\xff" * 5000, "The multipart body ends before its closing boundary"),
        (b"--xx--\r\n", "Missing `file` field."),
        (
            body(part("file", CSV, "", "Content-Transfer-Encoding: base64\r\n")),
            'The part "file" of the multipart body has the Content-Transfer-Encoding "base64"',
        ),
        (
            body(
                FILE, part("segments", b"[]", "", "Content-Transfer-Encoding: Quoted-Printable\r\n")
            ),
            'The part "segments" of the multipart body has the Content-Transfer-Encoding "quoted',
        ),
    ],
)
def test_bodies_that_are_refused(client: httpx.Client, content: bytes, message: str) -> None:
    status, _, found = error(send(client, content))
    assert status == 422
    assert found.startswith(message)
    assert "Expected" not in found


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (None, "there is none"),
        ("text/csv", '"text/csv"'),
        ("application/json", '"application/json"'),
        ("application/x-www-form-urlencoded", '"application/x-www-form-urlencoded"'),
        ("multipart/mixed; boundary=xx", '"multipart/mixed; boundary=xx"'),
        ("multipart/form-data", "boundary"),
        ("multipart/form-data; boundary=", "boundary"),
        ("multipart/form-data; boundary=" + "x" * 300, "256 characters"),
        (";", '";"'),
    ],
)
def test_content_types_that_are_refused(client: httpx.Client, kind: str | None, said: str) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    status, name, message = error(client.post(UPLOAD, content=body(FILE), headers=headers))
    assert (status, name) == (422, "validation_error")
    assert message.startswith("The ")
    assert "multipart/form-data" in message or "boundary" in message
    assert said in message


def junk() -> Iterator[tuple[str, bytes]]:
    """Yield files that are no text and have none of the beginnings that are known."""
    yield "ELF", Path(sys.executable).resolve().read_bytes()[:100_000]
    yield "JPEG from its middle", b"\xff\xdb\x00C\x00" + bytes(range(1, 255)) * 20
    yield "class", b"\xca\xfe\xba\xbe\x00\x00\x00A\x00\x1f\n\x00\x02\x00\x03\x07\x00\x04" * 40
    yield "NULs", b"\x00" * 600
    yield "NULs and an address", b"\x00" * 20 + b"ann@example.com\n" + b"\x00" * 20
    yield "WOFF", b"wOF2\x00\x01\x00\x00\x00\x00\x11\x22" + bytes(range(256)) * 4
    yield "MP3", b"ID3\x04\x00\x00\x00\x00\x00#TSSE\x00\x00\x00\x0f\x00\x00\x03Lavf58" + bytes(300)
    for size in (200, 5000, 300_000):
        for number in range(4):
            yield f"random {size} {number}", b"\xfc" + os.urandom(size)


JUNK = list(junk())


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("mapped", [False, True])
def test_binary_junk_is_no_column(
    client: httpx.Client, mapped: bool, subtests: pytest.Subtests
) -> None:
    fields = {"column_map": '{"email":"E-Mail"}'} if mapped else {}
    for name, data in JUNK:
        with subtests.test(name):
            status, _, message = error(post(client, data, **fields))
            assert status == 422
            assert message.isascii(), message
            assert message.startswith("The `file` is "), message
            assert "Found" not in message


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (b"ema\x00il,first\x01name", r"ema\x00il, first\x01name"),
        ("e\u200bmail,na\u202eem".encode(), r"e\u200bmail, na\u202eem"),
        (b"mail\x1b[31m,x\x7f", r"mail\x1b[31m, x\x7f"),
        ("E\u2010Mail,Größe, Имя,姓名".encode(), "E\u2010Mail, Größe, Имя, 姓名"),
        ("E-Mail;Größe;Straße".encode("cp1252"), "E-Mail, Größe, Straße"),
        (b'"two\nlines",x', r"two\nlines, x".replace(r"\n", r"\x0a")),
        (b"x" * 5000, "x" * 99 + "…"),
    ],
)
def test_names_of_columns_are_shown_as_they_can_be_read(
    client: httpx.Client, header: bytes, shown: str
) -> None:
    message = error(post(client, header + b"\nann@example.com,Ann\n" * 3))[2]
    assert message == f'CSV missing required "email" column. Found: {shown}'


def test_names_of_the_map_are_shown_as_they_can_be_read(client: httpx.Client) -> None:
    for field in ("email", "last_name"):
        mapped = f'{{"{field}": "a\\u0000b\\u202e{"c" * 500}"}}'
        message = error(post(client, column_map=mapped))[2]
        assert message.startswith(r"CSV missing ")
        assert r'"a\x00b\u202eccc' in message
        assert len(message) < 300


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("before", [b"\n", b"\r\n", b"\xef\xbb\xbf", b"  ", b"\xef\xbb\xbf\n"])
@pytest.mark.parametrize("start", [b"PK\x03\x04\x14\x00\x06\x00", b"\x1f\x8b\x08\x00"])
def test_packed_files_that_something_took_for_text(
    client: httpx.Client, before: bytes, start: bytes
) -> None:
    message = error(post(client, before + start + bytes(range(256)) * 3))[2]
    kind = "zip archive or workbook" if start.startswith(b"PK") else "gzip file"
    assert message.startswith(f"The `file` is a {kind} that is damaged")
