"""Making and finding API keys."""

from __future__ import annotations

import base64
import hmac
import secrets
import uuid
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import TypedReturnsRows

from rollcall.auth.keys import TOKEN_PREFIX, hash_token
from rollcall.auth.models import ApiKey, Permission, Team
from rollcall.errors import NotFound

TOKEN_BYTES = 24


class ApiKeyNotFound(NotFound):
    """API key not found"""


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
    token = token or new_token()
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


def live_keys(team_id: uuid.UUID) -> Select[tuple[ApiKey]]:
    """Return the query for the keys of a team that are not revoked."""
    return select(ApiKey).where(ApiKey.team_id == team_id, ApiKey.revoked_at.is_(None))


async def find_live_key(session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID) -> ApiKey:
    """Return a key.

    Raises:
        ApiKeyNotFound: there is none with this id, or it is revoked.
    """
    return await _found(session, live_keys(team_id).where(ApiKey.id == id_))


async def rename_key(
    session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID, name: str
) -> ApiKey:
    """Give a key another name.

    Raises:
        ApiKeyNotFound: there is none with this id, or it is revoked.
    """
    return await _change(session, team_id, id_, {"name": name})


async def revoke_key(session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID) -> ApiKey:
    """Have a key be refused from the next request on.

    Raises:
        ApiKeyNotFound: there is none with this id, or it is revoked.
    """
    return await _change(session, team_id, id_, {"revoked_at": func.now()})


async def _change(
    session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID, values: dict[str, Any]
) -> ApiKey:
    statement = (
        update(ApiKey)
        .where(ApiKey.team_id == team_id, ApiKey.id == id_, ApiKey.revoked_at.is_(None))
        .values(values)
        .returning(ApiKey)
    )
    return await _found(session, statement)


async def _found(session: AsyncSession, statement: TypedReturnsRows[tuple[ApiKey]]) -> ApiKey:
    key = await session.scalar(statement)
    if key is None:
        raise ApiKeyNotFound
    return key


def derive_token(callers_token: str, salt: bytes) -> str:
    """Return the token that a caller's key and a salt make.

    Whoever asks for a key twice with one `Idempotency-Key` gets the same token, although only
    its hash is kept: the salt is kept too, but nobody can make the token without the caller's.
    """
    digest = hmac.digest(callers_token.encode(), salt, "sha256")
    return TOKEN_PREFIX + base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode()


def new_token() -> str:
    """Return a token that no key has."""
    return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


async def _ensure_team(session: AsyncSession, name: str) -> uuid.UUID:
    await session.execute(insert(Team).values(name=name).on_conflict_do_nothing())
    team_id = await session.scalar(select(Team.team_id).where(Team.name == name))
    assert team_id is not None
    return team_id
