"""API keys of any team from the command line, outside of any request."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.api_keys import queries
from rollcall.auth.models import ApiKey, Team
from rollcall.config import Settings
from rollcall.database.engine import create_engine


async def create_key(settings: Settings, team: str, token: str | None) -> str:
    """Make a token, or the given one, a key of the team, and return it.

    Raises:
        TokenTaken: the given token is a key of another team.
    """
    async with _transaction(settings) as session:
        return await queries.create_key(
            session, team_name=team, key_name="command line", token=token
        )


async def list_keys(
    settings: Settings, team: str | None, *, revoked: bool
) -> list[tuple[str, ApiKey]]:
    """Return keys, the newest first, each with the name of its team; revoked ones if wanted."""
    query = select(Team.name, ApiKey).join_from(ApiKey, Team, Team.team_id == ApiKey.team_id)
    if team is not None:
        query = query.where(Team.name == team)
    if not revoked:
        query = query.where(ApiKey.revoked_at.is_(None))
    async with _transaction(settings) as session:
        return [
            (name, key) for name, key in await session.execute(query.order_by(ApiKey.id.desc()))
        ]


async def revoke_key(settings: Settings, key_id: uuid.UUID, team: str | None) -> list[str]:
    """Revoke the key of an id, which is refused from then on.

    Returns:
        The name of its team; nothing if there is no such key, or it is revoked already.
    """
    teams = select(Team.team_id)
    if team is not None:
        teams = teams.where(Team.name == team)
    statement = (
        update(ApiKey)
        .where(ApiKey.id == key_id, ApiKey.team_id.in_(teams), ApiKey.revoked_at.is_(None))
        .values(revoked_at=func.now())
        .returning(ApiKey.team_id)
    )
    async with _transaction(settings) as session:
        found = (await session.scalars(statement)).all()
        names = await session.scalars(select(Team.name).where(Team.team_id.in_(found)))
        return list(names)


@asynccontextmanager
async def _transaction(settings: Settings) -> AsyncIterator[AsyncSession]:
    engine = create_engine(settings)
    try:
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        await engine.dispose()
