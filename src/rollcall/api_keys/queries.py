"""Making and finding API keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.api_keys.models import ApiKey, Permission, Team

TOKEN_BYTES = 24
TOKEN_PREFIX = "re_"  # noqa: S105  (the published prefix of every key, which some clients insist on)


# Asked by every request, so it is made once, and of columns.
_BY_TOKEN = select(
    ApiKey.team_id, ApiKey.id, ApiKey.permission, ApiKey.last_used_at, ApiKey.revoked_at
).where(ApiKey.token_hash == bindparam("token_hash"))


class FoundKey(NamedTuple):
    """What a request has to know of the key that it was sent with."""

    team_id: uuid.UUID
    id: uuid.UUID
    permission: str
    last_used_at: datetime | None
    revoked_at: datetime | None


class TokenTaken(Exception):
    """This token belongs to another team."""


def hash_token(token: str) -> bytes:
    """Return what is stored of a token: its SHA-256, enough as tokens are long and random."""
    return hashlib.sha256(token.encode()).digest()


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


async def find_key(session: AsyncSession, token: str) -> FoundKey | None:
    """Return the key of a token, revoked or not."""
    found = await session.execute(_BY_TOKEN, {"token_hash": hash_token(token)})
    row = found.one_or_none()
    return None if row is None else FoundKey(*row)


def _new_token() -> str:
    return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


async def _ensure_team(session: AsyncSession, name: str) -> uuid.UUID:
    await session.execute(insert(Team).values(name=name).on_conflict_do_nothing())
    team_id = await session.scalar(select(Team.team_id).where(Team.name == name))
    assert team_id is not None
    return team_id
