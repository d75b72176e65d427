"""What packed files may need, and what is left of those that need more or are given up."""

from __future__ import annotations

import gzip
import random
import socket
import sys
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from rollcall.config import Settings
from rollcall.imports.formats import conversion, convert
from tests.integration.imports.formats.conftest import open_spools, stored_files
from tests.integration.imports.formats.test_formats import MIB, UPLOAD, post
from tests.support.patience import wait_until
from tests.support.workbooks import pack, parts, sheet, strings, text_cell, text_rows, workbook


def repeated(unit: bytes, count: int) -> Iterator[bytes]:
    return (unit for _ in range(count))


def gzip_of(blocks: Iterator[bytes]) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return b"".join(map(packer.compress, blocks)) + packer.flush()


BOMBS: dict[str, Callable[[], bytes]] = {
    "gz of 1 GB of zeros": lambda: gzip_of(repeated(bytes(MIB), 1000)),
    "gz of 1 GB of cells": lambda: gzip_of(repeated(b"email\n" * 170_000, 1000)),
    "zip": lambda: pack({"a.csv": b"email\n" * 40 * MIB}),
    "xlsx, shared strings": lambda: pack(
        parts() | {"xl/sharedStrings.xml": strings("<t>" + "x" * 120 * MIB + "</t>")}
    ),
    "xlsx, rows": lambda: workbook(text_rows(["email"], *[["x" * 20_000]] * 6_000)),
    "xlsx, spaces": lambda: pack(parts() | {"xl/worksheets/sheet1.xml": sheet(" " * 120 * MIB)}),
}


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("name", BOMBS)
def test_bombs(
    settings: Settings, serve: Callable[[Settings], str], team_key: str, name: str
) -> None:
    bomb = BOMBS[name]()
    assert len(bomb) < 5 * MIB
    base = serve(settings.model_copy(update={"max_upload_bytes": 10 * MIB}))
    headers = {"Authorization": f"Bearer {team_key}"}
    with httpx.Client(base_url=base, headers=headers) as client:
        before = psutil.Process().memory_info().rss
        response = post(client, bomb)
        assert response.status_code == 413, response.text
        assert response.json()["name"] == "validation_error"
        assert "The `file` is" in response.json()["message"]
        assert psutil.Process().memory_info().rss - before < 100 * MIB
        assert client.get(UPLOAD).status_code == 200


@pytest.mark.usefixtures("nothing_left")
def test_a_conversion_that_needs_too_much_memory(client: httpx.Client) -> None:
    # So deep that what is still open does not fit, whatever limits count.
    deep = pack(parts() | {"xl/worksheets/sheet1.xml": "<worksheet>" + "<abcd>" * 20_000_000})
    response = post(client, deep)
    assert response.status_code == 413, response.text
    assert response.json()["message"].startswith("The `file` needs more memory than this server")


@pytest.mark.usefixtures("nothing_left")
def test_a_conversion_that_takes_too_long(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion, "MAX_SECONDS", 0.001)
    response = post(client, workbook(text_rows(["email"])))
    assert response.status_code == 413
    assert response.json()["message"].startswith("The `file` takes more time to unpack and read")


@pytest.mark.parametrize(("seconds", "status"), [(1, 413), (convert.PROCESSOR_SECONDS, 201)])
def test_a_conversion_that_takes_too_much_processor_time(
    client: httpx.Client,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    status: int,
) -> None:
    """The same file is taken in where there is enough of it."""
    monkeypatch.setattr(convert, "PROCESSOR_SECONDS", seconds)
    rows = f"<row>{text_cell('a@example.com')}{'<c><v>1</v></c>' * 200}</row>" * 7000
    response = post(client, workbook(text_rows(["email"]) + rows))
    assert response.status_code == status, response.text
    if status == 413:
        assert response.json()["message"].startswith("The `file` takes more time to unpack and")
        assert stored_files(settings) == []


@pytest.mark.usefixtures("nothing_left")
def test_a_conversion_that_crashes(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    response = post(client, workbook(text_rows(["email"])))
    assert response.status_code == 422
    assert response.json()["message"].startswith("The `file` is a zip archive or workbook that can")


@pytest.mark.usefixtures("nothing_left")
def test_no_room_to_spool(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    # /dev/full is a disk on which there never is room.
    with Path("/dev/full").open("r+b", buffering=0) as full:
        monkeypatch.setattr(tempfile, "TemporaryFile", lambda prefix: full)
        response = post(client, workbook(text_rows(["email"])))
    assert response.status_code == 503
    assert response.json()["message"] == "There is no room to unpack the `file` right now."


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize(
    "data", [gzip.compress(random.Random(1).randbytes(8 * MIB)), b"PK\x03\x04"]
)
def test_a_client_that_disconnects_leaves_nothing(
    api: str, settings: Settings, team_key: str, spool_folder: Path, data: bytes
) -> None:
    host, port = urlsplit(api).netloc.split(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(
            f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {team_key}\r\n"
            "Content-Type: multipart/form-data; boundary=xx\r\n"
            "Content-Length: 90000000\r\n\r\n"
            '--xx\r\nContent-Disposition: form-data; name="file"\r\n\r\n'.encode()
            + data
            + bytes(MIB)
        )
        wait_until(lambda: bool(stored_files(settings)) or bool(open_spools(spool_folder)))
    wait_until(lambda: not stored_files(settings) and not open_spools(spool_folder))


def test_more_conversions_than_run_at_once(client: httpx.Client) -> None:
    data = workbook(text_rows(["email"], ["ada@example.com"]))
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(post(client, data).status_code))
        for _ in range(3 * convert.CONCURRENCY)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * len(threads)
