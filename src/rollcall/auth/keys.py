"""Finding the key of a request."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.auth.models import ApiKey

TOKEN_PREFIX = "re_"  # noqa: S105  (the published prefix of every key, which some clients insist on)
# How exact it is when a key was last used.
USAGE_PRECISION = timedelta(minutes=1)
# Asked by every request, so it is made once, and of columns. What is recent, the database's clock
# says: this machine's may be a day behind, and to it all that was written is new.
_BY_TOKEN = select(
    ApiKey.team_id,
    ApiKey.id,
    ApiKey.permission,
    func.coalesce(ApiKey.last_used_at >= func.now() - USAGE_PRECISION, false()),
    ApiKey.revoked_at,
).where(ApiKey.token_hash == bindparam("token_hash"))


class FoundKey(NamedTuple):
    """What a request has to know of the key that it was sent with."""

    team_id: uuid.UUID
    id: uuid.UUID
    permission: str
    is_used_recently: bool
    revoked_at: datetime | None


def hash_token(token: str) -> bytes:
    """Return what is stored of a token: its SHA-256, enough as tokens are long and random."""
    return hashlib.sha256(token.encode()).digest()


async def find_key(session: AsyncSession, token: str) -> FoundKey | None:
    """Return the key of a token, revoked or not."""
    found = await session.execute(_BY_TOKEN, {"token_hash": hash_token(token)})
    row = found.one_or_none()
    return None if row is None else FoundKey(*row)
