"""What a dry run has found, as far as it has come."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.imports.kinds import ImportStatus
from rollcall.imports.models import StoredFailure, StoredWarning
from rollcall.imports.queries import find_import
from rollcall.imports.schemas import ImportShown, show_import
from rollcall.imports.sentences import explain_failure, explain_warning

EXAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class Example:
    """A row, and the sentence that tells what is with it."""

    row: int
    sentence: str
    value: str | None


@dataclass(frozen=True, kw_only=True)
class Group:
    """What has the same reason: its code, how many rows, and the first of them."""

    code: str
    count: int
    examples: Sequence[Example]


@dataclass(frozen=True, kw_only=True)
class Report:
    """A dry run as it is now; groups are there when it has ended."""

    shown: ImportShown
    failures: Sequence[Group]
    warnings: Sequence[Group]

    @property
    def has_ended(self) -> bool:
        return self.shown.status in (ImportStatus.COMPLETED, ImportStatus.FAILED)

    @property
    def is_complete(self) -> bool:
        return self.shown.status is ImportStatus.COMPLETED


async def read_report(session: AsyncSession, team_id: uuid.UUID, import_id: uuid.UUID) -> Report:
    """Return what a dry run has found."""
    row = await find_import(session, team_id, import_id)
    shown = show_import(row)
    if row.status != ImportStatus.COMPLETED:
        return Report(shown=shown, failures=(), warnings=())
    groups = [
        await _groups(session, (team_id, import_id), table, counts)
        for table, counts in ((StoredFailure, shown.failures), (StoredWarning, shown.warnings))
    ]
    return Report(shown=shown, failures=groups[0], warnings=groups[1])


async def _groups(
    session: AsyncSession,
    key: tuple[uuid.UUID, uuid.UUID],
    table: type[StoredFailure] | type[StoredWarning],
    counts: Mapping[str, int],
) -> list[Group]:
    """Return the groups, the largest first; a few rows are read of each, by an index."""
    found = []
    for code, count in sorted(counts.items(), key=lambda each: -each[1]):
        first = await session.scalars(
            select(table)
            .where(table.team_id == key[0], table.import_id == key[1], table.code == code)
            .order_by(table.row)
            .limit(EXAMPLES)
        )
        examples = [_example(each) for each in first]
        found.append(Group(code=code, count=count, examples=examples))
    return found


def _example(stored: Any) -> Example:
    if isinstance(stored, StoredFailure):
        sentence = explain_failure(stored.code, stored.column, stored.value)
    else:
        sentence = explain_warning(stored.code, stored.value)
    return Example(row=stored.row, sentence=sentence, value=stored.value)
