"""`rollcall import` of workbooks and packed files, whose header only the server can read."""

from __future__ import annotations

import gzip
import random

import httpx
import pytest

from tests.support.shell import Shell, imports, list_emails, table
from tests.support.workbooks import book, text_rows, workbook

ROWS = [
    ["E-mail", "Name", "Plan"],
    ["ada@example.com", "Ada", "pro"],
    ["nobody", "Grace", "free"],
]
PACKED = {
    "contacts.xlsx": workbook(text_rows(*ROWS)),
    "contacts.csv.gz": gzip.compress("\n".join(map(",".join, ROWS)).encode()),
}
MAPS = ("--map", "email=E-mail", "--map", "first_name=Name")


@pytest.mark.parametrize("name", PACKED)
def test_a_packed_file_is_mapped(shell: Shell, http: httpx.Client, name: str) -> None:
    (shell.folder / name).write_bytes(PACKED[name])
    done = shell.run(name, *MAPS, "--property", "plan=Plan")
    assert done.returncode == 2, done
    assert list_emails(http) == ["ada@example.com"]
    ada = http.get("/contacts/ada@example.com").json()
    assert ada["first_name"] == "Ada"
    assert ada["properties"] == {"plan": {"value": "pro", "type": "string"}}
    assert table(done.stdout, "The first failed rows:")[1][:2] == ["3", "E-mail"]
    assert "All failed rows: contacts.failures.csv\n" in done.stdout
    saved = shell.folder / "contacts.failures.csv"
    saved.write_text(saved.read_text(encoding="utf-8").replace("nobody", "grace@example.com"))
    again = shell.run(saved.name, *MAPS, "--property", "plan=Plan")
    assert again.returncode == 0, again
    assert list_emails(http) == ["ada@example.com", "grace@example.com"]


@pytest.mark.parametrize("name", PACKED)
def test_properties_alone(shell: Shell, http: httpx.Client, name: str) -> None:
    """The fields of contacts are those that are suggested; nothing else is."""
    (shell.folder / name).write_bytes(PACKED[name])
    done = shell.run(name, "--property", "level=Plan")
    assert done.returncode == 2, done
    ada = http.get("/contacts/ada@example.com").json()
    assert ada["first_name"] == "Ada"
    assert ada["properties"] == {"level": {"value": "pro", "type": "string"}}


@pytest.mark.parametrize("name", PACKED)
def test_what_is_suggested_is_taken(shell: Shell, http: httpx.Client, name: str) -> None:
    (shell.folder / name).write_bytes(PACKED[name])
    refused = shell.run(name)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert imports(http) == []
    done = shell.run(name, "--yes")
    assert done.returncode == 2, done
    ada = http.get("/contacts/ada@example.com").json()
    assert (ada["first_name"], ada["properties"]["plan"]["value"]) == ("Ada", "pro")


def test_a_workbook_larger_than_a_beginning(shell: Shell, http: httpx.Client) -> None:
    """What is in it stands at its end, so it is looked at whole; the right sheet is imported."""
    notes = [[f"{number} {random.Random(number).randbytes(600).hex()}"] for number in range(3000)]
    people = [["E-mail", "Name"], ["ada@example.com", "Ada Lovelace"]]
    same_names = [["E-mail", "Name"], ["to be filled in", "Nobody"]]
    sheets = {"Notes": notes, "Form": same_names, "People": people}
    data = book({name: text_rows(*rows) for name, rows in sheets.items()})
    (shell.folder / "contacts.xlsx").write_bytes(data)
    assert len(data) > 1024 * 1024
    done = shell.run("contacts.xlsx", "--yes")
    assert done.returncode == 0, done
    assert 'Read as workbook, sheet "People", header in row 1.' in done.stderr
    assert list_emails(http) == ["ada@example.com"]
