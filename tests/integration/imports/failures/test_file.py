"""The failures file: what stands in it, that it is safe, and that it goes back in as it stands."""

from __future__ import annotations

import contextlib
import csv
import io
import logging
import socket
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import psycopg
import pytest

from rollcall.formulas import NEUTRAL
from rollcall.imports.failures import file
from rollcall.imports.failures.file import CHILD, CONCURRENCY
from rollcall.web import csv_response
from tests.support.patience import wait_until
from tests.support.raw_http import Raw, connected, head
from tests.support.resources import error, show
from tests.support.uploads import Importer


def download(importer: Importer, path: str) -> list[list[str]]:
    """Return the records of an import's failures file."""
    response = importer.client.get(f"{path}/failures.csv")
    assert response.status_code == 200, response.text
    return read(response.content)


def read(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert not text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text, newline="")))


def message(importer: Importer, path: str, at: int = 0) -> str:
    found: str = importer.client.get(f"{path}/failures").json()["data"][at]["message"]
    return found


def test_the_failed_rows_as_they_stood(importer: Importer) -> None:
    data = (
        "Note;E-mail;Plan\n"
        '"two\nlines";ann at b.co; pro \n'
        "fine;a@b.co;free\n"
        '"said ""no""";;x,y\n'
        "short\n"
    )
    path = importer.run(data.encode(), "people.csv", column_map={"email": "E-mail"})
    response = importer.client.get(f"{path}/failures.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == (
        "attachment; filename=\"people-failures.csv\"; filename*=UTF-8''people-failures.csv"
    )
    assert read(response.content) == [
        ["Note", "E-mail", "Plan", "import_row", "import_error"],
        ["two\nlines", "ann at b.co", " pro ", "2", message(importer, path)],
        ['said "no"', "", "x,y", "4", message(importer, path, 1)],
        ["short", "", "", "5", message(importer, path, 2)],
    ]


def test_corrected_it_imports_those_rows_and_no_others(importer: Importer) -> None:
    column_map = {
        "email": "E-mail",
        "properties": {"phone": {"column": "Phone"}, "age": {"column": "Age", "type": "number"}},
    }
    data = "E-mail,Phone,Age\na@b.co,1,1\nann.b.co,+49 170,-5\nbob@b.co,=1+1,old\n"
    path = importer.run(data.encode(), column_map=column_map)
    rows = download(importer, path)
    assert [row[:3] for row in rows[1:]] == [
        ["ann.b.co", f"{NEUTRAL}+49 170", f"{NEUTRAL}-5"],
        ["bob@b.co", f"{NEUTRAL}=1+1", "old"],
    ]
    rows[1][0] = "ann@b.co"
    rows[2][2] = "40"
    again = importer.run(written(rows), column_map=column_map)
    assert show(importer.client, again)["counts"] == {
        "total": 2,
        "created": 2,
        "updated": 0,
        "skipped": 0,
        "failed": 0,
    }
    ann = show(importer.client, "/contacts/ann@b.co")["properties"]
    assert (ann["phone"]["value"], ann["age"]["value"]) == ("+49 170", -5)
    bob = show(importer.client, "/contacts/bob@b.co")["properties"]
    assert (bob["phone"]["value"], bob["age"]["value"]) == ("=1+1", 40)


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=cmd|' /C calc'!A0", "\u00a0=cmd|' /C calc'!A0"),
        ("-5", "\u00a0-5"),
        ("@sum(1)", "\u00a0@sum(1)"),
        ("\t=1", "\u00a0\t=1"),
        ("\tx", "\u00a0\tx"),
        ("\rx", "\u00a0\rx"),
        ("  =1", "\u00a0  =1"),
        ("\ufeff=1", "\u00a0\ufeff=1"),
        ("\uff1d1", "\u00a0\uff1d1"),
        ("\u00a0=1", "\u00a0=1"),
        ("'=1", "'=1"),
        ("'t Hart", "'t Hart"),
        ("a=1", "a=1"),
        (" x", " x"),
    ],
)
def test_no_cell_is_a_formula_and_every_value_comes_back(
    importer: Importer, cell: str, shown: str
) -> None:
    column_map = {"email": "=E-mail", "properties": {"p": {"column": "P"}}}
    path = importer.run(written([["=E-mail", "P"], ["x", cell]]), column_map=column_map)
    rows = download(importer, path)
    assert rows[0] == ["\u00a0=E-mail", "P", "import_row", "import_error"]
    assert rows[1][1] == shown
    rows[1][0] = "x@b.co"
    again = importer.run(written(rows), column_map=column_map)
    assert show(importer.client, again)["counts"]["created"] == 1
    found = show(importer.client, "/contacts/x@b.co")["properties"]["p"]["value"]
    assert found == cell.strip("\ufeff").strip()


def test_a_failures_file_of_a_failures_file(importer: Importer) -> None:
    data = "email,email2,email2\nx,=1,\na@b.co,,\n,y,\nz,,\n"
    first = importer.run(data.encode())
    rows = download(importer, first)
    assert [row[3] for row in rows] == ["import_row", "2", "4", "5"]
    rows[1][0] = "x@b.co"
    second = importer.run(written(rows), "contacts-failures.csv")
    again = importer.client.get(f"{second}/failures.csv")
    assert "contacts-failures.csv" in again.headers["content-disposition"]
    assert read(again.content) == [
        ["email", "email2", "email2", "import_row", "import_error"],
        ["", "y", "", "3", message(importer, second)],
        ["z", "", "", "4", message(importer, second, 1)],
    ]


def test_columns_that_the_map_reads_are_the_clients_own(importer: Importer) -> None:
    column_map = {"email": "email", "properties": {"why": {"column": "import_error"}}}
    path = importer.run(b"import_error,email,import_row\ntheirs,x,7\n", column_map=column_map)
    rows = download(importer, path)
    assert rows == [["import_error", "email", "import_row"], ["theirs", "x", "2"]]
    again = importer.run(written(rows), column_map=column_map)
    assert show(importer.client, again)["failures"] == {"invalid_email": 1}


def test_surplus_cells_stay_surplus(importer: Importer) -> None:
    path = importer.run(b"email,name\na@b.co,Lee,Ann,,x\na@b.co,Lee, ,\nb,,\n")
    rows = download(importer, path)
    assert rows[1:] == [
        ["a@b.co", "Lee", "2", message(importer, path), "Ann", "", "x"],
        ["b", "", "4", message(importer, path, 1)],
    ]
    again = importer.run(written(rows))
    assert show(importer.client, again)["failures"] == {"too_many_cells": 1, "invalid_email": 1}
    rows[1] = ["a@b.co", "Lee, Ann", "2", ""]
    rows[2][0] = "b@b.co"
    corrected = importer.run(written(rows))
    assert show(importer.client, corrected)["counts"]["failed"] == 0


def test_records_that_have_no_cells_say_so(importer: Importer) -> None:
    too_long = "x" * 5_000_000
    path = importer.run(f'email,name\n"{too_long}",\na@b.co,"open\nb@b.co\n'.encode())
    rows = download(importer, path)
    assert [row[:3] for row in rows[1:]] == [["", "", "2"], ["a@b.co", '"open', "3"]]
    assert "4 million" in rows[1][3]
    assert "never closed" in rows[2][3]


def test_bytes_that_mean_nothing_fail_until_they_are_typed_again(importer: Importer) -> None:
    good = "é".encode() * 9
    data = b"email,first_name,note\na@b.co,A\xffn,\xfe\nx,J\xc3\xbcrgen,\xff" + good + b"\n"
    path = importer.run(data)
    rows = download(importer, path)
    assert [row[:3] for row in rows[1:]] == [
        ["a@b.co", "A\ufffdn", "\ufffd"],
        ["x", "Jürgen", "\ufffd" + good.decode()],
    ]
    again = importer.run(written(rows))
    failures = importer.client.get(f"{again}/failures").json()["data"]
    assert [(f["row"], f["column"], f["code"], f["value"]) for f in failures] == [
        (2, "first_name", "invalid_encoding", "A\ufffdn"),
        (3, "email", "invalid_email", "x"),
    ]
    rows[1][1] = "Ann"
    # A replacement character of the client's own is a character like any other.
    rows[2][:2] = ["x@b.co", "J\ufffdrgen"]
    corrected = importer.run(written(rows))
    assert show(importer.client, corrected)["counts"]["created"] == 2
    assert show(importer.client, "/contacts/x@b.co")["first_name"] == "J\ufffdrgen"


def test_of_an_import_that_runs_the_failures_so_far(importer: Importer) -> None:
    slow = Importer(
        client=importer.client, settings=importer.settings, team_id=importer.team_id, batch_rows=2
    )
    path = slow.upload(b"email\nx\na@b.co\ny\n")
    assert download(slow, path) == [["email", "import_row", "import_error"]]
    slow.work_on_one_batch(path)
    assert [row[0] for row in download(slow, path)] == ["email", "x"]
    slow.work(path)
    assert [row[0] for row in download(slow, path)] == ["email", "x", "y"]


def test_when_the_file_is_gone(importer: Importer, connection: psycopg.Connection[Any]) -> None:
    path = importer.run(b"email\nx\n")
    ((key,),) = connection.execute("SELECT object_key FROM contact_imports").fetchall()
    Path(urlsplit(importer.settings.storage_url).path, key).unlink()
    gone = "The uploaded file of this import is no longer in the storage."
    assert error(importer.client.get(f"{path}/failures.csv")) == (404, "not_found", gone)
    assert len(importer.client.get(f"{path}/failures").json()["data"]) == 1


def test_an_import_that_is_not_there(importer: Importer, other_client: httpx.Client) -> None:
    path = importer.run(b"email\nx\n")
    unknown = (404, "not_found", "Contact import not found")
    assert error(other_client.get(f"{path}/failures.csv")) == unknown
    nowhere = f"/contacts/imports/{uuid.uuid4()}/failures.csv"
    assert error(importer.client.get(nowhere)) == unknown
    assert importer.client.get("/contacts/imports/7/failures.csv").status_code == 422


def test_many_failures_over_many_pages_and_chunks(importer: Importer) -> None:
    lines = [f"p{n}@b.co" if n % 2 else f"p{n}" for n in range(50_000)]
    path = importer.run("\n".join(["email", *lines]).encode())
    rows = download(importer, path)[1:]
    assert [row[0] for row in rows] == [f"p{n}" for n in range(0, 50_000, 2)]
    assert [row[1] for row in rows] == [str(n + 2) for n in range(0, 50_000, 2)]


def test_a_client_that_goes_away_leaves_nothing_behind(
    importer: Importer, connection: psycopg.Connection[Any]
) -> None:
    lines = "\n".join(f"p{n},{'x' * 500}" for n in range(60_000))
    path = importer.run(b"email,note\n" + lines.encode())
    # With the large buffers that a kernel may have, all of it could be on its way at once.
    options = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)]
    slow = httpx.Client(
        base_url=importer.client.base_url,
        headers=importer.client.headers,
        transport=httpx.HTTPTransport(socket_options=options),
    )
    for _ in range(3):
        with slow.stream("GET", f"{path}/failures.csv") as response:
            blocks = response.iter_bytes()
            assert next(blocks)
            # A slow client keeps neither a process nor a connection to the database.
            wait_until(lambda: busy_sessions(connection) == 0 and not writers())
    slow.close()
    wait_until(lambda: not writers())
    wait_until(lambda: busy_sessions(connection) == 0)


def test_more_than_may_be_written_at_once_wait_for_their_turn(importer: Importer) -> None:
    path = importer.run(b"email\nx\na@b.co\ny\n")
    most = 0
    with ThreadPoolExecutor(3 * CONCURRENCY) as threads:
        files = [threads.submit(download, importer, path) for _ in range(3 * CONCURRENCY)]
        while not all(file.done() for file in files):
            most = max(most, len(writers()))
    assert [[row[0] for row in file.result()] for file in files] == [["email", "x", "y"]] * 6
    assert 1 <= most <= CONCURRENCY
    assert not writers()


def test_a_file_that_cannot_be_written_to_its_end_is_not_taken_for_a_whole_one(
    importer: Importer,
) -> None:
    lines = "\n".join(f"p{n},{'x' * 500}" for n in range(60_000))
    path = importer.run(b"email,note\n" + lines.encode())
    with importer.client.stream("GET", f"{path}/failures.csv") as response:
        blocks = response.iter_raw()
        assert next(blocks)
        wait_until(lambda: not writers())
        with ThreadPoolExecutor(1) as thread:
            killed = thread.submit(kill_next_writer)
            with pytest.raises(httpx.RemoteProtocolError):
                list(blocks)
        killed.result()
    assert show(importer.client, path)["status"] == "completed"


def kill_next_writer() -> None:
    wait_until(lambda: bool(writers()))
    (writer,) = writers()
    writer.kill()


def test_slow_readers_are_in_nobodys_way(
    importer: Importer, other_client: httpx.Client, team_key: str
) -> None:
    """However many there are, of one team or of several: each keeps a segment and no turn."""
    lines = "\n".join(f"p{n},{'x' * 500}" for n in range(20_000))
    path = importer.run(b"email,note\n" + lines.encode())
    other = Importer(client=other_client, settings=importer.settings, team_id=importer.team_id)
    theirs = other.run(b"email,note\n" + lines.encode())
    keys = {path: team_key, theirs: other_client.headers["authorization"].partition(" ")[2]}
    with contextlib.ExitStack() as stack:
        slow = []
        for slow_path, key in 2 * list(keys.items()):
            raw = stack.enter_context(connected(str(importer.client.base_url), 64 * 1024))
            raw.send(head(f"GET {slow_path}/failures.csv", key))
            assert raw.socket.recv(100).startswith(b"HTTP/1.1 200 ")
            slow.append(raw)
        stack.enter_context(reading_slowly(slow))
        assert len(download(importer, path)) == 20_001
        assert len(download(other, theirs)) == 20_001


@contextmanager
def reading_slowly(connections: list[Raw]) -> Iterator[None]:
    """Take so much now and then that it cannot be said that nothing is taken."""
    done = threading.Event()

    def read() -> None:
        while not done.wait(3):
            for raw in connections:
                raw.socket.recv(32 * 1024)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251"])
def test_a_file_in_many_segments_is_the_same_file(
    importer: Importer, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """Each is written by a process of its own, which goes on where the one before has ended."""
    note = "\u041f\u0440\u0438"
    rows = [
        f'p{n}{"" if n % 10 == 0 else "@b.co"},"{note},\n""{n}"" {"x" * 250}"'
        for n in range(15_000)
    ]
    data = "\r\n".join(["email,note", *rows]).encode(encoding)
    path = importer.run(data)
    whole = importer.client.get(f"{path}/failures.csv").content
    assert len(read(whole)) == 1501
    monkeypatch.setattr(file, "SEGMENT_BYTES", (1000, 1000))
    assert importer.client.get(f"{path}/failures.csv").content == whole


def test_a_file_is_not_taken_for_ever(
    importer: Importer,
    team_key: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    lines = "\n".join(f"p{n},{'x' * 500}" for n in range(20_000))
    path = importer.run(b"email,note\n" + lines.encode())
    monkeypatch.setattr(csv_response, "DOWNLOAD_SECONDS", 3.0)
    with connected(str(importer.client.base_url), 64 * 1024) as raw:
        raw.send(head(f"GET {path}/failures.csv", team_key))
        wait_until(lambda: bool(cut_off(caplog)))
        assert not raw.wait_for_end().endswith(b"0\r\n\r\n")
    wait_until(lambda: not writers())
    (logged,) = cut_off(caplog)
    assert logged.levelname == "WARNING"
    assert "A file has to be taken within 3 seconds." in logged.getMessage()


def cut_off(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Return what was logged of answers that ended before their end."""
    return [record for record in caplog.records if record.name.startswith("rollcall.web.mid")]


def writers() -> list[psutil.Process]:
    """Return the processes that write failures files for this one, in which the API runs."""
    return [child for child in psutil.Process().children() if is_writer(child)]


def is_writer(process: psutil.Process) -> bool:
    try:
        return CHILD in process.cmdline()
    except psutil.NoSuchProcess:
        # Which it is as soon as it has ended, even if nobody has asked how.
        return False


def busy_sessions(connection: psycopg.Connection[Any]) -> int:
    """Return how many connections of the API are within a transaction."""
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE application_name = 'rollcall-api' AND state <> 'idle'"
    ).fetchone()
    assert row is not None
    found: int = row[0]
    return found
