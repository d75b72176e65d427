"""Making a link that signs in, outside of any request."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.config import Settings
from rollcall.dashboard.frame.paths import PREFIX
from rollcall.dashboard.frame.sessions import add_link
from rollcall.database.engine import create_engine


async def create_link(settings: Settings, token: str) -> str:
    """Return the path of a new link that signs a browser in once, with this API key."""
    engine = create_engine(settings)
    try:
        async with AsyncSession(engine) as session, session.begin():
            link = await add_link(session, token)
    finally:
        await engine.dispose()
    return f"{settings.root_path}{PREFIX}/enter/{link}"
