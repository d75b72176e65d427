"""What the command line does to imports of any team, outside of any request."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.auth.models import Team
from rollcall.config import Settings
from rollcall.database.engine import create_engine
from rollcall.errors import ValidationFailed
from rollcall.imports.control.cancel import cancel_import
from rollcall.imports.control.retry import retry_import
from rollcall.imports.kinds import ImportStatus
from rollcall.imports.models import ContactImport
from rollcall.imports.queries import ImportNotFound, find_import


async def list_all(
    settings: Settings, *, team: str | None, statuses: Sequence[ImportStatus], limit: int
) -> list[tuple[str, ContactImport]]:
    """Return the newest imports, each with the name of its team.

    Args:
        settings: of the service.
        team: the name of the only team that is asked for.
        statuses: which are asked for.
        limit: how many at most.
    """
    query = (
        select(Team.name, ContactImport)
        .join_from(ContactImport, Team, Team.team_id == ContactImport.team_id)
        .where(ContactImport.status.in_(statuses))
    )
    if team is not None:
        query = query.where(Team.name == team)
    query = query.order_by(ContactImport.id.desc()).limit(limit)
    async with _transaction(settings) as session:
        return [(name, row) for name, row in await session.execute(query)]


async def show(
    settings: Settings, import_id: uuid.UUID, team: str | None
) -> tuple[str, ContactImport]:
    """Return an import with the name of its team.

    Raises:
        ImportNotFound: no team, or not this one, has such an import.
        ValidationFailed: several teams have an import of this id.
    """
    async with _transaction(settings) as session:
        team_id = await _team_of(session, import_id, team)
        name = await session.scalar(select(Team.name).where(Team.team_id == team_id))
        return name or "", await find_import(session, team_id, import_id)


async def retry(settings: Settings, import_id: uuid.UUID, team: str | None) -> None:
    """Queue an import again that has failed; a worker finds it within a second.

    Args:
        settings: of the service.
        import_id: of the import.
        team: the name of its team, or None for whichever has it.

    Raises:
        ImportNotFound: no team, or not this one, has such an import.
        ValidationFailed: it cannot be retried, or several teams have an import of this id.
    """
    async with _transaction(settings) as session:
        await retry_import(session, await _team_of(session, import_id, team), import_id)


async def fail(settings: Settings, import_id: uuid.UUID, team: str | None) -> bool:
    """End an import as its team's cancelling would; its code is `cancelled`.

    Returns:
        Whether it has ended; if not, its worker ends it after the batch at work.

    Raises:
        ImportNotFound: no team, or not this one, has such an import.
        ValidationFailed: it has ended, or several teams have an import of this id.
    """
    async with _transaction(settings) as session:
        row = await cancel_import(session, await _team_of(session, import_id, team), import_id)
        return row.status == ImportStatus.FAILED


@asynccontextmanager
async def _transaction(settings: Settings) -> AsyncIterator[AsyncSession]:
    engine = create_engine(settings)
    try:
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        await engine.dispose()


async def _team_of(session: AsyncSession, import_id: uuid.UUID, team: str | None) -> uuid.UUID:
    query = select(ContactImport.team_id).where(ContactImport.id == import_id)
    if team is not None:
        query = query.join(Team, Team.team_id == ContactImport.team_id)
        query = query.where(Team.name == team)
    found = (await session.scalars(query)).all()
    if not found:
        raise ImportNotFound
    if len(found) > 1:
        raise ValidationFailed("Several teams have an import of this id; say --team.")
    return found[0]
