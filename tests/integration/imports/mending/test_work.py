"""Failed rows of stored files: surveyed, paged through, and imported again."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from rollcall.config import Settings
from rollcall.database.engine import create_connector, create_engine, create_sessionmaker
from rollcall.imports.intake.accept import StartedBy
from rollcall.imports.mending import paging, work
from rollcall.imports.mending.again import ChangedMeanwhile, NothingMended, import_again
from rollcall.imports.mending.paging import FoundRows, Sought, find_rows
from rollcall.imports.mending.rules import Rule, RuleKind
from rollcall.imports.mending.store import (
    add_rule,
    edit_cells,
    find_mendable,
    take_rule_back,
)
from rollcall.imports.mending.surveys import Surveys
from rollcall.imports.mending.work import Mending, MendingWork, load_mending
from rollcall.storage.objects import Storage
from tests.support.resources import show
from tests.support.uploads import Importer

Said = TypeVar("Said")
COLUMN_MAP = {
    "email": "email",
    "properties": {"price": {"column": "price", "type": "number"}},
}


class Desk:
    """What the pages do with an import, without the pages."""

    def __init__(self, settings: Settings, work: MendingWork, path: str, team_id: uuid.UUID):
        self.work = work
        self.surveys = Surveys(work)
        self._storage = Storage(settings.storage_url)
        self._team_id = team_id
        self._id = uuid.UUID(path.rpartition("/")[2])

    async def load(self) -> Mending:
        async with self.work.sessionmaker() as session:
            return await load_mending(
                session, await find_mendable(session, self._team_id, self._id)
            )

    async def survey(self) -> dict[str, Any]:
        found = await self.surveys.get(await self.load(), 60)
        assert found is not None
        return found

    async def add(self, rule: Rule) -> Rule:
        async with self.work.sessionmaker() as session:
            found = await find_mendable(session, self._team_id, self._id)
            rule = await add_rule(session, found, rule)
            await session.commit()
        return rule

    async def edit(self, cells: dict[tuple[int, int], str | None]) -> None:
        async with self.work.sessionmaker() as session:
            found = await find_mendable(session, self._team_id, self._id)
            await edit_cells(session, found, cells)
            await session.commit()

    async def take_back(self, rule: Rule) -> None:
        async with self.work.sessionmaker() as session:
            found = await find_mendable(session, self._team_id, self._id)
            await take_rule_back(session, found, rule.id)
            await session.commit()

    async def rows(self, **sought: Any) -> FoundRows:
        return await find_rows(self.work, await self.load(), Sought(**sought), [0, 1])

    async def again(self, mending: Mending | None = None) -> tuple[uuid.UUID, bool]:
        mending = mending or await self.load()
        by = StartedBy(team_id=self._team_id, mended_from=self._id)
        async with self.work.sessionmaker() as session:
            return await import_again(session, self.work, self._storage, mending, by)


@asynccontextmanager
async def opened(settings: Settings, path: str, team_id: uuid.UUID) -> AsyncIterator[Desk]:
    engine = create_engine(settings, create_connector(settings))
    mending_work = MendingWork(create_sessionmaker(engine), settings.storage_url)
    desk = Desk(settings, mending_work, path, team_id)
    try:
        yield desk
    finally:
        await desk.surveys.aclose()
        await mending_work.children.aclose()
        await engine.dispose()


@pytest.fixture
def at_desk(importer: Importer) -> Callable[[str, Callable[[Desk], Awaitable[Said]]], Said]:
    """Do something with the failed rows of an import."""

    def run(path: str, do: Callable[[Desk], Awaitable[Said]]) -> Said:
        async def open_and_do() -> Said:
            async with opened(importer.settings, path, importer.team_id) as desk:
                return await do(desk)

        return asyncio.run(open_and_do())

    return run


AtDesk = Callable[[str, Callable[[Desk], Awaitable[Any]]], Any]


def test_rules_and_edits_are_kept_and_the_mended_rows_imported_once(
    importer: Importer, at_desk: AtDesk
) -> None:
    data = 'email,price\nann@b.co,"1,5"\nbob,2\ncy,"2,5"\nok@b.co,1\n'
    path = importer.run(data.encode(), "a.csv", column_map=COLUMN_MAP)

    async def mend(desk: Desk) -> Any:
        before = await desk.survey()
        comma = await desk.add(Rule(kind=RuleKind.DECIMAL_COMMA, column=1))
        await desk.edit({(3, 0): "bob@b.co", (4, 0): "cy"})
        stale = await desk.load()
        after = await desk.survey()
        first, second = await asyncio.gather(desk.again(stale), desk.again(stale))
        rows = await desk.rows()
        await desk.take_back(comma)
        with pytest.raises(NothingMended):
            await desk.again()
        return before, after, first, second, rows

    before, after, first, second, rows = at_desk(path, mend)
    assert (before["open"], before["mended"]) == (3, 0)
    assert (after["open"], after["mended"]) == (1, 2)
    assert first[0] == second[0]
    assert {first[1], second[1]} == {True, False}
    assert [row["row"] for row in rows.rows] == [4]
    again = f"/contacts/imports/{first[0]}"
    importer.work(again)
    assert show(importer.client, again)["counts"] == {
        "total": 2, "created": 2, "updated": 0, "skipped": 0, "failed": 0,
    }  # fmt: skip
    ann = show(importer.client, "/contacts/ann@b.co")
    assert ann["properties"]["price"]["value"] == 1.5
    folder = Path(importer.settings.storage_url.removeprefix("file://"))
    assert len(list(folder.glob(f"{importer.team_id}/*"))) == 2


def test_nobody_imports_what_was_changed_meanwhile(importer: Importer, at_desk: AtDesk) -> None:
    path = importer.run(b"email\nx\ny\n")

    async def mend(desk: Desk) -> None:
        await desk.edit({(2, 0): "x@b.co"})
        stale = await desk.load()
        await desk.edit({(3, 0): "y@b.co"})
        with pytest.raises(ChangedMeanwhile):
            await desk.again(stale)

    at_desk(path, mend)
    assert show(importer.client, "/contacts/imports")["data"].__len__() == 1


def test_pages_go_both_ways_and_find_what_is_far_apart(
    importer: Importer, at_desk: AtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "BLOCK_ROWS", 3)
    lines = [f"{'' if row % 5 else 'x'},p{row}" for row in range(2, 42)]
    path = importer.run(("email,price\n" + "\n".join(lines)).encode())
    bad = [row for row in range(2, 42) if row % 5 == 0]

    async def page(desk: Desk, sought: dict[str, Any]) -> list[list[int]]:
        found = await desk.rows(**sought, limit=3)
        pages = [[row["row"] for row in found.rows]]
        while found.after is not None:
            found = await desk.rows(**sought, after=found.after, limit=3)
            pages.append([row["row"] for row in found.rows])
        while found.before is not None:
            found = await desk.rows(**sought, before=found.before, limit=3)
            pages.insert(0, [row["row"] for row in found.rows])
        return pages

    async def look(desk: Desk) -> Any:
        invalid = {"code": "invalid_email", "column": 0}
        before = await page(desk, invalid)
        await desk.survey()
        every = await page(desk, {})
        return before, await page(desk, invalid), every

    before, surveyed, every = at_desk(path, look)
    there = [bad[:3], bad[3:6], bad[6:]]
    assert before[-3:] == there
    assert surveyed[-3:] == there
    assert [row for rows in surveyed[:-3] for row in rows] == bad[:6]
    assert sum(map(len, every)) > 40
    assert paging.LOOKED_AT > 40
