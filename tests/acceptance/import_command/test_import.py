"""`rollcall import` as a script meets it when all goes well."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path

import httpx
import pytest

from rollcall.client.api import Api
from rollcall.client.errors import ClientError
from tests.acceptance.conftest import Product
from tests.support.shell import Shell, imports


def test_all_rows_are_in(shell: Shell, http: httpx.Client) -> None:
    segment = http.post("/segments", json={"name": "Newsletter"}).json()["id"]
    topic = http.post("/topics", json={"name": "News", "default_subscription": "opt_out"}).json()
    shell.write(
        "E=mail,Name,Plan: now,Seats\nada@example.com,Ada,pro,3\ngrace@example.com,,free,\n"
    )
    done = shell.run(
        "contacts.csv",
        *("--map", "email=E=mail", "--map", "first_name=Name"),
        *("--property", "plan=Plan: now:string", "--property", "seats=Seats:number"),
        *("--segment", segment, "--topic", f"{topic['id']}=opt_in"),
    )
    assert done.returncode == 0, done
    (shown,) = imports(http)
    assert f"Import {shown['id']} is complete." in done.stdout
    assert re.search(
        r"total +created +updated +skipped +failed *\n +2 +2 +0 +0 +0 *\n", done.stdout
    )
    assert "Uploading: 100%" in done.stderr
    assert f"Import {shown['id']} is with the server." in done.stderr
    ada = http.get("/contacts/ada@example.com").json()
    assert ada["first_name"] == "Ada"
    assert ada["properties"] == {
        "plan": {"value": "pro", "type": "string"},
        "seats": {"value": 3, "type": "number"},
    }
    joined = http.get("/contacts/ada@example.com/segments").json()["data"]
    assert [each["id"] for each in joined] == [segment]
    chosen = http.get("/contacts/ada@example.com/topics").json()["data"]
    assert [each["subscription"] for each in chosen] == ["opt_in"]


def test_properties_alone_and_contacts_that_are_there(shell: Shell, http: httpx.Client) -> None:
    shell.write("email,first_name,Plan\nada@example.com,Ada,pro\n")
    assert shell.run("contacts.csv", "--property", "plan=Plan").returncode == 0
    assert http.get("/contacts/ada@example.com").json()["first_name"] == "Ada"
    skipped = shell.run("contacts.csv", "--on-conflict", "skip", "--yes")
    assert skipped.returncode == 0
    assert imports(http)[0]["counts"]["skipped"] == 1


def test_a_large_file_is_never_in_memory(product: Product, team_key: str, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    with file.open("wb") as opened:
        for _ in range(150):
            opened.write(b"x" * 1_000_000)
    api = Api(product.start_api(), team_key, notice=print)
    tracemalloc.start()
    try:
        with pytest.raises(ClientError, match="longer than 256 KiB"):
            api.upload(file, {}, lambda _: None)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
        api.close()
