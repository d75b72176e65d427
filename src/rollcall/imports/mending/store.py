"""What was said of an import's failed rows, as it is kept: rules, edits, rows that have gone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import NotFound, RollcallError, ValidationFailed
from rollcall.imports.kinds import ImportStatus
from rollcall.imports.mending.models import Mend, MendEdit, MendedRows
from rollcall.imports.mending.rules import Rule
from rollcall.imports.models import ContactImport
from rollcall.imports.queries import find_import

MAX_RULES = 200
MAX_EDITS = 200_000
MAX_EDITS_AT_ONCE = 5_000
MAX_CELL_CHARACTERS = 50_000


class NotMendable(RollcallError):
    """The failed rows of this import cannot be mended."""

    status = 409
    name = "not_mendable"


class RuleNotFound(NotFound):
    """Rule not found"""


async def find_mendable(
    session: AsyncSession, team_id: uuid.UUID, import_id: uuid.UUID
) -> ContactImport:
    """Return an import whose failed rows can be mended.

    Raises:
        ImportNotFound: there is none with this id.
        NotMendable: it is a dry run, has not ended, or ended long ago.
    """
    found = await find_import(session, team_id, import_id)
    if found.dry_run:
        raise NotMendable("A dry run imports nothing, so there is nothing to import again.")
    if found.status not in (ImportStatus.COMPLETED, ImportStatus.FAILED):
        raise NotMendable("This import has not ended. Its failed rows can be mended when it has.")
    if found.file_deleted_at is not None or found.problems_deleted_at is not None:
        raise NotMendable("The failed rows of this import are no longer kept: their time is over.")
    return found


async def find_mend(session: AsyncSession, found: ContactImport) -> Mend:
    """Return what was said of an import's failed rows; of one that is untouched, that it is so."""
    mend = await session.get(Mend, (found.team_id, found.id), populate_existing=True)
    if mend is not None:
        return mend
    return Mend(
        team_id=found.team_id, import_id=found.id, changes=0, edits=0, rules=[], surveyed=-1
    )


async def find_gone(session: AsyncSession, found: ContactImport) -> list[MendedRows]:
    """Return the sets of rows that went into other imports, the first that went first."""
    query = select(MendedRows).where(
        MendedRows.team_id == found.team_id, MendedRows.import_id == found.id
    )
    return list(await session.scalars(query.order_by(MendedRows.change)))


async def lock_mend(session: AsyncSession, found: ContactImport) -> Mend:
    """Return what was said, for the transaction to change: nobody else can meanwhile."""
    values = {"team_id": found.team_id, "import_id": found.id}
    await session.execute(insert(Mend).values(values).on_conflict_do_nothing())
    query = select(Mend).where(Mend.team_id == found.team_id, Mend.import_id == found.id)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(locked)).one()


async def add_rule(session: AsyncSession, found: ContactImport, rule: Rule) -> Rule:
    """Keep a rule, without a commit; it applies to the cells as they are now.

    Raises:
        ValidationFailed: there are too many.
    """
    mend = await lock_mend(session, found)
    if len(mend.rules) >= MAX_RULES:
        raise ValidationFailed(f"An import can have at most {MAX_RULES} rules. Take some back.")
    mend.changes += 1
    rule = replace(rule, id=mend.changes)
    mend.rules = [*mend.rules, rule.as_json()]
    await session.flush()
    return rule


async def take_rule_back(session: AsyncSession, found: ContactImport, id_: int) -> None:
    """Let go of a rule, without a commit.

    Raises:
        RuleNotFound: there is none with this id.
    """
    mend = await lock_mend(session, found)
    rules = [rule for rule in mend.rules if rule["id"] != id_]
    if len(rules) == len(mend.rules):
        raise RuleNotFound
    mend.changes += 1
    mend.rules = rules
    await session.flush()


def check_cell(text: str) -> str:
    """Return what somebody has typed into a cell, if it can be kept.

    Raises:
        ValidationFailed: saying what is wrong with it.
    """
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValidationFailed("A cell cannot have a NUL character or half of a surrogate pair.")
    if len(text) > MAX_CELL_CHARACTERS:
        raise ValidationFailed(f"A cell can have at most {MAX_CELL_CHARACTERS} characters.")
    return text


Cell = tuple[int, int]


async def edit_cells(
    session: AsyncSession, found: ContactImport, cells: Mapping[Cell, str | None]
) -> int:
    """Keep what was typed into cells, without a commit; return the number of the change.

    Args:
        session: with the database.
        found: the import.
        cells: by row and index of the column; None takes back what was typed.

    Raises:
        ValidationFailed: there are too many.
    """
    if len(cells) > MAX_EDITS_AT_ONCE:
        raise ValidationFailed(f"At most {MAX_EDITS_AT_ONCE} cells can be changed at once.")
    mend = await lock_mend(session, found)
    mend.changes += 1
    of_import = MendEdit.team_id == found.team_id, MendEdit.import_id == found.id
    await session.execute(
        delete(MendEdit).where(*of_import, tuple_(MendEdit.row, MendEdit.column).in_(list(cells)))
    )
    ids = {"team_id": found.team_id, "import_id": found.id, "change": mend.changes}
    typed = [
        {**ids, "row": row, "column": column, "value": value}
        for (row, column), value in cells.items()
        if value is not None
    ]
    if typed:
        await session.execute(insert(MendEdit), typed)
    kept = select(func.count()).select_from(MendEdit).where(*of_import)
    mend.edits = await session.scalar(kept) or 0
    if mend.edits > MAX_EDITS:
        raise ValidationFailed(
            f"At most {MAX_EDITS} cells of an import can be edited by hand. Use a rule, or download"
            " the failed rows and upload them corrected."
        )
    await session.flush()
    return mend.changes


async def edits_between(
    session: AsyncSession, found: ContactImport, first: int, last: int
) -> Sequence[tuple[int, int, int, str]]:
    """Return row, column, change and value of the edits of some rows."""
    query = select(MendEdit.row, MendEdit.column, MendEdit.change, MendEdit.value).where(
        MendEdit.team_id == found.team_id,
        MendEdit.import_id == found.id,
        MendEdit.row.between(first, last),
    )
    return [(row[0], row[1], row[2], row[3]) for row in await session.execute(query)]


async def keep_survey(session: AsyncSession, mend: Mend, survey: dict[str, Any]) -> None:
    """Keep how far it has come, unless something was said since; without a commit."""
    values = {"team_id": mend.team_id, "import_id": mend.import_id}
    await session.execute(insert(Mend).values(values).on_conflict_do_nothing())
    await session.execute(
        update(Mend)
        .where(
            Mend.team_id == mend.team_id,
            Mend.import_id == mend.import_id,
            Mend.changes == mend.changes,
        )
        .values(survey=survey, surveyed=mend.changes)
    )
