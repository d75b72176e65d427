"""While Rollcall is updated, older and newer workers are beside each other."""

from __future__ import annotations

import sys
from typing import Any

import httpx
import psycopg

from rollcall.imports.kinds import ROW_FORMAT
from tests.support.patience import wait_until
from tests.support.product import Product, Team

LATER = ROW_FORMAT + 1
# A worker of a version that understands more.
NEWER = f"""
from rollcall.imports import kinds
kinds.ROW_FORMAT = {LATER}
from rollcall.cli.app import main
main()
"""


def upload(http: httpx.Client) -> str:
    files = {"file": ("contacts.csv", b"email\nada@example.com\n")}
    answer = http.post("/contacts/imports", files=files)
    assert answer.status_code == 201, answer.text
    return f"/contacts/imports/{answer.json()['id']}"


def test_what_a_worker_does_not_understand_waits_for_a_newer_one(
    product: Product, team_key: str, connection: psycopg.Connection[Any]
) -> None:
    with Team(product.start_api(), team_key).client() as http:
        later = upload(http)
        connection.execute("UPDATE contact_imports SET row_format = %s", (LATER,))
        # Without workers nobody knows what they will understand.
        assert http.get(later).json()["last_error"] is None

        older = product.start("worker")
        known = upload(http)
        wait_until(lambda: http.get(known).json()["status"] == "completed")
        wait_until(lambda: http.get(later).json()["last_error"] is not None)
        shown = http.get(later).json()
        assert (shown["status"], shown["attempts"]) == ("queued", 0)
        assert shown["last_error"]["code"] == "worker_too_old"
        assert "older than this server" in shown["last_error"]["message"]
        (listed,) = (
            each for each in http.get("/contacts/imports").json()["data"] if each["attempts"] == 0
        )
        assert listed["last_error"] == shown["last_error"]

        product.program = [sys.executable, "-c", NEWER]
        product.start("worker")
        wait_until(lambda: http.get(later).json()["status"] == "completed")
        assert http.get(later).json()["last_error"] is None
        assert older.popen.poll() is None
