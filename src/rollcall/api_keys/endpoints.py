"""`/api-keys`: create, list, rename, revoke."""

from __future__ import annotations

import secrets
import uuid
from typing import Annotated

from fastapi import Path, Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.api_keys import queries
from rollcall.api_keys.queries import add_key, derive_token
from rollcall.api_keys.schemas import (
    KeyCreate,
    KeyCreated,
    KeyDeleted,
    KeyListed,
    KeyName,
    KeyShown,
)
from rollcall.auth.idempotency import AlreadyDone, IdempotencyDep
from rollcall.auth.keys import find_key
from rollcall.auth.models import ApiKey
from rollcall.auth.route import CurrentTeam, read_token, team_router
from rollcall.errors import InvalidIdempotentRequest
from rollcall.web.error_answers import documented
from rollcall.web.pagination import PageOf20, fetch_page
from rollcall.web.session import SessionDep
from rollcall.web.wire import IdText, ListOf, parse_id

router = team_router("/api-keys", "API keys")

KeyId = Annotated[IdText, Path(description="The key's id.")]


class _Issued(BaseModel):
    """What is remembered of a new key under its `Idempotency-Key`; the token is not."""

    id: uuid.UUID
    salt: str


@router.post("", status_code=201, responses=documented(400, 409))
async def create_api_key(
    request: Request,
    body: KeyCreate,
    team_id: CurrentTeam,
    session: SessionDep,
    idempotency: IdempotencyDep,
) -> KeyCreated:
    """Create a key. Its token is shown this once, and only its hash is kept."""
    try:
        await idempotency.check(body.model_dump(mode="json"))
    except AlreadyDone as done:
        return await _issue_again(session, request, _Issued.model_validate(done.answer))
    salt = secrets.token_bytes(32)
    token = derive_token(read_token(request), salt)
    key = await add_key(session, team_id, body.name, body.permission, token)
    idempotency.remember(_Issued(id=key.id, salt=salt.hex()))
    return KeyCreated(id=key.id, token=token)


@router.get("")
async def list_api_keys(
    team_id: CurrentTeam, session: SessionDep, page: PageOf20
) -> ListOf[KeyListed]:
    """List the keys that are not revoked, newest first."""
    rows, has_more = await fetch_page(session, page, queries.live_keys(team_id), ApiKey.id)
    return ListOf(has_more=has_more, data=[KeyListed.model_validate(row) for (row,) in rows])


@router.patch("/{key_id}", responses=documented(400, 404))
async def rename_api_key(
    key_id: KeyId, body: KeyName, team_id: CurrentTeam, session: SessionDep
) -> KeyShown:
    """Give a key another name."""
    key = await queries.rename_key(session, team_id, parse_id(key_id, "id"), body.name)
    return KeyShown.model_validate(key)


@router.delete("/{key_id}", responses=documented(404))
async def revoke_api_key(key_id: KeyId, team_id: CurrentTeam, session: SessionDep) -> KeyDeleted:
    """Revoke a key. It is refused from the next request on, also when it revoked itself."""
    key = await queries.revoke_key(session, team_id, parse_id(key_id, "id"))
    return KeyDeleted(id=key.id)


async def _issue_again(session: AsyncSession, request: Request, issued: _Issued) -> KeyCreated:
    token = derive_token(read_token(request), bytes.fromhex(issued.salt))
    key = await find_key(session, token)
    if key is None or key.id != issued.id:
        # Asked with another key than the first time, which cannot know the token.
        raise InvalidIdempotentRequest
    return KeyCreated(id=key.id, token=token)
