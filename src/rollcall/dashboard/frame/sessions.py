"""Beginning, finding and ending sessions, and the links that begin one."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, delete, false, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.auth.keys import USAGE_PRECISION as KEY_PRECISION
from rollcall.auth.keys import find_key, hash_token
from rollcall.auth.models import ApiKey, Permission, Team
from rollcall.dashboard.frame.models import DashboardLink, DashboardSession

TOKEN_BYTES = 32
# For so long a session may be unused.
SESSION_LIFE = timedelta(days=7)
LINK_LIFE = timedelta(hours=12)
# How exact it is when a session was last used.
USAGE_PRECISION = timedelta(hours=1)
# Asked by every request, so it is made once. What is recent, the database's clock says.
_BY_TOKEN = (
    select(
        DashboardSession.id,
        DashboardSession.team_id,
        Team.name,
        ApiKey.id,
        ApiKey.name,
        func.coalesce(ApiKey.last_used_at >= func.now() - KEY_PRECISION, false()),
        DashboardSession.last_used_at < func.now() - USAGE_PRECISION,
    )
    .join(Team, Team.team_id == DashboardSession.team_id)
    .join(
        ApiKey,
        (ApiKey.team_id == DashboardSession.team_id) & (ApiKey.id == DashboardSession.api_key_id),
    )
    .where(
        DashboardSession.token_hash == bindparam("token_hash"),
        DashboardSession.expires_at > func.now(),
        ApiKey.revoked_at.is_(None),
        ApiKey.permission == Permission.FULL_ACCESS,
    )
)


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Whose browser sent a request.

    Attributes:
        token: what is in the browser's cookie.
        is_fresh: that the key was used within the last minute is noted already.
    """

    id: uuid.UUID
    team_id: uuid.UUID
    team_name: str
    api_key_id: uuid.UUID
    key_name: str
    token: str
    is_fresh: bool


def new_token() -> str:
    """Return a secret for a cookie or a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


async def begin_session(session: AsyncSession, team_id: uuid.UUID, api_key_id: uuid.UUID) -> str:
    """Sign a browser in; return the token for its cookie. Does not commit."""
    token = new_token()
    session.add(
        DashboardSession(
            team_id=team_id,
            token_hash=hash_token(token),
            api_key_id=api_key_id,
            expires_at=func.now() + SESSION_LIFE,
        )
    )
    await session.flush()
    return token


async def find_session(session: AsyncSession, token: str) -> SignedIn | None:
    """Return who a cookie's token belongs to, None when it is over or its key is revoked.

    Args:
        session: one in which each statement is a transaction by itself.
    """
    row = (await session.execute(_BY_TOKEN, {"token_hash": hash_token(token)})).one_or_none()
    if row is None:
        return None
    id_, team_id, team_name, api_key_id, key_name, is_fresh, stale = row
    if stale:
        await _prolong(session, team_id, id_)
    return SignedIn(
        id=id_,
        team_id=team_id,
        team_name=team_name,
        api_key_id=api_key_id,
        key_name=key_name,
        token=token,
        is_fresh=is_fresh,
    )


async def _prolong(session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID) -> None:
    await session.execute(
        update(DashboardSession)
        .where(DashboardSession.team_id == team_id, DashboardSession.id == id_)
        .values(last_used_at=func.now(), expires_at=func.now() + SESSION_LIFE)
    )


async def end_session(session: AsyncSession, token: str) -> None:
    """Sign a browser out, if it is signed in. Does not commit."""
    await session.execute(
        delete(DashboardSession).where(DashboardSession.token_hash == hash_token(token))
    )


async def add_link(session: AsyncSession, key_token: str) -> str:
    """Return the token of a new link that signs in with this API key. Does not commit."""
    key = await find_key(session, key_token)
    assert key is not None
    token = new_token()
    session.add(
        DashboardLink(
            team_id=key.team_id,
            token_hash=hash_token(token),
            api_key_id=key.id,
            expires_at=func.now() + LINK_LIFE,
        )
    )
    await session.flush()
    return token


async def use_link(session: AsyncSession, token: str) -> str | None:
    """Use a link up and sign a browser in; return the token for its cookie. Does not commit.

    None when there is no such link, or it was used or is too old. Whether its key is good is
    found out when the session is used.
    """
    statement = (
        delete(DashboardLink)
        .where(DashboardLink.token_hash == hash_token(token), DashboardLink.expires_at > func.now())
        .returning(DashboardLink.team_id, DashboardLink.api_key_id)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else await begin_session(session, *row)
