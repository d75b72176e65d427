"""Failures of an import: what is said of each, pages, codes, and the counts on the import."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import psycopg
import pytest

from tests.support.resources import error, pages, show
from tests.support.uploads import Importer

MAP = {
    "email": "E-mail",
    "first_name": "Name",
    "unsubscribed": "Out",
    "properties": {"age": {"column": "Age", "type": "number"}},
}
HEADER = "E-mail,Name,Out,Age\n"


def failures(importer: Importer, path: str, **query: Any) -> list[dict[str, Any]]:
    response = importer.client.get(f"{path}/failures", params=query)
    assert response.status_code == 200, response.text
    data: list[dict[str, Any]] = response.json()["data"]
    return data


def told(importer: Importer, data: str | bytes) -> dict[str, Any]:
    """Return the one failure of a file."""
    content = data.encode() if isinstance(data, str) else data
    (failure,) = failures(importer, importer.run(content, column_map=MAP))
    return {name: failure[name] for name in ("row", "column", "code", "message", "value")}


def test_a_failure_in_full(importer: Importer) -> None:
    path = importer.run(f"{HEADER}a@b.co\nann at b.co,Ann\n".encode(), column_map=MAP)
    response = importer.client.get(f"{path}/failures").json()
    assert (response["object"], response["has_more"]) == ("list", False)
    (failure,) = response["data"]
    assert uuid.UUID(failure.pop("id")).version == 8
    assert failure == {
        "object": "contact_import_failure",
        "row": 3,
        "column": "E-mail",
        "code": "invalid_email",
        "message": '"ann at b.co" in column "E-mail" is not a complete e-mail address:'
        " there is a space in it.",
        "value": "ann at b.co",
    }


@pytest.mark.parametrize(
    ("record", "code", "column", "value", "message"),
    [
        (" ,Ann\n", "missing_email", "E-mail", None, "no e-mail address"),
        ("a@b.co,,perhaps\n", "invalid_boolean", "Out", "perhaps", "neither yes nor no"),
        ('a@b.co,,," 1,5 "\n', "invalid_number", "Age", "1,5", "not a number"),
        ("a@b.co,,,1, ,x,y\n", "too_many_cells", None, "x", "more cells than the header"),
        (f"a@b.co,{'é' * 10_001}\n", "value_too_long", "Name", "é" * 199 + "…", "10,000"),
        ("a@b.co,A\0n\n", "invalid_character", "Name", "A\ufffdn", "invisible"),
        ('a@b.co,"Ann\nb@b.co\n', "unterminated_quote", None, None, "never closed"),
        (f'a@b.co,"{"x" * 5_000_000}"\n', "value_too_long", None, None, "4 million"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isidentifier() else "",
)
def test_what_is_said(
    importer: Importer, record: str, code: str, column: str | None, value: str | None, message: str
) -> None:
    failure = told(importer, HEADER + record)
    assert message in failure.pop("message")
    assert failure == {"row": 2, "column": column, "code": code, "value": value}


def test_what_is_said_of_bytes_that_mean_nothing(importer: Importer) -> None:
    failure = told(importer, HEADER.encode() + "é".encode() * 9 + b"@,A\xffn\n")
    assert failure["code"] == "invalid_encoding"
    assert (failure["column"], failure["value"]) == ("Name", "A\ufffdn")


def test_a_message_quotes_no_more_than_can_be_read(importer: Importer) -> None:
    failure = told(importer, f'{HEADER}"{"x" * 100}\n{"y" * 200}"\n')
    assert len(failure["value"]) == 200
    assert failure["message"].startswith('"xxxxx')
    # What is wrong with the address stands behind it.
    assert failure["message"].partition(" in column ")[0].endswith('x…"')
    assert len(failure["message"].partition(" is not ")[0]) < 85
    assert "\n" not in failure["message"]


def test_rows_are_those_of_a_spreadsheet(importer: Importer) -> None:
    data = f'\n{HEADER}\n"a@b.co","two\nlines, or\r\nthree"\n,,,\nbad\n\nworse\n'
    path = importer.run(data.encode(), column_map=MAP)
    assert [(f["row"], f["value"]) for f in failures(importer, path)] == [(6, "bad"), (8, "worse")]


@pytest.fixture
def mixed(importer: Importer) -> str:
    """An import of 40 rows whose odd rows fail in turns, in batches of 7 rows."""
    importer = Importer(
        client=importer.client, settings=importer.settings, team_id=importer.team_id, batch_rows=7
    )
    bad = ["x,,,", ",Ann,,", "a@b.co,,,zz", "a@b.co,,?,"]
    lines = [f"p{n}@b.co,,," if n % 2 == 0 else bad[n // 2 % 4] for n in range(2, 42)]
    return importer.run((HEADER + "\n".join(lines)).encode(), column_map=MAP)


def test_pages_in_the_order_of_rows(importer: Importer, mixed: str) -> None:
    everything = failures(importer, mixed, limit=100)
    assert [failure["row"] for failure in everything] == list(range(3, 42, 2))
    ids = [failure["id"] for failure in everything]
    assert sorted(ids) == ids
    walked = pages(importer.client, f"{mixed}/failures", limit=7)
    assert [len(page) for page in walked] == [7, 7, 6]
    assert [id_ for page in walked for id_ in page] == ids
    before = importer.client.get(f"{mixed}/failures", params={"before": ids[10], "limit": 4})
    assert [failure["id"] for failure in before.json()["data"]] == ids[6:10]
    assert before.json()["has_more"] is True
    assert failures(importer, mixed, before=ids[0]) == []


def test_by_code(importer: Importer, mixed: str) -> None:
    rows = [failure["row"] for failure in failures(importer, mixed, code="invalid_number")]
    assert rows == [5, 13, 21, 29, 37]
    everything = failures(importer, mixed, limit=100)
    after = next(failure["id"] for failure in everything if failure["row"] == 11)
    found = failures(importer, mixed, code="invalid_number", after=after, limit=2)
    assert [failure["row"] for failure in found] == [13, 21]
    found = failures(importer, mixed, code="invalid_number", before=after)
    assert [failure["row"] for failure in found] == [5]


def test_counts_by_code(importer: Importer, mixed: str) -> None:
    shown = show(importer.client, mixed)
    codes = ["invalid_email", "missing_email", "invalid_number", "invalid_boolean"]
    assert shown["failures"] == dict.fromkeys(codes, 5)
    assert shown["warnings"] == {}
    assert shown["counts"]["failed"] == 20
    (listed,) = importer.client.get("/contacts/imports").json()["data"]
    assert (listed["failures"], listed["warnings"]) == (shown["failures"], shown["warnings"])


def test_the_counts_add_up_while_it_runs(client: httpx.Client, importer: Importer) -> None:
    slow = Importer(
        client=client, settings=importer.settings, team_id=importer.team_id, batch_rows=3
    )
    path = slow.upload(b"email\n" + b"x\na@b.co\n,\n\n" * 5)
    assert show(client, path)["failures"] == {}
    found = []
    for _ in range(6):
        slow.work_on_one_batch(path)
        shown = show(client, path)
        found.append(shown["failures"])
        assert sum(shown["failures"].values()) == shown["counts"]["failed"]
        assert len(failures(slow, path)) == shown["counts"]["failed"]
    slow.work(path)
    assert show(client, path)["failures"] == {"invalid_email": 5}
    assert found[0] == {"invalid_email": 1}


@pytest.mark.parametrize("what", ["failures", "warnings"])
def test_what_is_asked_wrongly(importer: Importer, mixed: str, what: str) -> None:
    def ask(**query: str) -> tuple[int, str, str]:
        return error(importer.client.get(f"{mixed}/{what}", params=query))

    status, name, message = ask(code="missing_mail")
    assert (status, name) == (422, "validation_error")
    assert message.startswith("Invalid `code`: it must be one of ")
    wrong = (422, "validation_error")
    assert ask(after="7") == (*wrong, "Invalid `after`: it must be a valid UUID.")
    foreign = "it must be the id of an item of this list."
    assert ask(after=str(uuid.uuid4())) == (*wrong, f"Invalid `after`: {foreign}")
    other = importer.run(HEADER.encode() + b"x\n", column_map=MAP)
    (failure,) = failures(importer, other)
    assert ask(before=failure["id"]) == (*wrong, f"Invalid `before`: {foreign}")
    assert ask(limit="0")[0] == 422
    assert importer.client.get("/contacts/imports/7/failures").status_code == 422
    unknown = importer.client.get(f"/contacts/imports/{uuid.uuid4()}/{what}")
    assert error(unknown) == (404, "not_found", "Contact import not found")


def test_a_cursor_whose_row_is_gone(
    importer: Importer, mixed: str, connection: psycopg.Connection[Any]
) -> None:
    ids = [failure["id"] for failure in failures(importer, mixed, limit=100)]
    connection.execute('DELETE FROM contact_import_failures WHERE "row" = 5')
    assert [failure["row"] for failure in failures(importer, mixed, after=ids[1], limit=1)] == [7]
