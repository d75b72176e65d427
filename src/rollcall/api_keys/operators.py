"""Making an API key from the command line, outside of any request."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.api_keys import queries
from rollcall.config import Settings
from rollcall.database.engine import create_engine


async def create_key(settings: Settings, team: str, token: str | None) -> str:
    """Make a token, or the given one, a key of the team, and return it.

    Raises:
        TokenTaken: the given token is a key of another team.
    """
    engine = create_engine(settings)
    try:
        async with AsyncSession(engine) as session, session.begin():
            return await queries.create_key(
                session, team_name=team, key_name="command line", token=token
            )
    finally:
        await engine.dispose()
