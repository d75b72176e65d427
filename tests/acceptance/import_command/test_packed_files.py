"""`rollcall import` of workbooks and packed files, whose header only the server can read."""

from __future__ import annotations

import gzip

import httpx
import pytest

from tests.acceptance.import_command.shell import Shell, imports, list_emails, table
from tests.workbooks import text_rows, workbook

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
def test_properties_of_a_packed_file_need_a_map(
    shell: Shell, http: httpx.Client, name: str
) -> None:
    (shell.folder / name).write_bytes(PACKED[name])
    done = shell.run(name, "--property", "plan=Plan")
    assert (done.returncode, done.stdout) == (1, "")
    assert "give a --map for every contact field too" in done.stderr
    assert imports(http) == []
