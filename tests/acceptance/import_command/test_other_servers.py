"""`rollcall import` with servers that suggest nothing, or what this version does not know."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.acceptance.conftest import Team
from tests.support.proxy import Fault, proxied
from tests.support.shell import Shell, imports, list_emails, table

TITLE = "The columns of the file:"


@pytest.mark.parametrize("status", [404, 405])
def test_an_older_server_is_sent_the_file_as_it_is(
    shell: Shell, team: Team, http: httpx.Client, status: int
) -> None:
    shell.write("email,Plan\nada@example.com,pro\n")
    with proxied(team.url) as proxy:
        proxy.faults = [Fault(method="POST", path="/preview", status=status)] * 2
        done = shell.run("contacts.csv", "--url", proxy.url)
        assert done.returncode == 0, done
        assert f"{proxy.url} is older than this command" in done.stderr
        assert list_emails(http) == ["ada@example.com"]
        refused = shell.run("contacts.csv", "--property", "plan=Plan", "--url", proxy.url)
    assert refused.returncode == 1
    assert "give a --map for every contact field too" in refused.stderr
    assert len(imports(http)) == 1


@contextmanager
def serve(preview: object) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers a preview with this; the bodies of all uploads behind its address."""
    uploads: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(200, {"object": "list", "data": []})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path.endswith("/preview"):
                self.answer(200, preview)
            else:
                uploads.append(body)
                self.answer(201, {"id": "01935f2c-7d3a-7c41-9c1e-2f6f0f2f9b11"})

        def answer(self, status: int, content: object) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name there)
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", uploads
        finally:
            server.shutdown()
            thread.join()


LATER = {
    "object": "contact_import_preview",
    "dialect": {"format": "parquet", "codec": "zstd"},
    "columns": [
        {"index": 0, "name": "Mail", "samples": [], "suggestion": {"target": "email"}},
        {"index": 1, "name": "Tel", "suggestion": {"target": "phone", "region": "DE"}},
        {"index": 2, "suggestion": {"target": "\x1b[31m", "confidence": "unsure"}},
        {},
    ],
    "column_map": {"email": "Mail", "phone": {"column": "Tel", "region": "DE"}},
}


def test_what_a_later_server_suggests_is_sent_back_to_it(shell: Shell) -> None:
    shell.write("Mail,Tel\n")
    with serve(LATER) as (url, uploads):
        done = shell.run("contacts.csv", "--url", url, "--yes", "--no-watch")
        assert done.returncode == 0, done
    assert [row[:2] for row in table(done.stderr, TITLE)[1:]] == [
        ["Mail", "email"],
        ["Tel", "phone"],
        ["(column 3)", r"not read (\x1b[31m?)"],
        ["(column 1)", "not read"],
    ]
    assert "Read as parquet.\n" in done.stderr
    assert json.dumps(LATER["column_map"]).encode() in uploads[0]


@pytest.mark.parametrize("answer", [{}, {"column_map": {}}, {"column_map": {"first_name": "A"}}])
def test_an_answer_without_addresses(shell: Shell, answer: object) -> None:
    shell.write("A\n")
    with serve(answer) as (url, uploads):
        done = shell.run("contacts.csv", "--url", url, "--yes")
    assert (done.returncode, done.stdout, uploads) == (1, "", [])
    assert "Say which column has the addresses" in done.stderr


@pytest.mark.parametrize("answer", [[], {"columns": {}}, {"column_map": "auto"}])
def test_an_answer_that_is_none(shell: Shell, answer: object) -> None:
    shell.write("A\n")
    with serve(answer) as (url, uploads):
        done = shell.run("contacts.csv", "--url", url, "--yes")
    assert (done.returncode, done.stdout, uploads) == (1, "", [])
    assert "The server's answer is not understood" in done.stderr
