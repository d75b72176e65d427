"""What the command line does to imports of any team, outside of any request."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.auth.models import Team
from rollcall.config import Settings
from rollcall.database.engine import create_engine
from rollcall.errors import ValidationFailed
from rollcall.imports.control.retry import retry_import
from rollcall.imports.models import ContactImport
from rollcall.imports.queries import ImportNotFound


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
    engine = create_engine(settings)
    try:
        async with AsyncSession(engine) as session, session.begin():
            query = select(ContactImport.team_id).where(ContactImport.id == import_id)
            if team is not None:
                query = query.join(Team, Team.team_id == ContactImport.team_id)
                query = query.where(Team.name == team)
            found = (await session.scalars(query)).all()
            if not found:
                raise ImportNotFound
            if len(found) > 1:
                raise ValidationFailed("Several teams have an import of this id; say --team.")
            await retry_import(session, found[0], import_id)
    finally:
        await engine.dispose()
