"""`rollcall import` as a person meets it: live progress, and Ctrl-C."""

from __future__ import annotations

import re
import socket
import subprocess
import uuid
from pathlib import Path

import httpx

from tests.acceptance.conftest import Product, held_back
from tests.support.patience import PATIENCE
from tests.support.shell import CTRL_C, Shell, imports, terminal


def test_the_bar_on_a_terminal(
    product: Product, team_key: str, team_id: uuid.UUID, tmp_path: Path
) -> None:
    """The import is stopped twice, far enough apart that its place in the file has moved."""
    shell = Shell(tmp_path, {"ROLLCALL_URL": product.start_api(), "ROLLCALL_API_KEY": team_key})
    rows = "".join(f"ada{number}@example.com,{'x' * 1000}\n" for number in range(6000))
    shell.write(f"email,Note\n{rows}nobody,\n")
    with (
        held_back(product.settings, team_id, "ada4200@example.com") as second,
        held_back(product.settings, team_id, "ada2700@example.com") as first,
        terminal(shell, "contacts.csv", "--yes") as screen,
    ):
        screen.read_until("Waiting for a worker")
        product.start("worker", ROLLCALL_BATCH_ROWS="200")
        screen.read_until(r"Importing [^%]*[ m][1-9]\d?%")
        first.rollback()
        screen.read_until(r"[1-9]\d?% [\d,]+ rows/s, \d:\d\d:\d\d left")
        second.rollback()
        status = screen.read_to_end()
    assert status == 2, screen.written
    assert "\u2501" in screen.written
    assert re.search(r"[1-4],\d00 rows: [1-4],\d00 created, 0 updated", screen.written)
    # The cursor is back.
    assert screen.written.rindex("\x1b[?25h") > screen.written.rindex("\x1b[?25l")
    after = screen.written[screen.written.rindex("\x1b[?25h") :]
    assert re.search(r"Import \S+ is complete\.", after)
    assert re.search(r"6,001 +6,000 +0 +0 +1", after)
    assert "All failed rows: contacts.failures.csv" in after
    assert team_key not in screen.written


def test_ctrl_c_leaves_the_import_running_and_says_how_to_follow_it(
    product: Product, team_key: str, tmp_path: Path
) -> None:
    url = product.start_api()
    shell = Shell(tmp_path, {"ROLLCALL_URL": url, "ROLLCALL_API_KEY": team_key})
    shell.write("email\nada@example.com\n")
    with terminal(shell, "contacts.csv", "--yes") as screen:
        screen.read_until("Waiting for a worker")
        screen.press(CTRL_C)
        status = screen.read_to_end()
    assert status == 130
    assert "Traceback" not in screen.written
    assert "\x1b[?25h" in screen.written
    (follow,) = re.findall(r"to follow it: (.*?)\r", screen.written)
    product.start("worker")
    done = subprocess.run(
        ["sh", "-c", follow],
        cwd=shell.folder,
        env=shell.environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done
    assert "is complete." in done.stdout


def test_ctrl_c_before_the_upload_is_through(shell: Shell, http: httpx.Client) -> None:
    """The server takes no more of the file, so that the upload stands still."""
    with (shell.folder / "contacts.csv").open("wb") as opened:
        opened.truncate(100_000_000)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with terminal(shell, "contacts.csv", "--map", "email=email", "--url", url) as screen:
            first, _ = silent.accept()
            with first:
                body = b'{"object":"list","data":[]}'
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
                first.recv(65536)
                first.sendall(head.encode() + body)
                screen.read_until("Uploading")
                screen.press(CTRL_C)
                status = screen.read_to_end()
    assert status == 130
    assert "Interrupted. Nothing is imported." in screen.written
    assert imports(http) == []
