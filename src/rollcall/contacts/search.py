"""Searching contacts by the beginning of an e-mail address or of a name.

Those come first whose address begins so, in the order of the addresses, then those of whom "first
last" or the last name does, in the order of the names. Each is found once. How names are found is
told in `rollcall.contacts.names`.
"""

from __future__ import annotations

import base64
import json
import math
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.database.statements import load_statements
from rollcall.errors import ValidationFailed
from rollcall.text import check_text

STATEMENTS = load_statements(__package__, "search.sql")
MAX_CHARACTERS = 100
# Every character of an address, and of a name, comes before these.
AFTER_ADDRESSES = "\x7f"
AFTER_NAMES = "\U0010ffff"
BEFORE_ALL = uuid.UUID(int=0)
# Contacts that are looked at in one statement, when the first ones were not those searched for.
STEP = 1_000
# What is looked through of names that wait to be sorted in: the newest, as takes a moment.
PENDING_ROWS = 1_000
PENDING_CONTACTS = 20_000


@dataclass(frozen=True, kw_only=True)
class Position:
    """A place in the order of what is found: an address, or else a name's key and an id."""

    email: str | None = None
    key: str = ""
    id: uuid.UUID = BEFORE_ALL

    def write(self) -> str:
        """Return it as text, for an address bar."""
        fields = [self.email] if self.email is not None else [self.key, self.id.hex]
        return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Position:
        """Return the position that was written.

        Raises:
            ValidationFailed: it is none.
        """
        try:
            fields = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            if len(fields) == 1:
                return cls(email=check_text(str(fields[0])))
            return cls(key=check_text(str(fields[0])), id=uuid.UUID(fields[1]))
        except (ValueError, TypeError, IndexError, AttributeError, RecursionError):
            raise ValidationFailed("Invalid `after`: it is no place in a list.") from None


@dataclass(frozen=True, kw_only=True)
class Search:
    """What is searched for: the beginning of an address or a name, and what else must hold."""

    text: str
    unsubscribed: bool | None = None
    segment_id: uuid.UUID | None = None

    @property
    def email(self) -> str | None:
        """The beginning of an address, as addresses are stored; None when none begins so."""
        text = self.text.lower()
        return text if text.isascii() and " " not in text else None


@dataclass(frozen=True, kw_only=True)
class Found:
    """Some of the contacts that a search finds, and where to go on if there may be more."""

    rows: list[Any] = field(default_factory=list)
    resume: Position | None = None


def read_search(text: str) -> str:
    """Return what is searched for, without the blanks around it.

    Raises:
        ValidationFailed: it is too long, or not even text.
    """
    try:
        text = " ".join(check_text(text).split())
    except ValueError as error:
        raise ValidationFailed(f"Invalid `search`: {error}.") from None
    if not 1 <= len(text) <= MAX_CHARACTERS:
        raise ValidationFailed(f"Invalid `search`: it must have 1 to {MAX_CHARACTERS} characters.")
    return text


async def search_contacts(
    session: AsyncSession,
    team_id: uuid.UUID,
    search: Search,
    limit: int,
    after: Position | None = None,
    *,
    patience: float = math.inf,
) -> Found:
    """Return the next contacts that a search finds, `limit` at most.

    With `patience` it ends after about as many contacts were looked at, even if few of them were
    what is searched for.
    """
    walk = _walk(session, await _parameters(session, team_id, search), limit + 1, after)
    rows: list[Any] = []
    last, looked_at = None, 0
    async for row, position in walk:
        looked_at += 1
        if row.kept and len(rows) == limit:
            return Found(rows=rows, resume=last)
        if row.kept:
            rows.append(row)
            last = position
        elif looked_at >= patience:
            return Found(rows=rows, resume=position)
    return Found(rows=rows)


async def may_miss_names(session: AsyncSession, team_id: uuid.UUID) -> bool:
    """Tell whether a search may miss contacts: more names wait to be sorted in than it looks at."""
    parameters = {
        "team_id": team_id,
        "pending_rows": PENDING_ROWS,
        "pending_contacts": PENDING_CONTACTS,
    }
    return bool((await _run(session, "waits_beyond_reach", parameters)).scalar_one())


async def find_position(
    session: AsyncSession, team_id: uuid.UUID, search: Search, contact_id: uuid.UUID
) -> Position:
    """Return where in a search a contact is.

    Raises:
        ValidationFailed: it is not found by this search.
    """
    parameters = {**await _parameters(session, team_id, search), "contact_id": contact_id}
    row = (await _run(session, "position", parameters)).one_or_none()
    if row is None or (row.email is None and row.key is None):
        message = "Invalid `after`: no contact of this search has this id."
        raise ValidationFailed(message)
    return Position(email=row.email, key=row.key or "", id=contact_id)


async def _parameters(session: AsyncSession, team_id: uuid.UUID, search: Search) -> dict[str, Any]:
    key = (await _run(session, "name_key", {"text": search.text})).scalar_one()
    # No address is after the end and before it: then none is searched for.
    email = search.email if search.email is not None else AFTER_ADDRESSES
    return {
        "team_id": team_id,
        "email": email,
        "email_end": email + AFTER_ADDRESSES if search.email is not None else "",
        "key": key,
        "key_end": key + AFTER_NAMES,
        "unsubscribed": search.unsubscribed,
        "segment_id": search.segment_id,
        "pending_rows": PENDING_ROWS,
        "pending_contacts": PENDING_CONTACTS,
    }


async def _walk(
    session: AsyncSession, parameters: dict[str, Any], size: int, after: Position | None
) -> AsyncIterator[tuple[Any, Position]]:
    """Yield what may be searched for, in order, `size` in the first statement."""
    after = after or Position(email="")
    while after.email is not None:
        values = {**parameters, "after_email": after.email, "limit": size}
        rows = (await _run(session, "by_email", values)).all()
        for row in rows:
            yield row, Position(email=row.email)
        is_end, size = len(rows) < size, STEP
        after = Position(key=parameters["key"]) if is_end else Position(email=rows[-1].email)
    while True:
        values = {**parameters, "after_key": after.key, "after_id": after.id, "limit": size}
        rows = (await _run(session, "by_name", values)).all()
        for row in rows:
            after = Position(key=row.key, id=row.entry_id)
            yield row, after
        if len(rows) < size:
            return
        size = STEP


async def _run(
    session: AsyncSession, statement: str, parameters: dict[str, Any]
) -> CursorResult[Any]:
    connection = await session.connection()
    return await connection.exec_driver_sql(STATEMENTS[statement], parameters)
