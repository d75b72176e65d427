"""A file waits in a draft, is read in several ways, and becomes one import."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from rollcall.errors import RollcallError, ValidationFailed
from rollcall.imports.drafts.choices import ColumnChoice, Destination
from rollcall.imports.drafts.queries import DraftImported, DraftNotFound
from rollcall.imports.drafts.reading import DraftFileGone
from rollcall.imports.drafts.starting import ColumnsNotReady
from rollcall.imports.kinds import OnConflict
from rollcall.imports.matching.suggestions import Target
from rollcall.storage.objects import Storage
from rollcall.sweeps.drafts import purge_expired_drafts
from rollcall.sweeps.stored_files import collect_files
from tests.support.drafts import DraftDesk
from tests.support.engine import run_next
from tests.support.workbooks import pack, parts, relations, sheet

CSV = b"Mail,Vorname,Stadt\nann@example.com,Ann,K\xf6ln\nbob@example.com,Bob,Bonn\n"
Connection = psycopg.Connection[Any]


@pytest.fixture
def desk(settings: Settings, team_id: uuid.UUID) -> DraftDesk:
    return DraftDesk(settings=settings, team_id=team_id)


def files(settings: Settings) -> set[str]:
    folder = Path(urlsplit(settings.storage_url).path)
    found = {str(path.relative_to(folder)) for path in folder.glob("*/*")}
    return {path for path in found if not path.startswith(".")}


def names(desk: DraftDesk, draft: uuid.UUID) -> list[str]:
    return [column.name for column in desk.table(draft).columns.columns]


def row(*cells: str) -> str:
    texts = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f"<row>{texts}</row>"


def workbook() -> bytes:
    tabs = (
        '<sheet name="People" sheetId="1" r:id="rId1"/><sheet name="More" sheetId="2" r:id="rId4"/>'
    )
    two = parts(row("Email", "Name") + row("ann@example.com", "Ann"), tabs=tabs)
    two["xl/worksheets/sheet2.xml"] = sheet(
        row("E-Mail", "City") + row("bob@example.com", "Bonn") + row("cat@example.com", "Rome")
    )
    two["xl/_rels/workbook.xml.rels"] = relations(
        [
            ("rId1", "worksheet", "worksheets/sheet1.xml"),
            ("rId4", "worksheet", "worksheets/sheet2.xml"),
            ("rId2", "sharedStrings", "/xl/sharedStrings.xml"),
            ("rId3", "styles", "styles.xml"),
        ]
    )
    return pack(two)


def test_one_file_is_checked_and_imported_once(
    desk: DraftDesk, settings: Settings, client: httpx.Client
) -> None:
    draft = desk.upload(CSV)
    stored = files(settings)
    check, is_new = desk.check(draft)
    assert is_new
    assert desk.check(draft) == (check, False), "nothing has changed"
    run_next(settings)
    report = client.get(f"/contacts/imports/{check}").json()
    assert report["dry_run"]
    assert report["counts"]["created"] == 2
    desk.say(draft, note="fair in May")
    desk.say(draft, on_conflict=OnConflict.SKIP)
    again, is_new = desk.check(draft)
    assert is_new, "it would do something else now"
    import_id, is_new = desk.start(draft)
    assert is_new
    assert desk.start(draft) == (import_id, False), "somebody has clicked twice"
    assert client.get(f"/contacts/imports/{again}").json()["error"]["code"] == "cancelled"
    run_next(settings)
    shown = client.get(f"/contacts/imports/{import_id}").json()
    assert shown["counts"]["created"] == 2
    assert shown["column_map"]["email"] == "Mail"
    assert files(settings) == stored, "one file for all of them"
    with pytest.raises(DraftImported):
        desk.say(draft, note="too late")


def test_what_was_confirmed_is_remembered_with_the_import_and_not_with_the_check(
    desk: DraftDesk, settings: Settings
) -> None:
    draft = desk.upload(CSV)
    to = Destination(target=Target.PROPERTY, key="home")
    desk.say(draft, columns=(ColumnChoice(name="Stadt", index=2, destination=to),))
    desk.check(draft)
    assert not desk.table(desk.upload(CSV)).columns.are_certain
    desk.start(draft)
    again = desk.table(desk.upload(CSV))
    assert again.columns.are_certain
    assert again.columns.columns[2].destination == to


def test_another_encoding_header_and_delimiter_keep_what_was_said(desk: DraftDesk) -> None:
    data = "Kundenliste;;\nMail;Straße;Ort\nann@example.com;Ost 1;Köln\n".encode("cp1252")
    draft = desk.upload(data)
    assert names(desk, draft) == ["Mail", "Straße", "Ort"]
    said = (ColumnChoice(name="Ort", index=2, destination=None),)
    desk.say(draft, columns=said)
    table = desk.read_as(draft, encoding="CP437")
    assert [column.name for column in table.columns.columns] == ["Mail", "Stra▀e", "Ort"]
    assert table.columns.columns[2].standing == "rejected"
    assert table.dialect.header_row == 2
    table = desk.read_as(draft, header_row=1)
    assert [column.name for column in table.columns.columns] == ["Kundenliste", "", ""]
    with pytest.raises(ValidationFailed, match="Row 9"):
        desk.read_as(draft, header_row=9)
    assert desk.table(draft).choices.file.header_row == 1, "it is read as before"
    with pytest.raises(ValidationFailed, match="workbook"):
        desk.read_as(draft, sheet="People")
    table = desk.read_as(draft)
    assert table.choices.columns == said
    assert table.columns.columns[2].standing == "rejected"


def test_another_sheet_is_read_without_another_upload(
    desk: DraftDesk, settings: Settings, client: httpx.Client
) -> None:
    draft = desk.upload(workbook(), "people.xlsx")
    before = files(settings)
    assert len(before) == 2, "the workbook, and the CSV of a sheet"
    assert names(desk, draft) == ["Email", "Name"]
    desk.read_as(draft, sheet="More")
    assert names(desk, draft) == ["E-Mail", "City"]
    assert len(files(settings)) == 2
    assert len(files(settings) & before) == 1, "the CSV that nobody wants has gone"
    with pytest.raises(ValidationFailed, match="no sheet"):
        desk.read_as(draft, sheet="None")
    assert len(files(settings)) == 2
    desk.check(draft)
    desk.read_as(draft, sheet="People")
    assert len(files(settings)) == 3, "the dry run still has the other one"
    import_id, _ = desk.start(draft)
    run_next(settings)
    shown = client.get(f"/contacts/imports/{import_id}").json()
    assert (shown["dialect"]["sheet"], shown["counts"]["created"]) == ("People", 1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.4", "PDF"),
        (b"", "empty"),
        (b"PK\x03\x04", "zip"),
    ],
)
def test_what_is_refused_leaves_nothing(
    desk: DraftDesk, settings: Settings, connection: Connection, data: bytes, said: str
) -> None:
    with pytest.raises(RollcallError, match=said):
        desk.upload(data)
    assert files(settings) == set()
    assert connection.execute("SELECT count(*) FROM contact_import_drafts").fetchone() == (0,)


def test_what_is_wrong_stops_check_and_import(desk: DraftDesk) -> None:
    draft = desk.upload(CSV)
    desk.say(draft, columns=(ColumnChoice(name="Mail", index=0, destination=None),))
    with pytest.raises(ColumnsNotReady):
        desk.check(draft)
    with pytest.raises(ColumnsNotReady):
        desk.start(draft)


def test_a_file_that_is_gone_is_told_in_words(desk: DraftDesk, settings: Settings) -> None:
    draft = desk.upload(CSV)
    (key,) = files(settings)
    asyncio.run(Storage(settings.storage_url).delete(key))
    with pytest.raises(DraftFileGone):
        desk.table(draft)


def test_a_draft_that_is_thrown_away_takes_its_files_along(
    desk: DraftDesk, settings: Settings
) -> None:
    draft = desk.upload(workbook())
    desk.discard(draft)
    assert files(settings) == set()
    with pytest.raises(DraftNotFound):
        desk.table(draft)


def test_the_draft_of_another_team_is_not_there(
    desk: DraftDesk, other_client: httpx.Client, connection: Connection, settings: Settings
) -> None:
    del other_client
    found = connection.execute("SELECT team_id FROM teams WHERE name = 'team b'").fetchone()
    assert found is not None
    other = DraftDesk(settings=settings, team_id=found[0])
    draft = desk.upload(CSV)
    for call in (other.table, other.check, other.start, other.discard, other.say, other.read_as):
        with pytest.raises(DraftNotFound):
            call(draft)


def test_drafts_end_with_their_files_when_nobody_comes_back(
    desk: DraftDesk, settings: Settings, connection: Connection
) -> None:
    storage = Storage(settings.storage_url)

    def sweep() -> int:
        return purge_expired_drafts(
            lambda: psycopg.connect(settings.psycopg_dsn, autocommit=True), storage
        )

    young = desk.upload(CSV)
    kept = files(settings)
    old, begun = desk.upload(workbook()), desk.upload(CSV)
    desk.check(begun)
    assert sweep() == 0
    connection.execute(
        "UPDATE contact_import_drafts SET expires_at = now() - interval '1 second'"
        " WHERE id = ANY(%s)",
        ([old, begun],),
    )
    assert sweep() == 2
    assert desk.table(young).has_header
    assert len(files(settings) - kept) == 1, "the dry run has a file still"
    with pytest.raises(DraftNotFound):
        desk.table(old)


def test_the_collector_of_files_knows_drafts(desk: DraftDesk, settings: Settings) -> None:
    from datetime import timedelta

    desk.upload(workbook())
    before = files(settings)
    deleted = asyncio.run(
        collect_files(
            lambda: psycopg.connect(settings.psycopg_dsn, autocommit=True),
            Storage(settings.storage_url),
            min_age=timedelta(seconds=-60),
        )
    )
    assert (deleted, files(settings)) == (0, before)
