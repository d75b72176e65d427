"""Making and finding API keys."""

from __future__ import annotations

import base64
import hmac
import secrets
import uuid

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.auth.keys import TOKEN_PREFIX, hash_token
from rollcall.auth.models import ApiKey, Permission, Team

TOKEN_BYTES = 24


class TokenTaken(Exception):
    """This token belongs to another team."""


async def create_key(
    session: AsyncSession, *, team_name: str, key_name: str, token: str | None = None
) -> str:
    """Create a key, and its team when there is none of that name; return the token.

    Creating the same token for the same team again changes nothing. Does not commit.

    Raises:
        TokenTaken: the given token is a key of another team.
    """
    token = token or _new_token()
    team_id = await _ensure_team(session, team_name)
    owner = await session.scalar(
        select(ApiKey.team_id).where(ApiKey.token_hash == hash_token(token))
    )
    if owner is None:
        await add_key(session, team_id, key_name, Permission.FULL_ACCESS, token)
    elif owner != team_id:
        raise TokenTaken(TokenTaken.__doc__)
    return token


async def add_key(
    session: AsyncSession, team_id: uuid.UUID, name: str, permission: Permission, token: str
) -> ApiKey:
    """Add a key with this token to a team."""
    key = ApiKey(team_id=team_id, name=name, permission=permission, token_hash=hash_token(token))
    session.add(key)
    await session.flush()
    return key


def derive_token(callers_token: str, salt: bytes) -> str:
    """Return the token that a caller's key and a salt make.

    Whoever asks for a key twice with one `Idempotency-Key` gets the same token, although only
    its hash is kept: the salt is kept too, but nobody can make the token without the caller's.
    """
    digest = hmac.digest(callers_token.encode(), salt, "sha256")
    return TOKEN_PREFIX + base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode()


def _new_token() -> str:
    return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


async def _ensure_team(session: AsyncSession, name: str) -> uuid.UUID:
    await session.execute(insert(Team).values(name=name).on_conflict_do_nothing())
    team_id = await session.scalar(select(Team.team_id).where(Team.name == name))
    assert team_id is not None
    return team_id
