"""What a team has confirmed about the columns of its files, by their headers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.imports.column_map import ColumnMap
from rollcall.imports.column_names import column_names
from rollcall.imports.matching.remembered import Remembered, fingerprint
from rollcall.imports.matching.suggest import MAX_COLUMNS
from rollcall.imports.models import RememberedColumns

# Nobody has so many kinds of files; a program that makes up headers shall not fill the table.
MAX_REMEMBERED = 1000


async def remember(
    session: AsyncSession, team_id: uuid.UUID, header: Sequence[str], column_map: ColumnMap
) -> None:
    """Keep what a team says of a header in place of what it has said before, without a commit.

    Of one that is too wide for suggestions nothing is kept.
    """
    if len(header) > MAX_COLUMNS:
        return
    names = [name or "" for name in column_names(header)]
    columns = Remembered.of(names, column_map.model_dump(mode="json")).to_json()
    values = {
        "team_id": team_id,
        "fingerprint": fingerprint(header),
        "columns": columns,
        "confirmed_at": func.now(),
    }
    added = insert(RememberedColumns).values(values)
    await session.execute(
        added.on_conflict_do_update(
            index_elements=["team_id", "fingerprint"],
            set_={name: added.excluded[name] for name in ("columns", "confirmed_at")},
        )
    )
    of_team = RememberedColumns.team_id == team_id
    kept = (
        select(RememberedColumns.fingerprint)
        .where(of_team)
        .order_by(RememberedColumns.confirmed_at.desc())
        .limit(MAX_REMEMBERED)
    )
    await session.execute(
        delete(RememberedColumns).where(
            of_team, RememberedColumns.fingerprint.not_in(kept.scalar_subquery())
        )
    )


async def recall(
    session: AsyncSession, team_id: uuid.UUID, header: Sequence[str]
) -> Remembered | None:
    """Return what a team has last said of a header."""
    if len(header) > MAX_COLUMNS:
        return None
    found = await session.scalar(
        select(RememberedColumns.columns).where(
            RememberedColumns.team_id == team_id,
            RememberedColumns.fingerprint == fingerprint(header),
        )
    )
    return None if found is None else Remembered.from_json(found)
