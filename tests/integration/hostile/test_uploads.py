"""Forms and files with damage in them: refused in words or imported, and nothing else.

Each is sent over HTTP, and what is accepted is imported to its end.
"""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rollcall.config import Settings
from rollcall.imports.options import OPTIONS
from tests.integration.imports.intake.test_upload import UPLOAD, body, part
from tests.support.engine import run_next
from tests.support.hostile import damaged, junk_texts
from tests.support.workbooks import pack, parts, text_rows

PREVIEW = f"{UPLOAD}/preview"
CSV = (
    "Email,First Name,Plan,Since\r\n"
    'ada@example.com,"Ada, Countess",pro,2024-05-06\r\n'
    'grace@example.com,"Grace ""Amazing""\nHopper",free,\r\n'
    "not an address,No,one,\r\n"
    "zoë@example.com,Zoë,pro,2024-05-08\r\n"
).encode()
KIND = b"multipart/form-data; boundary=xx"
CONTROL = bytes({*range(32), 127} - {9})
MAP = json.dumps({"email": "Email", "first_name": "First Name", "properties": {"plan": "Plan"}})
ROWS = text_rows(("Email", "First Name"), ("ada@example.com", "Ada"), ("no address", "No"))
PARTS = parts(f'{ROWS}<row><c t="s"><v>0</v></c><c s="1"><v>45000.5</v></c></row>')
# What is said of a file that is at fault itself; anything else would be a fault of ours.
FAULTS_OF_FILES = {"unreadable_file", "file_damaged"}
hostile = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
# An import of two takes longer than a refusal.
slow = settings(hostile, max_examples=max(1, settings().max_examples // 4))


def form(**fields: str | bytes) -> bytes:
    """Write a form whose boundary is `xx`."""
    return body(
        *(
            part(
                name,
                value if isinstance(value, bytes) else value.encode(),
                '; filename="c.csv"' if name == "file" else "",
            )
            for name, value in fields.items()
        )
    )


class Target:
    """Takes hostile input, and looks at what becomes of it."""

    def __init__(self, client: httpx.Client, settings: Settings, connection: Any):
        self._client = client
        self._settings = settings
        self._connection = connection

    def take_form(self, sent: bytes, kind: bytes = KIND) -> None:
        for path in (PREVIEW, UPLOAD):
            answer = self._client.post(path, content=sent, headers={b"Content-Type": kind})
            self._look_at(path, answer)

    def take_file(self, data: bytes, name: str) -> None:
        for path, fields in ((PREVIEW, {}), (UPLOAD, {"column_map": "auto"}), (UPLOAD, {})):
            answer = self._client.post(path, files={"file": (name, data)}, data=fields)
            self._look_at(path, answer)

    def _look_at(self, path: str, answer: httpx.Response) -> None:
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            refusal = answer.json()
            assert refusal["statusCode"] == answer.status_code
            assert refusal["name"]
            assert refusal["message"]
        elif path == UPLOAD:
            self._import(uuid.UUID(answer.json()["id"]))

    def _import(self, import_id: uuid.UUID) -> None:
        claimed, _ = run_next(self._settings)
        assert claimed == import_id
        shown = self._client.get(f"{UPLOAD}/{import_id}").json()
        counts = shown["counts"]
        assert shown["status"] in ("completed", "failed"), shown
        if shown["status"] == "failed":
            assert shown["error"]["code"] in FAULTS_OF_FILES, shown
        assert counts["total"] == sum(counts.values()) - counts["total"]
        failures = self._client.get(f"{UPLOAD}/{import_id}/failures.csv")
        assert failures.status_code == 200

    def check_files(self) -> None:
        """Nothing is kept of what was refused."""
        folder = Path(urlsplit(self._settings.storage_url).path)
        kept = {str(each.relative_to(folder)) for each in folder.glob("[!.]*/*") if each.is_file()}
        rows = self._connection.execute("SELECT object_key FROM contact_imports").fetchall()
        assert kept == {key for (key,) in rows}


@pytest.fixture
def target(
    client: httpx.Client, settings: Settings, connection: psycopg.Connection[Any]
) -> Iterator[Target]:
    made = Target(client, settings, connection)
    yield made
    made.check_files()


@hostile
@given(sent=damaged(form(column_map=MAP, on_conflict="skip", file=CSV)))
@example(sent=b"")
@example(sent=b"--xx")
@example(sent=form(column_map=MAP, file=CSV)[:-4])
def test_damaged_forms(target: Target, sent: bytes) -> None:
    target.take_form(sent)


@hostile
@given(kind=damaged(KIND))
def test_damaged_content_types(target: Target, kind: bytes) -> None:
    # Control characters do not get out of a client, let alone into a server.
    target.take_form(form(file=CSV), kind.translate(None, CONTROL).strip())


@hostile
@given(name=st.sampled_from(sorted(OPTIONS)), text=junk_texts())
def test_junk_in_every_field(target: Target, name: str, text: str) -> None:
    target.take_form(form(**{name: text.encode("utf-8", "surrogatepass"), "file": CSV}))


@hostile
@given(text=damaged(MAP.encode()))
def test_damaged_column_maps(target: Target, text: bytes) -> None:
    target.take_form(form(column_map=text, file=CSV))


@slow
@given(data=damaged(CSV))
@example(data=b"email")
@example(data=b'"')
def test_damaged_csv_files(target: Target, data: bytes) -> None:
    target.take_file(data, "contacts.csv")


@slow
@given(data=damaged(CSV).map(lambda csv: csv.decode("latin-1").encode("utf-16")))
def test_damaged_csv_files_in_utf_16(target: Target, data: bytes) -> None:
    target.take_file(data, "contacts.csv")


@slow
@given(data=damaged(gzip.compress(CSV, mtime=0)))
def test_damaged_gzip_files(target: Target, data: bytes) -> None:
    target.take_file(data, "contacts.csv.gz")


@slow
@given(data=damaged(pack({"contacts.csv": CSV})))
def test_damaged_zip_files(target: Target, data: bytes) -> None:
    target.take_file(data, "contacts.zip")


@slow
@given(data=damaged(pack(PARTS)))
def test_damaged_workbooks(target: Target, data: bytes) -> None:
    target.take_file(data, "contacts.xlsx")


def _damaged_part(name: str) -> st.SearchStrategy[bytes]:
    content = PARTS[name]
    good = content if isinstance(content, bytes) else content.encode()
    return damaged(good).map(lambda bad: pack({**PARTS, name: bad}))


@slow
@given(data=st.sampled_from(sorted(PARTS)).flatmap(_damaged_part))
def test_workbooks_with_damage_in_their_parts(target: Target, data: bytes) -> None:
    target.take_file(data, "contacts.xlsx")
