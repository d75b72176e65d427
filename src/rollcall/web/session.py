"""The request's session with the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
)


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield the request's session and commit when the endpoint returns.

    The dependency has function scope: the commit happens before the response is sent, so that
    a client that was told "created" can rely on it. A GET goes on with the session that has found
    its team.
    """
    if request.method == "GET":
        reading: AsyncSession = request.state.reading
        yield reading
        return
    sessionmaker: async_sessionmaker[AsyncSession] = request.app.state.sessionmaker
    async with sessionmaker() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
