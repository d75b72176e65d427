"""The options of an import, which form, row, description and command line have from one place."""

from __future__ import annotations

import json
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from rollcall.cli.app import app
from rollcall.client import importing
from rollcall.client.command import ImportCommand, read_form
from rollcall.client.given_map import read_given
from rollcall.imports.column_map import ColumnMap
from rollcall.imports.intake.form import MULTIPART_FORM, read_options
from rollcall.imports.kinds import OnConflict
from rollcall.imports.models import ContactImport
from rollcall.imports.options import OPTIONS, ImportOptions
from rollcall.topics.subscriptions import Subscription

ID, OTHER_ID = uuid.UUID(int=1), uuid.UUID(int=2)
# Every option with another value than if nothing is asked, as `rollcall import` has them.
ALL = ImportOptions(
    column_map=ColumnMap.model_validate(
        {
            "email": "Email",
            "full_name": "Name",
            "unsubscribed": {"column": "Status", "true_when": ["opted out", "gone"]},
            "properties": {
                "plan": {"column": "Plan"},
                "age": {"column": "Age", "type": "number", "decimal": ","},
            },
        }
    ),
    on_conflict=OnConflict.SKIP,
    segments=(OTHER_ID, ID),
    topics={ID: Subscription.OPT_IN},
    resubscribe=False,
    dry_run=True,
    note="The fair in May",
    encoding="Windows-1250",
    delimiter="#",
    header_row=4,
    sheet="Contacts 2026",
)
COMMAND = [
    *("import", "contacts.csv", "--url", "http://127.0.0.1", "--key", "re_1"),
    *("--map", "email=Email", "--property", "plan=Plan", "--property", "age=Age:number"),
    *("--map", "full_name=Name", "--map", "unsubscribed=Status", "--decimal", ","),
    *("--unsubscribed-when", "opted out", "--unsubscribed-when", "gone"),
    *("--on-conflict", "skip", "--segment", str(OTHER_ID), "--segment", str(ID)),
    *("--topic", f"{ID}=opt_in", "--no-resubscribe", "--dry-run"),
    *("--note", " The fair in May "),
    *("--encoding", "cp1250", "--delimiter", "#", "--header-row", "4", "--sheet", "Contacts 2026"),
]


def test_all_are_tried_here() -> None:
    nothing = ImportOptions()
    assert [name for name in OPTIONS if getattr(ALL, name) == getattr(nothing, name)] == []


@pytest.mark.parametrize("options", [ALL, ImportOptions()], ids=["all", "none"])
def test_a_row_has_them_all(options: ImportOptions) -> None:
    row = options.as_row()
    assert row.keys() <= {column.name for column in ContactImport.__table__.columns}
    stored = json.loads(json.dumps(row))
    assert ImportOptions.from_row(SimpleNamespace(**stored)) == options


def test_the_order_of_properties_and_segments_is_kept_in_a_row() -> None:
    row = ALL.as_row()
    assert list(row["column_map"]["properties"]) == ["plan", "age"]
    assert row["segments"] == [str(OTHER_ID), str(ID)]
    assert ALL.as_json() == {**row, "segments": [str(ID), str(OTHER_ID)]}


def test_requests_from_before_an_option_are_still_known() -> None:
    assert ImportOptions().as_json().keys() == {
        *("column_map", "on_conflict", "segments", "topics", "resubscribe", "dry_run")
    }


def test_what_the_command_is_asked_for_is_what_the_server_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert read_options(_form(monkeypatch, COMMAND)) == ALL


def test_what_the_command_is_not_asked_for_is_left_to_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert read_options(_form(monkeypatch, COMMAND[:6])) == ImportOptions()


def test_what_is_described_is_what_is_read() -> None:
    body = MULTIPART_FORM["requestBody"]["content"]["multipart/form-data"]
    fields: dict[str, Any] = body["schema"]["properties"]
    assert fields.keys() == {"file", *OPTIONS}
    for name in OPTIONS:
        schema = fields[name]
        for text in (*schema.get("enum", []), *filter(None, [schema.get("example")])):
            value = getattr(read_options({name: str(text)}), name)
            assert (value == getattr(ImportOptions(), name)) == (text == schema.get("default"))


def _form(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> dict[str, str]:
    """Return the form that the command would send."""
    commands: list[ImportCommand] = []

    def keep(command: ImportCommand) -> int:
        commands.append(command)
        return 0

    monkeypatch.setattr(importing, "run_import", keep)
    assert CliRunner().invoke(app, arguments).exit_code == 0
    options = commands[0].options
    given = read_given(options)
    column_map = {"column_map": json.dumps(given.column_map())} if given.is_whole else {}
    return {**read_form(options), **column_map}
