"""The encoding of an uploaded file is found from all of it, while it is stored."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.resources import show
from tests.support.uploads import Importer

ROW = "plain{}@example.com,Anna,Smith\n"
HEADER = "email,first_name,last_name\n"


def many_rows() -> str:
    """Return rows in ASCII, more of them than the head of a file has."""
    return "".join(ROW.format(n) for n in range(10_000))


def names(importer: Importer, email: str) -> tuple[Any, Any]:
    contact = importer.client.get(f"/contacts/{email}").json()
    return contact["first_name"], contact["last_name"]


def remarked(importer: Importer, path: str) -> list[str]:
    found = importer.client.get(f"{path}/warnings").json()["data"]
    return [warning["value"] for warning in found if warning["code"] == "legacy_encoding"]


@pytest.mark.parametrize(
    ("codec", "name", "shown"),
    [
        ("utf-8", ("Žofie", "Dvořáková"), []),
        ("cp1250", ("Žofie", "Dvořáková"), ["Windows-1250"]),
        ("cp949", ("민준", "김"), ["EUC-KR"]),
        ("mac_roman", ("Jürgen", "Müller"), ["Macintosh"]),
    ],
)
def test_the_first_accent_may_come_after_the_head(
    importer: Importer, codec: str, name: tuple[str, str], shown: list[str]
) -> None:
    data = HEADER + many_rows() + f"last@example.com,{name[0]},{name[1]}\n"
    path = importer.run(data.encode(codec))
    assert show(importer.client, path)["counts"]["created"] == 10_001
    assert names(importer, "last@example.com") == name
    assert remarked(importer, path) == shown


def test_a_row_in_latin_1_fails_alone(importer: Importer) -> None:
    rows = [f"{n}@example.com,Zoë,Müller\n".encode() for n in range(5)]
    rows[2] = "2@example.com,Zoë,Müller\n".encode("cp1252")
    path = importer.run(HEADER.encode() + b"".join(rows))
    shown = show(importer.client, path)
    assert (shown["counts"]["created"], shown["failures"]) == (4, {"invalid_encoding": 1})
    assert names(importer, "3@example.com") == ("Zoë", "Müller")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "iso2022_jp_ext", "euc_jp", "cp932"])
def test_bytes_that_are_not_read_line_by_line(importer: Importer, codec: str) -> None:
    data = HEADER + "a@example.jp,太郎,山田\nb@example.jp,花子,佐藤\n"
    path = importer.run(data.encode(codec))
    assert show(importer.client, path)["counts"]["created"] == 2
    assert names(importer, "b@example.jp") == ("花子", "佐藤")


@pytest.mark.parametrize("codec", ["koi8_r", "gb18030"])
def test_an_import_goes_on_in_the_middle(importer: Importer, codec: str) -> None:
    """In some encodings a place of the file is known, and in others it is read from its start."""
    slow = Importer(
        client=importer.client,
        settings=importer.settings,
        team_id=importer.team_id,
        batch_rows=2,
    )
    rows = "".join(f"{n}@example.com,Иван,Щербаков\n" for n in range(7))
    path = slow.upload((HEADER + rows).encode(codec), encoding=codec.replace("_", "-"))
    slow.work_on_one_batch(path)
    slow.work(path)
    shown = show(importer.client, path)
    assert (shown["status"], shown["counts"]["created"]) == ("completed", 7)
    assert names(importer, "6@example.com") == ("Иван", "Щербаков")
