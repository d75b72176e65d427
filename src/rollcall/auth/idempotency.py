"""`Idempotency-Key`: a request that is sent again is answered again, and nothing is done twice.

What is remembered commits with what was done, so that a crash in between leaves neither. While a
request runs it holds an advisory lock, which is gone with its transaction, however that ends.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import LargeBinary, Text, delete, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from rollcall.auth.expiry import KEPT
from rollcall.auth.route import CurrentTeam
from rollcall.database.base import Base, TeamId, Timestamp
from rollcall.errors import (
    ConcurrentIdempotentRequests,
    InvalidIdempotencyKey,
    InvalidIdempotentRequest,
)
from rollcall.web.session import SessionDep

MAX_KEY_LENGTH = 256
Answer = TypeVar("Answer", bound=BaseModel)


class IdempotencyKey(Base):
    """A key that was used within the last 24 hours, what for, and what was answered."""

    __tablename__ = "idempotency_keys"

    team_id: Mapped[TeamId]
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[Timestamp] = mapped_column(index=True)


class AlreadyDone(Exception):
    """This request was answered before; the answer is sent again."""

    def __init__(self, answer: dict[str, Any]):
        super().__init__(AlreadyDone.__doc__)
        self.answer = answer


class Idempotency:
    """The key of one request, if it has one."""

    def __init__(self, session: AsyncSession, team_id: uuid.UUID, key: str | None, path: str):
        self._session = session
        self._team_id = team_id
        self._key = key
        self._path = path
        self._fingerprint = b""

    async def check(self, payload: object = None) -> None:
        """Find out whether this request was answered before.

        Args:
            payload: what the request asks for, as it was understood: how it was written, in which
                order its keys stood and whether it spelled out defaults must not show. A value of
                JSON; the order of keys does not count, nor what is null or empty.

        Raises:
            AlreadyDone: it was.
            InvalidIdempotentRequest: another payload was sent with the same key.
            ConcurrentIdempotentRequests: it is being worked on right now.
        """
        if self._key is None:
            return
        meaning = json.dumps([self._path, _meaning(payload)], sort_keys=True)
        self._fingerprint = hashlib.sha256(meaning.encode()).digest()
        lock = func.hashtextextended(f"{self._team_id} {self._key}", 0)
        if not await self._session.scalar(select(func.pg_try_advisory_xact_lock(lock))):
            raise ConcurrentIdempotentRequests
        mine = (IdempotencyKey.team_id == self._team_id, IdempotencyKey.key == self._key)
        is_old = IdempotencyKey.created_at < func.now() - KEPT
        await self._session.execute(delete(IdempotencyKey).where(*mine, is_old))
        earlier = await self._session.scalar(select(IdempotencyKey).where(*mine))
        if earlier is None:
            return
        if earlier.fingerprint != self._fingerprint:
            raise InvalidIdempotentRequest
        raise AlreadyDone(earlier.answer)

    def remember(self, answer: Answer) -> Answer:
        """Keep the answer with what the request's transaction has done; return it."""
        if self._key is not None:
            assert self._fingerprint, "the key was not checked"
            self._session.add(
                IdempotencyKey(
                    team_id=self._team_id,
                    key=self._key,
                    fingerprint=self._fingerprint,
                    answer=answer.model_dump(mode="json", by_alias=True),
                )
            )
        return answer


def _meaning(payload: object) -> object:
    if isinstance(payload, list):
        return [_meaning(item) for item in payload]
    if not isinstance(payload, dict):
        return payload
    return {key: _meaning(value) for key, value in payload.items() if value not in (None, [], {})}


Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="1 to 256 characters, kept for 24 hours: sent again with the same body, the"
        " request is answered again and nothing is done twice.",
    ),
]


async def read_key(
    request: Request, session: SessionDep, team_id: CurrentTeam, key: Key = None
) -> Idempotency:
    """Return the request's key, unchecked: the endpoint has to check it with its payload."""
    if key is not None and not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise InvalidIdempotencyKey
    return Idempotency(session, team_id, key, request.url.path)


async def answer_again(request: Request, done: Exception) -> JSONResponse:
    """Send the answer of an earlier request, with the status that its route answers with."""
    assert isinstance(done, AlreadyDone)
    return JSONResponse(done.answer, status_code=request.scope["route"].status_code or 200)


IdempotencyDep = Annotated[Idempotency, Depends(read_key)]
